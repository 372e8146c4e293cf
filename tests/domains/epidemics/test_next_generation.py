"""R0 as the spectral radius of the next-generation matrix, held against epidemics that were simulated."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.mechanisms import SEAIR, Epidemic, TwoPatch
from sgnn.domains.epidemics.next_generation import basic_reproduction_number, daily_growth, next_generation_matrix
from sgnn.simulation import Streams

PLAIN = {
    "population": 4e7,
    "recovery_rate": 0.25,
    "latent_rate": 0.3,
    "infected_share": 2e-6,
    "hospital_delay_shape": 3.0,
    "hospital_delay_scale": 2.0,
    "death_delay_shape": 2.0,
    "death_delay_scale": 4.0,
}


def early_growth(simulator: Epidemic, **values: float) -> float:
    theta = {name: np.zeros(20) for name in simulator.prior().names}
    theta |= {name: np.full(20, value) for name, value in (PLAIN | values).items()}
    # late enough for patches and compartments to have found their proportions, early enough for all to be susceptible
    daily = simulator.simulate(theta, Streams("growth", np.arange(20)))["infections_daily"].sum(axis=0)
    return float(np.polyfit(np.arange(60, 90), np.log(daily[60:90]), 1)[0])


@pytest.mark.parametrize("coupling", [0.2, 0.4])
def test_two_coupled_patches_grow_as_the_spectral_radius_says(coupling: float) -> None:
    patches = {"r0": 1.3, "second_patch_share": 0.3, "coupling": coupling, "second_patch_contact": 1.2}
    r0 = basic_reproduction_number(patches)
    assert r0 > 1.3
    growth = early_growth(TwoPatch(weeks=13), **patches)
    assert growth == pytest.approx(daily_growth(r0, 0.25, 0.3), rel=0.04)


def test_silent_infections_change_who_infects_but_not_the_growth() -> None:
    silent = {"r0": 1.5, "asymptomatic_share": 0.5, "asymptomatic_infectiousness": 0.3}
    assert basic_reproduction_number(silent) == pytest.approx(1.5)
    assert early_growth(SEAIR(weeks=13), **silent) == pytest.approx(daily_growth(1.5, 0.25, 0.3), rel=0.04)


def test_columns_of_the_matrix_are_the_infections_that_one_person_causes() -> None:
    theta = {"r0": 2.0, "asymptomatic_share": 0.4, "asymptomatic_infectiousness": 0.5}
    caused = next_generation_matrix(theta).sum(axis=0)
    assert caused[1] == pytest.approx(0.5 * caused[0])
    assert 0.6 * caused[0] + 0.4 * caused[1] == pytest.approx(2.0)


def test_an_r0_of_one_does_not_grow() -> None:
    assert daily_growth(1.0, 0.2, 0.3) == pytest.approx(0.0, abs=1e-9)
