"""Three conjugate problems as simulators, each with the exact quantiles of its posterior.

All observe a series of `STEPS` positive values about `CENTRE`, where a network sees the size of a value, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sgnn.simulation import (
    Beta,
    Dimension,
    Normal,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Variable,
)

Array = NDArray[np.float64]
STEPS = 24
CENTRE, UNIT = 25.0, 3.0


class _Series(Simulator):
    """What the three have in common: one series."""

    version = "1"

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("time", STEPS),)

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("observed", ("time",), "float32", "", "observable"),)

    def chance(self, streams: Streams) -> list[np.random.Generator]:
        """A generator for every draw."""
        return [streams.generator(position, "simulate") for position in range(len(streams))]


class NormalNormal(_Series):
    """The mean of normal values whose spread is known. Gelman et al., Bayesian Data Analysis, section 2.5."""

    name = "conjugate.normal"
    spread = 5.0 / UNIT

    def prior(self) -> Prior:
        return Prior({"mean": Parameter(Normal(0.0, 1.0))})

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        noise = np.stack([one.normal(0.0, self.spread, STEPS) for one in self.chance(streams)])
        return {"observed": CENTRE + UNIT * (theta["mean"][:, None] + noise)}

    def exact_quantiles(self, shown: Mapping[str, Array], levels: Array) -> dict[str, Array]:
        """Of the mean."""
        values = (shown["observed"].astype(np.float64) - CENTRE) / UNIT
        precision = 1.0 + STEPS / self.spread**2
        centre = values.sum(axis=1) / self.spread**2 / precision
        return {"mean": centre[:, None] + stats.norm.ppf(levels) / np.sqrt(precision)}


class BetaBinomial(_Series):
    """The chance of success, from a few trials a step. Gelman et al., section 2.4."""

    name = "conjugate.binomial"
    trials, prior_successes, prior_failures = 4, 2.0, 3.0

    def prior(self) -> Prior:
        return Prior({"chance": Parameter(Beta(self.prior_successes, self.prior_failures))})

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        pairs = zip(self.chance(streams), theta["chance"], strict=True)
        return {"observed": np.stack([one.binomial(self.trials, share, STEPS) for one, share in pairs]).astype(float)}

    def exact_quantiles(self, shown: Mapping[str, Array], levels: Array) -> dict[str, Array]:
        """Of the chance."""
        successes = shown["observed"].astype(np.float64).sum(axis=1)[:, None]
        failures = self.trials * STEPS - successes
        return {"chance": stats.beta.ppf(levels, self.prior_successes + successes, self.prior_failures + failures)}


class LinearGaussian(_Series):
    """The last state of an autoregression that is seen through noise; exact by the Kalman filter (Kalman, 1960)."""

    name = "conjugate.state"
    persistence, noise = 0.9, 0.7

    def prior(self) -> Prior:
        return Prior({"first": Parameter(Normal(0.0, 1.0))})

    def variables(self) -> tuple[Variable, ...]:
        return (*super().variables(), Variable("last", (), "float32", "", "target", "state at the last step"))

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        chance = self.chance(streams)
        steps = np.stack([one.normal(0.0, np.sqrt(1.0 - self.persistence**2), STEPS) for one in chance])
        noise = np.stack([one.normal(0.0, self.noise, STEPS) for one in chance])
        states = np.empty_like(steps)
        state = theta["first"]
        for time in range(STEPS):
            state = state if time == 0 else self.persistence * state + steps[:, time]
            states[:, time] = state
        return {"observed": CENTRE + UNIT * (states + noise), "last": states[:, -1]}

    def exact_quantiles(self, shown: Mapping[str, Array], levels: Array) -> dict[str, Array]:
        """Of the last state."""
        values = (shown["observed"].astype(np.float64) - CENTRE) / UNIT
        mean, variance = np.zeros(len(values)), 1.0
        for time in range(STEPS):
            if time:
                mean = self.persistence * mean
                variance = self.persistence**2 * variance + 1.0 - self.persistence**2
            gain = variance / (variance + self.noise**2)
            mean, variance = mean + gain * (values[:, time] - mean), (1.0 - gain) * variance
        return {"last": mean[:, None] + np.sqrt(variance) * stats.norm.ppf(levels)}
