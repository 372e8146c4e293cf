"""From a recipe's names to the simulators, priors and operators they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from sgnn.corpus.limits.runner import LimitedRunner
from sgnn.corpus.sections import CorpusSection
from sgnn.errors import RecipeError
from sgnn.simulation import (
    Component,
    DrawGenerator,
    Mixture,
    ObservationOperator,
    ObservationPipeline,
    Prior,
    Simulator,
    Streams,
)
from sgnn.simulation.registry import OBSERVATIONS, SIMULATORS, find


def mixture_of(section: CorpusSection) -> Mixture:
    """Mixture of the recipe's simulators, each with the recipe's settings and prior changes.

    Raises `UnknownNameError` for a name nobody registered, `RecipeError` for settings or a prior that do not fit.
    """
    components = []
    for entry in section.simulators:
        simulator = _made(SIMULATORS, entry.name, {**section.settings, **entry.settings}, Simulator)
        prior = _changed(simulator.prior(), entry.prior, f"simulator '{entry.name}'")
        components.append(Component(simulator, entry.weight, prior, entry.observation))
    return Mixture(components)


def pipeline_of(section: CorpusSection) -> ObservationPipeline:
    """Pipeline of the recipe's observation stages. Raises as `mixture_of` does."""
    operators: list[ObservationOperator] = [
        _made(OBSERVATIONS, entry.operator, entry.settings, ObservationOperator) for entry in section.observation
    ]
    priors = tuple(
        _changed(operator.prior(), entry.prior, f"observation stage '{operator.label}'")
        for operator, entry in zip(operators, section.observation, strict=True)
    )
    return ObservationPipeline(tuple(operators), priors)


def generator_of(section: CorpusSection, key: str) -> DrawGenerator:
    """Generator of the recipe's draws under the corpus's key. Raises as `mixture_of` does."""
    if section.limits is None:
        return unlimited_generator_of(section, key)
    runner = LimitedRunner(section, key, section.limits)
    return DrawGenerator(mixture_of(section), pipeline_of(section), key, runner)


def unlimited_generator_of(section: CorpusSection, key: str) -> DrawGenerator:
    """The generator that simulates in this process, whatever limits the recipe sets. Raises as `mixture_of` does."""
    return DrawGenerator(mixture_of(section), pipeline_of(section), key)


def resources_of(section: CorpusSection) -> dict[str, float]:
    """What a worker must have to make blocks of the corpus: the most that any of its simulators needs of each."""
    needed: dict[str, float] = {}
    for component in mixture_of(section).components:
        for name, number in component.simulator.resources.items():
            needed[name] = max(needed.get(name, 0.0), float(number))
    return needed


def identity(section: CorpusSection) -> dict[str, Any]:
    """All that decides a draw: simulators, operators, their versions, settings, priors; weights, seed, kept latents.

    The limits of a draw are part of it, for a draw that is ok without them may fail under them.
    """
    plain = section.model_copy(update={"name": "any", "draws": 1, "block_draws": None, "chunk_draws": 1})
    return _identity(plain.model_dump_json())


def warm(section: CorpusSection, key: str) -> None:
    """Run every mechanism on two draws: kernels are compiled and cached once, before many processes need them."""
    pipeline = pipeline_of(section)
    streams = Streams(key, np.arange(2))
    for component in mixture_of(section).components:
        simulator = component.simulator
        try:
            theta = component.prior.sample(streams) | pipeline.prior(component.observation).sample(streams)
            pipeline.observe(simulator.simulate(theta, streams.scoped(simulator.name)), theta, streams)
        except Exception:
            # a draw that fails is recorded with its reason when it is made for real
            continue


@lru_cache(maxsize=16)
def _identity(text: str) -> dict[str, Any]:
    section = CorpusSection.model_validate_json(text)
    mixture, pipeline = mixture_of(section), pipeline_of(section)
    total = sum(entry.weight for entry in section.simulators)
    simulators = [
        {
            "name": entry.name,
            "version": str(component.simulator.version),
            "weight": entry.weight / total,
            "settings": {**section.settings, **entry.settings},
            **_prior_identity(component.prior),
            **({"observation": pipeline.prior(entry.observation).to_json()} if entry.observation else {}),
        }
        for entry, component in zip(section.simulators, mixture.components, strict=True)
    ]
    observation = [
        {
            "operator": entry.operator,
            "version": str(operator.version),
            "settings": entry.settings,
            **_prior_identity(prior),
        }
        for entry, operator, prior in zip(section.observation, pipeline.operators, pipeline.priors, strict=True)
    ]
    kept = None if section.keep is None else sorted(section.keep)
    limits = section.limits and section.limits.model_dump(mode="json")
    return {"simulators": simulators, "observation": observation, "seed": section.seed, "keep": kept, "limits": limits}


def _prior_identity(prior: Prior) -> dict[str, Any]:
    # the canonical form sorts names, and their order is that of θ
    return {"prior": prior.to_json(), "parameters": list(prior.names)}


def _made(group: str, name: str, settings: Mapping[str, Any], kind: type[Any]) -> Any:
    """What is registered under the name, built with its settings; an instance is taken as it is."""
    registered = find(group, name)
    if isinstance(registered, kind) and not settings:
        return registered
    try:
        made = registered(**settings)
    except (TypeError, ValueError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in settings.items()) or "none"
        raise RecipeError(
            f"'{name}' does not take the settings {given}: {error}", remedy="mend them in the recipe"
        ) from error
    if not isinstance(made, kind):
        raise RecipeError(f"'{name}' is registered as {registered!r}, which makes no {kind.__name__}")
    return made


def _changed(prior: Prior, changes: Mapping[str, Any], whose: str) -> Prior:
    try:
        return prior.replace(changes)
    except RecipeError as error:
        raise RecipeError(f"{whose}: {error.message}", remedy=error.remedy) from error
