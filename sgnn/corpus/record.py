"""What is written down about a block once all of its files have their final names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sgnn.corpus.digest import digest_of
from sgnn.corpus.layout import STATUSES
from sgnn.corpus.plan import Block
from sgnn.errors import CorruptCorpusError

RECORDS = "records"


@dataclass(frozen=True)
class ArrayRecord:
    """One array's part of a block: digest over decoded values, and bytes of its file; None where all is fill."""

    digest: str
    bytes: int | None


@dataclass(frozen=True)
class Problem:
    """A draw that is not ok, with the reason."""

    draw: int
    status: str
    reason: str


@dataclass(frozen=True)
class BlockRecord:
    """A finished block: what it holds, which of its draws failed and why, and what it took."""

    key: str
    block: Block
    arrays: Mapping[str, ArrayRecord]
    problems: tuple[Problem, ...]
    kernel_seconds: float
    seconds: float

    @property
    def digest(self) -> str:
        """Digest of the block's decoded values."""
        return digest_of(
            {"key": self.key, **asdict(self.block), "arrays": {k: v.digest for k, v in self.arrays.items()}}
        )

    def counts(self, stop: int) -> dict[str, int]:
        """Draws before `stop` by status."""
        found = Counter(problem.status for problem in self.problems if problem.draw < stop)
        found["ok"] = max(min(stop, self.block.stop) - self.block.start, 0) - found.total()
        return {status: found[status] for status in STATUSES}

    def to_json(self) -> bytes:
        """The record as JSON text; its own digest in it tells a damaged record from a good one."""
        document = {**asdict(self), "digest": self.digest}
        return json.dumps(document, indent=1).encode()


def record_key(index: int) -> str:
    """Where the record of a block is kept."""
    return f"{RECORDS}/{index:06d}.json"


def read_record(text: bytes, place: str) -> BlockRecord:
    """Record from JSON text; `place` names it in errors. Raises `CorruptCorpusError`."""
    try:
        document = json.loads(text)
        digest = document.pop("digest")
        record = BlockRecord(
            key=document["key"],
            block=Block(**document["block"]),
            arrays={name: ArrayRecord(**one) for name, one in document["arrays"].items()},
            problems=tuple(Problem(**one) for one in document["problems"]),
            kernel_seconds=float(document["kernel_seconds"]),
            seconds=float(document["seconds"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCorpusError(f"{place}: not a block record", remedy="`sgnn corpus build` makes it again") from error
    if record.digest != digest:
        raise CorruptCorpusError(f"{place}: its digest does not fit", remedy="`sgnn corpus build` makes it again")
    return record
