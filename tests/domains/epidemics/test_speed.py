"""What the kernel is measured against: its own random numbers, no more and no fewer, and the same model in Python."""

from __future__ import annotations

import numpy as np

from sgnn.domains.epidemics.mechanisms import SEIR, Composite
from sgnn.domains.epidemics.speed.loop import seir
from sgnn.domains.epidemics.speed.numbers import BINOMIAL, POISSON, recorded
from sgnn.simulation import Streams


def test_recording_leaves_the_epidemics_as_they_are() -> None:
    simulator, streams = Composite(weeks=20), Streams("recorded", np.arange(12))
    theta = simulator.prior().sample(streams)
    numbers, counts = recorded(simulator, theta, streams)
    plain = simulator.simulate(theta, streams)
    for name, count in zip(("infections", "cases", "admissions", "deaths"), counts, strict=True):
        np.testing.assert_array_equal(plain[f"{name}_daily"], count)
    assert np.isfinite(numbers.draw())
    assert np.isfinite(numbers.binomials.draw())


def test_only_what_needs_a_number_is_drawn_again() -> None:
    simulator, streams = SEIR(weeks=20), Streams("recorded", np.arange(12))
    numbers, _ = recorded(simulator, simulator.prior().sample(streams), streams)
    kind, first, second = numbers.requests.T
    assert set(kind) >= {BINOMIAL, POISSON}
    binomials = kind == BINOMIAL
    assert (first[binomials] >= 1).all()
    assert ((second[binomials] > 0) & (second[binomials] < 1)).all()
    assert len(numbers.binomials.requests) == binomials.sum()


def test_the_loop_in_python_is_the_same_model() -> None:
    draws, weeks = 200, 20
    values = {
        "population": 2e5, "r0": 2.2, "recovery_rate": 0.2, "latent_rate": 0.3, "immune_share": 0.1,
        "infected_share": 1e-3, "burn_in": 10.0, "hospital_probability": 0.1, "death_probability": 0.2,
        "hospital_delay_shape": 3.0, "hospital_delay_scale": 2.0, "death_delay_shape": 2.0, "death_delay_scale": 4.0,
        "community_deaths": 0.3, "hospital_drift": 0.02, "death_drift": 0.02, "with_importation": 1.0,
        "import_rate": 2.0,
    }  # fmt: skip
    out = SEIR(weeks=weeks).simulate(
        {name: np.full(draws, value) for name, value in values.items()}, Streams("same model", np.arange(draws))
    )
    rng = np.random.default_rng(1)
    looped = np.array([seir(values, 7 * weeks, rng) for _ in range(draws)])
    for position, name in enumerate(("infections", "cases", "admissions", "deaths")):
        for days in (slice(0, 30), slice(30, 60), slice(60, None)):
            ours, theirs = out[f"{name}_daily"][:, days].sum(axis=1), looped[:, position, days].sum(axis=1)
            error = np.sqrt((ours.var() + theirs.var()) / draws)
            assert abs(ours.mean() - theirs.mean()) < 4 * error + 1e-9, (name, days)
