"""What a recipe assumes of its parameters, a line each: prior, unit, meaning, source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgnn.corpus.assembly import mixture_of, pipeline_of

if TYPE_CHECKING:
    from sgnn.corpus.sections import CorpusSection
    from sgnn.simulation.prior import Parameter

ABOUT = ("distribution", "unit", "description", "source", "bounds")


@dataclass(frozen=True)
class PriorLine:
    """One parameter of the simulators and what was assumed of it."""

    name: str
    distribution: str
    unit: str = ""
    description: str = ""
    source: str = ""


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
    text = f"{document['distribution'].replace('_', '-')}({settings_words(arguments)})"
    if "bounds" in document:
        low, high = document["bounds"]
        text += f" from {_figure(low, '-inf')} to {_figure(high, 'inf')}"
    return PriorLine(name, text, of.unit, of.description, of.source)


def settings_words(settings: Mapping[str, Any]) -> str:
    """Settings or arguments in words: names and values, separated by commas."""
    return ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in settings.items())


def _figure(value: Any, empty: str = "") -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_figure(item) for item in value)}]"
    return empty if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
