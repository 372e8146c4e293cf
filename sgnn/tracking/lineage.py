"""Lineage: the one corpus, one recipe and one state of the code that a model version comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sgnn.corpus.digest import digest_of
from sgnn.tracking.provenance import code_version

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.recipe import Recipe

__all__ = ["Lineage", "lineage_of"]

PREFIX = "sgnn."


@dataclass(frozen=True)
class Lineage:
    """What a model version was made from; the names are those of its tags, after `sgnn.`."""

    recipe_name: str
    recipe_digest: str
    corpus_name: str
    corpus_digest: str
    corpus_version: int
    corpus_content_digest: str = ""
    code: str = ""
    git_commit: str = ""
    git_dirty: bool = False
    pipeline_run: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """The whole recipe as a JSON object."""

    def to_tags(self) -> dict[str, str]:
        """Tags of a model version."""
        return {
            f"{PREFIX}{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in asdict(self).items()
        }

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return asdict(self)

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Lineage:
        """Lineage from a version's tags; what is missing there is empty."""
        return cls(
            recipe_name=tags.get(f"{PREFIX}recipe_name", ""),
            recipe_digest=tags.get(f"{PREFIX}recipe_digest", ""),
            corpus_name=tags.get(f"{PREFIX}corpus_name", ""),
            corpus_digest=tags.get(f"{PREFIX}corpus_digest", ""),
            corpus_version=int(tags.get(f"{PREFIX}corpus_version", 0)),
            corpus_content_digest=tags.get(f"{PREFIX}corpus_content_digest", ""),
            code=tags.get(f"{PREFIX}code", ""),
            git_commit=tags.get(f"{PREFIX}git_commit", ""),
            git_dirty=tags.get(f"{PREFIX}git_dirty") == "true",
            pipeline_run=tags.get(f"{PREFIX}pipeline_run", ""),
            recipe=json.loads(tags.get(f"{PREFIX}recipe", "{}")),
        )


def lineage_of(recipe: Recipe, corpus: Corpus, pipeline_run: str = "") -> Lineage:
    """Lineage of what this code makes of a recipe and a corpus; `pipeline_run` is the id of the parent run."""
    code = code_version()
    written = recipe.model_dump(mode="json")
    return Lineage(
        recipe_name=recipe.name,
        recipe_digest=digest_of(written),
        corpus_name=corpus.name,
        corpus_digest=corpus.digest,
        corpus_version=corpus.version,
        corpus_content_digest=corpus.content_digest,
        code=code.version,
        git_commit=code.commit or "",
        git_dirty=code.dirty,
        pipeline_run=pipeline_run,
        recipe=written,
    )
