"""The versions of a corpus, with what people call them and what they hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sgnn.corpus.ledger import manifest_if_there, versions
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import CorpusStore
from sgnn.corpus.tags import tags


@dataclass(frozen=True)
class VersionFacts:
    """One version: counts, when it was committed, its tags, and bytes of the shards that it reads."""

    version: int
    draws: int
    ok: int
    failed: int
    quarantined: int
    committed: str
    tags: tuple[str, ...]
    bytes: int
    """Shared with other versions as far as these go."""
    content_digest: str

    def to_json(self) -> dict[str, Any]:
        """Fields under their names."""
        return asdict(self)


def history(store: CorpusStore) -> tuple[VersionFacts, ...]:
    """All versions, the oldest first. Raises `CorruptCorpusError`."""
    named = tags(store)
    return tuple(
        VersionFacts(
            version=one.version,
            draws=one.draws,
            ok=one.ok,
            failed=one.failed,
            quarantined=one.quarantined,
            committed=one.committed,
            tags=tuple(sorted(tag for tag, version in named.items() if version == one.version)),
            bytes=one.stored_bytes,
            content_digest=one.content_digest,
        )
        for one in manifests(store)
    )


def manifests(store: CorpusStore) -> tuple[Manifest, ...]:
    """Manifests of all versions, the oldest first; one that is expired in this moment is left out."""
    found = (manifest_if_there(store, number) for number in versions(store))
    return tuple(one for one in found if one is not None)
