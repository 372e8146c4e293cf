"""The protocol `r0-early`: R0 and more from the first 14 to 100 days of outbreaks that were never seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.corpus.reader import open_corpus
from sgnn.domains.epidemics.estimators.hand_made import rejection, summaries
from sgnn.domains.epidemics.estimators.neural_posterior import is_installed, neural_posterior
from sgnn.domains.epidemics.protocols.classical import ESTIMATORS, classical_quantiles
from sgnn.domains.epidemics.protocols.joint import joint_figures, joint_notes
from sgnn.domains.epidemics.protocols.outbreak_draws import (
    FIRST_DRAW,
    LATENT,
    LEAST_CASES,
    PRIOR_DRAWS,
    REPORTED,
    REPORTING,
    OutbreakDraws,
    outbreak_draws,
    require_noise,
)
from sgnn.errors import DataError, SgnnError
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark, PublishedEstimate
from sgnn.evaluation.kept import kept
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DRAWS = 1500
REVISION = 10
"""To be raised by ten with any change of what needs no likelihood: what was kept is made anew."""
ABC_DRAWS = 40_000
ASKED = ("r0", "generation_interval", "attack_rate", REPORTING)
TOLD = "_told"
"""Ending of the name of a method that is told each outbreak's own generation interval."""
_PAPER = "Simulation as Supervision (arXiv 2507.08977)"
_CAUTION = "on its own draws, whose observation noise never reached the training data"
PUBLISHED = (
    PublishedEstimate("SGNN", 18.6, 1.83, _PAPER, _CAUTION),
    PublishedEstimate("growth rate", 35.7, 8.14, _PAPER),
    PublishedEstimate("maximum likelihood", 44.5, 10.40, _PAPER),
)


class R0Early(Protocol):
    """Outbreaks by SIR, SIS, SEIR, SIRS and in age groups, 14 to 100 days of reports, noise in training and in test.

    Model and baselines know the prior alone: baselines assume its median generation interval, and that nobody
    intervenes, which the model is told where it can be. Beside them stand the
    same methods told the true interval of each outbreak, which nobody knows early on. ABC knows the prior too: it keeps
    the nearest hundred of many simulations, and neural posterior estimation by `sbi`, where that is installed, learns
    from as many.
    """

    name = "r0-early"

    def __init__(self, draws: int = DRAWS) -> None:
        self.draws = draws

    def tiny(self) -> R0Early:
        """A few outbreaks: no result, a test of the way."""
        return R0Early(draws=60)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on draws that no corpus holds. Raises `DataError` for a model that does not estimate R0."""
        task = task_of(model)
        if task.options.series[0] != REPORTED or "r0" not in {target.name for target in task.options.targets}:
            raise DataError(
                f"protocol {self.name} asks for r0 from '{REPORTED}', the model sees {task.options.series[0]} and "
                f"estimates {', '.join(target.name for target in task.options.targets) or 'nothing'}",
                remedy="choose a model that estimates it",
            )
        outbreaks = self._outbreaks()
        noise = training_noise(model, settings)
        panel = untouched(panel_of(outbreaks.cases))
        answers, joint = estimate(model, panel), joint_figures(model, panel, outbreaks.truth)
        told = _told(model, outbreaks)
        asked = [one for one in ASKED if one in answers["parameter"].to_numpy()]
        own = {one: answers["estimate"].sel(parameter=one).to_numpy() for one in asked}
        prior = {one: _prior_quantiles(self._prior().truth[one], len(outbreaks.cases)) for one in asked}
        classical = {method: {"r0": one} for method, one in self._classical(outbreaks, settings).items()}
        units = {
            str(one): str(unit) for one, unit in zip(answers["parameter"].values, answers["unit"].values, strict=True)
        }
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={one: outbreaks.truth[one] for one in asked},
                methods={MODEL: own, "prior": prior, **classical, **told},
                levels=np.array(LEVELS),
                values=outbreaks.cases,
                units=units,
                mechanisms=outbreaks.mechanisms,
                mechanism=outbreaks.mechanism,
                probabilities=probabilities_among(answers, outbreaks.mechanisms),
            ),
            informed=tuple(method for method in (*classical, *told) if method.endswith(TOLD)),
            published=PUBLISHED,
            figures=joint,
            data={f"draws from {FIRST_DRAW}": outbreaks.key},
            notes=(
                f"{len(outbreaks.cases)} outbreaks that no corpus holds, {outbreaks.left_out} more had fewer than "
                f"{LEAST_CASES:.0f} reported cases and are left out",
                "the baselines assume the prior's median generation interval; those told it know each outbreak's own",
                "nobody intervenes in these outbreaks: the baselines assume so, the model is told so",
                "the baselines know that outbreaks are of the published prior, and a model of a wider one is told",
                "no observed series of the test is its latent one",
                *joint_notes(joint),
                noise,
            ),
        )

    def prepare(self, settings: Settings) -> None:
        """Make the classical estimates and keep them."""
        self._classical(self._outbreaks(), settings)

    def _outbreaks(self) -> OutbreakDraws:
        return outbreak_draws(FIRST_DRAW, FIRST_DRAW + self.draws)

    def _prior(self) -> OutbreakDraws:
        return outbreak_draws(FIRST_DRAW - PRIOR_DRAWS, FIRST_DRAW)

    def _classical(self, outbreaks: OutbreakDraws, settings: Settings) -> dict[str, Array]:
        """R0 (series, quantile) by every classical method, first with the prior's interval, then told the true one."""
        prior, number = self._prior(), len(outbreaks.cases)
        mean, sd = (float(np.median(one)) for one in (prior.truth["generation_interval"], prior.interval_sd))
        assumed = (np.full(number, mean), np.full(number, sd))
        true = (outbreaks.truth["generation_interval"], outbreaks.interval_sd)
        levels = np.array(LEVELS)
        found = {
            ending: classical_quantiles(outbreaks.cases, means, sds, levels, settings.cache)
            for ending, (means, sds) in (("", assumed), (TOLD, true))
        }
        named = {f"{method}{ending}": one[method] for ending, one in found.items() for method in ESTIMATORS}
        return named | self._likelihood_free(outbreaks, settings)

    def _likelihood_free(self, outbreaks: OutbreakDraws, settings: Settings) -> dict[str, Array]:
        """R0 (series, quantile) from simulations under the same prior and summaries made by hand.

        By rejection, and where `sbi` is installed by neural posterior estimation, of the whole protocol alone.
        """
        is_whole, levels = self.draws == DRAWS, np.array(LEVELS)

        def made() -> dict[str, Array]:
            simulated = outbreak_draws(FIRST_DRAW - ABC_DRAWS, FIRST_DRAW) if is_whole else self._prior()
            own, theirs, r0 = summaries(outbreaks.cases), summaries(simulated.cases), simulated.truth["r0"]
            found = {"abc": rejection(own, theirs, r0, levels)}
            return found | ({"npe": neural_posterior(own, theirs, r0, levels)} if has_neural else {})

        has_neural = is_whole and is_installed()
        return kept(settings.cache, "likelihood-free", REVISION + has_neural, (outbreaks.cases,), made)


def _told(model: Model, outbreaks: OutbreakDraws) -> dict[str, dict[str, Array]]:
    """R0 (series, quantile) by the model told mean and spread of each generation interval, if it can be told."""
    if "generation_interval" not in {one.name for one in task_of(model).options.given}:
        return {}
    panel = untouched(panel_of(outbreaks.cases)).assign(
        generation_interval=("series", outbreaks.truth["generation_interval"]),
        generation_sd=("series", outbreaks.interval_sd),
    )
    return {f"{MODEL}{TOLD}": {"r0": estimate(model, panel)["estimate"].sel(parameter="r0").to_numpy()}}


def panel_of(cases: Array) -> xr.Dataset:
    """Panel of cases (series, day)."""
    coordinates = {"series": [f"outbreak {row}" for row in range(len(cases))], "time": np.arange(cases.shape[1])}
    return xr.Dataset({"value": (("series", "time"), cases)}, coords=coordinates)


def untouched(panel: xr.Dataset) -> xr.Dataset:
    """The panel of outbreaks of the published task in which nobody intervenes, as a model can be told so."""
    return of_published_task(panel).assign(intervention=("series", np.zeros(panel.sizes["series"])))


def of_published_task(panel: xr.Dataset) -> xr.Dataset:
    """The panel of outbreaks by the prior of the published task, which a model of a wider one can be told."""
    return panel.assign(textbook=("series", np.ones(panel.sizes["series"])))


def training_noise(model: Model, settings: Settings) -> str:
    """Whether noise reached the draws that the model learnt from, in words.

    Raises `DataError` where it did not. A corpus that is not here, or keeps no latent series, cannot be looked at.
    """
    digest = str(model.provenance.get("corpus_content_digest", ""))
    try:
        corpus = open_corpus(digest, settings)
    except SgnnError:
        return "the corpus that the model learnt from is not here: whether noise reached it was not looked at"
    if LATENT not in {variable.name for variable in corpus.schema.variables}:
        return "the corpus that the model learnt from keeps no latent series: whether noise reached it is not known"
    block = corpus.read(corpus.blocks[0], [REPORTED, LATENT, "status"])
    usable = block["status"] == 0
    require_noise(block[LATENT][usable].astype(np.float64), block[REPORTED][usable].astype(np.float64))
    return f"no observed series of the training draws is its latent one ({int(usable.sum())} looked at)"


def _prior_quantiles(values: Array, series: int) -> Array:
    """The same quantiles (series, quantile) for every series: what is known before any case."""
    return np.tile(np.quantile(values, LEVELS), (series, 1))


def probabilities_among(answers: xr.Dataset, mechanisms: tuple[str, ...]) -> dict[str, Any]:
    """Probabilities (series, mechanism) by the model and by the prior; none where the model names none.

    The model's are those among the mechanisms that are asked for: it may know more.
    """
    if "probability" not in answers:
        return {}
    known = answers["mechanism"].to_numpy().tolist()
    given = answers["probability"].to_numpy()
    own = np.stack([given[:, known.index(one)] if one in known else np.zeros(len(given)) for one in mechanisms], axis=1)
    own /= np.maximum(own.sum(axis=1, keepdims=True), 1e-12)
    return {MODEL: own, "prior": np.full(own.shape, 1.0 / len(mechanisms))}
