"""Laws of the stochastic epidemic: conservation, its deterministic limit, final size, early growth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from sgnn.domains.epidemics.mechanisms import RECORD, SEIR, SIR, Composite, Epidemic
from sgnn.domains.epidemics.next_generation import basic_reproduction_number, daily_growth
from sgnn.simulation import Streams


def outbreak(simulator: Epidemic, draws: int, corpus_key: str = "laws", **values: float) -> dict[str, np.ndarray]:
    """A batch of one parameter setting; what is not given is plain: nobody immune, no burn-in, no imports."""
    plain = {
        "population": 1e6,
        "r0": 2.0,
        "recovery_rate": 0.2,
        "latent_rate": 0.25,
        "immune_share": 0.0,
        "infected_share": 1e-3,
        "burn_in": 0.0,
        "hospital_probability": 0.1,
        "death_probability": 0.2,
        "hospital_delay_shape": 3.0,
        "hospital_delay_scale": 2.0,
        "death_delay_shape": 2.0,
        "death_delay_scale": 4.0,
        "community_deaths": 0.0,
        "hospital_drift": 0.0,
        "death_drift": 0.0,
    }
    theta = {name: np.full(draws, 0.0) for name in simulator.prior().names}
    theta |= {name: np.full(draws, value) for name, value in (plain | values).items()}
    return simulator.simulate(theta, Streams(corpus_key, np.arange(draws)))


def drawn(simulator: Epidemic, draws: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    streams = Streams("prior draws", np.arange(draws))
    theta = simulator.prior().sample(streams)
    return theta, simulator.simulate(theta, streams)


def test_people_are_conserved_and_no_count_is_negative() -> None:
    theta, out = drawn(Composite(weeks=60), 200)
    for name in ("infections_daily", "cases_daily", "admissions_daily", "deaths_daily"):
        assert out[name].min() >= 0
    assert np.all((out["susceptible"] >= 0) & (out["susceptible"] <= 1))
    assert np.all(out["infections_daily"].max(axis=1) <= theta["population"])


def test_without_waning_or_escape_nobody_is_infected_twice() -> None:
    out = outbreak(SEIR(weeks=60), 20, r0=4.0, population=2e5)
    infected = out["infections_daily"].sum(axis=1)
    still_susceptible = out["susceptible"][:, -1] * 2e5
    # everyone is susceptible, was infected during the record, or was among the seeds
    seeds = 2e5 - infected - still_susceptible
    assert np.all(np.abs(seeds - 200) < 5 * np.sqrt(200))


def test_weekly_infections_are_the_sums_of_daily_ones() -> None:
    out = outbreak(SIR(weeks=20), 3)
    np.testing.assert_array_equal(out["infections_weekly"], out["infections_daily"].reshape(3, 20, 7).sum(axis=2))


def test_large_populations_follow_the_differential_equations() -> None:
    r0, recovery, latent, people, seeds = 2.5, 0.2, 0.3, 4e7, 1e-3
    out = outbreak(
        SEIR(weeks=30, steps_per_day=48),
        4,
        r0=r0,
        recovery_rate=recovery,
        latent_rate=latent,
        population=people,
        infected_share=seeds,
    )

    def flow(_: float, y: np.ndarray) -> list[float]:
        s, e, i, _r = y
        force = r0 * recovery * i
        return [-force * s, force * s - latent * e, latent * e - recovery * i, recovery * i]

    days = np.arange(211)
    exact = solve_ivp(flow, (0, 210), [1 - seeds, 0, seeds, 0], t_eval=days, rtol=1e-9, atol=1e-12)
    incidence = -np.diff(exact.y[0]) * people
    simulated = out["infections_daily"].mean(axis=0)
    assert np.max(np.abs(simulated - incidence)) < 0.02 * incidence.max()
    np.testing.assert_allclose(out["susceptible"].mean(axis=0)[-1], exact.y[0][-1], rtol=0.01)


@pytest.mark.parametrize("r0", [1.5, 2.0, 3.5])
def test_final_size_solves_the_final_size_equation(r0: float) -> None:
    seeds = 1e-3
    out = outbreak(SIR(weeks=120), 10, r0=r0, population=4e6, infected_share=seeds)
    expected = brentq(lambda left: np.log(left / (1 - seeds)) + r0 * (1 - left), 1e-9, 1 / r0)
    np.testing.assert_allclose(out["susceptible"][:, -1].mean(), expected, rtol=0.02)


@pytest.mark.parametrize(("simulator", "latent"), [(SIR(weeks=8), 0.0), (SEIR(weeks=8), 0.25)])
def test_early_growth_agrees_with_the_next_generation_matrix(simulator: Epidemic, latent: float) -> None:
    theta = {"r0": 1.8, "recovery_rate": 0.2, "latent_rate": latent}
    out = outbreak(simulator, 40, population=4e7, infected_share=2e-5, **theta)
    daily = out["infections_daily"].sum(axis=0)
    growth = np.polyfit(np.arange(14, 35), np.log(daily[14:35]), 1)[0]
    r0 = basic_reproduction_number({"r0": 1.8})
    np.testing.assert_allclose(growth, daily_growth(r0, 0.2, latent), rtol=0.03)


def test_the_spectral_radius_accounts_for_asymptomatic_people_and_patches() -> None:
    assert basic_reproduction_number(
        {"r0": 2.2, "asymptomatic_share": 0.4, "asymptomatic_infectiousness": 0.3}
    ) == pytest.approx(2.2)
    apart = {"r0": 2.0, "second_patch_share": 0.3, "coupling": 0.0, "second_patch_contact": 1.4}
    assert basic_reproduction_number(apart) == pytest.approx(2.8)


def test_reproduction_number_starts_at_r0_and_falls_with_the_susceptible() -> None:
    out = outbreak(SIR(weeks=40), 5, r0=2.0, population=4e7, infected_share=1e-5)
    np.testing.assert_allclose(out["reproduction"][:, 0], 2.0, rtol=0.01)
    assert np.all(out["reproduction"][:, -1] < 1.0)


def test_deaths_and_admissions_are_thinned_and_delayed_infections() -> None:
    out = outbreak(SIR(weeks=80), 10, population=4e7, infected_share=1e-4)
    cases, admissions, deaths = (out[f"{name}_daily"] for name in ("cases", "admissions", "deaths"))
    np.testing.assert_allclose(admissions.sum() / cases.sum(), 0.1, rtol=0.01)
    np.testing.assert_allclose(deaths.sum() / admissions.sum(), 0.2, rtol=0.01)
    days = np.arange(cases.shape[1])

    def mean_day(counts: np.ndarray) -> float:
        return float((counts.sum(axis=0) * days).sum() / counts.sum())

    assert mean_day(admissions) - mean_day(cases) == pytest.approx(6.0, abs=0.6)
    assert mean_day(deaths) - mean_day(admissions) == pytest.approx(8.0, abs=0.6)


def test_small_dispersion_makes_more_outbreaks_die_out() -> None:
    simulator = type("S", (SIR,), {"features": Composite.features[:0]})(weeks=30)
    even = outbreak(simulator, 300, r0=1.5, population=1e5, infected_share=1e-9)
    from sgnn.domains.epidemics.mechanisms import Superspreading

    uneven = outbreak(
        Superspreading(weeks=30),
        300,
        r0=1.5,
        population=1e5,
        infected_share=1e-9,
        latent_rate=0.3,
        offspring_dispersion=0.1,
    )

    def died_out(out: dict[str, np.ndarray]) -> float:
        return float((out["infections_daily"].sum(axis=1) < 300).mean())

    assert died_out(uneven) > died_out(even) + 0.15


def test_a_draw_has_the_same_bytes_in_any_batch() -> None:
    simulator = Composite(weeks=20)
    whole = Streams("bytes", np.arange(40))
    theta = simulator.prior().sample(whole)
    together = simulator.simulate(theta, whole)
    some = np.array([31, 4, 17])
    apart = simulator.simulate({name: values[some] for name, values in theta.items()}, whole.take(some))
    for name, array in apart.items():
        np.testing.assert_array_equal(array, together[name][some])


def test_every_parameter_has_a_unit_or_is_a_number_and_names_its_source() -> None:
    for name, parameter in Composite().prior().parameters.items():
        assert parameter.description, name
        assert parameter.source or name.startswith("with_"), name


def test_the_kernel_record_holds_every_parameter_once() -> None:
    assert len(RECORD.names or ()) == len(set(RECORD.names or ()))
