"""Baselines that run in the same call: last value, damped drift, and classical models fitted at every origin."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgnn.learning.forecast.quantiles import LEVELS

Array = NDArray[np.float64]
LEAST_HISTORY = 3
DAMPING = 0.8
REVISION = 1
"""Raised whenever a baseline changes, so that kept forecasts of an older one are not read."""

_PERCENT = tuple(sorted({round(abs(2 * level - 1) * 100, 6) for level in LEVELS if level != 0.5}))


def last_value(past: Array, horizon: int) -> Array:
    """Quantiles (horizon, quantile): the last value, spread by the past changes over as many steps, both signs."""
    return _spread(past, np.full(horizon, past[-1]))


def damped_drift(past: Array, horizon: int) -> Array:
    """Quantiles (horizon, quantile): the mean change of the last four steps goes on, damped by 0.8 a step."""
    drift = np.diff(past[-5:]).mean() if len(past) > 1 else 0.0
    return _spread(past, past[-1] + drift * np.cumsum(DAMPING ** np.arange(1, horizon + 1)))


def _spread(past: Array, median: Array) -> Array:
    out = np.empty((len(median), len(LEVELS)))
    for step in range(1, len(median) + 1):
        reach = min(step, max(1, len(past) - LEAST_HISTORY))
        changes = past[reach:] - past[:-reach] if len(past) > reach else np.zeros(1)
        scale = np.sqrt(step / reach)
        out[step - 1] = median[step - 1] + scale * np.quantile(np.concatenate([changes, -changes]), LEVELS)
    return np.maximum(out, 0.0)


def _fitted(model: str) -> Callable[[Array, int], Array]:
    """A statsforecast model as a function of the past; what it cannot fit is forecast by the last value."""

    def forecast(past: Array, horizon: int) -> Array:
        from statsforecast import models

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made = getattr(models, model)(season_length=1).forecast(y=past, h=horizon, level=list(_PERCENT))
            except Exception:
                # a constant or too short series has no such model: every library raises its own kind of error
                return last_value(past, horizon)
        columns = []
        for level in LEVELS:
            side = "lo" if level < 0.5 else "hi"
            percent = round(abs(2 * level - 1) * 100, 6)
            columns.append(
                made["mean"]
                if level == 0.5
                else made[f"{side}-{percent:g}" if f"{side}-{percent:g}" in made else f"{side}-{percent}"]
            )
        quantiles = np.maximum(np.stack(columns, axis=1), 0.0)
        return np.sort(quantiles, axis=1) if np.isfinite(quantiles).all() else last_value(past, horizon)

    return forecast


BASELINES: dict[str, Callable[[Array, int], Array]] = {
    "last_value": last_value,
    "damped_drift": damped_drift,
    "auto_ets": _fitted("AutoETS"),
    "auto_arima": _fitted("AutoARIMA"),
    "theta": _fitted("Theta"),
}
CHEAP = ("last_value", "damped_drift")


def baseline_forecasts(
    values: Array, origins: Sequence[int], horizon: int, names: Sequence[str], cache: Path, processes: int | None = None
) -> dict[str, Array]:
    """Quantiles (series, origin, horizon, quantile) of each named baseline, each origin seeing nothing after it.

    ``values`` is (series, time); gaps are filled by the last value before them. Fitted ones run in processes of their
    own and are kept in ``cache`` by the digest of data, origins and versions, so that a second call reads them.
    """
    filled = _filled(values)
    out = {}
    for name in names:
        kept = cache / "baselines" / f"{name}-{_digest(name, filled, origins, horizon)}.npy"
        if kept.exists():
            out[name] = np.load(kept, allow_pickle=False)
            continue
        out[name] = _run(name, filled, origins, horizon, processes)
        if name not in CHEAP:
            _keep(kept, out[name])
    return out


def _run(name: str, values: Array, origins: Sequence[int], horizon: int, processes: int | None) -> Array:
    jobs = [(name, row, tuple(origins), horizon) for row in values]
    workers = min(processes or os.cpu_count() or 1, len(jobs))
    if name in CHEAP or workers == 1:
        return np.stack([_series(job) for job in jobs])
    parent = os.getpid()
    with ProcessPoolExecutor(workers, get_context("spawn"), _end_with_parent, (parent,)) as pool:
        return np.stack(list(pool.map(_series, jobs)))


def _end_with_parent(parent: int) -> None:
    """Let a worker end when the process that wants its results is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _series(job: tuple[str, Array, tuple[int, ...], int]) -> Array:
    name, values, origins, horizon = job
    return np.stack([BASELINES[name](values[: origin + 1], horizon) for origin in origins])


def _filled(values: Array) -> Array:
    """Gaps filled forward, what lies before the first value by zero."""
    filled = np.array(values, dtype=np.float64)
    for column in range(filled.shape[1]):
        before = filled[:, column - 1] if column else np.zeros(len(filled))
        filled[:, column] = np.where(np.isnan(filled[:, column]), before, filled[:, column])
    return filled


def _digest(name: str, values: Array, origins: Sequence[int], horizon: int) -> str:
    about = {
        "name": name,
        "revision": REVISION,
        "origins": list(map(int, origins)),
        "horizon": horizon,
        "levels": LEVELS,
    }
    about["statsforecast"] = version("statsforecast")
    return hashlib.sha256(json.dumps(about).encode() + np.ascontiguousarray(values).tobytes()).hexdigest()[:24]


def _keep(path: Path, values: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f".{path.name}.{os.getpid()}.npy")
    np.save(staging, values, allow_pickle=False)
    os.replace(staging, path)
