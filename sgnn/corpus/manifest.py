"""A version of a corpus: which segments of blocks with which digests, and how many of their draws count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sgnn.corpus.digest import digest_of
from sgnn.corpus.layout import FORMAT, other_format
from sgnn.corpus.segment import SegmentRef
from sgnn.errors import CorruptCorpusError

VERSIONS = "versions"


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
    segments: tuple[SegmentRef, ...]
    recipe: str
    committed: str
    writer: str

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return sum(segment.blocks for segment in self.segments)

    @property
    def stored_bytes(self) -> int:
        """Bytes of the files of its blocks, most of which it shares with other versions."""
        return sum(segment.bytes for segment in self.segments)

    def to_json(self) -> bytes:
        """The manifest as JSON text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


def plan_manifest(
    version: int,
    name: str,
    key: str,
    recipe_digest: str,
    draws: int,
    segments: Sequence[SegmentRef],
    beyond: Mapping[str, int],
    recipe: str,
    committed: str,
    writer: str,
) -> Manifest:
    """Manifest of the first `draws` draws, which `segments` hold, in order.

    `beyond` counts by status the draws of the last block that come after the first `draws` of them. The content digest
    is one over digests of segments, which are over digests of blocks, which are over decoded values: whoever made the
    blocks, and in whatever order, it is the same.
    """
    return Manifest(
        version=version,
        name=name,
        key=key,
        recipe_digest=recipe_digest,
        content_digest=digest_of({"key": key, "draws": draws, "segments": [one.digest for one in segments]}),
        draws=draws,
        ok=sum(one.ok for one in segments) - beyond["ok"],
        failed=sum(one.failed for one in segments) - beyond["failed"],
        quarantined=sum(one.quarantined for one in segments) - beyond["quarantined"],
        segments=tuple(segments),
        recipe=recipe,
        committed=committed,
        writer=writer,
    )


def manifest_key(version: int) -> str:
    """Where the manifest of a version is kept."""
    return f"{VERSIONS}/{version:06d}.json"


def read_manifest(text: bytes, place: str) -> Manifest:
    """Manifest from JSON text; `place` names it in errors. Raises `CorruptCorpusError`."""
    try:
        document = json.loads(text)
        written = document.pop("format", 1)
        if written != FORMAT:
            raise other_format(place, written)
        segments = tuple(SegmentRef(**one) for one in document.pop("segments"))
        return Manifest(**document, segments=segments)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCorpusError(
            f"{place}: not a manifest", remedy="remove the file and run `sgnn corpus build`: blocks are kept"
        ) from error
