"""Estimates as the outcome of a protocol: scores by parameter, by mechanism and by length, beside baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation import calibration_summary
from sgnn.evaluation.estimates.answers import MODEL, Estimates, estimates_of
from sgnn.evaluation.estimates.mechanism_scores import confusion, mechanism_scores
from sgnn.evaluation.estimates.parameter_scores import ParameterErrors, parameter_errors, score_intervals
from sgnn.evaluation.estimates.ranges import PublishedRange, range_document
from sgnn.evaluation.outcome import DOCUMENT, ESTIMATES, Outcome

LENGTHS = (0, 28, 56, 84)
"""Shortest lengths, in steps, of the classes into which series are sorted."""


@dataclass(frozen=True)
class PublishedEstimate:
    """Published errors of a method, and what they are worth; none of them is measured here."""

    method: str
    mean_percent_error: float
    mean_squared_error: float
    source: str
    caution: str = ""


@dataclass(frozen=True)
class EstimateBenchmark(Outcome):
    """Scores of one model that estimates, under one protocol.

    Methods of ``informed`` were told more than the model, and stand apart from the baselines.
    """

    kind: ClassVar[str] = ESTIMATES

    protocol: str
    model: str
    estimates: Estimates
    informed: tuple[str, ...] = ()
    published: tuple[PublishedEstimate, ...] = ()
    ranges: tuple[PublishedRange, ...] = ()
    """What was published about each series, in their order."""
    data: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    """Further figures of the protocol, by name."""
    is_real: bool = False
    """Whether the series were observed, not simulated."""

    def to_json(self) -> dict[str, Any]:
        """The document that ``sgnn benchmark --json`` prints; ``scores`` are those of the headline parameter."""
        asked = self.estimates
        errors = {name: _errors(asked, name) for name in asked.truth}
        parameters = {name: self._parameter(name, one) for name, one in errors.items()}
        first = parameters[asked.headline]
        return {
            "protocol": self.protocol,
            "model": self.model,
            "kind": self.kind,
            "headline": asked.headline,
            "scores": first["scores"],
            "baselines": first["baselines"],
            "informed": first["informed"],
            "parameters": parameters,
            "mechanism": _mechanism(asked),
            "calibration": _calibration(asked),
            "mechanisms": list(asked.mechanisms),
            "groups": _groups(asked, errors),
            "by_length": _by_length(asked, errors[asked.headline]),
            "intervals": score_intervals(errors[asked.headline]),
            "figures": dict(self.figures),
            "published": [vars(one) for one in self.published],
            "ranges": range_document(asked, self.ranges),
            "data": dict(self.data),
            "notes": list(self.notes),
            "series": len(asked.values),
            "is_real": self.is_real,
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Truths, answers and series."""
        return self.estimates.arrays()

    @property
    def real(self) -> NDArray[np.float64] | None:
        """The series, where they were observed."""
        return self.estimates.values if self.is_real else None

    def _parameter(self, name: str, errors: Mapping[str, ParameterErrors]) -> dict[str, Any]:
        others = {method: _beside(one, errors[MODEL]) for method, one in errors.items() if method != MODEL}
        return {
            "unit": self.estimates.units.get(name, "1"),
            "scores": errors[MODEL].means(),
            "baselines": {method: one for method, one in others.items() if method not in self.informed},
            "informed": {method: one for method, one in others.items() if method in self.informed},
        }


def load_estimates(folder: Path) -> EstimateBenchmark:
    """What `EstimateBenchmark.save` wrote."""
    document = json.loads((folder / DOCUMENT).read_text())
    units = {name: one["unit"] for name, one in document["parameters"].items()}
    with np.load(folder / f"{ESTIMATES}.npz", allow_pickle=False) as arrays:
        found = estimates_of(
            dict(arrays), units, tuple(document.get("mechanisms") or document["mechanism"].get("mechanisms", ()))
        )
    return EstimateBenchmark(
        protocol=document["protocol"],
        model=document["model"],
        estimates=found,
        informed=tuple({name: None for one in document["parameters"].values() for name in one["informed"]}),
        published=tuple(PublishedEstimate(**one) for one in document["published"]),
        ranges=tuple(
            PublishedRange(one["series"], one["low"], one["high"], one["source"])
            for one in document.get("ranges", {}).get("series", ())
        ),
        data=document["data"],
        notes=tuple(document["notes"]),
        figures=document.get("figures", {}),
        is_real=document["is_real"],
    )


def _errors(asked: Estimates, name: str) -> dict[str, ParameterErrors]:
    """Errors of one parameter by method, of those that answer it."""
    return {
        method: parameter_errors(answers[name], asked.levels, asked.truth[name])
        for method, answers in asked.methods.items()
        if name in answers
    }


def _beside(own: ParameterErrors, model: ParameterErrors) -> dict[str, Any]:
    """A baseline's scores, how often it has no answer, and the model's scores where it has one."""
    answered = np.isfinite(own.absolute)
    known = np.isfinite(model.absolute)
    same = model.means(answered)
    return {
        **own.means(),
        "failures": int((known & ~answered).sum()),
        "model_where_answered": {name: same[name] for name in ("mean_percent_error", "mean_squared_error")},
    }


def _calibration(asked: Estimates) -> dict[str, Any]:
    """Of the model, by parameter, and the worst of them; its ranks test independent series alone."""
    found = {
        name: calibration_summary.summary(one, asked.levels, asked.truth[name], independent=True)
        for name, one in asked.methods[MODEL].items()
    }
    return {**calibration_summary.worst(found), "parameters": {name: one for name, one in found.items() if one}}


def _mechanism(asked: Estimates) -> dict[str, Any]:
    if not asked.probabilities:
        return {}
    scores = {name: mechanism_scores(one, asked.mechanism) for name, one in asked.probabilities.items()}
    tables = {name: confusion(one, asked.mechanism, len(asked.mechanisms)) for name, one in asked.probabilities.items()}
    return {
        "mechanisms": list(asked.mechanisms),
        "scores": scores.pop(MODEL),
        "baselines": scores,
        "reliability": calibration_summary.class_reliability(asked.probabilities[MODEL], asked.mechanism),
        "confusion": {name: table.tolist() for name, table in tables.items()},
    }


def _groups(asked: Estimates, errors: Mapping[str, Mapping[str, ParameterErrors]]) -> dict[str, Any]:
    rows = {name: np.flatnonzero(asked.mechanism == at) for at, name in enumerate(asked.mechanisms)}
    return {
        mechanism: {
            "series": len(at),
            "parameters": {name: methods[MODEL].means(at) for name, methods in errors.items()},
            "baselines": {method: one.means(at) for method, one in errors[asked.headline].items() if method != MODEL},
        }
        for mechanism, at in rows.items()
        if len(at)
    }


def _by_length(asked: Estimates, errors: Mapping[str, ParameterErrors]) -> list[dict[str, Any]]:
    """Scores of the headline parameter by how many steps were known."""
    rows = []
    for low, high in zip(LENGTHS, (*LENGTHS[1:], None), strict=True):
        inside = (asked.lengths >= low) & (asked.lengths < (np.inf if high is None else high))
        at = np.flatnonzero(inside)
        if not len(at):
            continue
        baselines = {method: one.means(at) for method, one in errors.items() if method != MODEL}
        rows.append({"from": low, "below": high, "series": len(at), **errors[MODEL].means(at), "baselines": baselines})
    return rows
