"""A recipe: the frozen, typed document from which a corpus, a model and its benchmark are made."""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from sgnn.corpus.inheritance import extended
from sgnn.corpus.sections import (
    CorpusSection,
    Gate,
    ModelSection,
    OperatorEntry,
    Schedule,
    Section,
    SimulatorEntry,
    TrainingSection,
)
from sgnn.corpus.yaml_file import line_of, parse_yaml
from sgnn.errors import RecipeError, UnknownNameError

__all__ = [
    "CorpusSection",
    "Gate",
    "ModelSection",
    "OperatorEntry",
    "Recipe",
    "Schedule",
    "SimulatorEntry",
    "TrainingSection",
    "load_recipe",
    "parse_recipe",
    "recipe_names",
]

TINY_DRAWS = 160
TINY_BLOCK = 32
TINY_CHUNK = 16
TINY_STEPS = 20


class Recipe(Section):
    """All that decides a run: corpus, model, training, benchmarks, gates, schedule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="name of the recipe and of the model it makes")
    description: str = ""
    corpus: CorpusSection
    model: ModelSection
    training: TrainingSection
    benchmarks: tuple[str, ...] = Field(default=(), description="protocols run on the trained model")
    gates: tuple[Gate, ...] = Field(default=(), description="conditions of a promotion to champion")
    schedule: Schedule | None = None

    def tiny(self) -> Recipe:
        """The same recipe small enough for a test: few draws in small blocks, few steps, all else kept."""
        corpus = self.corpus.model_copy(
            update={
                "name": f"{self.corpus.name}-tiny",
                "draws": min(self.corpus.draws, TINY_DRAWS),
                "block_draws": TINY_BLOCK,
                "chunk_draws": TINY_CHUNK,
            }
        )
        training = self.training.model_copy(
            update={
                "seconds": None,
                "steps": TINY_STEPS,
                "batch_draws": min(self.training.batch_draws, TINY_CHUNK),
                "validation_every": TINY_STEPS // 2,
                "patience": None,
            }
        )
        return self.model_copy(update={"name": f"{self.name}-tiny", "corpus": corpus, "training": training})

    def with_draws(self, draws: int) -> Recipe:
        """The same recipe asking for another number of draws: how a corpus grows."""
        return self.model_copy(update={"corpus": self.corpus.model_copy(update={"draws": draws})})


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that installed packages ship, in alphabetical order."""
    return tuple(sorted(_shipped()))


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Recipe shipped under a name, or read from a YAML file.

    A value with a folder or a `.yaml` ending is a path; anything else is a name. Raises `RecipeError` in one line that
    names file, line, field, value and expectation, or `UnknownNameError` with near names.
    """
    text = str(name_or_path)
    if Path(text).suffix in (".yaml", ".yml") or len(Path(text).parts) > 1:
        path = Path(text)
        try:
            return parse_recipe(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8 text"
            raise RecipeError(f"recipe {path}: {reason}", remedy="give the path of a readable YAML file") from error
    return parse_recipe(*_shipped_text(text))


def parse_recipe(text: str, source: str) -> Recipe:
    """Recipe from YAML text; `source` names it in errors. Raises `RecipeError` in one line."""
    try:
        document = parse_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{source}:{mark.line + 1}" if mark else source
        reason = str(getattr(error, "problem", None) or error).replace("\n", " ")
        raise RecipeError(f"{place}: not YAML: {reason}") from error
    if not isinstance(document, dict):
        raise RecipeError(f"{source}: expected fields such as name, corpus, model; got {_short(document)}")
    document = extended(document, lambda name: parse_yaml(_shipped_text(name)[0]), source)
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise _as_one_line(error, text, source) from error


def _shipped_text(name: str) -> tuple[str, str]:
    """YAML text of a shipped recipe, and what to call it in errors. Raises `UnknownNameError` with near names."""
    shipped = _shipped()
    if name not in shipped:
        near = difflib.get_close_matches(name, shipped, cutoff=0.4) or sorted(shipped)
        raise UnknownNameError(
            f"no recipe named '{name}'",
            remedy=f"one of: {', '.join(near) or 'none installed'}; or the path of a YAML file",
        )
    package, _, file = shipped[name].value.partition(":")
    return files(package).joinpath(file).read_text(encoding="utf-8"), f"{name} ({package}/{file})"


def _shipped() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="sgnn.recipes")}


def _as_one_line(error: ValidationError, text: str, source: str) -> RecipeError:
    """The first problem, with its place and value; how many more there are is said too."""
    problems = sorted(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    path = [step for step in first["loc"] if isinstance(step, str | int)]
    field = ".".join(str(step) for step in path) or "recipe"
    place = f"{source}:{line_of(text, path)}: {field}"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first["type"] == "extra_forbidden":
        allowed = _allowed(path)
        near = difflib.get_close_matches(str(path[-1]), allowed) or allowed
        return RecipeError(f"{place}: unknown field{more}", remedy=f"did you mean {' or '.join(near)}?")
    if first["type"] == "missing":
        return RecipeError(f"{place}: missing{more}", remedy="write it")
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return RecipeError(f"{place}: {reason}{more}")
    return RecipeError(f"{place} is {_short(first['input'])}: {reason[:1].lower()}{reason[1:]}{more}")


def _allowed(path: list[str | int]) -> list[str]:
    """Fields of the section in which the last step of `path` was not known."""
    section: Any = Recipe
    for step in path[:-1]:
        if isinstance(step, str):
            annotation = section.model_fields[step].annotation
            section = next((part for part in _parts(annotation) if issubclass(part, Section)), Section)
    return list(section.model_fields)


def _parts(annotation: Any) -> list[type]:
    """The classes that a field's annotation is made of: `tuple[Gate, ...]` gives `Gate`."""
    arguments = getattr(annotation, "__args__", None)
    if not arguments:
        return [annotation] if isinstance(annotation, type) else []
    return [part for argument in arguments for part in _parts(argument)]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
