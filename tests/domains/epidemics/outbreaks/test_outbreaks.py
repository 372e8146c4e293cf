"""Early outbreaks: nobody is lost, R0 is what it is defined to be, models differ as they are said to."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.estimators import GenerationInterval, maximum_likelihood
from sgnn.domains.epidemics.outbreaks.kernel import mixing_matrix
from sgnn.domains.epidemics.outbreaks.models import (
    Outbreak,
    OutbreakAges,
    OutbreakContained,
    OutbreakSEIR,
    OutbreakSIR,
    OutbreakSIRS,
    OutbreakSIS,
)
from sgnn.simulation import Streams

MODELS = [OutbreakSIR, OutbreakSIS, OutbreakSEIR, OutbreakSIRS, OutbreakAges, OutbreakContained]


def simulated(model: Outbreak, number: int, **fixed: float):
    streams = Streams("outbreaks", np.arange(number))
    theta = model.prior().replace(fixed).sample(streams)
    return theta, model.simulate(theta, streams.scoped(model.name))


@pytest.mark.parametrize("model", MODELS)
def test_shares_and_counts_stay_within_the_population(model: type[Outbreak]) -> None:
    theta, made = simulated(model(days=60), 100)
    assert (made["infections_daily"] >= 0).all()
    known = np.isfinite(made["reproduction"])
    assert (made["reproduction"][known] >= 0.0).all()
    assert known[:, 0].all()
    assert ((made["susceptible"] >= 0.0) & (made["susceptible"] <= 1.0)).all()
    if not model.returns and model is not OutbreakSIRS:
        assert (made["infections_daily"].sum(axis=1) <= theta["population"]).all()


@pytest.mark.parametrize("model", MODELS)
def test_r0_is_transmission_over_recovery_and_at_least_what_is_kept(model: type[Outbreak]) -> None:
    theta, made = simulated(model(days=10), 500)
    np.testing.assert_allclose(made["r0"], theta["transmission_rate"] / theta["recovery_rate"], rtol=1e-6)
    assert made["r0"].min() >= 0.9


@pytest.mark.parametrize("model", MODELS)
def test_the_reproduction_number_starts_at_r0(model: type[Outbreak]) -> None:
    # groups differ at first, until infections have spread over them as they always will
    _, made = simulated(model(days=5), 300, population=1e6, first_infections=20.0, recovery_rate=0.2)
    ratio = made["reproduction"][:, 4] / made["r0"]
    assert np.nanmedian(ratio) == pytest.approx(1.0, abs=0.01 if model is not OutbreakAges else 0.15)


def test_one_infectious_person_causes_r0_infections_whatever_the_step() -> None:
    for steps in (1, 8):
        model = OutbreakSIR(days=300, steps_per_day=steps)
        _, made = simulated(
            model, 4000, population=1e6, first_infections=1.0, transmission_rate=0.455, recovery_rate=0.5
        )
        # a subcritical outbreak from one person has 1 / (1 - R0) cases on average
        assert made["infections_daily"].sum(axis=1).mean() + 1.0 == pytest.approx(1.0 / 0.09, rel=0.15)


def test_the_spectral_radius_of_mixing_is_one() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        sizes, activity = generator.gamma(4.0, 100.0, 4), generator.lognormal(0.0, 0.5, 4)
        mixing = np.empty((4, 4))
        mixing_matrix(sizes, activity, float(generator.uniform(0.0, 0.8)), mixing)
        assert np.abs(np.linalg.eigvals(mixing)).max() == pytest.approx(1.0, rel=1e-6)


def test_age_groups_change_nothing_about_early_growth() -> None:
    fixed = {"population": 1e6, "first_infections": 20.0, "transmission_rate": 0.4, "recovery_rate": 0.2}
    cases = []
    for model in (OutbreakSIR(days=40), OutbreakAges(days=40)):
        _, made = simulated(model, 400, **fixed)
        daily = made["infections_daily"].mean(axis=0)
        cases.append(np.log(daily[35] / daily[20]) / 15.0)
    assert cases[1] == pytest.approx(cases[0], abs=0.012)


def test_without_immunity_people_are_infected_again() -> None:
    fixed = {"population": 1e4, "first_infections": 20.0, "transmission_rate": 0.45, "recovery_rate": 0.15}
    _, once = simulated(OutbreakSIR(days=100), 50, **fixed)
    _, again = simulated(OutbreakSIS(days=100), 50, **fixed)
    assert again["infections_daily"].sum(axis=1).mean() > 1.5e4 > once["infections_daily"].sum(axis=1).mean()


def test_latency_slows_growth_and_lengthens_the_generation_interval() -> None:
    fixed = {"population": 1e6, "first_infections": 20.0, "transmission_rate": 0.4, "recovery_rate": 0.2}
    _, sir = simulated(OutbreakSIR(days=40), 100, **fixed)
    _, seir = simulated(OutbreakSEIR(days=40), 100, **fixed, latent_rate=0.25)
    assert seir["infections_daily"].sum() < sir["infections_daily"].sum()
    np.testing.assert_allclose(seir["generation_interval"] - sir["generation_interval"], 4.0, rtol=1e-5)


def test_the_counterfactual_is_the_same_outbreak_until_contacts_are_cut() -> None:
    fixed = {"population": 1e5, "first_infections": 20.0, "transmission_rate": 0.4, "recovery_rate": 0.15}
    measure = {"intervention_day": 30.0, "contacts_left": 0.2, "latent_rate": 0.5}
    _, made = simulated(OutbreakContained(days=100), 50, **fixed, **measure)
    _, free = simulated(OutbreakContained(days=100), 50, **fixed, **measure | {"contacts_left": 1.0})
    np.testing.assert_array_equal(made["infections_daily"][:, :30], free["infections_daily"][:, :30])
    np.testing.assert_array_equal(made["attack_rate_without"], free["attack_rate"])
    assert (made["attack_rate"] < 0.7 * made["attack_rate_without"]).all()
    ratio = made["reproduction"][:, 30] / free["reproduction"][:, 30]
    np.testing.assert_allclose(ratio, 0.2, rtol=0.02)
    assert (made["intervention"] == 1.0).all()


def test_nobody_intervenes_in_an_outbreak_of_another_model() -> None:
    _, made = simulated(OutbreakSIR(days=60), 50)
    np.testing.assert_array_equal(made["attack_rate"], made["attack_rate_without"])
    assert not made["intervention"].any()


def test_classical_estimators_find_r0_where_everything_is_seen() -> None:
    _, made = simulated(
        OutbreakSIR(days=30), 60, population=1e6, first_infections=20.0, transmission_rate=0.4, recovery_rate=0.2
    )
    # the generation interval of SIR is exponential: standard deviation and mean are the same
    found = [
        maximum_likelihood(row.astype(float), GenerationInterval(5.0, 5.0)).value for row in made["infections_daily"]
    ]
    assert np.median(found) == pytest.approx(2.0, rel=0.1)


def test_a_draw_does_not_depend_on_its_batch() -> None:
    model, streams = OutbreakAges(days=30), Streams("alone", np.arange(20))
    whole = model.simulate(model.prior().sample(streams), streams)
    one = streams.take(np.array([13]))
    alone = model.simulate(model.prior().sample(one), one)
    for name, values in alone.items():
        np.testing.assert_array_equal(values[0], whole[name][13])
