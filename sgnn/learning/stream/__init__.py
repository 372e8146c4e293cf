"""From committed corpora to batches of draws: shuffled, mixed by weight, split over ranks, resumable to the batch."""

from __future__ import annotations

from sgnn.learning.stream.batches import Arrays, CorpusStream
from sgnn.learning.stream.part import HELD_OUT_EVERY, Part, is_held_out, judges

__all__ = ["HELD_OUT_EVERY", "Arrays", "CorpusStream", "Part", "is_held_out", "judges"]
