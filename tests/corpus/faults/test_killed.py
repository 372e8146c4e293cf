"""A build killed −9 at each operation that matters: the next one ends with the corpus that nobody disturbed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import CorpusStatus
from sgnn.settings import Settings

if TYPE_CHECKING:
    from .conftest import Aftermath

# where the build dies → blocks with a record, a committed version, draws that plain readers see, blocks done twice
KILLS = [
    (("after", "create_exclusive", "layout.json"), 0, False, None, 0),
    (("before", "put", "corpus.zarr/zarr.json"), 0, False, 0, 0),
    (("before", "publish", "corpus.zarr/level/c*2*"), 2, False, 0, 1),
    (("after", "publish", "corpus.zarr/level/c*2*"), 2, False, 0, 1),
    (("before", "put", "records/000002.json"), 2, False, 0, 1),
    (("after", "put", "records/000002.json"), 3, False, 0, 0),
    (("before", "create_exclusive", "segments/*"), 4, False, 0, 0),
    (("after", "create_exclusive", "segments/*"), 4, False, 0, 0),
    (("before", "create_exclusive", "versions/000001.json"), 4, False, 0, 0),
    # the manifest is there, the arrays do not show its draws yet
    (("after", "create_exclusive", "versions/000001.json"), 4, True, 0, 0),
]


@pytest.mark.parametrize(("kill", "records", "committed", "seen", "twice"), KILLS, ids=str)
def test_a_build_killed_at_an_operation_of_its_store_is_finished_by_the_next(
    kill: tuple[str, str, str],
    records: int,
    committed: bool,
    seen: int | None,
    twice: int,
    recipe: Recipe,
    settings: Settings,
    aftermath: Aftermath,
    finish: Callable[[], CorpusStatus],
) -> None:
    from corpus_walks.killed import Kill, build_elsewhere

    assert build_elsewhere(recipe, settings.home, Kill(*kill)) == -9
    (root,) = settings.corpora_folder.iterdir()
    assert len(list(root.glob("records/*.json"))) == records
    assert (root / "versions" / "000001.json").exists() is committed
    level = root / "corpus.zarr" / "level" / "zarr.json"
    assert (json.loads(level.read_text())["shape"][0] if level.exists() else None) == seen
    assert finish().version == 1
    aftermath.check(twice=twice)
