"""Posteriors over candidates as the outcome of a protocol: scores beside baselines, by group, with paired intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.outcome import DOCUMENT, SOURCES, Outcome
from sgnn.evaluation.sources.scores import CandidateScores, differences, score_intervals

MODEL = "model"


@dataclass(frozen=True)
class SourceBenchmark(Outcome):
    """Scores of one model that names sources, under one protocol.

    ``methods`` holds the scores (case,) of the model and its baselines, all of the same cases; ``groups`` the cases of
    each group, the first of which is the headline where ``headline`` names none. Methods of ``informed`` were told more
    than the model, and stand apart. ``untypical`` is the share of some sets of
    cases of which the model says that nothing simulated looks like them.
    """

    kind: ClassVar[str] = SOURCES

    protocol: str
    model: str
    methods: Mapping[str, CandidateScores]
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    informed: tuple[str, ...] = ()
    published: Mapping[str, float] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    untypical: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document that ``sgnn benchmark --json`` prints."""
        return {
            "protocol": self.protocol,
            "model": self.model,
            "kind": self.kind,
            **self._scored(slice(None)),
            "cases": len(self.methods[MODEL].top1),
            "groups": {
                name: {"cases": len(rows), "rows": list(rows), **self._scored(list(rows))}
                for name, rows in self.groups.items()
            },
            "published": dict(self.published),
            "untypical": dict(self.untypical),
            "data": dict(self.data),
            "notes": list(self.notes),
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Scores of every case, by method and score."""
        return {
            f"{method}/{one.name}": getattr(scores, one.name)
            for method, scores in self.methods.items()
            for one in fields(scores)
        }

    def _scored(self, rows: Any) -> dict[str, Any]:
        methods = {name: one[rows] for name, one in self.methods.items()}
        scores = {name: one.means() for name, one in methods.items()}
        return {
            "scores": scores.pop(MODEL),
            "baselines": {name: one for name, one in scores.items() if name not in self.informed},
            "informed": {name: one for name, one in scores.items() if name in self.informed},
            "differences": differences(methods, MODEL),
            "intervals": score_intervals(methods, MODEL),
        }


def load_sources(folder: Path) -> SourceBenchmark:
    """What `SourceBenchmark.save` wrote."""
    document = json.loads((folder / DOCUMENT).read_text())
    with np.load(folder / f"{SOURCES}.npz", allow_pickle=False) as arrays:
        names = list(dict.fromkeys(key.split("/")[0] for key in arrays.files))
        methods = {
            name: CandidateScores(*(arrays[f"{name}/{one.name}"] for one in fields(CandidateScores))) for name in names
        }
    return SourceBenchmark(
        protocol=document["protocol"],
        model=document["model"],
        methods=methods,
        groups={name: tuple(one["rows"]) for name, one in document["groups"].items()},
        informed=tuple(document["informed"]),
        published=document["published"],
        data=document["data"],
        notes=tuple(document["notes"]),
        untypical=document["untypical"],
    )
