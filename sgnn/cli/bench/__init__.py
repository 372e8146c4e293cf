"""Performance figures, each beside a reference measured in the same call. A benchmark gives one or several."""

from __future__ import annotations

from collections.abc import Callable

from sgnn.cli.bench import build, index, kernel, reading, resume, scaling, serving, soak, streaming, training
from sgnn.cli.bench.figure import Figure
from sgnn.cli.bench.workplace import Workplace, workplace

__all__ = ["APART", "BENCHMARKS", "Figure", "Workplace", "workplace"]

BENCHMARKS: dict[str, Callable[[Workplace], Figure | tuple[Figure, ...]]] = {
    "kernel": kernel.measure,
    "build": build.measure,
    "read": reading.measure,
    "stream": streaming.from_shards,
    "stream-decoded": streaming.decoded,
    "train": training.measure,
    "scaling": scaling.measure,
    "resume": resume.measure,
    "index": index.measure,
    "serve": serving.measure,
    "soak": soak.measure,
}
APART = frozenset({"soak"})
"""Measured where they are named alone: they take an hour, and programs that need not be there."""
