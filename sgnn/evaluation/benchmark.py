"""The outcome of a protocol: scores beside baselines, intervals, and the forecasts themselves."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.bootstrap import NOT_RESOLVABLE, score_intervals
from sgnn.evaluation.scores import summary

Array = NDArray[np.float64]
MODEL = "model"
REFERENCE = "last_value"


@dataclass(frozen=True)
class Published:
    """A published figure, and what it is worth."""

    method: str
    relative_mae: float | None
    source: str
    caution: str = ""


@dataclass(frozen=True)
class Forecasts:
    """Rolling-origin forecasts of a model and its baselines, and what happened.

    ``methods`` are (series, origin, horizon, quantile), ``truth`` (series, origin, horizon) with NaN where nothing was
    observed, ``values`` (series, time) the whole series, ``origins`` indices of the last time seen.
    """

    methods: Mapping[str, Array]
    truth: Array
    levels: Array
    series: tuple[str, ...]
    origins: tuple[int, ...]
    values: Array
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """Scores of one model under one protocol."""

    protocol: str
    model: str
    forecasts: Forecasts
    variants: Mapping[str, Forecasts] = field(default_factory=dict)
    published: tuple[Published, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Series by group (mechanism), where the protocol has groups."""

    def to_json(self) -> dict[str, Any]:
        """The document that ``sgnn benchmark --json`` prints."""
        document: dict[str, Any] = {"protocol": self.protocol, "model": self.model, **scored(self.forecasts)}
        document["variants"] = {name: scored(one) for name, one in self.variants.items()}
        document["groups"] = {name: _group(self.forecasts, rows) for name, rows in self.groups.items()}
        document["published"] = [vars(one) for one in self.published]
        document["data"] = dict(self.data)
        document["notes"] = [
            *self.notes,
            f"a difference in relative MAE below {NOT_RESOLVABLE} is not resolvable with these origins",
        ]
        return document

    def save(self, folder: Path) -> Path:
        """Write scores and forecasts into a folder that appears whole or not at all."""
        staging = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        (staging / "benchmark.json").write_text(json.dumps(self.to_json(), indent=1))
        arrays: dict[str, NDArray[Any]] = {}
        for name, one in {"": self.forecasts, **self.variants}.items():
            arrays |= {f"{name}/methods/{method}": values for method, values in one.methods.items()}
            arrays |= {f"{name}/truth": one.truth, f"{name}/levels": one.levels, f"{name}/values": one.values}
            arrays |= {f"{name}/series": np.array(one.series), f"{name}/origins": np.array(one.origins)}
            arrays[f"{name}/dates"] = np.array(one.dates, dtype=str)
        np.savez_compressed(staging / "forecasts.npz", allow_pickle=False, **arrays)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(staging, folder)
        return folder


def load_benchmark(folder: Path) -> Benchmark:
    """What `Benchmark.save` wrote."""
    document = json.loads((folder / "benchmark.json").read_text())
    with np.load(folder / "forecasts.npz", allow_pickle=False) as arrays:
        variants = sorted({key.split("/")[0] for key in arrays.files})
        parts = {name: _forecasts(arrays, name) for name in variants}
    return Benchmark(
        protocol=document["protocol"],
        model=document["model"],
        forecasts=parts.pop(""),
        variants={name: parts[name] for name in document["variants"]},
        published=tuple(Published(**one) for one in document["published"]),
        data=document["data"],
        notes=tuple(document["notes"][:-1]),
        groups={name: tuple(one["series"]) for name, one in document["groups"].items()},
    )


def scored(forecasts: Forecasts) -> dict[str, Any]:
    """Scores, scores by horizon, by origin and by series, baselines, and bootstrap intervals."""
    own, reference = forecasts.methods[MODEL], forecasts.methods[REFERENCE]
    levels, truth = forecasts.levels, forecasts.truth
    steps = range(truth.shape[2])

    def part(index: Any, method: Array = own) -> dict[str, Any]:
        return summary(method[index], reference[index], levels, truth[index])

    return {
        "scores": part(...),
        "by_horizon": [{"horizon": step + 1, **part(np.s_[:, :, step])} for step in steps],
        "by_series": [{"series": name, **part(np.s_[row])} for row, name in enumerate(forecasts.series)]
        if len(forecasts.series) <= 100
        else [],
        "by_origin": [
            {"origin": int(origin), "date": forecasts.dates[origin] if forecasts.dates else None, **part(np.s_[:, at])}
            for at, origin in enumerate(forecasts.origins)
        ],
        "baselines": {
            name: {
                **part(..., method),
                "by_horizon": [{"horizon": s + 1, **part(np.s_[:, :, s], method)} for s in steps],
            }
            for name, method in forecasts.methods.items()
            if name != MODEL
        },
        "intervals": score_intervals(forecasts.methods, REFERENCE, levels, truth, MODEL),
    }


def _group(forecasts: Forecasts, rows: Sequence[int]) -> dict[str, Any]:
    at = list(rows)
    methods = {name: one[at] for name, one in forecasts.methods.items()}
    reference = methods[REFERENCE]
    scores = {name: summary(one, reference, forecasts.levels, forecasts.truth[at]) for name, one in methods.items()}
    return {"series": at, "scores": scores.pop(MODEL), "baselines": scores}


def _forecasts(arrays: Any, name: str) -> Forecasts:
    prefix = f"{name}/methods/"
    return Forecasts(
        methods={key.removeprefix(prefix): arrays[key] for key in arrays.files if key.startswith(prefix)},
        truth=arrays[f"{name}/truth"],
        levels=arrays[f"{name}/levels"],
        series=tuple(arrays[f"{name}/series"].tolist()),
        origins=tuple(arrays[f"{name}/origins"].tolist()),
        values=arrays[f"{name}/values"],
        dates=tuple(arrays[f"{name}/dates"].tolist()),
    )
