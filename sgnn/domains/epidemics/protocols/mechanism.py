"""The protocol `mechanism`: which model made an outbreak, named from its first 14 to 100 days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.compartmental_fit import MODELS, information_criteria, weights
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW, OutbreakDraws, outbreak_draws
from sgnn.domains.epidemics.protocols.r0_early import panel_of, probabilities_among, training_noise, untouched
from sgnn.errors import DataError
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.kept import kept
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DRAWS = 5000
"""So many because a calibration error of 0.03 is not told from none by fewer than thousands."""
OWN_DRAW = FIRST_DRAW + 2**20
"""Draws of this protocol are counted from here: `r0-early` has none of them."""
NAMES = tuple(f"epidemics.outbreak_{model}" for model in MODELS)
REVISION = 1
"""To be raised with any change of the fits: what was kept is made anew."""


class Mechanism(Protocol):
    """SIR, SIS, SEIR or SIRS: the model's probabilities beside those that AIC and BIC give to the fitted models.

    Draws are those of `r0-early`, of these four mechanisms. Akaike weights are the probabilities of the criteria. R0
    is the headline, since an outcome has one; the mechanism has scores of its own.
    """

    name = "mechanism"

    def __init__(self, draws: int = DRAWS) -> None:
        self.draws = draws

    def tiny(self) -> Mechanism:
        """A few outbreaks: no result, a test of the way."""
        return Mechanism(draws=40)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on draws that no corpus holds. Raises `DataError` for a model that names no mechanism."""
        task = task_of(model)
        known = set(model.schema.mechanisms)
        if not task.options.mechanism or not set(NAMES) <= known:
            raise DataError(
                f"protocol {self.name} asks which of {', '.join(NAMES)} made a series; the model names "
                f"{', '.join(sorted(known)) if task.options.mechanism else 'no mechanism'}",
                remedy="choose a model that names them",
            )
        outbreaks, rows = self._outbreaks()
        cases = outbreaks.cases[rows]
        answers = estimate(model, untouched(panel_of(cases)))
        aic, bic = self._criteria(cases, settings)
        asked = ["r0"] if "estimate" in answers and "r0" in answers["parameter"].to_numpy() else []
        own = {one: answers["estimate"].sel(parameter=one).to_numpy() for one in asked}
        truth = outbreaks.truth["r0"][rows]
        spread = np.tile(np.quantile(truth, LEVELS), (len(truth), 1))
        names = np.array([outbreaks.mechanisms[at] for at in outbreaks.mechanism[rows]])
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={"r0": truth},
                methods={MODEL: own or {"r0": np.full((len(truth), len(LEVELS)), np.nan)}, "all_alike": {"r0": spread}},
                levels=np.array(LEVELS),
                values=cases,
                units={"r0": "1"},
                mechanisms=NAMES,
                mechanism=np.array([NAMES.index(one) for one in names], dtype=np.int64),
                probabilities={**probabilities_among(answers, NAMES), "aic": weights(aic), "bic": weights(bic)},
            ),
            data={f"draws from {OWN_DRAW}": outbreaks.key},
            notes=(
                f"{len(cases)} outbreaks of four mechanisms that no corpus holds",
                "aic and bic: SIR, SIS, SEIR and SIRS fitted by least squares of square roots, Akaike weights",
                "nobody intervenes in these outbreaks: the fits assume so, the model is told so",
                training_noise(model, settings),
            ),
        )

    def prepare(self, settings: Settings) -> None:
        """Fit the models and keep what comes of it."""
        outbreaks, rows = self._outbreaks()
        self._criteria(outbreaks.cases[rows], settings)

    def _outbreaks(self) -> tuple[OutbreakDraws, NDArray[np.intp]]:
        """The draws, and the rows (series,) of the four mechanisms."""
        outbreaks = outbreak_draws(OWN_DRAW, OWN_DRAW + self.draws)
        wanted = [outbreaks.mechanisms.index(name) for name in NAMES]
        return outbreaks, np.flatnonzero(np.isin(outbreaks.mechanism, wanted))

    def _criteria(self, cases: Array, settings: Settings) -> tuple[Array, Array]:
        """AIC and BIC (series, mechanism), kept once they are made."""

        def fitted() -> dict[str, Array]:
            found = [information_criteria(one[: _length(one)]) for one in cases]
            return {"aic": np.stack([one.aic for one in found]), "bic": np.stack([one.bic for one in found])}

        arrays = kept(settings.cache, "mechanism", REVISION, (cases,), fitted)
        return arrays["aic"], arrays["bic"]


def _length(series: Array) -> int:
    """Days up to the last one known."""
    return len(series) - int(np.argmax(np.isfinite(series[::-1])))
