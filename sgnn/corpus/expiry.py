"""Which versions go, and what of a corpus no other version needs; and what was written down of that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import CorpusStore
from sgnn.errors import CorruptCorpusError, StoreError

EXPIRIES = "expiries"


@dataclass(frozen=True)
class Expiry:
    """What an expiry removes: versions, segments that they alone name, blocks that they alone hold.

    Written down before anything is removed, so that whoever finds it can finish it.
    """

    versions: tuple[int, ...]
    segments: tuple[str, ...]
    """Keys of their objects."""
    first_block: int
    stop_block: int
    """Blocks from `first_block` to this one, without it."""
    whole: bool
    """No version is left, and nothing of the corpus."""

    def to_json(self) -> bytes:
        """The expiry as JSON text."""
        return json.dumps(asdict(self), indent=1).encode()


def choose(
    manifests: Sequence[Manifest], keep: int | None = None, before: str | None = None, versions: Sequence[int] = ()
) -> tuple[int, ...]:
    """Numbers of the versions to expire: all but the newest `keep`, those committed before a date, or those named.

    `before` is an ISO date or time, UTC; the newest version stays whatever its date. Raises `StoreError` for a named
    version that is not there.
    """
    there = sorted(one.version for one in manifests)
    absent = sorted(set(versions) - set(there))
    if absent:
        raise StoreError(
            f"no version {absent[0]} to expire", remedy=f"versions there: {', '.join(map(str, there)) or 'none'}"
        )
    chosen = set(versions)
    if keep is not None:
        chosen |= set(there[: max(len(there) - keep, 0)])
    if before is not None:
        chosen |= {one.version for one in manifests if one.committed < before and one.version != there[-1]}
    return tuple(sorted(chosen))


def spared(chosen: Sequence[int], held: Mapping[int, Sequence[str]]) -> dict[int, tuple[str, ...]]:
    """The chosen versions that must stay, with what holds them: tags, models."""
    return {version: tuple(held[version]) for version in chosen if held.get(version)}


def plan_expiry(manifests: Sequence[Manifest], chosen: Sequence[int], *, whole: bool = False) -> Expiry:
    """What goes with the chosen versions. Blocks beyond all versions, of builds that are not done, stay.

    The corpus goes as a whole where no version of it is left, or with `whole` where it never had one.
    """
    gone = [one for one in manifests if one.version in chosen]
    left = [one for one in manifests if one.version not in chosen]
    needed = {ref.key for one in left for ref in one.segments}
    first = max((one.blocks for one in left), default=0)
    return Expiry(
        versions=tuple(one.version for one in gone),
        segments=tuple(sorted({ref.key for one in gone for ref in one.segments} - needed)),
        first_block=first,
        stop_block=max([first, *(one.blocks for one in gone)]),
        whole=not left and (whole or bool(gone)),
    )


def read_expiry(text: bytes, place: str) -> Expiry:
    """Expiry from JSON text; `place` names it in errors. Raises `CorruptCorpusError`."""
    try:
        document = json.loads(text)
        return Expiry(**{**document, "versions": tuple(document["versions"]), "segments": tuple(document["segments"])})
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptCorpusError(f"{place}: not an expiry", remedy="remove the file and expire again") from error


def expiring(store: CorpusStore) -> frozenset[int]:
    """Versions that an unfinished expiry is about to remove."""
    keys = [f"{EXPIRIES}/{name}" for name in store.names(EXPIRIES)]
    texts = {key: store.get(key) for key in keys}
    found = (read_expiry(text, store.place(key)) for key, text in texts.items() if text is not None)
    return frozenset(version for one in found for version in one.versions)
