"""How far a corpus is: asked, made, failed, quarantined, and which version holds it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sgnn.corpus.digest import corpus_key, digest_with_draws
from sgnn.corpus.ledger import layout_of, manifest_if_there, versions
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import CorpusStore, corpus_store
from sgnn.corpus.survey import counts_so_far

if TYPE_CHECKING:
    from sgnn.corpus.recipe import Recipe
    from sgnn.settings import Settings


@dataclass(frozen=True)
class CorpusStatus:
    """Counts of a corpus. Version 0 and no content digest: nothing is committed yet, and counts are those so far."""

    name: str
    recipe_digest: str
    content_digest: str | None
    version: int
    asked: int
    ok: int
    failed: int
    quarantined: int

    @property
    def made(self) -> int:
        """Draws simulated, whatever became of them."""
        return self.ok + self.failed + self.quarantined

    def to_json(self) -> dict[str, Any]:
        """The counts under their names."""
        return asdict(self)


def status(recipe: Recipe, settings: Settings) -> CorpusStatus:
    """Status of the corpus that a recipe describes, committed or under way. Writes nothing."""
    section = recipe.corpus
    key = corpus_key(section)
    digest = digest_with_draws(key, section.draws)
    store = corpus_store(settings.store_url, section.name, key)
    manifest = version_with(store, section.draws)
    if manifest is not None:
        return committed_status(manifest)
    layout = layout_of(store)
    counts = Counter[str]() if layout is None else counts_so_far(store, layout, section.draws)
    return CorpusStatus(
        name=section.name,
        recipe_digest=digest,
        content_digest=None,
        version=0,
        asked=section.draws,
        ok=counts["ok"],
        failed=counts["failed"],
        quarantined=counts["quarantined"],
    )


def committed_status(manifest: Manifest) -> CorpusStatus:
    """Status of a committed version."""
    return CorpusStatus(
        name=manifest.name,
        recipe_digest=manifest.recipe_digest,
        content_digest=manifest.content_digest,
        version=manifest.version,
        asked=manifest.draws,
        ok=manifest.ok,
        failed=manifest.failed,
        quarantined=manifest.quarantined,
    )


def version_with(store: CorpusStore, draws: int) -> Manifest | None:
    """The newest version that holds exactly `draws` draws, or None."""
    for version in reversed(versions(store)):
        manifest = manifest_if_there(store, version)
        if manifest is not None and manifest.draws == draws:
            return manifest
    return None
