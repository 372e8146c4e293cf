"""What comes of a protocol, of whatever kind: scores beside baselines as one document, and the arrays behind them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.files import whole

DOCUMENT = "benchmark.json"
FORECASTS, ESTIMATES, SOURCES = "forecasts", "estimates", "sources"
HEADLINE = (
    "relative_mae",
    "relative_wis",
    "skill",
    "mean_percent_error",
    "mean_squared_error",
    "coverage.90",
    "top1",
    "top5",
    "log_score",
    "mechanism.scores.accuracy",
    "mechanism.scores.calibration_error",
)
"""Scores that are shown first wherever a model is named, where its outcome has them."""


class Outcome(ABC):
    """Scores of one model under one protocol, beside those of baselines.

    Its JSON document is all that tables, cards, gates and the registry look at; figures look at the arrays too.
    """

    kind: ClassVar[str]
    protocol: str
    model: str
    data: Mapping[str, str]
    """Digests by name of what was scored on."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The document that ``sgnn benchmark --json`` prints: ``protocol``, ``model``, ``scores``, ``baselines``, …"""

    @abstractmethod
    def arrays(self) -> dict[str, NDArray[Any]]:
        """What the scores were made from, by name."""

    @property
    def real(self) -> NDArray[np.float64] | None:
        """Series (series, time) that were observed, not simulated; None where there are none."""
        return None

    def save(self, folder: Path) -> Path:
        """Write the document and the arrays into a folder that appears whole or not at all."""
        with whole(folder) as draft:
            draft.mkdir(parents=True)
            (draft / DOCUMENT).write_text(json.dumps(self.to_json(), indent=1))
            np.savez_compressed(draft / f"{self.kind}.npz", allow_pickle=False, **self.arrays())
        return folder


def kind_of(document: Mapping[str, Any]) -> str:
    """Kind of outcome that a document tells of: one that names none tells of forecasts."""
    return str(document.get("kind", FORECASTS))


def load_outcome(folder: Path) -> Outcome:
    """What `Outcome.save` wrote."""
    from sgnn.evaluation.benchmark import load_benchmark
    from sgnn.evaluation.estimates.outcome import load_estimates
    from sgnn.evaluation.sources.outcome import load_sources

    document = json.loads((folder / DOCUMENT).read_text())
    readers = {FORECASTS: load_benchmark, ESTIMATES: load_estimates, SOURCES: load_sources}
    return readers[kind_of(document)](folder)
