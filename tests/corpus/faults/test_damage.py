"""Damaged files: `verify` finds the blocks, and makes again those and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sgnn.corpus.reader import open_corpus
from sgnn.corpus.status import CorpusStatus
from sgnn.corpus.verify import verify
from sgnn.settings import Settings

if TYPE_CHECKING:
    from corpus_walks.faulty import Table

    from .conftest import Aftermath


def flip(file: Path) -> None:
    """Change one bit in the middle."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)


def cut(file: Path) -> None:
    """Lose the second half."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    """Lose all but the name."""
    file.write_bytes(b"")


def lose(file: Path) -> None:
    """Lose the file."""
    file.unlink()


SHARD, THETA, RECORD = "corpus.zarr/level/c.{}.0", "corpus.zarr/theta/c.{}.0", "records/{:06d}.json"
# what befalls which files of which blocks → blocks whose draws are simulated again
DAMAGE = [
    ({1: (SHARD, flip)}, {1}),
    ({1: (SHARD, cut), 2: (THETA, empty)}, {1, 2}),
    ({0: (THETA, lose), 3: (SHARD, lose)}, {0, 3}),
    ({2: (RECORD, flip)}, {2}),
    ({0: (RECORD, cut), 1: (SHARD, flip), 3: (RECORD, lose)}, {0, 1, 3}),
]


@pytest.mark.parametrize(("damage", "made_again"), DAMAGE, ids=["flipped", "cut", "lost", "record", "several"])
def test_damage_is_found_and_exactly_the_damaged_blocks_are_simulated_again(
    damage: dict[int, tuple[str, Callable[[Path], None]]],
    made_again: set[int],
    settings: Settings,
    table: Table,
    finish: Callable[[], CorpusStatus],
    aftermath: Aftermath,
) -> None:
    finish()
    corpus = open_corpus("faulty-walks", settings)
    for block, (name, befall) in damage.items():
        befall(Path(corpus.store.place(name.format(block))))
    assert set(verify(corpus).damaged) == set(damage)
    before = table.tries()
    repaired = verify(corpus, repair=True)
    assert repaired.sound
    assert {draw // 16 for draw in (table.tries() - before).elements()} == made_again
    aftermath.check(twice=len(made_again))
