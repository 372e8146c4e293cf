"""Block bootstrap over origins and series: how much a score would change with other weeks and regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.scores import INTERVALS, Errors

Array = NDArray[np.float64]
BLOCK, REPLICATES, SEED = 8, 1000, 20201121
LEVEL = 0.9
NOT_RESOLVABLE = 0.02
"""A difference in relative MAE below this is no finding with a few dozen origins."""


def resample(
    series: int, origins: int, replicates: int = REPLICATES, block: int = BLOCK, seed: int = SEED
) -> tuple[Array, Array]:
    """How often each series (replicate, series) and each origin (replicate, origin) is drawn.

    Series are drawn one by one with replacement, origins in moving blocks, for their errors are correlated.
    Künsch (1989) for the moving blocks.
    """
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, series, (replicates, series))
    block = min(block, origins)
    starts = chance.integers(0, origins - block + 1, (replicates, -(-origins // block)))
    picked = (starts[..., None] + np.arange(block)).reshape(replicates, -1)[:, :origins]
    return _counts(drawn, series), _counts(picked, origins)


def score_intervals(errors: Mapping[str, Errors], reference: str, of: str) -> dict[str, Any]:
    """90 % intervals of every method's scores, and of the difference of ``of`` from every other method.

    Errors are (series, origin, horizon), NaN where the truth is missing. Every score has its interval under its own
    name as [low, high], or None where the reference is without error; ``by_horizon`` has one entry a step;
    ``by_series`` and ``by_origin`` are intervals of the relative MAE of ``of``, over origins and series alone.
    """
    by_series, by_origin = resample(*errors[of].absolute.shape[:2])
    replicates = {name: _Replicates(one, errors[reference], by_series, by_origin) for name, one in errors.items()}
    own = replicates[of]
    rest = {name: one for name, one in replicates.items() if name != of}
    absolute, against = (np.nansum(errors[name].absolute, axis=2) for name in (of, reference))
    return {
        "level": LEVEL,
        "methods": {
            name: {**one.overall(), "by_horizon": [one.at_horizon(step) for step in range(one.steps)]}
            for name, one in replicates.items()
        },
        "differences": {name: own.less(one) for name, one in rest.items()},
        "by_series": _columns(_over(by_origin @ absolute.T, by_origin @ against.T)),
        "by_origin": _columns(_over(by_series @ absolute, by_series @ against)),
    }


class _Replicates:
    """Sums of the scores of one method in every replicate, by step ahead (replicate, horizon)."""

    def __init__(self, own: Errors, reference: Errors, by_series: Array, by_origin: Array) -> None:
        def replicate(values: Array) -> Array:
            """Weighted sums (replicate, horizon) of (series, origin, horizon)."""
            drawn = np.tensordot(by_series, np.nan_to_num(values), axes=1)
            return np.asarray(np.einsum("roh,ro->rh", drawn, by_origin))

        self.count = replicate(np.where(np.isnan(own.absolute), 0.0, 1.0))
        self.sums = {"mae": replicate(own.absolute), "wis": replicate(own.interval)}
        self.reference = {"mae": replicate(reference.absolute), "wis": replicate(reference.interval)}
        self.covered = {percent: replicate(own.covered[percent]) for percent in INTERVALS}
        self.steps = self.count.shape[1]

    def scores(self, step: int | None = None) -> dict[str, Array]:
        """Every score (replicate,), over all steps ahead or one."""

        def over(values: Array) -> Array:
            return np.asarray(values.sum(axis=1) if step is None else values[:, step])

        relative = {name: _over(over(self.sums[name]), over(self.reference[name])) for name in self.sums}
        count = over(self.count)
        return {
            **{name: _over(over(values), count) for name, values in self.sums.items()},
            "relative_mae": relative["mae"],
            "relative_wis": relative["wis"],
            "skill": 100.0 * (1.0 - relative["mae"]),
            **{f"coverage.{percent}": _over(over(values), count) for percent, values in self.covered.items()},
        }

    def overall(self) -> dict[str, Any]:
        return _shaped(self.scores())

    def at_horizon(self, step: int) -> dict[str, Any]:
        return {"horizon": step + 1, **_shaped(self.scores(step))}

    def less(self, other: _Replicates) -> dict[str, Any]:
        own, its = self.scores(), other.scores()
        return _shaped({name: own[name] - its[name] for name in own})


def _shaped(scores: Mapping[str, Array]) -> dict[str, Any]:
    """Intervals in the shape that scores have: coverage by percent below one name."""
    found: dict[str, Any] = {"coverage": {}}
    for name, values in scores.items():
        first, _, rest = name.partition(".")
        if rest:
            found[first][rest] = _ninety(values)
        else:
            found[first] = _ninety(values)
    return found


def _counts(drawn: NDArray[np.int64], size: int) -> Array:
    """How often each of ``size`` is in each row."""
    found = np.zeros((len(drawn), size))
    np.add.at(found, (np.arange(len(drawn))[:, None], drawn), 1.0)
    return found


def _over(values: Array, reference: Array) -> Array:
    return np.asarray(np.divide(values, reference, out=np.full(values.shape, np.nan), where=reference > 0))


def _columns(values: Array) -> list[list[float] | None]:
    return [_ninety(column) for column in values.T]


def _ninety(values: Array) -> list[float] | None:
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    return [float(value) for value in np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])]
