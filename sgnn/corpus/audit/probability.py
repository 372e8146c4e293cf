"""Distribution functions of the priors' distributions: the rank of a value, by which any prior becomes uniform."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sgnn.corpus.audit.contract import Array
from sgnn.simulation.distributions import (
    Beta,
    Categorical,
    Distribution,
    Fixed,
    Gamma,
    LogNormal,
    LogUniform,
    Normal,
    Uniform,
)

Arguments = Mapping[str, Array]


def cumulative(distribution: Distribution, values: Array, arguments: Arguments) -> Array | None:
    """Probability (draw,) of a value up to each of ``values``, given ``arguments[name]`` (draw,).

    None for a distribution that has none here, as one that somebody's own package defines.
    """
    from scipy import special

    a = arguments
    with np.errstate(divide="ignore", invalid="ignore"):
        match distribution:
            case Uniform():
                found = (values - a["low"]) / (a["high"] - a["low"])
            case LogUniform():
                found = np.log(values / a["low"]) / np.log(a["high"] / a["low"])
            case Normal():
                found = special.ndtr((values - a["mean"]) / a["sd"])
            case LogNormal():
                found = special.ndtr(np.log(values / a["median"]) / a["sd"])
            case Beta():
                found = special.betainc(a["a"], a["b"], np.clip(values, 0.0, 1.0))
            case Gamma():
                found = special.gammainc(a["shape"], np.maximum(values / a["scale"], 0.0))
            case _:
                return None
    # a distribution of no width has no ranks
    return np.where(np.isfinite(found), np.clip(found, 0.0, 1.0), np.nan)


def categorical_ranks(distribution: Categorical, values: Array) -> Array:
    """Middle (draw,) of the probabilities that each value takes up, in the order of the values; NaN for another one."""
    order = np.argsort(distribution.values, kind="stable")
    chances = np.asarray(distribution.probabilities)[order]
    middles = np.cumsum(chances) - 0.5 * chances
    known = np.asarray(distribution.values)[order]
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[at] == values, middles[at], np.nan)


def support(distribution: Distribution, arguments: Arguments, bounds: tuple[float, float]) -> tuple[Array, Array]:
    """Lowest and highest possible value, (draw,) each, infinite where there is none."""
    low: Array | float = -math.inf
    high: Array | float = math.inf
    match distribution:
        case Fixed():
            low = high = arguments["value"]
        case Uniform() | LogUniform():
            low, high = arguments["low"], arguments["high"]
        case Beta():
            low, high = 0.0, 1.0
        case Gamma() | LogNormal():
            low = 0.0
        case Categorical():
            low, high = min(distribution.values), max(distribution.values)
    return np.maximum(low, bounds[0]), np.minimum(high, bounds[1])


def truncated(probability: Array, below: Array, above: Array) -> Array:
    """Ranks within bounds, from the ranks of the value and of both bounds without them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (probability - below) / (above - below)
    return np.where(np.isfinite(found), np.clip(found, 0.0, 1.0), np.nan)
