"""Outbreaks as they are met: in villages and nations, of diseases from MERS to measles, with imports and measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.outbreaks.models import Outbreak
from sgnn.domains.epidemics.outbreaks.periods import Period, generation_moments, period_of
from sgnn.domains.epidemics.outbreaks.staged_kernel import simulate_staged
from sgnn.simulation import Categorical, LogUniform, Outputs, Parameter, Prior, Streams, Theta, Uniform

_STAGES = Categorical((1.0, 2.0, 3.0, 4.0, 5.0, 6.0))
_MOST_SEEDED, _MOST_IMPORTED = 0.1, 0.005
"""Largest shares of the people that are infected at first, and that come infected from elsewhere on the first day."""


def _switch(probability: float, effect: str, source: str) -> Parameter:
    return Parameter(
        Categorical((0.0, 1.0), (1.0 - probability, probability)), description=f"1 where {effect}", source=source
    )


class OutbreakStaged(Outbreak):
    """An outbreak with a latent period, both periods in stages, in a population of any size.

    Some infect many and most nobody: who causes how many is negative binomial about R0 (Lloyd-Smith et al. 2005),
    exactly so where all are infectious for equally long. Cases may come from elsewhere for a while, and contacts may be
    cut. The first infections are counted on the first day. ``generation_interval`` and its standard deviation are those
    of the steps that are simulated.
    """

    name = "epidemics.outbreak_staged"
    version = "1"

    def prior(self) -> Prior:
        """Population, R0, generation time and its form, superspreading, imports and measures."""
        parameters = {
            "population": Parameter(
                LogUniform(100.0, 5e7), unit="people", description="population size N", source="a village to a nation"
            ),
            "basic_reproduction_number": Parameter(
                LogUniform(0.6, 20.0),
                description="infections by one person among susceptible people",
                source="MERS 0.6 (Breban et al. 2013) to measles 18 (Anderson & May 1991)",
            ),
            "generation_time": Parameter(
                LogUniform(2.0, 23.0),
                unit="day",
                description="mean generation interval, without rounding to steps",
                source="influenza 2.8, COVID-19 5, SARS 8, measles 12, smallpox 18, pertussis 23 (Vink et al. 2014)",
            ),
            "latent_share": Parameter(
                Uniform(0.0, 0.8), description="latent part of the generation time", source="none to most of it"
            ),
            "latent_stages": Parameter(_STAGES, description="stages of the latent period", source="wide"),
            "infectious_stages": Parameter(_STAGES, description="stages of the infectious period", source="wide"),
            "offspring_dispersion": Parameter(
                LogUniform(0.1, 10.0),
                description="dispersion k of infections by one person: variance = mean + mean^2 / k",
                source="SARS 0.16, smallpox 0.4, influenza 1 (Lloyd-Smith et al. 2005)",
            ),
            "first_infections": Parameter(
                LogUniform(1.0, 200.0), unit="people", description="people infected on the first day", source="wide"
            ),
            **_imports(),
            **_measures(),
        }
        return Prior(parameters)

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Outputs (batch, day), targets (batch,)."""
        latent, infectious = self.periods(theta)
        mean, sd = generation_moments(latent, infectious)
        cut = theta["measures"] > 0.5
        infections, reproduction, susceptible = self._staged(theta, streams, cut)
        without = infections.copy()
        rows = np.flatnonzero(cut)
        if len(rows):
            own = {name: values[rows] for name, values in theta.items()}
            without[rows] = self._staged(own, streams.take(rows), np.zeros(len(rows), dtype=np.bool_))[0]
        people = np.floor(theta["population"])
        return {
            "infections_daily": infections,
            "reproduction": reproduction.astype(np.float32),
            "susceptible": susceptible.astype(np.float32),
            "r0": theta["basic_reproduction_number"].astype(np.float32),
            "generation_interval": (mean / self.steps_per_day).astype(np.float32),
            "generation_sd": (sd / self.steps_per_day).astype(np.float32),
            "attack_rate": (infections.sum(axis=1) / people).astype(np.float32),
            "attack_rate_without": (without.sum(axis=1) / people).astype(np.float32),
            "intervention": cut.astype(np.float32),
            "textbook": np.zeros(len(streams), dtype=np.float32),
        }

    def periods(self, theta: Theta) -> tuple[Period, Period]:
        """Latent and infectious period of each draw, in steps."""
        steps, stages = theta["generation_time"] * self.steps_per_day, theta["infectious_stages"]
        latent = period_of(theta["latent_share"] * steps, theta["latent_stages"], 0)
        # one of n equal stages is met, on average, after (n + 1) / 2n of an Erlang period
        infectious = (1.0 - theta["latent_share"]) * steps * 2.0 * stages / (stages + 1.0)
        return latent, period_of(infectious, stages, 1)

    def _staged(
        self, theta: Theta, streams: Streams, cut: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Infections, R_t and susceptible share, each (batch, day); contacts are cut in the draws ``cut`` (batch,)."""
        batch, people = len(streams), np.floor(theta["population"])
        latent, infectious = self.periods(theta)
        rate = np.where(theta["importing"] > 0.5, np.minimum(theta["import_rate"], _MOST_IMPORTED * people), 0.0)
        imports = np.stack([rate, theta["import_growth"], theta["import_until"]], axis=1)
        measures = np.stack([np.where(cut, theta["intervention_day"], np.inf), theta["contacts_left"]], axis=1)
        infections = np.zeros((batch, self.days), np.int32)
        reproduction, susceptible = np.zeros((2, batch, self.days))
        simulate_staged(
            people,
            np.stack([theta["basic_reproduction_number"], theta["offspring_dispersion"]], axis=1),
            np.stack([latent.stages, infectious.stages], axis=1),
            np.stack([latent.leave, infectious.leave], axis=1),
            np.round(np.minimum(theta["first_infections"], _MOST_SEEDED * people)),
            imports,
            measures,
            self.steps_per_day,
            streams.key("dynamics"),
            streams.draws,
            infections,
            reproduction,
            susceptible,
        )
        return infections, reproduction, susceptible


def _imports() -> dict[str, Parameter]:
    """Whether cases come from elsewhere, how many, and for how long."""
    return {
        "importing": _switch(0.5, "cases come from elsewhere", "half of the outbreaks"),
        "import_rate": Parameter(
            LogUniform(0.02, 5.0),
            unit="people/day",
            description="infections from elsewhere on the first day, no more than 0.5 % of the people",
            source="Mantis prior 0.01 to 0.5, widened to what borders saw in March 2020",
        ),
        "import_growth": Parameter(
            Uniform(0.0, 0.15),
            unit="1/day",
            description="growth of imports",
            source="none to that where they come from",
        ),
        "import_until": Parameter(
            Uniform(7.0, 100.0), unit="day", description="day on which imports end", source="weeks, or never"
        ),
    }


def _measures() -> dict[str, Parameter]:
    """Whether contacts are cut, when, and what is left of them."""
    return {
        "measures": _switch(0.4, "contacts are cut", "wide"),
        "intervention_day": Parameter(
            Uniform(5.0, 90.0), unit="day", description="day from which contacts are cut", source="wide"
        ),
        "contacts_left": Parameter(
            Uniform(0.1, 0.8), description="factor on contacts from then on", source="Mantis prior, widened"
        ),
    }
