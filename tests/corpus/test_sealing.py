"""Sealing: a commit has the last segment and a manifest to write, whatever came before in whatever order."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import BuildPlan, commit, prepare
from sgnn.corpus.ledger import manifest_of
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sealing import Sealer
from sgnn.corpus.store.folder import FolderStore
from sgnn.errors import CorruptCorpusError, StoreError
from sgnn.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("small_segments")


def segments(plan: BuildPlan) -> set[str]:
    return set(plan.store.names("segments"))


def test_segments_are_sealed_while_the_build_runs_in_any_order_of_blocks(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe.with_draws(200), settings)
    sealer = Sealer(plan.store, plan.survey)
    sealed = []
    for index in (3, 0, 2, 6, 5, 1, 4):
        sealer.add(make_block(plan.to_json(), plan.blocks[index]))
        sealed.append(len(segments(plan)))
    assert sealed == [0, 0, 1, 2, 2, 3, 4]
    assert commit(plan, sealer).made == 200


def test_the_content_digest_is_the_same_for_any_order_and_any_crash_history(
    build: Callable[[Recipe], Corpus], recipe: Recipe, tmp_path: Path
) -> None:
    wanted = recipe.with_draws(200)
    left_alone = build(wanted)
    others = []
    for seed in range(3):
        settings = load_settings(home=tmp_path / str(seed))
        chance = random.Random(seed)
        for _ in range(3):
            plan = prepare(wanted, settings)
            sealer = Sealer(plan.store, plan.survey)
            # killed after some of the blocks, with what was sealed by then
            for block in chance.sample(list(plan.missing), len(plan.missing) // 2):
                sealer.add(make_block(plan.to_json(), block))
        plan = prepare(wanted, settings)
        sealer = Sealer(plan.store, plan.survey)
        for block in chance.sample(list(plan.missing), len(plan.missing)):
            sealer.add(make_block(plan.to_json(), block))
        commit(plan, sealer)
        others.append(open_corpus("walks", settings))
    assert {other.content_digest for other in others} == {left_alone.content_digest}
    assert {other.manifest.segments for other in others} == {left_alone.manifest.segments}


def test_a_commit_after_a_sealed_build_reads_no_record_but_the_last(
    recipe: Recipe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = prepare(recipe.with_draws(300), settings)
    sealer = Sealer(plan.store, plan.survey)
    for block in plan.missing:
        sealer.add(make_block(plan.to_json(), block))
    read = list[str]()
    get, size = FolderStore.get, FolderStore.size
    monkeypatch.setattr(FolderStore, "get", lambda self, key: read.append(key) or get(self, key))
    monkeypatch.setattr(FolderStore, "size", lambda self, key: read.append(key) or size(self, key))
    commit(plan, sealer)
    assert [key for key in read if key.startswith(("records/", "corpus.zarr/level/c"))] == ["records/000009.json"]


def test_versions_share_full_segments_and_the_longer_one_seals_its_last_anew(
    build: Callable[[Recipe], Corpus], recipe: Recipe
) -> None:
    short, long = build(recipe.with_draws(150)), build(recipe.with_draws(300))
    assert [ref.blocks for ref in short.manifest.segments] == [2, 2, 1]
    assert [ref.blocks for ref in long.manifest.segments] == [2, 2, 2, 2, 2]
    assert short.manifest.segments[:2] == long.manifest.segments[:2]
    assert short.manifest.segments[2] != long.manifest.segments[2]
    assert [short.committed(index) for index in range(5)] == [long.committed(index) for index in range(5)]


def test_the_size_of_segments_does_not_change_a_block(
    build: Callable[[Recipe], Corpus], recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = build(recipe)
    monkeypatch.setattr("sgnn.corpus.layout.SEGMENT_BLOCKS", 1024)
    settings = load_settings(home=tmp_path / "elsewhere")
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    other = open_corpus("walks", settings)
    assert len(other.manifest.segments) == 1
    assert [other.committed(index) for index in range(4)] == [corpus.committed(index) for index in range(4)]
    assert other.status.ok == corpus.status.ok


def test_a_block_that_is_not_what_was_sealed_is_refused(
    build: Callable[[Recipe], Corpus], recipe: Recipe, settings: Settings
) -> None:
    corpus = build(recipe)
    (corpus.path / "level" / "c.3.0").unlink()
    plan = prepare(recipe.with_draws(200), settings)
    assert [block.index for block in plan.missing] == [3, 4, 5, 6]
    record = make_block(plan.to_json(), plan.missing[0])
    sealer = Sealer(plan.store, plan.survey)
    other = make_block(plan.to_json(), plan.missing[1])
    changed = type(record)(record.key, record.block, other.arrays, record.problems, 0.0, 0.0)
    with pytest.raises(CorruptCorpusError, match=r"block 3 of walks-\w+ is not the one that an earlier version"):
        sealer.add(changed)


def test_blocks_that_nobody_made_are_named_and_nothing_is_committed(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe.with_draws(1000), settings)
    sealer = Sealer(plan.store, plan.survey)
    for block in plan.missing[:3]:
        sealer.add(make_block(plan.to_json(), block))
    with pytest.raises(StoreError, match=r"29 of 32 blocks .* 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, \.\.\.;"):
        commit(plan, sealer)
    assert prepare(recipe, settings).base_version == 0
    with pytest.raises(StoreError, match="has no version 1"):
        manifest_of(plan.store, 1)
