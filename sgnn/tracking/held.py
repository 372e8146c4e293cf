"""What holds versions of a corpus: their tags, and registered models that learnt from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sgnn.corpus.expiry import choose, spared
from sgnn.corpus.history import manifests
from sgnn.corpus.tags import tags
from sgnn.tracking.reference import registered_versions

if TYPE_CHECKING:
    from sgnn.corpus.manifest import Manifest
    from sgnn.corpus.store import CorpusStore
    from sgnn.settings import Settings

__all__ = ["expirable", "holders"]


def holders(
    store: CorpusStore, there: Sequence[Manifest], settings: Settings, *, tagged: bool = True, used: bool = True
) -> dict[int, list[str]]:
    """By version: its tags and the models that learnt from its content; either is left out where not asked for."""
    held: dict[int, list[str]] = {one.version: [] for one in there}
    for tag, version in tags(store).items() if tagged else ():
        held.setdefault(version, []).append(f"tag '{tag}'")
    for model in registered_versions(settings, None) if used else ():
        for one in there:
            if one.content_digest == model.lineage.corpus_content_digest:
                held[one.version].append(f"model {model.ref}")
    return held


def expirable(store: CorpusStore, settings: Settings, keep: int) -> tuple[int, ...]:
    """Versions older than the newest `keep` that nothing holds."""
    there = manifests(store)
    chosen = choose(there, keep)
    held = spared(chosen, holders(store, there, settings))
    return tuple(version for version in chosen if version not in held)
