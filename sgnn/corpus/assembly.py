"""From a recipe's names to the simulators, priors and operators they stand for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sgnn.corpus.sections import CorpusSection
from sgnn.errors import RecipeError
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline, Prior
from sgnn.simulation.registry import OBSERVATIONS, SIMULATORS, find


def mixture_of(section: CorpusSection) -> Mixture:
    """Mixture of the recipe's simulators, each with the recipe's settings and prior changes.

    Raises `UnknownNameError` for a name nobody registered, `RecipeError` for settings or a prior that do not fit.
    """
    components = []
    for entry in section.simulators:
        simulator = _made(SIMULATORS, entry.name, {**section.settings, **entry.settings})
        components.append(Component(simulator, entry.weight, _changed(simulator.prior(), entry.prior, entry.name)))
    return Mixture(components)


def pipeline_of(section: CorpusSection) -> ObservationPipeline:
    """Pipeline of the recipe's observation stages. Raises as `mixture_of` does."""
    operators = tuple(_made(OBSERVATIONS, entry.operator, entry.settings) for entry in section.observation)
    priors = tuple(
        _changed(operator.prior(), entry.prior, operator.label)
        for operator, entry in zip(operators, section.observation, strict=True)
    )
    return ObservationPipeline(operators, priors)


def generator_of(section: CorpusSection, key: str) -> DrawGenerator:
    """Generator of the recipe's draws under the corpus's key. Raises as `mixture_of` does."""
    return DrawGenerator(mixture_of(section), pipeline_of(section), key)


def identity(section: CorpusSection) -> dict[str, Any]:
    """All that decides a draw: simulators and operators with versions, settings and priors, weights, seed, kept latents."""
    return _identity(section.model_dump_json(exclude={"name", "draws", "block_draws", "chunk_draws"}))


@lru_cache(maxsize=16)
def _identity(text: str) -> dict[str, Any]:
    section = CorpusSection.model_validate_json(text[:-1] + ',"name":"identity","draws":1}')
    mixture, pipeline = mixture_of(section), pipeline_of(section)
    total = sum(entry.weight for entry in section.simulators)
    return {
        "simulators": [
            {
                "name": entry.name,
                "version": component.simulator.version,
                "weight": entry.weight / total,
                "settings": {**section.settings, **entry.settings},
                "prior": component.prior.to_json(),
            }
            for entry, component in zip(section.simulators, mixture.components, strict=True)
        ],
        "observation": [
            {
                "operator": entry.operator,
                "version": operator.version,
                "settings": entry.settings,
                "prior": prior.to_json(),
            }
            for entry, operator, prior in zip(section.observation, pipeline.operators, pipeline.priors, strict=True)
        ],
        "seed": section.seed,
        "keep": sorted(section.keep) if section.keep is not None else None,
    }


def _made(group: str, name: str, settings: dict[str, Any]) -> Any:
    try:
        return find(group, name)(**settings)
    except (TypeError, ValueError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        raise RecipeError(
            f"'{name}' does not take the settings {given or 'given'}: {error}", remedy="mend them in the recipe"
        ) from error


def _changed(prior: Prior, changes: dict[str, Any], name: str) -> Prior:
    try:
        return prior.replace(changes)
    except RecipeError as error:
        raise RecipeError(f"'{name}': {error}") from error
