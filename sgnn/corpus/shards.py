"""One shard of one array to and from disk, through the fast codec pipeline with one thread."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.corpus.store import explain
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
        raise corrupt(folder, array, 0, "what was written reads back differently")
    file = folder / array.shard(0)
    return StagedShard(values_digest(decoded), *((file, file.stat().st_size) if file.exists() else (None, None)))


def read_shards(group: Path, layout: Layout, names: Iterable[str], block: int, draws: int) -> dict[str, NDArray[Any]]:
    """The first `draws` draws of one block of some arrays, decoded: [draw, ...] by array.

    Raises `CorruptCorpusError` naming block, array and file where bytes are not what was written.
    """
    from zarr.core.sync import sync

    start = block * layout.block_draws
    arrays = [layout.array(name) for name in names]

    async def one(array: ArrayLayout) -> NDArray[Any]:
        try:
            opened = _open(group, layout, array, start + draws)
            return np.asarray(await opened.getitem(slice(start, start + draws)))
        except (OSError, RuntimeError, ValueError) as error:
            raise corrupt(group, array, block, str(error)) from error

    return {
        array.name: values
        for array, values in zip(arrays, sync(_together([one(array) for array in arrays])), strict=True)
    }


def corrupt(group: Path, array: ArrayLayout, block: int, reason: str) -> CorruptCorpusError:
    """The error that says which block, array and file is damaged, and how to have it made again."""
    return CorruptCorpusError(
        f"block {block}, array '{array.name}' is damaged: {reason} ({group / array.shard(block)})",
        remedy=f"`sgnn corpus verify {group.parent.name} --repair` makes the block again",
    )


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
    import zarr
    from zarr.core.array import AsyncArray
    from zarr.storage import LocalStore, StorePath

    document = array.document(draws, layout.block_draws, layout.chunk_draws) | {"attributes": {}}
    metadata = _metadata(json.dumps(document))
    with _OPENING, zarr.config.set(FAST):
        return AsyncArray(metadata, StorePath(LocalStore(root), array.name))


@lru_cache(maxsize=512)
def _metadata(document: str) -> ArrayV3Metadata:
    """Parsed metadata, kept: a worker opens the same arrays again and again."""
    from zarr.core.metadata import ArrayV3Metadata

    return ArrayV3Metadata.from_dict(json.loads(document))
