"""One shard of one array to and from disk, through the fast codec pipeline with one thread."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import threading
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.corpus.store import GROUP, CorpusStore, explain
from sgnn.errors import CorruptCorpusError, StoreError

if TYPE_CHECKING:
    from zarr.core.array import AsyncArray
    from zarr.core.metadata import ArrayV3Metadata

FAST = {
    "codec_pipeline.path": "zarrs.ZarrsCodecPipeline",
    "codec_pipeline.strict": True,
    "codec_pipeline.validate_checksums": True,
    # more than one, and the bytes of a shard differ from run to run
    "threading.max_workers": 1,
}
_ANY_NUMBER = 1 << 40
"""Draws of an array that is opened to read any block of it: each asks for its own, of which it knows how many are."""
# zarr takes its pipeline from settings of the whole process at the moment an array is opened
_OPENING = threading.Lock()


@dataclass(frozen=True)
class StagedShard:
    """An encoded block of an array that has no final name yet."""

    digest: str
    """Of the decoded values."""
    file: Path | None
    """None where all values are fill: there is no file then."""
    bytes: int | None


def stage_shards(folder: Path, layout: Layout, values: Mapping[str, NDArray[Any]]) -> dict[str, StagedShard]:
    """Encode one block of every array into a file in `folder`, and read it back.

    values: [draw, ...] by array, of its type, `block_draws` draws. Raises `StoreError` where the disk does not take it,
    `CorruptCorpusError` where it reads back as something else.
    """
    from zarr.core.sync import sync

    opened = {name: _open(folder, layout, layout.array(name), len(one)) for name, one in values.items()}
    tasks = [_there_and_back(opened[name], one, folder / layout.array(name).shard(0)) for name, one in values.items()]
    decoded = dict(zip(values, sync(_together(tasks)), strict=True))
    return {name: _staged(folder, layout.array(name), values[name], decoded[name]) for name in values}


async def _together(tasks: Sequence[Coroutine[Any, Any, NDArray[Any]]]) -> list[NDArray[Any]]:
    """Results of all tasks, run at once: waiting for one array after the other costs more than decoding them.

    Raises the first error when all have ended, so that none still writes into a folder that is being removed.
    """
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def _there_and_back(opened: AsyncArray[Any], values: NDArray[Any], file: Path) -> NDArray[Any]:
    try:
        file.parent.mkdir()
        await opened.setitem(Ellipsis, values)
        return np.asarray(await opened.getitem(Ellipsis))
    except (OSError, RuntimeError) as error:
        # the codec pipeline tells the system's error number in words only
        number = re.search(r"os error (\d+)", str(error))
        reason, remedy = explain(OSError(int(number[1]), os.strerror(int(number[1]))) if number else error)
        raise StoreError(f"cannot write {file}: {reason}", remedy=remedy) from error


def _staged(folder: Path, array: ArrayLayout, values: NDArray[Any], decoded: NDArray[Any]) -> StagedShard:
    # a chunk that equals the fill value comes back as it, in which a NaN or a zero may have other bits
    if not np.array_equal(_bytes(decoded), _bytes(values)) and not _equal(decoded, values):
        raise CorruptCorpusError(
            f"array '{array.name}' reads back differently than it was written ({folder / array.shard(0)})",
            remedy="check the disk and run again",
        )
    file = folder / array.shard(0)
    return StagedShard(values_digest(decoded), *((file, file.stat().st_size) if file.exists() else (None, None)))


def read_shards(
    store: CorpusStore, layout: Layout, sizes: Mapping[str, int | None], block: int, draws: int
) -> dict[str, NDArray[Any]]:
    """The first `draws` draws of one block of some arrays, decoded: [draw, ...] by array.

    `sizes` gives the bytes that each array's shard was written with, None where it was all fill and has no file.
    Raises `CorruptCorpusError` naming block, array and file where bytes are not what was written.
    """
    from zarr.core.sync import sync

    start = block * layout.block_draws
    arrays = [layout.array(name) for name in sizes]

    async def one(group: Path, array: ArrayLayout) -> NDArray[Any]:
        try:
            opened = _kept_open(str(group), array.name, _document(layout, array, _ANY_NUMBER))
            return np.asarray(await opened.getitem(slice(start, start + draws)))
        except (OSError, RuntimeError, ValueError) as error:
            raise corrupt(store, array, block, str(error)) from error

    with store.fetched(f"{GROUP}/{array.shard(block)}" for array in arrays) as folder:
        for array in arrays:
            # an absent shard would be read as fill values, without an error
            found = _size(folder / GROUP / array.shard(block))
            if found != sizes[array.name]:
                raise corrupt(store, array, block, wrong_size(found, sizes[array.name]))
        values = sync(_together([one(folder / GROUP, array) for array in arrays]))
    return dict(zip(sizes, values, strict=True))


def corrupt(store: CorpusStore, array: ArrayLayout, block: int, reason: str) -> CorruptCorpusError:
    """The error that says which block, array and file is damaged, and how to have it made again."""
    return CorruptCorpusError(
        f"block {block}, array '{array.name}' is damaged: {reason} ({store.place(f'{GROUP}/{array.shard(block)}')})",
        remedy=f"`sgnn corpus verify {store.name} --repair` makes the block again",
    )


def wrong_size(found: int | None, wanted: int | None) -> str:
    """In words, that a shard's file has not the size it was written with."""
    return "its file is missing" if found is None else f"its file has {found} of {wanted or 0} bytes"


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def values_digest(values: NDArray[Any]) -> str:
    """First 128 bits of the sha256 of type, shape and bytes of an array."""
    digest = hashlib.sha256(f"{values.dtype.name}{values.shape}".encode())
    digest.update(_bytes(values).data)
    return digest.hexdigest()[:32]


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _open(root: Path, layout: Layout, array: ArrayLayout, draws: int) -> AsyncArray[Any]:
    """The array under `root` with `draws` draws, whatever its metadata on disk say."""
    return _opened(str(root), array.name, _document(layout, array, draws))


def _opened(root: str, name: str, document: str) -> AsyncArray[Any]:
    import zarr
    from zarr.core.array import AsyncArray
    from zarr.storage import LocalStore, StorePath

    with _OPENING, zarr.config.set(FAST):
        return AsyncArray(_metadata(document), StorePath(LocalStore(root), name))


# opening an array takes longer than decoding a block of it
_kept_open = lru_cache(maxsize=512)(_opened)


def _document(layout: Layout, array: ArrayLayout, draws: int) -> str:
    document = array.document(draws, layout.block_draws, layout.chunk_draws) | {"attributes": {}}
    return json.dumps(document)


@lru_cache(maxsize=512)
def _metadata(document: str) -> ArrayV3Metadata:
    """Parsed metadata, kept: a worker opens the same arrays again and again."""
    from zarr.core.metadata import ArrayV3Metadata

    return ArrayV3Metadata.from_dict(json.loads(document))
