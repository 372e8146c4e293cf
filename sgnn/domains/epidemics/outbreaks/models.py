"""Outbreaks by model: SIR, SIS, SEIR, SIRS, SIR in age groups, and SEIR with contacts that are cut one day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.outbreaks.kernel import GROUPS, simulate_outbreaks
from sgnn.simulation import (
    Constraint,
    Dimension,
    Gamma,
    LogNormal,
    LogUniform,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
)

R0_LEAST = 0.9
_PUBLISHED = "published prior of the R0 task"


def _rate(low: float, high: float, description: str, source: str = _PUBLISHED) -> Parameter:
    return Parameter(Uniform(low, high), unit="1/day", description=description, source=source)


class Outbreak(Simulator):
    """An outbreak from its first infections on, by day, in one well-mixed population unless a subclass says otherwise.

    Targets beside the time paths: ``r0``; ``generation_interval``, the mean time from an infection to those it causes,
    without which growth does not tell R0, and its standard deviation ``generation_sd``; ``attack_rate``, infections a
    person until the last day recorded, above 1 only where people are infected again; ``intervention``, 1 where contacts
    are cut, else 0; and the counterfactual ``attack_rate_without``, the attack rate of the same outbreak had they not
    been: the same random numbers, paired.
    ``textbook`` is 1 for the closed populations with exponential periods of the published R0 task, else 0. Settings:
    ``days`` recorded (default 100) and ``steps_per_day``.
    """

    version = "3"
    returns = False
    """Whether people who recover are susceptible at once."""

    def __init__(self, days: int = 100, steps_per_day: int = 4) -> None:
        self.days, self.steps_per_day = int(days), int(steps_per_day)

    def extra(self) -> dict[str, Parameter]:
        """Parameters of the model beyond those that all have."""
        return {}

    def prior(self) -> Prior:
        """Transmission and recovery such that R0 is at least 0.9, population, first infections."""
        parameters = {
            "population": Parameter(
                LogUniform(1e3, 1e6), unit="people", description="population size N", source=_PUBLISHED
            ),
            "transmission_rate": _rate(0.1, 0.45, "infections a day by one infectious person among susceptible people"),
            "recovery_rate": _rate(0.05, 0.5, "rate of leaving infectiousness"),
            "first_infections": Parameter(
                LogUniform(1.0, 20.0), unit="people", description="people infectious on the first day", source="wide"
            ),
            **self.extra(),
        }
        held = {"transmission_rate": 1.0, "recovery_rate": -R0_LEAST}
        return Prior(parameters, constraints=(Constraint(held, description=f"R0 at least {R0_LEAST}"),))

    def dimensions(self) -> tuple[Dimension, ...]:
        """Days from the first infections on."""
        return (Dimension("day", self.days, unit="day", long_name="day of the outbreak"),)

    def variables(self) -> tuple[Variable, ...]:
        """True infections, R_t and the susceptible share by day; R0, generation interval and attack rate."""
        share = (0.0, 1.0)
        return (
            Variable("infections_daily", ("day",), np.int32, "people/day", "latent", "new infections", (0.0, 1e9)),
            Variable(
                "reproduction", ("day",), np.float32, "1", "latent", "R_t, NaN while nobody is infectious", missing=True
            ),
            Variable("susceptible", ("day",), np.float32, "1", "latent", "susceptible share at the day's end", share),
            Variable("r0", (), np.float32, "1", "target", "basic reproduction number"),
            Variable("generation_interval", (), np.float32, "day", "target", "mean generation interval"),
            Variable("generation_sd", (), np.float32, "day", "target", "standard deviation of the generation interval"),
            Variable("attack_rate", (), np.float32, "1", "target", "infections a person until the last day recorded"),
            Variable("attack_rate_without", (), np.float32, "1", "target", "the same, had there been no intervention"),
            Variable("intervention", (), np.float32, "1", "target", "whether contacts are cut", share),
            Variable("textbook", (), np.float32, "1", "target", "whether it is of the published R0 task", share),
        )

    def mixing(self, theta: Theta, streams: Streams) -> tuple[NDArray[np.float64], ...]:
        """Shares (draw, group), activity (draw, group) and assortativity (draw,) of the population's groups."""
        one = np.ones((len(streams), 1))
        return one, one, np.zeros(len(streams))

    def measures(self, theta: Theta, streams: Streams) -> NDArray[np.float64]:
        """Day from which contacts are cut, and the share of them left, (draw, 2): never, and all."""
        return np.tile([np.inf, 1.0], (len(streams), 1))

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Outputs (batch, day), targets (batch,)."""
        batch = len(streams)
        never = Outbreak.measures(self, theta, streams)
        measures = self.measures(theta, streams)
        cut = np.isfinite(measures[:, 0])
        infections, reproduction, susceptible = self._paths(theta, streams, measures)
        without = self._paths(theta, streams, never)[0] if cut.any() else infections
        recovery, latent = theta["recovery_rate"], theta.get("latent_rate", np.zeros(batch))
        waiting = np.divide(1.0, latent, out=np.zeros(batch), where=latent > 0.0)
        people = np.floor(theta["population"])
        return {
            "infections_daily": infections,
            "reproduction": reproduction.astype(np.float32),
            "susceptible": susceptible.astype(np.float32),
            "r0": (theta["transmission_rate"] / recovery).astype(np.float32),
            "generation_interval": (waiting + 1.0 / recovery).astype(np.float32),
            "generation_sd": np.hypot(waiting, 1.0 / recovery).astype(np.float32),
            "attack_rate": (infections.sum(axis=1) / people).astype(np.float32),
            "attack_rate_without": (without.sum(axis=1) / people).astype(np.float32),
            "intervention": cut.astype(np.float32),
            "textbook": np.ones(batch, dtype=np.float32),
        }

    def _paths(
        self, theta: Theta, streams: Streams, measures: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Infections, R_t and susceptible share, each (batch, day), under some measures."""
        batch = len(streams)
        none = np.zeros(batch)
        recovery, latent = theta["recovery_rate"], theta.get("latent_rate", none)
        r0 = theta["transmission_rate"] / recovery
        infections = np.zeros((batch, self.days), np.int32)
        reproduction, susceptible = np.zeros((2, batch, self.days))
        # copies, which may be written: for parameters that may not, the kernel would be compiled once more
        population, *mixing = (np.array(one, order="C") for one in (theta["population"], *self.mixing(theta, streams)))
        simulate_outbreaks(
            population,
            *mixing,
            np.stack([r0, recovery, latent, theta.get("waning_rate", none)], axis=1),
            np.round(theta["first_infections"]),
            measures,
            self.returns,
            self.steps_per_day,
            streams.key("dynamics"),
            streams.draws,
            infections,
            reproduction,
            susceptible,
        )
        return infections, reproduction, susceptible


class OutbreakSIR(Outbreak):
    """An outbreak that leaves immunity."""

    name = "epidemics.outbreak_sir"


class OutbreakSIS(Outbreak):
    """An outbreak that leaves no immunity."""

    name = "epidemics.outbreak_sis"
    returns = True


class OutbreakSEIR(Outbreak):
    """An outbreak with a latent period."""

    name = "epidemics.outbreak_seir"

    def extra(self) -> dict[str, Parameter]:
        """The rate at which latency ends."""
        return {"latent_rate": _rate(0.1, 1.0, "rate of becoming infectious", "one to ten days")}


class OutbreakContained(OutbreakSEIR):
    """An outbreak with a latent period whose contacts are cut one day, for good."""

    name = "epidemics.outbreak_contained"

    def extra(self) -> dict[str, Parameter]:
        """The rate at which latency ends, when contacts are cut, and what is left of them."""
        return {
            **super().extra(),
            "intervention_day": Parameter(
                Uniform(10.0, 80.0), unit="day", description="day from which contacts are cut", source="wide"
            ),
            "contacts_left": Parameter(
                Uniform(0.1, 0.8), description="factor on contacts from then on", source="Mantis prior, widened"
            ),
        }

    def measures(self, theta: Theta, streams: Streams) -> NDArray[np.float64]:
        """Day and factor as drawn."""
        return np.stack([theta["intervention_day"], theta["contacts_left"]], axis=1)


class OutbreakSIRS(Outbreak):
    """An outbreak whose immunity wanes."""

    name = "epidemics.outbreak_sirs"

    def extra(self) -> dict[str, Parameter]:
        """The rate at which immunity is lost."""
        return {"waning_rate": _rate(0.001, 0.05, "rate of losing immunity", "weeks to years")}


class OutbreakAges(Outbreak):
    """An outbreak in four age groups that differ in contacts and keep to themselves in part.

    R0 is the spectral radius of the next-generation matrix (Diekmann, Heesterbeek & Metz 1990).
    """

    name = "epidemics.outbreak_ages"

    def extra(self) -> dict[str, Parameter]:
        """Sizes and contacts of the groups, and how much they keep to themselves."""
        sizes = {
            f"size_{group}": Parameter(
                Gamma(4.0, 1.0), description=f"size of group {group}, relative", source="wide", bounds=(0.5, 15.0)
            )
            for group in range(GROUPS)
        }
        activity = {
            f"activity_{group}": Parameter(
                LogNormal(1.0, 0.5),
                description=f"contacts of a person of group {group}, relative",
                source="contact surveys",
                bounds=(0.2, 5.0),
            )
            for group in range(GROUPS)
        }
        own = Parameter(
            Uniform(0.0, 0.8), description="share of contacts within the own group", source="contact surveys"
        )
        return {**sizes, **activity, "assortativity": own}

    def mixing(self, theta: Theta, streams: Streams) -> tuple[NDArray[np.float64], ...]:
        """Shares, activity and assortativity as drawn."""
        sizes, activity = (
            np.stack([theta[f"{name}_{group}"] for group in range(GROUPS)], axis=1) for name in ("size", "activity")
        )
        return sizes / sizes.sum(axis=1, keepdims=True), activity, theta["assortativity"]
