"""Surveys: one listing for each array says what is made, and memory stays flat in the number of draws."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Callable

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, plan_build, prepare
from sgnn.corpus.ledger import known_layout, manifest_of
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sealing import Sealer
from sgnn.corpus.store.folder import FolderStore
from sgnn.corpus.survey import sealed_segments, survey
from sgnn.settings import Settings

pytestmark = pytest.mark.usefixtures("small_segments")


@pytest.mark.parametrize("draws", [10**6, 10**8])
def test_many_draws_are_planned_in_little_memory_and_time(
    recipe: Recipe, change: Callable[..., Recipe], settings: Settings, draws: int
) -> None:
    wanted = change(recipe, draws=draws, block_draws=1024)
    prepare(wanted, settings)
    tracemalloc.start()
    began = time.process_time()
    try:
        plan = prepare(wanted, settings)
        assert len(plan.missing) == -(-draws // 1024)
        assert sum(1 for _ in plan.missing) == len(plan.missing)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30 * 2**20
    assert time.process_time() - began < 10


def test_a_corpus_that_is_made_is_asked_for_by_one_listing_for_each_array(
    build: Callable[[Recipe], Corpus], recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = build(recipe.with_draws(300))
    asked = Counter[str]()
    for name in ("size", "sizes", "names", "get"):
        method = getattr(FolderStore, name)
        monkeypatch.setattr(FolderStore, name, _counting(method, asked, name))
    assert survey(corpus.store, corpus.layout, 300).made.all()
    assert asked["size"] == 0
    assert asked["sizes"] == len(corpus.layout.arrays) + 1
    # no record is read: five segments, a manifest, and what tells which version is the longest
    assert asked["get"] <= len(corpus.manifest.segments) + 2


def test_a_block_counts_as_made_with_its_record_and_files_of_the_sizes_that_were_written(
    build: Callable[[Recipe], Corpus], recipe: Recipe
) -> None:
    corpus = build(recipe.with_draws(300))
    (corpus.path / "level" / "c.1.0").unlink()
    (corpus.path / "theta" / "c.4.0").write_bytes(b"short")
    (corpus.path / "nothing" / "c.5.0").write_bytes(b"where none should be")
    (corpus.store.root / "records" / "000008.json").unlink()  # type: ignore[attr-defined]
    assert [block.index for block in survey(corpus.store, corpus.layout, 300).missing] == [1, 4, 5, 8]


def test_what_a_killed_build_sealed_is_found_and_its_records_are_not_read_again(
    recipe: Recipe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = prepare(recipe.with_draws(200), settings)
    sealer = Sealer(plan.store, plan.survey)
    for block in plan.missing[:5]:
        sealer.add(make_block(plan.to_json(), block))
    # killed here: two segments are sealed, the fifth block has but its record
    layout = known_layout(plan.store)
    assert {index: ref.blocks for index, ref in sealed_segments(plan.store, layout, 7).items()} == {0: 2, 1: 2}
    read = list[str]()
    get = FolderStore.get
    monkeypatch.setattr(FolderStore, "get", lambda self, key: read.append(key) or get(self, key))
    again = plan_build(plan.store, plan.section)
    assert [key for key in read if key.startswith("records/")] == ["records/000004.json"]
    assert [block.index for block in again.missing] == [5, 6]


def test_a_damaged_segment_that_no_version_names_counts_for_nothing(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe, settings)
    sealer = Sealer(plan.store, plan.survey)
    for block in plan.missing:
        sealer.add(make_block(plan.to_json(), block))
    for file in (plan.store.root / "segments").iterdir():  # type: ignore[attr-defined]
        file.write_bytes(file.read_bytes()[:-5])
    again = prepare(recipe, settings)
    assert not again.survey.sealed
    assert not again.missing
    done = commit(again)
    assert (done.version, done.made) == (1, 100)
    assert manifest_of(plan.store, 1).blocks == 4


def _counting(method: Callable[..., object], asked: Counter[str], name: str) -> Callable[..., object]:
    def counted(self: FolderStore, key: str) -> object:
        asked[name] += 1
        return method(self, key)

    return counted
