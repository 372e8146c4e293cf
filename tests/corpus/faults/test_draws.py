"""Draws that go wrong: each is accounted for, its reason and its parameters are kept, and the others are as ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sgnn.corpus.build import prepare
from sgnn.corpus.ledger import versions
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sections import Limits
from sgnn.corpus.status import CorpusStatus
from sgnn.errors import RecipeError
from sgnn.settings import Settings

from .conftest import DRAWS, build

if TYPE_CHECKING:
    from corpus_walks.faulty import Table

EXITED = "SystemExit: 3"
RAISED, NAN = "ValueError: no equilibrium", "'level' is nan, not a finite number"
# what becomes of each try of a draw → the reason in its record
OUTCOMES: list[tuple[Mapping[int, Sequence[str]], Mapping[int, str]]] = [
    ({}, {}),
    ({17: ["raises"]}, {17: RAISED}),
    ({17: ["exits"]}, {17: EXITED}),
    # the last block's last draw, and two draws side by side
    ({63: ["raises"], 31: ["raises"], 32: ["raises"]}, {31: RAISED, 32: RAISED, 63: RAISED}),
    ({5: ["gives NaN"], 6: ["raises"], 40: ["gives NaN"]}, {5: NAN, 6: RAISED, 40: NAN}),
    ({draw: ["raises"] for draw in range(16, 32)}, dict.fromkeys(range(16, 32), RAISED)),
]


@pytest.mark.parametrize(("faults", "reasons"), OUTCOMES, ids=["none", "one", "exit", "edges", "mixed", "whole block"])
def test_every_draw_is_ok_or_has_its_reason_and_its_parameters(
    faults: Mapping[int, Sequence[str]],
    reasons: Mapping[int, str],
    table: Table,
    finish: Callable[[], CorpusStatus],
    settings: Settings,
    undisturbed: CorpusStatus,
) -> None:
    del undisturbed
    table.write(faults)
    made = finish()
    corpus = open_corpus("faulty-walks", settings)
    assert (made.asked, made.ok, made.failed, made.quarantined) == (
        DRAWS,
        DRAWS - len(reasons),
        sum(reason in (RAISED, EXITED) for reason in reasons.values()),
        sum(reason == NAN for reason in reasons.values()),
    )
    assert {problem.draw: problem.reason for problem in corpus.problems()} == reasons
    assert np.isfinite(every(corpus, "theta")).all()


def every(corpus: Corpus, name: str) -> np.ndarray:
    """Values of all draws."""
    return np.concatenate([corpus.read(block, [name])[name] for block in corpus.blocks])


def test_a_simulator_of_another_shape_than_declared_is_told_and_nothing_is_committed(
    table: Table, recipe: Recipe, settings: Settings
) -> None:
    table.write({20: ["gives another shape"]})
    with pytest.raises(RecipeError, match=r"simulator 'walks.faulty' .*'level'.*; ") as told:
        build(recipe, settings)
    assert "\n" not in str(told.value)
    plan = prepare(recipe, settings)
    assert [block.index for block in plan.missing] == [1, 2, 3]
    assert versions(plan.store) == ()


@pytest.mark.long
def test_draws_that_hang_or_eat_memory_fail_and_the_build_goes_on(
    table: Table, recipe: Recipe, settings: Settings
) -> None:
    table.write({19: ["hangs"], 50: ["eats memory"]})
    limits = Limits(draw_seconds=2.0, memory="64 MiB")
    limited = recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update={"limits": limits})})
    made = build(limited, settings)
    assert (made.asked, made.ok, made.failed) == (DRAWS, DRAWS - 2, 2)
    assert {problem.draw: problem.reason for problem in open_corpus("faulty-walks", settings).problems()} == {
        19: "took longer than 2 s (corpus.limits.draw_seconds)",
        50: "needed more than 64 MiB (corpus.limits.memory)",
    }
