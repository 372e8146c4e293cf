"""The facts of a model card, gathered from the recipe and the corpus it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sgnn.corpus.assembly import mixture_of, pipeline_of
from sgnn.tracking.card import LIMITS, USES, CardFacts, PriorLine
from sgnn.tracking.gates import GateOutcome

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.recipe import Recipe
    from sgnn.corpus.sections import CorpusSection
    from sgnn.simulation.prior import Parameter
    from sgnn.tracking.lineage import Lineage

__all__ = ["card_facts", "prior_lines"]

ABOUT = ("distribution", "unit", "description", "source", "bounds")


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
    stages = (f"{entry.operator} ({_words(entry.settings)})" for entry in recipe.corpus.observation)
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


def prior_lines(section: CorpusSection) -> tuple[PriorLine, ...]:
    """Every parameter of the mechanisms and the observation; one that mechanisms draw differently, once for each way.

    Raises `UnknownNameError` or `RecipeError` for a recipe that cannot be simulated.
    """
    ways: dict[str, dict[PriorLine, list[str]]] = {}
    pipeline = pipeline_of(section)
    for component in mixture_of(section).components:
        changed = pipeline.prior(component.observation).parameters
        own = {**component.prior.parameters, **{name: changed[name] for name in component.observation}}
        for name, parameter in own.items():
            ways.setdefault(name, {}).setdefault(_line(name, parameter), []).append(component.simulator.name)
    lines = [
        line if len(found) == 1 else _line(f"{name} ({', '.join(mechanisms)})", line)
        for name, found in ways.items()
        for line, mechanisms in found.items()
    ]
    return (*lines, *(_line(name, parameter) for name, parameter in pipeline.prior().parameters.items()))


def _line(name: str, of: Parameter | PriorLine) -> PriorLine:
    if isinstance(of, PriorLine):
        return PriorLine(name, of.distribution, of.unit, of.description, of.source)
    document = of.to_json()
    arguments = {key: value for key, value in document.items() if key not in ABOUT}
    text = f"{document['distribution'].replace('_', '-')}({_words(arguments)})"
    if "bounds" in document:
        low, high = document["bounds"]
        text += f" from {_figure(low, '-inf')} to {_figure(high, 'inf')}"
    return PriorLine(name, text, of.unit, of.description, of.source)


def _words(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in settings.items())


def _figure(value: Any, empty: str = "") -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_figure(item) for item in value)}]"
    return empty if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
