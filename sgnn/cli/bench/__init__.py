"""Performance figures, each beside a reference measured in the same call. A benchmark gives one or several."""

from __future__ import annotations

from collections.abc import Callable

from sgnn.cli.bench import build, index, kernel, reading, resume, scaling, serving, streaming, training
from sgnn.cli.bench.figure import Figure
from sgnn.cli.bench.workplace import Workplace, workplace

__all__ = ["BENCHMARKS", "Figure", "Workplace", "workplace"]

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
}
