"""The facts of a model card, gathered from the recipe and the corpus it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sgnn.corpus.assumptions import prior_lines, settings_words
from sgnn.tracking.card import LIMITS, USES, CardFacts
from sgnn.tracking.gates import GateOutcome

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.recipe import Recipe
    from sgnn.tracking.lineage import Lineage

__all__ = ["card_facts"]


def card_facts(
    recipe: Recipe,
    corpus: Corpus,
    lineage: Lineage,
    *,
    training: Mapping[str, Any],
    benchmarks: Mapping[str, Mapping[str, Any]],
    gates: Sequence[GateOutcome] = (),
) -> CardFacts:
    """All that a card says of a model trained by `recipe` on `corpus`; `training` holds figures such as steps."""
    status = corpus.status
    total = sum(entry.weight for entry in recipe.corpus.simulators)
    stages = (f"{entry.operator} ({settings_words(entry.settings)})" for entry in recipe.corpus.observation)
    return CardFacts(
        name=recipe.name,
        description=recipe.description,
        lineage=lineage,
        counts={"asked": status.asked, "ok": status.ok, "failed": status.failed, "quarantined": status.quarantined},
        mechanisms={entry.name: entry.weight / total for entry in recipe.corpus.simulators},
        observation=tuple(stage.removesuffix(" ()") for stage in stages),
        priors=prior_lines(recipe.corpus),
        training=training,
        benchmarks=benchmarks,
        gates=gates,
        uses=USES.get(recipe.model.task, ()),
        limits=LIMITS.get(recipe.model.task, ()),
    )
