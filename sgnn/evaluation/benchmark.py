"""Forecasts as the outcome of a protocol: scores beside baselines, intervals, and the forecasts themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation import calibration_summary
from sgnn.evaluation.bootstrap import NOT_RESOLVABLE, score_intervals
from sgnn.evaluation.outcome import DOCUMENT, FORECASTS, Outcome
from sgnn.evaluation.scores import Errors, errors, summary

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
MODEL = "model"
REFERENCE = "last_value"
MOST_SERIES = 100
"""Beyond so many series they are not listed one by one."""
RESOLUTION = f"a difference in relative MAE below {NOT_RESOLVABLE} is not resolvable with so few origins"


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

    def to_dataset(self) -> xr.Dataset:
        """``forecast(forecaster, series, origin, horizon, quantile)`` and ``truth``; dates where they are known."""
        import xarray as xr

        at: Array | list[int] = list(self.origins)
        if self.dates:
            at = np.array(self.dates, dtype="datetime64[ns]")[at]
        dims = ("series", "origin", "horizon")
        return xr.Dataset(
            {
                "forecast": (("forecaster", *dims, "quantile"), np.stack(list(self.methods.values()))),
                "truth": (dims, self.truth),
            },
            coords={
                "forecaster": list(self.methods),
                "series": list(self.series),
                "origin": at,
                "horizon": np.arange(1, self.truth.shape[2] + 1),
                "quantile": self.levels,
            },
        )


@dataclass(frozen=True)
class Benchmark(Outcome):
    """Scores of one model that forecasts, under one protocol."""

    kind: ClassVar[str] = FORECASTS

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
        return {
            "protocol": self.protocol,
            "model": self.model,
            **scored(self.forecasts),
            "variants": {name: scored(one) for name, one in self.variants.items()},
            "groups": {name: _group(self.forecasts, rows) for name, rows in self.groups.items()},
            "published": [vars(one) for one in self.published],
            "data": dict(self.data),
            "notes": [*self.notes, RESOLUTION],
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Forecasts, truths, levels and series of the protocol and of its variants, each under its name."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, one in {"": self.forecasts, **self.variants}.items():
            arrays |= {f"{name}/methods/{method}": values for method, values in one.methods.items()}
            arrays |= {f"{name}/truth": one.truth, f"{name}/levels": one.levels, f"{name}/values": one.values}
            arrays |= {f"{name}/series": np.array(one.series), f"{name}/origins": np.array(one.origins)}
            arrays[f"{name}/dates"] = np.array(one.dates, dtype=str)
        return arrays

    @property
    def real(self) -> Array | None:
        """The series, where they have dates."""
        return self.forecasts.values if self.forecasts.dates else None


def load_benchmark(folder: Path) -> Benchmark:
    """What `Benchmark.save` wrote."""
    document = json.loads((folder / DOCUMENT).read_text())
    with np.load(folder / f"{FORECASTS}.npz", allow_pickle=False) as arrays:
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
    methods = {name: errors(one, forecasts.levels, forecasts.truth) for name, one in forecasts.methods.items()}
    reference = methods[REFERENCE]
    own = methods[MODEL]
    intervals = score_intervals(methods, REFERENCE, MODEL)
    if len(forecasts.series) > MOST_SERIES:
        intervals["by_series"] = []
    return {
        "scores": summary(own, reference),
        **_by_horizon(own, reference),
        "by_series": [
            {"series": name, **summary(own[row], reference[row])} for row, name in enumerate(forecasts.series)
        ]
        if len(forecasts.series) <= MOST_SERIES
        else [],
        **_by_origin(own, reference, forecasts),
        "baselines": {
            name: {
                **summary(one, reference),
                **_by_horizon(one, reference),
                **_errors_by_origin(one),
            }
            for name, one in methods.items()
            if name != MODEL
        },
        "calibration": _calibration(forecasts),
        "intervals": intervals,
    }


def _calibration(forecasts: Forecasts) -> dict[str, Any]:
    """Of the model, over all steps ahead and at each: forecasts of neighbouring origins have no p-value."""
    own, levels, truth = forecasts.methods[MODEL], forecasts.levels, forecasts.truth
    steps = range(truth.shape[2])
    at = [calibration_summary.summary(own[:, :, step], levels, truth[:, :, step], independent=False) for step in steps]
    return {
        **calibration_summary.summary(own, levels, truth, independent=False),
        "by_horizon": [{"horizon": step + 1, **one} for step, one in enumerate(at) if one],
    }


def _by_horizon(own: Errors, reference: Errors) -> dict[str, Any]:
    cuts = [np.s_[:, :, step] for step in range(own.absolute.shape[2])]
    return {"by_horizon": [{"horizon": step + 1, **summary(own[cut], reference[cut])} for step, cut in enumerate(cuts)]}


def _by_origin(own: Errors, reference: Errors, forecasts: Forecasts) -> dict[str, Any]:
    dates = forecasts.dates
    return {
        "by_origin": [
            {
                "origin": int(origin),
                "date": dates[origin] if dates else None,
                **summary(own[:, at], reference[:, at]),
            }
            for at, origin in enumerate(forecasts.origins)
        ]
    }


def _errors_by_origin(own: Errors) -> dict[str, Any]:
    """A baseline's errors over time, in short: all scores of all baselines would be most of the document."""
    return {
        "mae_by_origin": [
            None if np.isnan(one).all() else float(np.nanmean(one)) for one in own.absolute.swapaxes(0, 1)
        ]
    }


def _group(forecasts: Forecasts, rows: Sequence[int]) -> dict[str, Any]:
    at = list(rows)
    truth = forecasts.truth[at]
    methods = {name: errors(one[at], forecasts.levels, truth) for name, one in forecasts.methods.items()}
    reference = methods[REFERENCE]
    scores = {name: summary(one, reference) for name, one in methods.items()}
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
