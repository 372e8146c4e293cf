"""A registered model made again from its lineage, in a folder of its own, and held against what was registered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flows.run import train
from sgnn.corpus.recipe import Recipe
from sgnn.credentials import VARIABLES
from sgnn.errors import RegistryError
from sgnn.settings import FILE_VARIABLE, Settings, environment_name, load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from sgnn.tracking.registry import Version


@dataclass(frozen=True)
class Reproduced:
    """What was registered, what was made now, and whether it is the same, byte for byte."""

    model: str
    corpus: str
    """Digest of the corpus's content that was registered."""
    corpus_now: str
    weights: str
    """Digest of the model's files that was registered."""
    weights_now: str
    same_code: bool
    """Whether this code is of the commit that made it, without changes."""

    @property
    def same(self) -> bool:
        """Whether corpus and weights are the same."""
        return self.corpus == self.corpus_now and self.weights == self.weights_now

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return {**asdict(self), "same": self.same}


def reproduce(version: Version, *, settings: Settings, console: Console) -> Reproduced:
    """Simulate and train a version's recipe again, on this machine and with nothing of what was made before.

    Raises `RegistryError` for a version whose recipe cannot be made again so.
    """
    from sgnn.corpus.reader import open_corpus
    from sgnn.tracking.models import folder_digest
    from sgnn.tracking.provenance import code_version

    recipe = recipe_of(version)
    lineage, code = version.lineage, code_version()
    settings.home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.home, prefix="reproduced-") as scratch, _embedded(Path(scratch)):
        file = Path(scratch) / "recipe.yaml"
        # what is written as JSON is YAML
        file.write_text(recipe.model_dump_json(exclude_defaults=True), encoding="utf-8")
        apart = load_settings(home=Path(scratch) / "home", workers=settings.workers, data_mirror=settings.data_mirror)
        trained = train(str(file), settings=apart, console=console)
        corpus = open_corpus(recipe.corpus.name, apart)
        return Reproduced(
            model=version.ref,
            corpus=lineage.corpus_content_digest,
            corpus_now=corpus.content_digest,
            weights=version.digest,
            weights_now=folder_digest(Path(trained["model"])),
            same_code=bool(code.commit) and code.commit == lineage.git_commit and not (code.dirty or lineage.git_dirty),
        )


def recipe_of(version: Version) -> Recipe:
    """The recipe that a version keeps. Raises `RegistryError` for one that does not say all that made the model."""
    if not version.lineage.recipe:
        raise RegistryError(f"{version.ref} keeps no recipe", remedy="choose a version that `sgnn run` registered")
    recipe = Recipe.model_validate(version.lineage.recipe)
    if recipe.training.corpora:
        mixed = ", ".join(one.corpus for one in recipe.training.corpora)
        raise RegistryError(
            f"{version.ref} learnt from corpora of other recipes too: {mixed}",
            remedy="build those, and train the recipe with `sgnn train`",
        )
    return recipe


@contextmanager
def _embedded(folder: Path) -> Iterator[None]:
    """Inside the block no variable and no settings file points to a service, here or in child processes."""
    names = {*map(environment_name, Settings.model_fields), FILE_VARIABLE, *VARIABLES}
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    empty = folder / "sgnn.toml"
    empty.touch()
    os.environ[FILE_VARIABLE] = str(empty)
    try:
        yield
    finally:
        del os.environ[FILE_VARIABLE]
        os.environ.update(kept)
