"""Results of stages, kept in the run folder of their recipe: a stage whose inputs are unchanged is not done again.

A result is kept under the digest of all that the stage read: the recipe's parts, the digests of data and model, and
the code. A result whose files are gone does not count.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sgnn.corpus.digest import digest_of
from sgnn.corpus.recipe import CorpusSection, Recipe
from sgnn.files import write_whole
from sgnn.settings import Settings
from sgnn.simulation.registry import entry


@dataclass(frozen=True)
class Told:
    """What people want to know of a stage that was done: what came of it, how long it took, its runs."""

    outcome: str
    seconds: float
    run: str
    """Id of the run in MLflow."""
    flow_run: str = ""
    """Id of the run in Prefect."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of a recipe's results, `<home>/runs/<digest of the recipe>/`."""

    path: Path

    def find(self, stage: str, key: str) -> dict[str, Any] | None:
        """The result of a stage for exactly these inputs, or None: none kept, other inputs, or its files are gone."""
        document = self._read(stage)
        if document.get("key") != key or not all(Path(file).exists() for file in document.get("files", ())):
            return None
        result = document["result"]
        return result if isinstance(result, dict) else None

    def keep(
        self,
        stage: str,
        key: str,
        result: Mapping[str, Any],
        *,
        told: Told | None = None,
        files: Sequence[Path] = (),
    ) -> None:
        """Keep a result, all or nothing; `files` are those without which it is worth nothing."""
        self.path.mkdir(parents=True, exist_ok=True)
        document = {
            "stage": stage,
            "key": key,
            "told": asdict(told) if told else None,
            "files": [str(file) for file in files],
            "result": dict(result),
        }
        write_whole(self.path / f"{stage}.json", json.dumps(document, indent=1, default=str))

    def told(self, stage: str) -> Told | None:
        """What was told of the stage when its result was made, or None."""
        told = self._read(stage).get("told")
        return None if told is None else Told(**told)

    def _read(self, stage: str) -> dict[str, Any]:
        try:
            document = json.loads((self.path / f"{stage}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return document if isinstance(document, dict) else {}


def run_folder(recipe: Recipe | CorpusSection, settings: Settings) -> RunFolder:
    """Where the results of this recipe are kept."""
    return RunFolder(settings.runs_folder / recipe_digest(recipe))


def recipe_digest(recipe: Recipe | CorpusSection) -> str:
    """Digest of the whole recipe; unlike the corpus's digest it covers model, training, benchmarks and gates."""
    return digest_of(recipe.model_dump(mode="json"))


@cache
def code_digest(*modules: str) -> str:
    """Digest of the source files of modules or whole packages: code that changed makes results anew."""
    digest = hashlib.sha256()
    for module in modules:
        for name, file in _sources(module):
            digest.update(f"{module}/{name}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def package_of(group: str, name: str) -> str:
    """The package whose code stands behind a registered name; a module that is in none stands for itself."""
    module = entry(group, name).module
    return module.rpartition(".")[0] or module


def _sources(module: str) -> Iterator[tuple[str, Path]]:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).name, Path(spec.origin)
        return
    for root in map(Path, spec.submodule_search_locations):
        yield from ((file.relative_to(root).as_posix(), file) for file in sorted(root.rglob("*.py")))
