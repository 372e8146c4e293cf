"""The protocol `fatality`: infection fatality of outbreaks of which deaths are counted beside cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.recipe import load_recipe
from sgnn.corpus.sections import CorpusSection
from sgnn.domains.epidemics.estimators.case_fatality import case_fatality, resolved_share
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW, LEAST_CASES, PRIOR_DRAWS, REPORTED, REPORTING
from sgnn.domains.epidemics.protocols.r0_early import TOLD, panel_of, training_noise
from sgnn.errors import DataError
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.scores import covered, interval
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS, MEDIAN
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DRAWS = 12_000
LEAST_DEATHS = 10.0
"""Fewer deaths tell little more than an upper bound: those outbreaks are scored apart."""
FATALITY, DEATHS, FATAL_SHARE = "infection_fatality", "deaths", "report_deaths.share_start"
RECIPE, AS_MET = "epidemic-inference", "epidemics.outbreak_staged"
_LEVELS = np.array(LEVELS)


@dataclass(frozen=True)
class Delays:
    """Delays from report to death, days: ``mean`` and ``sd``, each (series,)."""

    mean: Array
    sd: Array


@dataclass(frozen=True)
class FatalOutbreaks:
    """Outbreaks by days with ``cases`` and ``deaths`` (series, day), NaN after the last day known.

    True are ``fatality`` and ``reported`` (series,), infection fatality and the share reported, and ``delays``.
    """

    cases: Array
    deaths: Array
    fatality: Array
    reported: Array
    delays: Delays
    key: str

    def rows(self, at: NDArray[np.bool_]) -> FatalOutbreaks:
        """Some of them."""
        delays = Delays(self.delays.mean[at], self.delays.sd[at])
        return FatalOutbreaks(self.cases[at], self.deaths[at], self.fatality[at], self.reported[at], delays, self.key)

    @property
    def panel(self) -> xr.Dataset:
        """What a model sees."""
        return panel_of(self.cases).assign(deaths=(("series", "time"), self.deaths))


class Fatality(Protocol):
    """Infection fatality from cases and deaths to date, of outbreaks as they are met that no corpus holds.

    Beside the model stand case fatality, crude and corrected for the delay to death (Nishiura et al. 2009), which are
    deaths a case reported and no infection fatality; the corrected one times the share of infections that the prior
    expects to be reported, and times the true one with the true delay for the method that is told; and the prior.
    """

    name = "fatality"

    def __init__(self, draws: int = DRAWS) -> None:
        self.draws = draws

    def tiny(self) -> Fatality:
        """A few outbreaks: no result, a test of the way."""
        return Fatality(draws=200)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on draws that no corpus holds. Raises `DataError` for a model that reads no deaths."""
        options = task_of(model).options
        if FATALITY not in {one.name for one in options.further_targets} or options.further_series != (DEATHS,):
            raise DataError(
                f"protocol {self.name} asks for {FATALITY} from {REPORTED} and {DEATHS}, which the model does not read",
                remedy="choose a model of the recipe epidemic-inference",
            )
        counted = fatal_outbreaks(FIRST_DRAW, FIRST_DRAW + self.draws)
        many = np.nansum(counted.deaths, axis=1) >= LEAST_DEATHS
        asked, few = counted.rows(many), counted.rows(~many)
        prior = fatal_outbreaks(FIRST_DRAW - PRIOR_DRAWS, FIRST_DRAW)
        own = _answers(model, asked)
        spread = np.tile(np.quantile(prior.fatality, LEVELS), (len(asked.cases), 1))
        methods = {MODEL: own, "prior": spread, **baselines(asked, prior)}
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={FATALITY: asked.fatality},
                methods={method: {FATALITY: one} for method, one in methods.items()},
                levels=_LEVELS,
                values=asked.cases,
                units={FATALITY: "1"},
            ),
            informed=(f"case_fatality_by_share{TOLD}",),
            data={f"draws from {FIRST_DRAW}": counted.key},
            figures=_figures(own, few, _answers(model, few)),
            notes=(
                f"{len(asked.cases)} outbreaks as they are met that no corpus holds, of which deaths are counted, with "
                f"{LEAST_CASES:.0f} cases and {LEAST_DEATHS:.0f} deaths at least; {len(few.cases)} with fewer deaths "
                "stand in the figures",
                "case_fatality and case_fatality_by_delay are deaths a reported case: higher than infection fatality "
                "by as much as cases go unreported",
                "case_fatality_by_share is the second times the share reported that the prior expects; the one that is "
                "told knows each outbreak's share and delay",
                "all deaths of infections are reported in these outbreaks, some weeks late",
                training_noise(model, settings),
            ),
        )


def fatal_section() -> CorpusSection:
    """The recipe's corpus, its outbreaks as they are met alone."""
    section = load_recipe(RECIPE).corpus
    return section.model_copy(
        update={"name": "fatality", "simulators": tuple(one for one in section.simulators if one.name == AS_MET)}
    )


def fatal_outbreaks(start: int, stop: int) -> FatalOutbreaks:
    """Draws of these indices of which deaths are counted and at least ten cases are reported."""
    section = fatal_section()
    key = corpus_key(section)
    generator = generator_of(section, key)
    made = generator.draws(start, stop)
    columns = {one.name: made.theta[:, at] for at, one in enumerate(generator.schema.parameters)}
    cases, deaths = (made.arrays[name].astype(np.float64) for name in (REPORTED, DEATHS))
    counted = np.isfinite(deaths).any(axis=1)
    kept = (made.status == 0) & counted & (np.nansum(cases, axis=1) >= LEAST_CASES)
    waits = columns["delay_cases.present"] * columns["delay_cases.mean"]
    mean, shape = columns["delay_deaths.mean"], columns["delay_deaths.shape"]
    every = FatalOutbreaks(
        cases=cases,
        deaths=deaths,
        fatality=columns[FATAL_SHARE],
        reported=columns[REPORTING],
        # cases wait for their report, too; nobody is known to have died before the day after
        delays=Delays(np.maximum(mean - waits, 1.0), mean / np.sqrt(shape)),
        key=key,
    )
    return every.rows(kept)


def baselines(asked: FatalOutbreaks, prior: FatalOutbreaks) -> dict[str, Array]:
    """Quantiles (series, quantile) by method; those that are not told know the prior's median delay."""
    number = len(asked.cases)
    assumed = Delays(*(np.full(number, float(np.median(one))) for one in (prior.delays.mean, prior.delays.sd)))
    crude = _fatalities(asked, None)
    delayed, told = _fatalities(asked, assumed), _fatalities(asked, asked.delays)
    return {
        "case_fatality": crude,
        "case_fatality_by_delay": delayed,
        "case_fatality_by_share": delayed[:, [MEDIAN]] * np.quantile(prior.reported, LEVELS),
        f"case_fatality_by_share{TOLD}": told * asked.reported[:, None],
    }


def _fatalities(asked: FatalOutbreaks, delays: Delays | None) -> Array:
    """Case fatality (series, quantile), corrected for some delays where they are given."""
    found = []
    for row, (cases, deaths) in enumerate(zip(asked.cases, asked.deaths, strict=True)):
        resolved = 1.0
        if delays is not None:
            resolved = resolved_share(cases, float(delays.mean[row]), float(delays.sd[row]))
        found.append(case_fatality(cases, deaths, _LEVELS, resolved))
    return np.array(found).reshape(-1, len(_LEVELS))


def _answers(model: Model, outbreaks: FatalOutbreaks) -> Array:
    if not len(outbreaks.cases):
        return np.empty((0, len(_LEVELS)))
    return np.asarray(estimate(model, outbreaks.panel)["estimate"].sel(parameter=FATALITY).to_numpy())


def _figures(own: Array, few: FatalOutbreaks, own_few: Array) -> dict[str, float]:
    """How many times the lower end of a 90 % interval its upper end is, and the coverage where deaths are few."""
    low, high = interval(own, _LEVELS, 90)
    found = {"median_ratio_of_90": float(np.median(high / low))} if len(own) else {}
    if len(own_few):
        found["coverage_90_of_few_deaths"] = float(covered(own_few, _LEVELS, few.fatality, 90).mean())
    return found
