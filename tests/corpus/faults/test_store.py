"""A store that takes no more, or is away for a while: one line, nothing half-written, and the next build ends it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import CorpusStatus
from sgnn.errors import StoreError
from sgnn.settings import Settings

from .conftest import build

if TYPE_CHECKING:
    from .conftest import Aftermath


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A disk of so many bytes at a folder; the function that is given makes it larger."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True) and None
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("size", ["16k", "48k", "72k", "88k", "104k"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk; a limit of file size is tested elsewhere")
def test_a_disk_that_is_full_is_told_and_more_space_is_all_that_the_next_build_needs(
    size: str, recipe: Recipe, settings: Settings, aftermath: Aftermath, finish: Callable[[], CorpusStatus]
) -> None:
    with small_disk(settings.corpora_folder, size) as enlarge:
        with pytest.raises(StoreError, match=r"cannot write .*: no space left on the disk; free some space") as told:
            build(recipe, settings)
        assert "\n" not in str(told.value)
        enlarge("10m")
        assert finish().version == 1
        aftermath.check(twice=1)


@pytest.mark.parametrize("blocks", [0, 2])
def test_a_store_that_is_gone_for_a_while_is_told_and_loses_nothing(
    blocks: int, recipe: Recipe, settings: Settings, aftermath: Aftermath, finish: Callable[[], CorpusStatus]
) -> None:
    plan = prepare(recipe, settings)
    for block in plan.missing[:blocks]:
        make_block(plan.to_json(), block)
    away = settings.corpora_folder.rename(settings.home / "away")
    with pytest.raises(StoreError, match=r"layout.json is gone; "):
        make_block(plan.to_json(), plan.missing[blocks])
    with pytest.raises(StoreError, match="no corpus in"):
        commit(plan)
    # where a disk is not mounted, nothing may be written in its place
    assert not settings.corpora_folder.exists()
    away.rename(settings.corpora_folder)
    assert finish().version == 1
    aftermath.check(twice=1)


def test_a_store_that_is_lost_in_the_middle_of_a_block_publishes_nothing_in_its_place(
    recipe: Recipe,
    settings: Settings,
    aftermath: Aftermath,
    finish: Callable[[], CorpusStatus],
) -> None:
    from corpus_walks.faulty import Faulty

    plan = prepare(recipe, settings)
    simulate = Faulty.simulate

    def unmounted(*arguments: object) -> object:
        settings.corpora_folder.rename(settings.home / "away")
        return simulate(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Faulty, "simulate", unmounted)
        with pytest.raises(StoreError, match=r"layout\.json is gone"):
            make_block(plan.to_json(), plan.missing[0])
    assert not settings.corpora_folder.exists()
    (settings.home / "away").rename(settings.corpora_folder)
    assert finish().version == 1
    aftermath.check(twice=1)
