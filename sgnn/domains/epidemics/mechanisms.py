"""The epidemic mechanisms: each a choice of features, all run by one kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics import features as f
from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK, days_and_weeks
from sgnn.domains.epidemics.features import FEATURES, Feature
from sgnn.domains.epidemics.kernel import simulate_batch
from sgnn.simulation import Categorical, Dimension, Parameter, Prior, Simulator, Streams, Theta, Variable

RECORD = np.dtype([(name, np.float64) for feature in FEATURES for name in feature.parameters])
_INERT = {name: value for feature in FEATURES for name, value in feature.inert.items()}


class Epidemic(Simulator):
    """A stochastic human-to-human epidemic in daily steps, recorded for a number of weeks.

    ``features`` are always there; each of ``sometimes`` is there with the given probability, drawn anew for every draw
    and recorded as the parameter ``with_<feature>``. Settings: ``weeks`` recorded (default 120) and ``steps_per_day``
    of the integration (default 1; more approaches the continuous-time model).
    """

    version = "1"
    features: tuple[Feature, ...] = ()
    sometimes: Mapping[Feature, float] = {}

    def __init__(self, weeks: int = 120, steps_per_day: int = 1) -> None:
        self.weeks = int(weeks)
        self.steps_per_day = int(steps_per_day)

    def prior(self) -> Prior:
        """The features' priors, with a switch before each feature that is not always there."""
        parameters: dict[str, Parameter] = {}
        for feature in (f.CORE, *self.features, f.SEVERITY):
            parameters |= dict(feature.parameters)
        for feature, probability in self.sometimes.items():
            parameters[f"with_{feature.name}"] = Parameter(
                Categorical((0.0, 1.0), (1.0 - probability, probability)),
                description=f"1 where the draw has {feature.description}",
            )
            parameters |= dict(feature.parameters)
        return Prior(parameters)

    def dimensions(self) -> tuple[Dimension, ...]:
        """Recorded days and weeks, counted from the first recorded day."""
        return days_and_weeks(self.weeks)

    def variables(self) -> tuple[Variable, ...]:
        """True counts by day, true infections by week, R_t and the susceptible share."""
        people = (0.0, 4e7)

        def daily(name: str, long_name: str) -> Variable:
            return Variable(name, ("day",), np.dtype(np.int32), "people/day", "latent", long_name, valid_range=people)

        return (
            daily("infections_daily", "new infections"),
            daily("cases_daily", "new symptomatic infections"),
            daily("admissions_daily", "new hospital admissions"),
            daily("deaths_daily", "deaths by day of death"),
            Variable(
                "infections_weekly",
                ("week",),
                np.dtype(np.int32),
                "people/week",
                "latent",
                "new infections",
                valid_range=people,
            ),
            Variable(
                "reproduction",
                ("week",),
                np.dtype(np.float32),
                "1",
                "latent",
                "instantaneous reproduction number R_t, weekly mean",
                valid_range=(0.0, 100.0),
            ),
            Variable(
                "susceptible",
                ("week",),
                np.dtype(np.float32),
                "1",
                "latent",
                "susceptible share of the population at the end of the week",
                valid_range=(0.0, 1.0),
            ),
        )

    def simulate(self, theta: Mapping[str, NDArray[np.float64]], streams: Streams) -> dict[str, NDArray[np.generic]]:
        """Simulate a batch; ``theta[name]`` has shape (batch,), outputs (batch, day) or (batch, week)."""
        batch, days = len(streams.draws), self.weeks * DAYS_PER_WEEK
        counts, levels = np.zeros((4, batch, days), np.int32), np.zeros((2, batch, days))
        keys = np.array([streams.key(purpose) for purpose in ("dynamics", "drift", "outcomes")], dtype=np.uint64)
        simulate_batch(self.records(theta, batch), streams.draws, keys, self.steps_per_day, counts, levels)
        weekly = (batch, self.weeks, DAYS_PER_WEEK)
        names = ("infections_daily", "cases_daily", "admissions_daily", "deaths_daily")
        return {
            **dict(zip(names, counts, strict=True)),
            "infections_weekly": counts[0].reshape(weekly).sum(axis=2, dtype=np.int32),
            "reproduction": levels[0].reshape(weekly).mean(axis=2, dtype=np.float64).astype(np.float32),
            "susceptible": levels[1].reshape(weekly)[:, :, -1].astype(np.float32),
        }

    def references(self, theta: Theta, streams: Streams) -> dict[str, tuple[Callable[[], object], int]]:
        """What its speed for this batch is held against: work by name, and how many draws it stands for."""
        from sgnn.domains.epidemics.speed import references

        return references(self, theta, streams)

    def records(self, theta: Mapping[str, NDArray[np.float64]], batch: int) -> NDArray[np.void]:
        """Parameters of a batch as the kernel takes them: inert where a feature is absent."""
        records = np.zeros(batch, dtype=RECORD)
        for name, value in _INERT.items():
            records[name] = value
        for feature in (f.CORE, *self.features, f.SEVERITY, *self.sometimes):
            present = theta[f"with_{feature.name}"] > 0.5 if feature in self.sometimes else np.ones(batch, dtype=bool)
            for name in feature.parameters:
                records[name] = np.where(present, theta[name], records[name])
        return records


_DRIFT: dict[Feature, float] = {f.RANDOM_WALK: 0.7, f.SEASONALITY: 0.5, f.IMPORTATION: 0.8}


class SIR(Epidemic):
    """Susceptible, infectious, removed."""

    name = "epidemics.sir"
    sometimes = {f.IMPORTATION: 0.5}


class SEIR(Epidemic):
    """SIR with a latent period."""

    name = "epidemics.seir"
    features = (f.LATENCY,)
    sometimes = {f.IMPORTATION: 0.5}


class SEAIR(Epidemic):
    """SEIR with asymptomatic infection."""

    name = "epidemics.seair"
    features = (f.LATENCY, f.ASYMPTOMATIC)
    sometimes = {f.IMPORTATION: 0.5}


class SIRS(Epidemic):
    """SIR with waning immunity and births."""

    name = "epidemics.sirs"
    features = (f.WANING, f.DEMOGRAPHY)
    sometimes = _DRIFT


class SEIRS(Epidemic):
    """SEIR with waning immunity and births."""

    name = "epidemics.seirs"
    features = (f.LATENCY, f.WANING, f.DEMOGRAPHY)
    sometimes = {f.ASYMPTOMATIC: 0.5, **_DRIFT}


class Seasonal(Epidemic):
    """SEIRS driven by the seasons and kept alive by importation."""

    name = "epidemics.seasonal"
    features = (f.LATENCY, f.WANING, f.DEMOGRAPHY, f.SEASONALITY, f.IMPORTATION)
    sometimes = {f.ASYMPTOMATIC: 0.5, f.RANDOM_WALK: 0.5}


class RandomWalk(Epidemic):
    """SEIR whose transmission drifts smoothly."""

    name = "epidemics.random_walk"
    features = (f.LATENCY, f.RANDOM_WALK, f.IMPORTATION)
    sometimes = {f.ASYMPTOMATIC: 0.5, f.WANING: 0.5, f.SEASONALITY: 0.5, f.SUPERSPREADING: 0.3}


class ChangePoint(Epidemic):
    """SEIR whose transmission jumps at random times."""

    name = "epidemics.change_point"
    features = (f.LATENCY, f.CHANGE_POINTS, f.IMPORTATION)
    sometimes = {f.ASYMPTOMATIC: 0.5, f.WANING: 0.5, f.SEASONALITY: 0.5, f.SUPERSPREADING: 0.3}


class Behaviour(Epidemic):
    """SEIR in which contacts answer to deaths, and authorities to cases."""

    name = "epidemics.behaviour"
    features = (f.LATENCY, f.BEHAVIOUR)
    sometimes = {f.INTERVENTION: 0.4, f.ASYMPTOMATIC: 0.5, f.WANING: 0.5, **_DRIFT}


class Superspreading(Epidemic):
    """SEIR in which few people infect many."""

    name = "epidemics.superspreading"
    features = (f.LATENCY, f.SUPERSPREADING, f.IMPORTATION)
    sometimes = {f.WANING: 0.5, f.RANDOM_WALK: 0.5, f.BEHAVIOUR: 0.5}


class MultiStrain(Epidemic):
    """SEIRS with variants that spread faster, escape immunity and differ in severity."""

    name = "epidemics.multi_strain"
    features = (f.LATENCY, f.WANING, f.VARIANTS, f.IMPORTATION)
    sometimes = {f.ASYMPTOMATIC: 0.5, f.BEHAVIOUR: 0.6, f.SEASONALITY: 0.5, f.RANDOM_WALK: 0.5}


class Vaccination(Epidemic):
    """SEIRS with a vaccination roll-out and falling severity."""

    name = "epidemics.vaccination"
    features = (f.LATENCY, f.WANING, f.VACCINATION, f.IMPORTATION)
    sometimes = {f.ASYMPTOMATIC: 0.5, f.BEHAVIOUR: 0.6, f.SEASONALITY: 0.5, f.RANDOM_WALK: 0.5, f.VARIANTS: 0.4}


class TwoPatch(Epidemic):
    """Two coupled populations, hit one after the other."""

    name = "epidemics.two_patch"
    features = (f.LATENCY, f.PATCHES, f.IMPORTATION)
    sometimes = {f.WANING: 0.5, f.BEHAVIOUR: 0.6, f.SEASONALITY: 0.5, f.RANDOM_WALK: 0.5}


class Composite(Epidemic):
    """Everything by chance: the prior over whole epidemics."""

    name = "epidemics.composite"
    features = (f.LATENCY, f.IMPORTATION)
    sometimes = {
        f.ASYMPTOMATIC: 0.5,
        f.WANING: 0.7,
        f.DEMOGRAPHY: 0.5,
        f.SEASONALITY: 0.7,
        f.RANDOM_WALK: 0.8,
        f.CHANGE_POINTS: 0.3,
        f.BEHAVIOUR: 0.8,
        f.INTERVENTION: 0.25,
        f.SUPERSPREADING: 0.3,
        f.VARIANTS: 0.5,
        f.VACCINATION: 0.4,
        f.PATCHES: 0.3,
    }
