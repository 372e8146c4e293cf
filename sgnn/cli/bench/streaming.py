"""Draws a second into a training loop, from shards and decoded, beside xbatcher and a PyTorch loader over Zarr.

A draw is what the recipe's task reads of it. All read the same variables of the same corpus, as many to a batch.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from sgnn.cli.bench.figure import Figure, best_seconds

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.learning.stream import CorpusStream

BATCH = 64
SEED = 0


def from_shards(place: Workplace) -> Figure:
    """One epoch of shuffled batches, nothing decoded beforehand."""
    return _beside_loaders("stream", place, lambda: _stream(place, decode=False))


def decoded(place: Workplace) -> Figure:
    """One epoch of shuffled batches of draws that an earlier epoch decoded into mapped files."""
    stream = _stream(place, decode=True)
    return _beside_loaders("stream-decoded", place, lambda: stream)


def _stream(place: Workplace, *, decode: bool) -> CorpusStream:
    from sgnn.learning.stream import CorpusStream

    cache = place.settings.decoded_folder
    return CorpusStream([(place.corpus, 1.0)], place.variables, BATCH, SEED, cache=cache, decode=decode)


def _beside_loaders(name: str, place: Workplace, stream: Callable[[], CorpusStream]) -> Figure:
    """One epoch, the best of some, beside the fastest loader."""

    def epoch() -> None:
        made = stream()
        for _ in islice(made, made.batches_per_epoch):
            pass

    draws = stream().batches_per_epoch * BATCH
    rates = place.loaders
    fastest = max(rates, key=lambda loader: rates[loader])
    size = sum(place.corpus.layout.array(variable).bytes_per_draw for variable in place.variables)
    others = ", ".join(f"{loader} {rate:,.0f}" for loader, rate in rates.items() if loader != fastest)
    return Figure(
        name=name,
        what=f"one epoch of {draws:,} draws of {size:,} bytes ({', '.join(place.variables)}), batches of {BATCH}",
        value=draws / best_seconds(epoch),
        unit="draws/s",
        reference=f"{fastest}; {others}",
        reference_value=rates[fastest],
    )
