"""Baselines of a protocol: every method at every origin, fitted once and kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.classical import METHODS, forecast_rows
from sgnn.evaluation.fitting import Part, fit
from sgnn.learning.forecast.levels import LEVELS

Array = NDArray[np.float64]
REVISION = 2
"""Raised whenever a baseline changes, so that kept forecasts of an older one are not read."""

BASELINES = tuple(METHODS)
CHEAP = ("last_value", "damped_drift")
"""Baselines that take no fitting, and so are neither kept nor given to other processes."""

SERIES_A_PART = 4
"""Series fitted and kept together: what a kill loses is less than one such part a process."""


def baseline_forecasts(
    values: Array, origins: Sequence[int], horizon: int, names: Sequence[str], cache: Path, processes: int | None = None
) -> dict[str, Array]:
    """Quantiles (series, origin, horizon, quantile) of each named baseline, each origin seeing nothing after it.

    ``values`` is (series, time); gaps are filled by the last value before them. Fitted ones run in ``processes`` of
    their own (without: one a core) and are kept in ``cache`` by the digest of data, origins and versions, a few series
    a file: a second call reads them, and one that was killed goes on. Raises `ServiceError` where a process is lost.
    """
    filled = filled_forward(values)
    at, levels = tuple(int(origin) for origin in origins), np.array(LEVELS)
    parts = {name: _parts(name, filled, at, horizon, cache) for name in names if name not in CHEAP}
    missing = [part for some in parts.values() for part in some if not part.kept.exists()]
    fit(missing, processes or os.cpu_count() or 1)
    return {
        name: np.concatenate([part.read() for part in parts[name]])
        if name in parts
        else forecast_rows(name, filled, at, horizon, levels)
        for name in names
    }


def stand_ins(methods: Mapping[str, Array]) -> dict[str, int]:
    """How many forecasts of each fitted baseline are those of the last value, for nothing could be fitted."""
    last = methods["last_value"]
    wide = last[..., -1].max(axis=-1) > last[..., 0].min(axis=-1)  # where all is constant, models say the same
    found = {
        name: int(((made == last).all(axis=(-2, -1)) & wide).sum())
        for name, made in methods.items()
        if name not in CHEAP
    }
    return {name: number for name, number in found.items() if number}


def filled_forward(values: Array) -> Array:
    """Gaps of (series, time) filled by the last value before them, what lies before the first value by zero."""
    filled = np.array(values, dtype=np.float64)
    for column in range(filled.shape[1]):
        before = filled[:, column - 1] if column else np.zeros(len(filled))
        filled[:, column] = np.where(np.isnan(filled[:, column]), before, filled[:, column])
    return filled


def _parts(name: str, values: Array, origins: tuple[int, ...], horizon: int, cache: Path) -> list[Part]:
    parts = []
    for first in range(0, len(values), SERIES_A_PART):
        rows = np.ascontiguousarray(values[first : first + SERIES_A_PART, : max(origins) + 1])
        kept = cache / "baselines" / f"{name}-{_digest(name, rows, origins, horizon)}.npy"
        parts.append(Part(name, rows, origins, horizon, np.array(LEVELS), kept))
    return parts


def _digest(name: str, values: Array, origins: tuple[int, ...], horizon: int) -> str:
    about = {
        "name": name,
        "revision": REVISION,
        "origins": origins,
        "horizon": horizon,
        "levels": LEVELS,
        "statsforecast": version("statsforecast"),
        "shape": values.shape,
    }
    return hashlib.sha256(json.dumps(about).encode() + values.tobytes()).hexdigest()[:24]
