"""Reading a committed version of a corpus: whole blocks fast, or all of it as a lazy xarray dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.catalog import Pinned, find_corpus
from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.corpus.ledger import layout_of, record_of, segment_of
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.plan import Block, Blocks
from sgnn.corpus.record import BlockRecord, Problem, record_key
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.segment import CommittedBlock, Segment, file_bytes
from sgnn.corpus.shards import corrupt, read_shards, wrong_size
from sgnn.corpus.status import CorpusStatus, committed_status
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.corpus.survey import shard_sizes
from sgnn.corpus.yaml_file import parse_yaml
from sgnn.errors import CorruptCorpusError, StoreError, UnknownNameError

if TYPE_CHECKING:
    import xarray as xr
    from zarr.abc.store import Store

    from sgnn.settings import Settings
    from sgnn.simulation.generator import Schema


@dataclass(frozen=True)
class Corpus:
    """One version of a corpus. What is committed or built afterwards does not change what it reads."""

    store: CorpusStore
    layout: Layout
    manifest: Manifest

    @property
    def name(self) -> str:
        """Name of the corpus."""
        return self.manifest.name

    @property
    def digest(self) -> str:
        """Digest of the recipe with its number of draws."""
        return self.manifest.recipe_digest

    @property
    def content_digest(self) -> str:
        """Digest of all values."""
        return self.manifest.content_digest

    @property
    def version(self) -> int:
        """Number of the version."""
        return self.manifest.version

    @property
    def number(self) -> int:
        """Draws of the version, whatever their status."""
        return self.manifest.draws

    @property
    def schema(self) -> Schema:
        """Dimensions, stored variables, parameters and mechanisms."""
        return self.layout.schema

    @property
    def recipe(self) -> CorpusSection:
        """The recipe's corpus section, as it was when the version was committed."""
        return CorpusSection.model_validate(parse_yaml(self.manifest.recipe))

    @property
    def status(self) -> CorpusStatus:
        """Counts of the version."""
        return committed_status(self.manifest)

    @property
    def path(self) -> Path:
        """Folder of the Zarr group, for plain xarray. Raises `StoreError` where the corpus is not in a local folder."""
        if "://" in self.store.url:
            raise StoreError(f"{self.store.url} is no local folder", remedy="open Corpus.zarr_group() in its place")
        return Path(self.store.place(GROUP))

    def zarr_group(self) -> Store:
        """The Zarr group wherever it is kept, for plain xarray: read-only, as long as the newest version."""
        return self.store.zarr_group()

    @property
    def blocks(self) -> Blocks:
        """Blocks in order; the last one ends where the version does."""
        return Blocks(range(self.manifest.blocks), self.layout.block_draws, self.number)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of all arrays that can be read: variables, `theta`, `mechanism`, `status`, `seed`."""
        return tuple(array.name for array in self.layout.arrays)

    def read(self, block: Block | int, variables: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """Decoded values of a whole block, by variable: [draw, ...]; all variables where none are named.

        Raises `UnknownNameError` for a variable that is not stored, `CorruptCorpusError` naming block, array and file
        where a file is missing or its checksums do not fit.
        """
        index = block if isinstance(block, int) else block.index
        committed = self.committed(index)
        rows = self.blocks[index].draws
        names = self.variables if variables is None else tuple(variables)
        sizes = {name: committed.arrays[self._array(name).name].bytes for name in names}
        return read_shards(self.store, self.layout, sizes, index, rows)

    def dataset(self) -> xr.Dataset:
        """All draws of the version as a lazy dataset with units and coordinates, `mechanism` and `status` as words."""
        import xarray as xr

        from sgnn.corpus.pinned import PinnedStore

        self.require_files()
        dataset: xr.Dataset = xr.open_zarr(
            PinnedStore(self.layout, self.manifest, self.zarr_group()), consolidated=False, chunks=None
        )
        decoded = {}
        for name in ("mechanism", "status"):
            words = np.array(dataset[name].attrs["flag_meanings"].split(" "), dtype=object)
            attributes = {"long_name": dataset[name].attrs["long_name"]}
            decoded[name] = ("draw", words[dataset[name].to_numpy()], attributes)
        labelled: xr.Dataset = dataset.assign_coords(decoded)
        return labelled

    def committed(self, index: int) -> CommittedBlock:
        """A block as the version holds it: digests, bytes of its files, counts. Raises `UnknownNameError`."""
        blocks = self.manifest.blocks
        if not 0 <= index < blocks:
            raise UnknownNameError(f"corpus {self.name}@{self.version} has no block {index}", remedy=f"it has {blocks}")
        return self.segment(index // self.layout.segment_blocks).committed(index)

    def segment(self, index: int) -> Segment:
        """A segment of the version. Raises `CorruptCorpusError` where it is missing or damaged."""
        refs = self.manifest.segments
        return self.last_segment if index == len(refs) - 1 else segment_of(self.store, refs[index])

    @cached_property
    def last_segment(self) -> Segment:
        """The last segment, which alone a longer version does not share: kept, so that the version may be expired."""
        return segment_of(self.store, self.manifest.segments[-1])

    def require_files(self) -> None:
        """Raise `CorruptCorpusError` for the first file that is missing or of another size than was written."""
        for array in self.layout.arrays:
            found = shard_sizes(self.store, array, self.manifest.blocks)
            for index in range(len(self.manifest.segments)):
                segment = self.segment(index)
                wanted = segment.arrays[array.name].bytes
                there = found[segment.first : segment.first + len(segment)]
                for at in np.flatnonzero(there != wanted)[:1]:
                    # an absent shard would be read as fill values, without an error
                    reason = wrong_size(file_bytes(int(there[at])), file_bytes(int(wanted[at])))
                    raise corrupt(self.store, array, segment.first + int(at), reason)

    def problems(self) -> Iterator[Problem]:
        """Draws that failed or were quarantined, with their reasons, in order; only records of such blocks are read.

        Raises `CorruptCorpusError` where a record is missing or damaged.
        """
        for index in range(len(self.manifest.segments)):
            segment = self.segment(index)
            for at in np.flatnonzero(segment.failed + segment.quarantined):
                yield from (one for one in self._record(segment.first + int(at)).problems if one.draw < self.number)

    def _record(self, index: int) -> BlockRecord:
        record = record_of(self.store, self.layout, index)
        if record is None:
            raise CorruptCorpusError(
                f"{self.store.place(record_key(index))} is missing",
                remedy=f"`sgnn corpus verify {self.store.name} --repair` makes it again",
            )
        return record

    @cached_property
    def _arrays(self) -> dict[str, ArrayLayout]:
        return {array.name: array for array in self.layout.arrays}

    def _array(self, name: str) -> ArrayLayout:
        if name not in self._arrays:
            raise UnknownNameError(
                f"corpus {self.name} stores no variable '{name}'", remedy=f"it stores: {', '.join(self._arrays)}"
            )
        return self._arrays[name]


def open_corpus(ref: str | Path, settings: Settings | None = None) -> Corpus:
    """The committed corpus that `ref` means: folder, URL, `name`, `name@version`, or six figures and more of a digest.

    `settings` say where corpora are; the configured ones where not given. Raises `UnknownNameError`, `StoreError`,
    `CorruptCorpusError`.
    """
    if settings is None:
        from sgnn.settings import load_settings

        settings = load_settings()
    return _open(find_corpus(ref, settings.store_url))


def _open(pinned: Pinned) -> Corpus:
    layout = layout_of(pinned.store)
    if layout is None or layout.key != pinned.manifest.key:
        raise StoreError(f"{pinned.store.url}: layout and manifest do not belong together", remedy="build it anew")
    opened = Corpus(pinned.store, layout, pinned.manifest)
    opened.last_segment  # noqa: B018  # read before anybody expires the version
    return opened
