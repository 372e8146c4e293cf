"""The mechanisms: registered, different from one another, and switchable part by part."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics import features as f
from sgnn.domains.epidemics.mechanisms import SIR, Composite, Epidemic, RandomWalk
from sgnn.simulation import Streams
from sgnn.simulation.registry import find, names

EPIDEMICS = [
    name
    for name in names("sgnn.simulators")
    if name.startswith("epidemics.") and issubclass(find("sgnn.simulators", name), Epidemic)
]


def test_the_family_has_at_least_twelve_mechanisms() -> None:
    assert len(EPIDEMICS) >= 12


@pytest.mark.parametrize("name", EPIDEMICS)
def test_every_mechanism_gives_what_it_declares(name: str) -> None:
    simulator = find("sgnn.simulators", name)(weeks=10)
    streams = Streams("declared", np.arange(8))
    out = simulator.simulate(simulator.prior().sample(streams), streams)
    sizes = {dimension.name: dimension.size for dimension in simulator.dimensions()}
    assert {variable.name for variable in simulator.variables()} == set(out)
    for variable in simulator.variables():
        array = out[variable.name]
        assert array.shape == (8, *(sizes[dim] for dim in variable.dims))
        assert array.dtype == variable.dtype
        assert np.all(np.isfinite(array))


@pytest.mark.parametrize(
    "feature", [feature for feature in f.FEATURES if feature.inert], ids=lambda feature: feature.name
)
def test_every_feature_changes_the_epidemic_when_it_is_switched_on(feature: f.Feature) -> None:
    class With(Epidemic):
        name = "with"
        sometimes = {feature: 0.5}

    simulator = With(weeks=100)
    streams = Streams("switch", np.arange(40))
    theta = simulator.prior().sample(streams)
    theta["immune_share"] = np.full(40, 0.1)
    theta["infected_share"] = np.full(40, 1e-3)
    theta["r0"] = np.full(40, 1.6)
    switch = f"with_{feature.name}"
    off = simulator.simulate(theta | {switch: np.zeros(40)}, streams)
    on = simulator.simulate(theta | {switch: np.ones(40)}, streams)
    changed = [not np.array_equal(on["infections_daily"][i], off["infections_daily"][i]) for i in range(40)]
    assert np.mean(changed) > 0.1


def test_a_switched_off_feature_is_exactly_absent() -> None:
    streams = Streams("absent", np.arange(20))
    composite = Composite(weeks=20)
    theta = composite.prior().sample(streams)
    off = {name: np.zeros(20) for name in theta if name.startswith("with_")}
    plain = composite.records(theta | off, 20)
    assert np.all(plain["walk_sd"] == 0.0)
    assert np.all(plain["vaccination_pace"] == 0.0)
    assert np.all(plain["latent_rate"] == theta["latent_rate"])


def test_the_random_walk_has_the_stated_spread() -> None:
    streams = Streams("spread", np.arange(4000))
    simulator = RandomWalk(weeks=2)
    theta = simulator.prior().sample(streams)
    fixed = {
        "population": 4e7,
        "immune_share": 0.0,
        "infected_share": 1e-4,
        "burn_in": 0.0,
        "walk_sd": 0.3,
        "r0": 1.0,
        "import_rate": 0.0,
    }
    theta |= {name: np.full(4000, value) for name, value in fixed.items()}
    theta |= {name: np.zeros(4000) for name in theta if name.startswith("with_")}
    first_week = np.log(simulator.simulate(theta, streams)["reproduction"][:, 0])
    assert np.std(first_week) == pytest.approx(0.3, rel=0.05)
    assert np.mean(first_week) == pytest.approx(0.0, abs=0.03)


def test_the_prior_holds_only_the_parameters_of_its_features() -> None:
    assert "latent_rate" not in SIR().prior().names
    assert {"with_vaccination", "vaccination_pace"} <= set(Composite().prior().names)
