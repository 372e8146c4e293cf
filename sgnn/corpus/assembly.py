"""From a recipe's names to the simulators, priors and operators they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sgnn.corpus.sections import CorpusSection
from sgnn.errors import RecipeError

if TYPE_CHECKING:
    from sgnn.simulation.generator import DrawGenerator


def generator_of(section: CorpusSection, key: str) -> DrawGenerator:
    from sgnn.simulation.generator import DrawGenerator
    return DrawGenerator(section, None, key)

def identity(section):
    return section.model_dump(mode="json", include={"simulators", "observation", "seed", "keep", "settings"})
