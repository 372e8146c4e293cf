"""Outbreaks in stages obey the laws of outbreaks: final size, growth and R0, offspring, imports, counterfactuals."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.outbreaks.periods import reproduction_number
from sgnn.domains.epidemics.outbreaks.staged import OutbreakStaged
from sgnn.domains.epidemics.protocols.counterfactual import final_size
from sgnn.simulation import Streams

CLOSED = {"importing": 0.0, "measures": 0.0}


def simulated(number: int, days: int = 100, steps: int = 4, **fixed: float):
    model, streams = OutbreakStaged(days=days, steps_per_day=steps), Streams("staged", np.arange(number))
    theta = model.prior().replace(fixed).sample(streams)
    return theta, model.simulate(theta, streams.scoped(model.name))


def test_nobody_is_infected_twice_or_lost() -> None:
    theta, made = simulated(400)
    people = np.floor(theta["population"])
    total = made["infections_daily"].sum(axis=1)
    assert (made["infections_daily"] >= 0).all()
    np.testing.assert_allclose(made["susceptible"][:, -1], 1.0 - total / people, atol=1e-6)
    assert (total >= 1).all()
    assert (made["attack_rate"] <= 1.0).all()


def test_the_final_size_is_that_of_kermack_and_mckendrick_whatever_the_stages() -> None:
    for stages in (1.0, 6.0):
        _, made = simulated(
            20,
            days=250,
            population=1e6,
            first_infections=200.0,
            basic_reproduction_number=1.8,
            generation_time=4.0,
            latent_stages=stages,
            infectious_stages=stages,
            offspring_dispersion=5.0,
            **CLOSED,
        )
        expected = float(final_size(np.array(1.8)))
        assert made["attack_rate"].mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("share", "stages"), [(0.0, 1.0), (0.5, 1.0), (0.5, 5.0), (0.75, 3.0)])
def test_growth_is_that_of_wallinga_and_lipsitch(share: float, stages: float) -> None:
    fixed = {
        "population": 5e7,
        "first_infections": 200.0,
        "generation_time": 6.0,
        "latent_share": share,
        "latent_stages": stages,
        "infectious_stages": stages,
        "offspring_dispersion": 10.0,
        "basic_reproduction_number": 2.0,
        **CLOSED,
    }
    _, made = simulated(60, days=40, steps=20, **fixed)
    daily = made["infections_daily"].sum(axis=0)
    growth = np.log(daily[36:40].sum() / daily[24:28].sum()) / 12.0
    infectious = (1.0 - share) * 6.0 * 2.0 * stages / (stages + 1.0)
    latent = (share * 6.0, int(stages)) if share else (1e-9, 1)
    assert reproduction_number(growth, latent, (infectious, int(stages))) == pytest.approx(2.0, rel=0.06)
    assert made["generation_interval"][0] == pytest.approx(6.0, abs=0.05)


def test_the_reproduction_number_starts_at_r0_and_falls_with_contacts() -> None:
    fixed = {"population": 5e7, "first_infections": 200.0, "importing": 0.0, "generation_time": 3.0, "measures": 1.0}
    _, made = simulated(50, days=12, **fixed, intervention_day=9.0, contacts_left=0.25, basic_reproduction_number=1.5)
    assert np.nanmedian(made["reproduction"][:, 5]) == pytest.approx(1.5, rel=0.01)
    assert np.nanmedian(made["reproduction"][:, 9]) == pytest.approx(1.5 * 0.25, rel=0.01)


@pytest.mark.parametrize("dispersion", [0.2, 1.0, 10.0])
def test_who_infects_nobody_is_as_many_as_a_negative_binomial_says(dispersion: float) -> None:
    number = 4000
    _, made = simulated(
        number,
        population=1e7,
        first_infections=1.0,
        basic_reproduction_number=0.95,
        generation_time=4.0,
        latent_share=0.7,
        infectious_stages=6.0,
        offspring_dispersion=dispersion,
        **CLOSED,
    )
    alone = float((made["infections_daily"].sum(axis=1) == 1).mean())
    expected = (1.0 + 0.95 / dispersion) ** -dispersion
    assert alone == pytest.approx(expected, abs=0.03)


def test_a_subcritical_outbreak_dies_out_after_the_expected_number() -> None:
    _, made = simulated(
        4000,
        days=200,
        population=1e7,
        first_infections=1.0,
        basic_reproduction_number=0.9,
        generation_time=2.0,
        offspring_dispersion=10.0,
        **CLOSED,
    )
    assert made["infections_daily"].sum(axis=1).mean() == pytest.approx(10.0, rel=0.15)


def test_imports_come_at_their_rate_until_they_end() -> None:
    fixed = {"basic_reproduction_number": 0.9, "generation_time": 23.0, "latent_share": 0.8, "population": 1e6}
    fixed |= {"first_infections": 1.0, "measures": 0.0, "import_growth": 0.1, "import_until": 8.0, "import_rate": 4.0}
    _, closed = simulated(300, days=10, **fixed, importing=0.0)
    _, made = simulated(300, days=10, **fixed, importing=1.0)
    more = (made["infections_daily"] - closed["infections_daily"]).mean(axis=0)
    np.testing.assert_allclose(more[:8], 4.0 * np.exp(0.1 * np.arange(8)), rtol=0.12)
    assert more[8:].max() < 1.5


def test_the_counterfactual_is_the_same_outbreak_until_contacts_are_cut() -> None:
    fixed = {"population": 1e5, "basic_reproduction_number": 2.5, "generation_time": 5.0, "measures": 1.0}
    _, made = simulated(50, **fixed, intervention_day=20.0, contacts_left=0.2)
    _, free = simulated(50, **fixed, intervention_day=20.0, contacts_left=1.0)
    np.testing.assert_array_equal(made["infections_daily"][:, :20], free["infections_daily"][:, :20])
    np.testing.assert_array_equal(made["attack_rate_without"], free["attack_rate"])
    assert made["attack_rate"].mean() < 0.8 * made["attack_rate_without"].mean()
    _, open_ = simulated(50, **fixed | {"measures": 0.0})
    np.testing.assert_array_equal(open_["attack_rate"], open_["attack_rate_without"])


def test_a_draw_does_not_depend_on_its_batch() -> None:
    model, streams = OutbreakStaged(days=60), Streams("alone", np.arange(40))
    whole = model.simulate(model.prior().sample(streams), streams)
    one = streams.take(np.array([17]))
    alone = model.simulate(model.prior().sample(one), one)
    for name, values in alone.items():
        np.testing.assert_array_equal(values[0], whole[name][17])
