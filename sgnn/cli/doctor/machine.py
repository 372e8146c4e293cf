"""The machine: cores, memory, accelerator, and a place for compiled kernels."""

from __future__ import annotations

import os
from pathlib import Path

import sgnn
from sgnn.cli.doctor.check import Check, State
from sgnn.settings import available_cores

AREA = "machine"
GIB = 2**30
MEMORY_NEEDED = 6 * GIB


def check_machine() -> list[Check]:
    """Cores, memory, PyTorch's device and threads, Numba's cache."""
    cores = available_cores()
    return [
        Check(AREA, "cores", State.OK, str(cores)),
        _check_memory(total_memory()),
        *_check_torch(),
        _check_numba_cache(),
    ]


def total_memory() -> int:
    """Bytes of memory this process may use: the machine's, bounded by a container's limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError):
        return total


def _check_memory(total: int) -> Check:
    found = f"{total / GIB:.1f} GiB"
    if total < MEMORY_NEEDED:
        remedy = "runs need up to 6 GiB; set SGNN_WORKERS=1 or use the tiny version of a recipe"
        return Check(AREA, "memory", State.NOTE, found, remedy)
    return Check(AREA, "memory", State.OK, found)


def _check_torch() -> list[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:
        return [Check(AREA, "pytorch", State.BROKEN, f"cannot be loaded: {error}", "run make setup")]
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "none; training uses the CPU"
    return [
        Check(AREA, "pytorch threads", State.OK, str(torch.get_num_threads())),
        Check(AREA, "accelerator", State.OK, device),
    ]


def _check_numba_cache() -> Check:
    beside_sources = Path(sgnn.__file__).parent / "simulation"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(chosen) if chosen else beside_sources
    if os.access(nearest_existing(folder), os.W_OK):
        return Check(AREA, "kernel cache", State.OK, str(folder))
    # Numba itself falls back on a folder of the user where the sources' one is read-only
    if not chosen and os.access(nearest_existing(Path.home() / ".cache"), os.W_OK):
        return Check(AREA, "kernel cache", State.OK, "the user's cache folder")
    return Check(
        AREA, "kernel cache", State.BROKEN, f"{folder} cannot be written", "set NUMBA_CACHE_DIR to a folder of yours"
    )


def nearest_existing(path: Path) -> Path:
    """The path itself, or the nearest one above it that exists."""
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))
