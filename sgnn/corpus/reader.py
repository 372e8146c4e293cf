"""Reading a committed version of a corpus: whole blocks fast, or all of it as a lazy xarray dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.catalog import Pinned, find_corpus
from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.corpus.ledger import layout_of, record_of
from sgnn.corpus.manifest import CommittedBlock, Manifest
from sgnn.corpus.plan import Block
from sgnn.corpus.record import Problem
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.shards import corrupt, read_shards, wrong_size
from sgnn.corpus.status import CorpusStatus, committed_status
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.corpus.yaml_file import parse_yaml
from sgnn.errors import StoreError, UnknownNameError

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
    def blocks(self) -> tuple[Block, ...]:
        """Blocks in order; the last one ends where the version does."""
        return tuple(_cut(committed.block, self.number) for committed in self.manifest.blocks)

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
        committed = self._committed(index)
        rows = _cut(committed.block, self.number).draws
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

    def require_files(self) -> None:
        """Raise `CorruptCorpusError` for the first file that is missing or of another size than was written."""
        for committed in self.manifest.blocks:
            for array in self.layout.arrays:
                self._require_file(committed, array)

    def problems(self) -> tuple[Problem, ...]:
        """Draws that failed or were quarantined, with their reasons, in order."""
        found = []
        for committed in self.manifest.blocks:
            record = record_of(self.store, self.layout, committed.block.index)
            if record is not None:
                found += [problem for problem in record.problems if problem.draw < self.number]
        return tuple(found)

    @cached_property
    def _arrays(self) -> dict[str, ArrayLayout]:
        return {array.name: array for array in self.layout.arrays}

    def _array(self, name: str) -> ArrayLayout:
        if name not in self._arrays:
            raise UnknownNameError(
                f"corpus {self.name} stores no variable '{name}'", remedy=f"it stores: {', '.join(self._arrays)}"
            )
        return self._arrays[name]

    def _committed(self, index: int) -> CommittedBlock:
        if not 0 <= index < len(self.manifest.blocks):
            raise UnknownNameError(
                f"corpus {self.name}@{self.version} has no block {index}", remedy=f"it has {len(self.manifest.blocks)}"
            )
        return self.manifest.blocks[index]

    def _require_file(self, committed: CommittedBlock, array: ArrayLayout) -> None:
        # an absent shard would be read as fill values, without an error
        index, wanted = committed.block.index, committed.arrays[array.name].bytes
        found = self.store.size(f"{GROUP}/{array.shard(index)}")
        if found != wanted:
            raise corrupt(self.store, array, index, wrong_size(found, wanted))


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
    return Corpus(pinned.store, layout, pinned.manifest)


def _cut(block: Block, draws: int) -> Block:
    """The part of a block that a version of `draws` draws holds."""
    return Block(block.index, block.start, min(block.stop, draws))
