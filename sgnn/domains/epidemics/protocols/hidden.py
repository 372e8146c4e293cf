"""The protocol `hidden`: R_t, true infections and susceptibles on days of outbreaks that were never seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators import GenerationInterval
from sgnn.domains.epidemics.estimators.cori import reproduction_posterior
from sgnn.domains.epidemics.protocols.outbreak_draws import (
    FIRST_DRAW,
    PRIOR_DRAWS,
    REPORTING,
    OutbreakDraws,
    outbreak_draws,
)
from sgnn.domains.epidemics.protocols.r0_early import TOLD, panel_of, training_noise, untouched
from sgnn.errors import DataError
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
Days = NDArray[np.int64]
DRAWS = 1500
OWN_DRAW = FIRST_DRAW + 2**21
"""Draws of this protocol are counted from here: no other one has any of them."""
WINDOW = 7
R_T, INFECTIONS, SUSCEPTIBLE = "reproduction_number", "infections", "susceptible_share"
_SEED = 1854


class Hidden(Protocol):
    """What nobody observed, on one day of each outbreak, at random after its first week: answers are independent.

    Beside the model stand R_t by Cori et al. (2013), with the window that ends on the day and with the one about it,
    and infections by deconvolution of the reports. Reports here wait for nothing, so that deconvolution is division by
    the reported share: the prior's, or the true one for the method that is told.
    """

    name = "hidden"

    def __init__(self, draws: int = DRAWS) -> None:
        self.draws = draws

    def tiny(self) -> Hidden:
        """A few outbreaks: no result, a test of the way."""
        return Hidden(draws=60)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on draws that no corpus holds. Raises `DataError` for a model that reads off no paths."""
        known = [one.name for one in task_of(model).options.paths]
        if R_T not in known or INFECTIONS not in known:
            raise DataError(
                f"protocol {self.name} asks for {R_T} and {INFECTIONS}, the model reads off "
                f"{', '.join(known) or 'no paths'}",
                remedy="choose a model that reads them off",
            )
        outbreaks = outbreak_draws(OWN_DRAW, OWN_DRAW + self.draws)
        days = asked_days(outbreaks)
        rows = np.arange(len(days))
        asked = [one for one in (R_T, INFECTIONS, SUSCEPTIBLE) if one in known]
        answers = estimate(model, untouched(panel_of(outbreaks.cases)))["trajectory"]
        own = {one: answers.sel(path=one).to_numpy()[rows, days] for one in asked}
        prior = outbreak_draws(FIRST_DRAW - PRIOR_DRAWS, FIRST_DRAW)
        units = dict(zip(answers["path"].to_numpy().tolist(), answers["path_unit"].to_numpy().tolist(), strict=True))
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={one: outbreaks.paths[one][rows, days] for one in asked},
                methods={MODEL: own, "prior": prior_quantiles(prior, asked, len(days)), **baselines(outbreaks, prior)},
                levels=np.array(LEVELS),
                values=outbreaks.cases,
                units=units,
                mechanisms=outbreaks.mechanisms,
                mechanism=outbreaks.mechanism,
            ),
            informed=(f"cori{TOLD}", f"centred_cori{TOLD}", f"deconvolution{TOLD}"),
            data={f"draws from {OWN_DRAW}": outbreaks.key},
            notes=(
                f"one day of each of {len(days)} outbreaks that no corpus holds, at random after the first week",
                "R_t is not defined on days when nobody is infectious: those are left out of its scores",
                "the baselines assume the prior's median generation interval and reported share; those told know them",
                "nobody intervenes in these outbreaks: the model is told so",
                training_noise(model, settings),
            ),
        )


def asked_days(outbreaks: OutbreakDraws) -> Days:
    """A day (series,) of each outbreak, from its eighth to its last one known."""
    seen = np.isfinite(outbreaks.cases)
    lengths = seen.shape[1] - np.argmax(seen[:, ::-1], axis=1)
    chance = np.random.default_rng(_SEED).random(len(lengths))
    return np.asarray(WINDOW + (chance * (lengths - WINDOW)).astype(np.int64))


def baselines(outbreaks: OutbreakDraws, prior: OutbreakDraws) -> dict[str, dict[str, Array]]:
    """Quantiles (series, quantile) by classical method and path on `asked_days`."""
    number, days = len(outbreaks.cases), asked_days(outbreaks)
    mean, sd = (float(np.median(one)) for one in (prior.truth["generation_interval"], prior.interval_sd))
    assumed = [GenerationInterval(mean, sd)] * number
    true = [
        GenerationInterval(float(own), float(spread))
        for own, spread in zip(outbreaks.truth["generation_interval"], outbreaks.interval_sd, strict=True)
    ]
    found: dict[str, dict[str, Array]] = {}
    for ending, intervals in (("", assumed), (TOLD, true)):
        for method, ahead in (("cori", 0), ("centred_cori", WINDOW // 2)):
            found[f"{method}{ending}"] = {R_T: _cori(outbreaks.cases, intervals, days, ahead)}
    shares = {"": np.quantile(prior.truth[REPORTING], 1.0 - np.array(LEVELS))}
    shares[TOLD] = outbreaks.truth[REPORTING][:, None] * np.ones(len(LEVELS))
    for ending, share in shares.items():
        found[f"deconvolution{ending}"] = {INFECTIONS: _smooth(outbreaks.cases, days)[:, None] / share}
    return found


def _cori(cases: Array, intervals: list[GenerationInterval], days: Days, ahead: int) -> Array:
    """Quantiles (series, quantile) of R_t of the window that ends ``ahead`` days later, or on the last day known."""
    from scipy.stats import gamma

    rows = []
    for series, interval, day in zip(cases, intervals, days, strict=True):
        known = int(np.isfinite(series).sum())
        shape, scale = reproduction_posterior(series[:known], interval, WINDOW)
        at = min(int(day) + ahead, known - 1)
        rows.append(gamma.ppf(LEVELS, shape[at], scale=scale[at]))
    return np.array(rows)


def _smooth(cases: Array, days: Days) -> Array:
    """Mean reports (series,) of the week about each day."""
    weeks = days[:, None] + np.arange(-(WINDOW // 2), WINDOW // 2 + 1)
    inside = np.clip(weeks, 0, cases.shape[1] - 1)
    values = np.where(weeks < cases.shape[1], np.take_along_axis(cases, inside, axis=1), np.nan)
    return np.asarray(np.nanmean(values, axis=1))


def prior_quantiles(prior: OutbreakDraws, asked: list[str], number: int) -> Mapping[str, Array]:
    """The same quantiles (series, quantile) for all: what is known of a day before any case."""
    days = asked_days(prior)
    rows = np.arange(len(days))
    return {name: np.tile(np.nanquantile(prior.paths[name][rows, days], LEVELS), (number, 1)) for name in asked}
