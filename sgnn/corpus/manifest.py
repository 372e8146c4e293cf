"""A version of a corpus: which blocks with which digests, and how many of their draws count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sgnn.corpus.digest import digest_of
from sgnn.corpus.plan import Block
from sgnn.corpus.record import ArrayRecord, BlockRecord
from sgnn.errors import CorruptCorpusError


@dataclass(frozen=True)
class CommittedBlock:
    """A block as a version holds it."""

    block: Block
    digest: str
    arrays: dict[str, ArrayRecord]


@dataclass(frozen=True)
class Manifest:
    """One committed version: the first `draws` draws of the corpus."""

    version: int
    name: str
    key: str
    recipe_digest: str
    content_digest: str
    draws: int
    ok: int
    failed: int
    quarantined: int
    blocks: tuple[CommittedBlock, ...]
    recipe: str
    committed: str
    writer: str

    def to_json(self) -> bytes:
        """The manifest as JSON text."""
        return json.dumps(asdict(self), indent=1).encode()


def plan_manifest(
    version: int,
    name: str,
    recipe_digest: str,
    draws: int,
    records: Sequence[BlockRecord],
    recipe: str,
    committed: str,
    writer: str,
) -> Manifest:
    """Manifest of the first `draws` draws, which `records` hold, in order."""
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(record.counts(draws))
    key = records[0].key
    blocks = tuple(CommittedBlock(record.block, record.digest, dict(record.arrays)) for record in records)
    content = digest_of({"key": key, "draws": draws, "blocks": [block.digest for block in blocks]})
    return Manifest(
        version=version,
        name=name,
        key=key,
        recipe_digest=recipe_digest,
        content_digest=content,
        draws=draws,
        ok=counts["ok"],
        failed=counts["failed"],
        quarantined=counts["quarantined"],
        blocks=blocks,
        recipe=recipe,
        committed=committed,
        writer=writer,
    )


def manifest_key(version: int) -> str:
    """Where the manifest of a version is kept."""
    return f"versions/{version:06d}.json"


def read_manifest(text: bytes, place: str) -> Manifest:
    """Manifest from JSON text; `place` names it in errors. Raises `CorruptCorpusError`."""
    try:
        document = json.loads(text)
        blocks = tuple(
            CommittedBlock(
                Block(**one["block"]),
                one["digest"],
                {name: ArrayRecord(**array) for name, array in one["arrays"].items()},
            )
            for one in document.pop("blocks")
        )
        return Manifest(**document, blocks=blocks)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCorpusError(
            f"{place}: not a manifest", remedy="remove the file and run `sgnn corpus build`: blocks are kept"
        ) from error
