"""The protocol `counterfactual`: what would have become of an outbreak had contacts not been cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.sections import CorpusSection, SimulatorEntry
from sgnn.domains.epidemics.protocols.classical import ESTIMATORS, classical_quantiles
from sgnn.domains.epidemics.protocols.joint import joint_figures, joint_notes
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW, SECTION, OutbreakDraws, outbreak_draws
from sgnn.domains.epidemics.protocols.r0_early import of_published_task, panel_of, training_noise
from sgnn.errors import DataError
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DRAWS, PRIOR_DRAWS = 600, 2048
WITHOUT, ACTUAL = "attack_rate_without", "attack_rate"
CONTAINED: CorpusSection = SECTION.model_copy(
    update={"name": "counterfactual", "simulators": (SimulatorEntry(name="epidemics.outbreak_contained"),)}
)
"""Outbreaks whose contacts are cut one day, observed as those of `r0-early`."""


class Counterfactual(Protocol):
    """The attack rate by the last day simulated without the intervention, of outbreaks that saw one.

    The truth is the paired run: the same random numbers, contacts never cut. Beside the model, which is told that there
    was an intervention but not when, stand the prior and the final size of an epidemic with each classical R0: what a
    textbook would expect, ``z = 1 - exp(-R0 z)``, which looks beyond the last day.
    """

    name = "counterfactual"

    def __init__(self, draws: int = DRAWS) -> None:
        self.draws = draws

    def tiny(self) -> Counterfactual:
        """A few outbreaks: no result, a test of the way."""
        return Counterfactual(draws=40)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on draws that no corpus holds. Raises `DataError` for a model without the counterfactual."""
        targets = [one.name for one in task_of(model).options.targets]
        if WITHOUT not in targets:
            raise DataError(
                f"protocol {self.name} asks for {WITHOUT}, the model estimates {', '.join(targets) or 'nothing'}",
                remedy="choose a model that estimates it",
            )
        outbreaks = outbreak_draws(FIRST_DRAW, FIRST_DRAW + self.draws, CONTAINED)
        prior = outbreak_draws(FIRST_DRAW - PRIOR_DRAWS, FIRST_DRAW, CONTAINED)
        number = len(outbreaks.cases)
        asked = [one for one in (WITHOUT, ACTUAL) if one in targets]
        panel = of_published_task(panel_of(outbreaks.cases)).assign(intervention=("series", np.ones(number)))
        answers = estimate(model, panel)["estimate"]
        methods: dict[str, dict[str, Any]] = {
            MODEL: {one: answers.sel(parameter=one).to_numpy() for one in asked},
            "prior": {one: np.tile(np.quantile(prior.truth[one], LEVELS), (number, 1)) for one in asked},
        }
        for method, found in self._classical(outbreaks, prior, settings).items():
            methods[f"final_size_by_{method}"] = {WITHOUT: final_size(found)}
        joint = joint_figures(model, panel, outbreaks.truth)
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={one: outbreaks.truth[one] for one in asked},
                methods=methods,
                levels=np.array(LEVELS),
                values=outbreaks.cases,
                units=dict.fromkeys(asked, "1"),
            ),
            data={f"draws from {FIRST_DRAW}": outbreaks.key},
            figures=joint,
            notes=(
                f"{number} outbreaks whose contacts are cut one day, which no corpus holds; the truth is the paired "
                "run without the cut",
                "the model is told that contacts were cut, not when, nor how much is left of them",
                "shares of people: errors are best read in absolute terms, percentages of small shares are large",
                *joint_notes(joint),
                training_noise(model, settings),
            ),
        )

    def _classical(self, outbreaks: OutbreakDraws, prior: OutbreakDraws, settings: Settings) -> dict[str, Array]:
        """R0 (series, quantile) by every classical method, with the prior's median generation interval."""
        mean, sd = (float(np.median(one)) for one in (prior.truth["generation_interval"], prior.interval_sd))
        means, sds = (np.full(len(outbreaks.cases), one) for one in (mean, sd))
        found = classical_quantiles(outbreaks.cases, means, sds, np.array(LEVELS), settings.cache)
        return {method: found[method] for method in ESTIMATORS}


def final_size(r0: Array) -> Array:
    """Share of people ever infected by an epidemic with reproduction numbers of any shape; 0 up to 1, NaN for NaN.

    The positive root of ``z = 1 - exp(-R0 z)`` (Kermack & McKendrick 1927), by the Lambert function.
    """
    from scipy.special import lambertw

    above = np.where(r0 > 1.0, r0, 1.0)
    size = 1.0 + np.real(lambertw(-above * np.exp(-above))) / above
    return np.where(np.isnan(r0), np.nan, np.where(r0 > 1.0, size, 0.0))
