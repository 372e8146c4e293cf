"""What the report shows of a corpus: counts of all draws, and the values of some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.corpus.status import CorpusStatus
from sgnn.simulation import Schema

Array = NDArray[Any]
BLOCKS_SHOWN = 4
"""Blocks whose values are drawn: a few thousand draws say what all of them do."""


@dataclass(frozen=True)
class CorpusSample:
    """Counts of all draws of a corpus, and parameters and one observable of the first ones that are ok.

    ``mechanism`` and ``status`` are (all draws,); ``theta`` (draw, parameter) with NaN where a mechanism has no such
    parameter, ``kinds`` (draw,) the mechanism of each of these, ``series`` (draw, time).
    """

    status: CorpusStatus
    schema: Schema
    mechanism: Array
    statuses: Array
    theta: Array
    kinds: Array
    variable: str = ""
    """Name of the observable; empty where the corpus has none that is a series."""
    unit: str = ""
    series: Array | None = None


def sample_corpus(corpus: Corpus, settings: Mapping[str, Any]) -> CorpusSample:
    """Read the sample. The observable is the task's target, or the first one that is a series."""
    schema = corpus.schema
    observables = [one.name for one in schema.variables if one.role == "observable" and len(one.dims) == 1]
    target = settings.get("target")
    shown = target if target in observables else next(iter(observables), "")
    every = [corpus.read(block, ["mechanism", "status"]) for block in corpus.blocks]
    some = [
        corpus.read(block, ["theta", "mechanism", "status", *([shown] if shown else [])])
        for block in corpus.blocks[:BLOCKS_SHOWN]
    ]
    usable = _joined(some, "status") == 0
    return CorpusSample(
        status=corpus.status,
        schema=schema,
        mechanism=_joined(every, "mechanism"),
        statuses=_joined(every, "status"),
        theta=_joined(some, "theta")[usable],
        kinds=_joined(some, "mechanism")[usable],
        variable=shown,
        unit=schema.variable(shown).unit if shown else "",
        series=_joined(some, shown)[usable].astype(np.float64) if shown else None,
    )


def _joined(parts: list[dict[str, Array]], name: str) -> Array:
    return np.concatenate([part[name] for part in parts])
