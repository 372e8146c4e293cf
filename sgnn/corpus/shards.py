"""One shard of one array to and from disk, through the fast codec pipeline with one thread."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.errors import CorruptCorpusError, StoreError

if TYPE_CHECKING:
    import zarr

FAST = {
    "codec_pipeline.path": "zarrs.ZarrsCodecPipeline",
    "codec_pipeline.strict": True,
    "codec_pipeline.validate_checksums": True,
    # more than one, and the bytes of a shard differ from run to run
    "threading.max_workers": 1,
}
# zarr takes its pipeline from settings of the whole process at the moment an array is opened
_OPENING = threading.Lock()


def write_shard(folder: Path, layout: Layout, array: ArrayLayout, values: NDArray[Any]) -> Path | None:
    """Encode one block of an array into `folder`; its file, or None where all of it is fill and there is none.

    values: [draw, ...] of the array's type, `block_draws` draws. Raises `StoreError` where the disk does not take it.
    """
    document = array.document(len(values), layout.block_draws, layout.chunk_draws)
    file = folder / array.shard(0)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _open(folder, array.name, document)[...] = values
    except (OSError, RuntimeError) as error:
        full = "os error 28" in str(error) or "os error 122" in str(error)
        raise StoreError(
            f"cannot write array '{array.name}' to {file}: {'no space left on the disk' if full else error}",
            remedy="free some space and run again: finished blocks are kept",
        ) from error
    return file if file.exists() else None


def read_shard(group: Path, layout: Layout, array: ArrayLayout, block: int, draws: int) -> NDArray[Any]:
    """The first `draws` draws of one block of an array, decoded: [draw, ...].

    Raises `CorruptCorpusError` naming block, array and file where bytes are not what was written.
    """
    start = block * layout.block_draws
    document = array.document(start + draws, layout.block_draws, layout.chunk_draws)
    try:
        return np.asarray(_open(group, array.name, document)[start : start + draws])
    except (OSError, RuntimeError, ValueError) as error:
        raise corrupt(group, array, block, str(error)) from error


def corrupt(group: Path, array: ArrayLayout, block: int, reason: str) -> CorruptCorpusError:
    """The error that says which block, array and file is damaged, and how to have it made again."""
    return CorruptCorpusError(
        f"block {block}, array '{array.name}' is damaged: {reason} ({group / array.shard(block)})",
        remedy=f"`sgnn corpus verify {group.parent.name} --repair` makes the block again",
    )


def values_digest(values: NDArray[Any]) -> str:
    """First 128 bits of the sha256 of type, shape and bytes of an array."""
    digest = hashlib.sha256(f"{values.dtype.name}{values.shape}".encode())
    digest.update(np.ascontiguousarray(values).view(np.uint8).data)
    return digest.hexdigest()[:32]


def _open(root: Path, name: str, document: dict[str, Any]) -> zarr.Array[Any]:
    """The array under `root`, with metadata as given instead of those on disk."""
    import zarr
    from zarr.core.array import AsyncArray
    from zarr.storage import LocalStore, StorePath

    with _OPENING, zarr.config.set(FAST):
        return zarr.Array(AsyncArray(document, StorePath(LocalStore(root), name)))
