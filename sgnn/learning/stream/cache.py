"""Decoded arrays of a corpus, kept in files that are mapped into memory, or in memory itself, or not at all.

A file holds one variable of all draws of one version, draw after draw as the processor reads them, and a checksum. Its
name is the digest of the version's values, so that a second training, and every rank of a machine, finds it.
"""

from __future__ import annotations

import logging
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.files import whole
from sgnn.learning.stream.ahead import ahead
from sgnn.learning.stream.reader import READERS, Arrays
from sgnn.lock import hold, take

MEMORY_SHARE = 0.4
"""Of the free memory, what decoded draws may take."""
DISK_SHARE = 0.5
"""Of the disk that is free or holds decoded draws already, what these may take."""
_CHECKSUM_BYTES = 4
_PIECE = 1 << 24
Where = Literal["disk", "memory", "nowhere"]

_log = logging.getLogger(__name__)


def where_to_keep(size: int, memory: int, disk: int) -> Where:
    """Where ``size`` bytes of decoded draws go, given the free bytes of memory and of disk.

    On disk, where other processes and later runs find them; in memory where only that has room; nowhere if neither has.
    """
    if size <= DISK_SHARE * disk:
        return "disk"
    return "memory" if size <= MEMORY_SHARE * memory else "nowhere"


def decoded_arrays(corpus: Corpus, names: Sequence[str], folder: Path | None) -> Arrays | None:
    """All draws of some variables of a corpus, decoded; None where neither disk nor memory has room for them.

    ``folder`` is that of all decoded draws; without it they are kept in memory. What is missing there or damaged is
    made, by one process while others wait for it.
    """
    size = decoded_bytes(corpus, names)
    memory = psutil.virtual_memory().available
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if where_to_keep(size, memory, shutil.disk_usage(folder).free + _held(folder)) == "disk":
                return _on_disk(corpus, names, folder)
        except OSError as error:
            _log.warning("decoded draws are not kept in %s: %s", folder, error)
    return _in_memory(corpus, names) if where_to_keep(size, memory, 0) == "memory" else None


def one_number_a_draw(corpus: Corpus, name: str, folder: Path | None) -> NDArray[Any]:
    """An array (draw,) of a corpus, such as ``status``; kept like all decoded draws."""
    found = decoded_arrays(corpus, [name], folder)
    return (_in_memory(corpus, [name]) if found is None else found)[name]


def decoded_bytes(corpus: Corpus, names: Sequence[str]) -> int:
    """Bytes of all draws of some variables, decoded."""
    return sum(corpus.layout.array(name).bytes_per_draw for name in names) * corpus.number


def _on_disk(corpus: Corpus, names: Sequence[str], folder: Path) -> Arrays:
    """The mapped files of a corpus, after making those that are not there or not whole."""
    mine = folder / corpus.content_digest
    with hold(_lock(mine)):
        mine.mkdir(exist_ok=True)
        missing = [name for name in names if not _is_whole(_mapped(corpus, name, mine))]
        if missing:
            _make_room(folder, mine, decoded_bytes(corpus, missing))
            _write(corpus, missing, mine)
        os.utime(mine)
        return {name: _values(corpus, name, _mapped(corpus, name, mine)) for name in names}


def _mapped(corpus: Corpus, name: str, folder: Path) -> NDArray[np.uint8]:
    """The bytes of a file; none where it is missing or of another size."""
    size = decoded_bytes(corpus, [name]) + _CHECKSUM_BYTES
    file = folder / name
    if not file.is_file() or file.stat().st_size != size:
        return np.empty(0, dtype=np.uint8)
    return np.memmap(file, dtype=np.uint8, mode="r")


def _is_whole(content: NDArray[np.uint8]) -> bool:
    """Whether the checksum fits."""
    if not len(content):
        return False
    values, found = content[:-_CHECKSUM_BYTES], 0
    for at in range(0, len(values), _PIECE):
        found = zlib.crc32(values[at : at + _PIECE].data, found)
    return found == int.from_bytes(content[-_CHECKSUM_BYTES:].tobytes(), "little")


def _values(corpus: Corpus, name: str, content: NDArray[np.uint8]) -> NDArray[Any]:
    array = corpus.layout.array(name)
    values = np.asarray(content)[:-_CHECKSUM_BYTES].view(array.dtype)
    return values.reshape(corpus.number, *array.shape)


def _write(corpus: Corpus, names: Sequence[str], folder: Path) -> None:
    """Write all draws of some variables; each file appears whole or not at all."""
    checksums = dict.fromkeys(names, 0)
    with ExitStack() as drafts, ExitStack() as open_files:
        files = {
            name: open_files.enter_context(drafts.enter_context(whole(folder / name)).open("wb")) for name in names
        }
        for values in _blocks(corpus, names):
            for name, array in values.items():
                content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
                checksums[name] = zlib.crc32(content, checksums[name])
                files[name].write(content)
        for name, file in files.items():
            file.write(checksums[name].to_bytes(_CHECKSUM_BYTES, "little"))


def _in_memory(corpus: Corpus, names: Sequence[str]) -> Arrays:
    parts = list(_blocks(corpus, names))
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _blocks(corpus: Corpus, names: Sequence[str]) -> Iterator[Arrays]:
    return ahead(lambda index: corpus.read(index, names), range(len(corpus.blocks)), READERS)


def _held(folder: Path) -> int:
    """Bytes that decoded draws take already."""
    return sum(file.stat().st_size for file in folder.glob("*/*") if file.is_file())


def _make_room(folder: Path, mine: Path, size: int) -> None:
    """Remove what was used longest ago until the rest and ``size`` bytes more keep to their share of the disk.

    A process that has such files mapped goes on reading them.
    """
    older = sorted(
        (one for one in folder.iterdir() if one.is_dir() and one != mine), key=lambda one: one.stat().st_mtime
    )
    for one in older:
        if _held(folder) + size <= DISK_SHARE * (shutil.disk_usage(folder).free + _held(folder)):
            return
        lock = take(_lock(one))
        if lock is not None:
            shutil.rmtree(one, ignore_errors=True)
            _lock(one).unlink(missing_ok=True)
            lock.close()


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")
