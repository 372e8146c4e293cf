"""What typicality finds out: outbreaks of left-out mechanisms, and series that no eye would take for an outbreak.

`pytest -m long -s tests/attribution/test_power.py` prints the table of docs/benchmarks.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.sections import SimulatorEntry
from sgnn.learning.domain import THRESHOLD
from sgnn.learning.job import TrainingJob
from sgnn.learning.judging import judge
from sgnn.learning.model import Model, load_model
from sgnn.learning.training import train
from sgnn.settings import load_settings

pytestmark = pytest.mark.long
TAUGHT = ("sir", "seir", "ages")
LEFT_OUT = ("sis", "sirs", "contained")
ALIKE = 400


@dataclass(frozen=True)
class Taught:
    """A model of some mechanisms, and what is needed to simulate others as it would have seen them."""

    model: Model
    recipe: Recipe

    def draws(self, mechanisms: tuple[str, ...], number: int) -> np.ndarray:
        """Cases (draw, day) of outbreaks that no corpus holds, of those that anybody can ask about."""
        names = tuple(SimulatorEntry(name=f"epidemics.outbreak_{one}") for one in mechanisms)
        section = self.recipe.corpus.model_copy(update={"simulators": names})
        made = generator_of(section, "power").draws(10_000_000, 10_000_000 + number)
        cases: np.ndarray = made.arrays["cases"][made.status == 0]
        return cases[self.model.task.answerable({"cases": cases})]

    def found_out(self, cases: np.ndarray) -> float:
        """Share of series (series, day) that are called unlike anything simulated."""
        judgement = judge(self.model, {"cases": cases})
        assert judgement is not None
        return float((judgement.typicality < THRESHOLD).mean())


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """`epidemic-inference` of three mechanisms, small and trained for a minute."""
    document = load_recipe("epidemic-inference").model_dump(mode="json")
    document["corpus"] |= {"name": "power", "draws": 20_480, "block_draws": 2048}
    document["corpus"]["simulators"] = [{"name": f"epidemics.outbreak_{one}"} for one in TAUGHT]
    document["training"] |= {"steps": 800, "seconds": None, "threads": 1, "validation_every": 400}
    document |= {"benchmarks": [], "gates": []}
    recipe = Recipe.model_validate(document)
    settings = load_settings(home=tmp_path_factory.mktemp("power"))
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    corpus = open_corpus("power", settings)
    job = TrainingJob(recipe.model_dump(mode="json"), str(corpus.store.root), str(settings.home / "training"))
    return Taught(load_model(train(job).model), recipe)


def visible(days: int, number: int) -> dict[str, np.ndarray]:
    """Counts (series, day) of what is no outbreak: kinds that a classifier told of them picks out every time."""
    chance = np.random.default_rng(12)
    level = np.exp(chance.uniform(np.log(20.0), np.log(2000.0), (number, 1)))
    time, phase = np.arange(days), chance.random((number, 1))
    state, states = chance.random(number), []
    for _ in range(days):
        state = 3.9 * state * (1.0 - state)
        states.append(state)
    part = np.cumsum(chance.random((number, days)) < 0.08, axis=1)
    shapes = {
        "short cycles": 0.1 + (time / chance.integers(2, 7, (number, 1)) + phase) % 1.0,
        "white noise": np.exp(1.2 * chance.normal(size=(number, days))),
        "steps": np.take_along_axis(np.exp(chance.normal(size=(number, days))), part, axis=1),
        "chaos": np.stack(states, axis=1),
        "spikes": (chance.random((number, days)) < 0.12) * np.exp(chance.normal(size=(number, days))),
        "predator and prey": np.exp(1.5 * np.sin(2 * np.pi * (time / chance.uniform(8, 14, (number, 1)) + phase))),
    }
    return {name: chance.poisson(level * shape).astype(np.float32) for name, shape in shapes.items()}


def test_false_alarms_are_no_more_than_one_in_twenty(taught: Taught) -> None:
    share = taught.found_out(taught.draws(TAUGHT, 2000))
    print(f"\nfalse alarms {share:.3f}")
    assert share < THRESHOLD + 0.015


def test_what_visibly_differs_is_found_out_nine_times_in_ten(taught: Taught) -> None:
    days = taught.draws(TAUGHT, 2).shape[1]
    found = {name: taught.found_out(cases) for name, cases in visible(days, ALIKE).items()}
    print("\n" + "\n".join(f"{name} {share:.3f}" for name, share in found.items()))
    assert min(found.values()) > 0.75
    assert sum(share >= 0.9 for share in found.values()) >= 5


def test_mechanisms_that_look_alike_through_noise_are_not_called_different(taught: Taught) -> None:
    found = {name: taught.found_out(taught.draws((name,), ALIKE)) for name in LEFT_OUT}
    print("\n" + "\n".join(f"{name} {share:.3f}" for name, share in found.items()))
    assert max(found.values()) < 0.3
