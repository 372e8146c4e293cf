"""Draws that are not ok, each with its mechanism, its parameters and the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus


@dataclass(frozen=True)
class Failure:
    """A draw that failed or was quarantined."""

    draw: int
    mechanism: str
    status: str
    reason: str
    theta: dict[str, float]
    """The parameters that its mechanism has, by name."""

    def to_json(self) -> dict[str, Any]:
        """Fields under their names."""
        return asdict(self)


def failures(corpus: Corpus) -> Iterator[Failure]:
    """Draws of a version that are not ok, in order; only blocks that have some are read.

    Raises `CorruptCorpusError` where a record or a shard is damaged.
    """
    schema, size = corpus.schema, corpus.layout.block_draws
    for block, problems in groupby(corpus.problems(), lambda problem: problem.draw // size):
        values = corpus.read(block, ("theta", "mechanism"))
        for problem in problems:
            row = problem.draw - block * size
            theta = zip(schema.parameters, values["theta"][row].tolist(), strict=True)
            yield Failure(
                problem.draw,
                schema.mechanisms[int(values["mechanism"][row])],
                problem.status,
                problem.reason,
                {parameter.name: value for parameter, value in theta if not math.isnan(value)},
            )
