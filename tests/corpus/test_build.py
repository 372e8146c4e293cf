"""Building: every draw once, the same bytes in any order, versions that only append, one winner of two writers."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import BuildPlan, commit, prepare
from sgnn.corpus.ledger import versions
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry
from sgnn.corpus.status import status
from sgnn.errors import CorruptCorpusError, StoreError
from sgnn.settings import Settings, load_settings

Build = Callable[[Recipe], Corpus]
Change = Callable[..., Recipe]


def make(plan: BuildPlan) -> BuildPlan:
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return plan


def shards(corpus: Corpus) -> dict[str, bytes]:
    return {str(path.relative_to(corpus.path)): path.read_bytes() for path in corpus.path.rglob("c.*")}


def test_a_plan_names_all_blocks_and_after_the_build_none(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe, settings)
    assert [block.index for block in plan.missing] == [0, 1, 2, 3]
    commit(make(plan))
    assert not prepare(recipe, settings).missing


def test_the_same_recipe_again_simulates_nothing_and_gives_the_same_version(build: Build, recipe: Recipe) -> None:
    first = build(recipe)
    before = {path: path.stat().st_mtime_ns for path in first.store.root.rglob("*") if path.is_file()}
    again = build(recipe)
    assert again.manifest == first.manifest
    assert {path: path.stat().st_mtime_ns for path in first.store.root.rglob("*") if path.is_file()} == before


def test_blocks_made_in_any_order_give_the_same_bytes(build: Build, recipe: Recipe, tmp_path: Path) -> None:
    corpus = build(recipe)
    elsewhere = load_settings(home=tmp_path / "elsewhere")
    plan = prepare(recipe, elsewhere)
    for block in random.Random(1).sample(plan.missing, len(plan.missing)):
        make_block(plan.to_json(), block)
    commit(plan)
    other = open_corpus("walks", elsewhere)
    assert other.content_digest == corpus.content_digest
    assert shards(other) == shards(corpus)


def test_the_size_of_blocks_does_not_change_a_draw(
    build: Build, recipe: Recipe, change: Change, tmp_path: Path
) -> None:
    corpus = build(recipe)
    elsewhere = load_settings(home=tmp_path / "elsewhere")
    commit(make(prepare(change(recipe, block_draws=48), elsewhere)))
    other = open_corpus("walks", elsewhere)
    for name in corpus.variables:
        ours = np.concatenate([corpus.read(block, [name])[name] for block in corpus.blocks])
        theirs = np.concatenate([other.read(block, [name])[name] for block in other.blocks])
        assert ours.tobytes() == theirs.tobytes()


def test_growing_keeps_every_published_byte_and_makes_only_what_is_new(
    build: Build, recipe: Recipe, settings: Settings
) -> None:
    corpus = build(recipe)
    before = shards(corpus)
    plan = prepare(recipe.with_draws(200), settings)
    assert [block.index for block in plan.missing] == [4, 5, 6]
    grown = build(recipe.with_draws(200))
    assert (grown.version, grown.number) == (2, 200)
    assert before.items() <= shards(grown).items()
    assert open_corpus("walks@1", settings).number == 100


def test_a_shorter_recipe_of_the_same_corpus_is_a_version_without_simulating(
    build: Build, recipe: Recipe, settings: Settings
) -> None:
    build(recipe)
    assert not prepare(recipe.with_draws(40), settings).missing
    short = build(recipe.with_draws(40))
    assert short.number == 40
    # readers without a manifest still see all that is committed
    assert json.loads((short.path / "level" / "zarr.json").read_text())["shape"][0] == 100


def test_a_commit_with_blocks_missing_names_them(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe, settings)
    make_block(plan.to_json(), plan.missing[1])
    with pytest.raises(StoreError, match=r"3 of 4 blocks of walks-\w+ are not made: 0, 2, 3; `sgnn corpus build`"):
        commit(plan)


def test_of_two_writers_one_commits_and_the_other_is_told(recipe: Recipe, settings: Settings) -> None:
    one, other = prepare(recipe, settings), prepare(recipe, settings)
    make(one)
    make(other)
    assert commit(one).version == 1
    with pytest.raises(StoreError, match=r"version 1 of walks-.* was committed by another writer"):
        commit(other)
    assert commit(prepare(recipe, settings)).version == 1


def test_a_commit_may_be_tried_again_by_its_own_writer(recipe: Recipe, settings: Settings) -> None:
    plan = make(prepare(recipe, settings))
    assert commit(plan) == commit(plan)


def test_a_commit_killed_before_readers_see_it_is_finished_by_the_next_build(
    recipe: Recipe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make(prepare(recipe, settings))
    monkeypatch.setattr("sgnn.corpus.build.show_longest", lambda *_: None)
    commit(plan)
    monkeypatch.undo()
    level = plan.store.root / "corpus.zarr" / "level" / "zarr.json"
    assert json.loads(level.read_text())["shape"][0] == 0
    prepare(recipe, settings)
    assert json.loads(level.read_text())["shape"][0] == 100


def test_failed_and_quarantined_draws_are_counted_and_keep_their_reasons(
    build: Build, recipe: Recipe, change: Change
) -> None:
    walk = SimulatorEntry(name="walks.walk", settings={"failing": 0.1})
    corpus = build(change(recipe, simulators=(walk, recipe.corpus.simulators[1])))
    counted = corpus.status
    problems = list(corpus.problems())
    assert counted.asked == 100 == counted.made
    assert counted.failed == sum(problem.status == "failed" for problem in problems) > 0
    assert counted.quarantined == sum(problem.status == "quarantined" for problem in problems) > 0
    states = np.concatenate([corpus.read(block, ["status"])["status"] for block in corpus.blocks])
    assert [problem.draw for problem in problems] == list(np.flatnonzero(states))
    assert "ValueError: the first step is too small" in {problem.reason for problem in problems}
    assert all(problem.reason for problem in problems)


def test_status_counts_what_is_there_before_anything_is_committed(recipe: Recipe, settings: Settings) -> None:
    nothing = status(recipe, settings)
    assert (nothing.version, nothing.content_digest, nothing.asked, nothing.made) == (0, None, 100, 0)
    plan = prepare(recipe, settings)
    make_block(plan.to_json(), plan.blocks[3])
    assert status(recipe, settings).made == 4
    assert set(status(recipe, settings).to_json()) == {
        *("name", "recipe_digest", "content_digest", "version", "asked", "ok", "failed", "quarantined")
    }
    done = commit(make(prepare(recipe, settings)))
    assert status(recipe, settings) == done


def test_a_simulator_that_changes_without_a_new_version_is_found_when_a_block_is_made_again(
    build: Build, recipe: Recipe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus_walks import Walk

    corpus = build(recipe)
    kept = (corpus.path / "level" / "c.1.0").read_bytes()
    (corpus.path / "step" / "c.1.0").unlink()
    steps = Walk.steps
    monkeypatch.setattr(Walk, "steps", lambda self, streams, i: steps(self, streams, i) + 1e-3)
    plan = prepare(recipe, settings)
    with pytest.raises(CorruptCorpusError, match=r"block 1 .* made again, is not the one that a version holds"):
        make(plan)
    assert (corpus.path / "level" / "c.1.0").read_bytes() == kept


def test_a_block_that_is_all_fill_has_no_file_and_its_record_says_so(build: Build, recipe: Recipe) -> None:
    corpus = build(recipe)
    assert not list((corpus.path / "nothing").glob("c.*"))
    assert all(corpus.committed(block.index).arrays["nothing"].bytes is None for block in corpus.blocks)
    assert (corpus.read(0, ["nothing"])["nothing"] == 0).all()


def test_latents_that_the_recipe_does_not_keep_are_not_stored(build: Build, recipe: Recipe, change: Change) -> None:
    corpus = build(change(recipe, keep=("step",)))
    assert "step" in corpus.variables
    assert "nothing" not in corpus.variables


def test_nothing_is_left_in_the_staging_folder(build: Build, recipe: Recipe) -> None:
    assert list((build(recipe).store.root / "staging").iterdir()) == []


def test_what_dead_tasks_staged_is_removed_and_what_living_ones_stage_is_not(
    recipe: Recipe, settings: Settings
) -> None:
    store = prepare(recipe, settings).store
    dead = store.root / "staging" / "0123"
    dead.mkdir()
    dead.with_suffix(".lock").touch()
    with store.staging() as alive:
        prepare(recipe, settings)
        assert alive.exists()
    assert not dead.exists()


def test_a_store_that_cannot_be_written_is_told_in_one_line(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot .*/file/corpora/walks-.*: Not a directory; .*SGNN_STORE"):
        prepare(recipe, load_settings(home=tmp_path / "file"))


def test_a_kind_of_store_that_is_not_supported_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store ftp://host/corpora/walks-.*: corpora are kept in folders and in"):
        prepare(recipe, load_settings(home=tmp_path, store="ftp://host/corpora"))


def test_a_disk_that_takes_no_more_fails_the_block_and_publishes_nothing(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe, settings)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the shards of this block are larger than any file may now be
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, hard))
    try:
        with pytest.raises(StoreError, match=r"cannot write .*/staging/.*: File too large; check the folder"):
            make_block(plan.to_json(), plan.missing[0])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((plan.store.root / "corpus.zarr").rglob("c.*"))
    assert list((plan.store.root / "staging").iterdir()) == []
    assert commit(make(prepare(recipe, settings))).ok > 0


def test_another_corpus_in_the_folder_is_not_written_over(build: Build, recipe: Recipe, settings: Settings) -> None:
    layout = build(recipe).store.root / "layout.json"
    document = json.loads(layout.read_text())
    layout.write_text(json.dumps({**document, "key": "0" * 32}))
    with pytest.raises(CorruptCorpusError, match="holds another corpus"):
        prepare(recipe, settings)


@pytest.mark.parametrize("delay", [0.05, 0.3, 0.9])
def test_a_build_killed_at_any_moment_goes_on_and_ends_as_one_left_alone(
    recipe: Recipe, change: Change, settings: Settings, tmp_path: Path, delay: float
) -> None:
    slow = change(recipe, settings={"weeks": 12, "seconds": 0.005})
    undisturbed = commit(make(prepare(slow, load_settings(home=tmp_path / "undisturbed"))))
    path = tmp_path / "slow.json"
    path.write_text(slow.model_dump_json())
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("build_process.py")), str(path), str(settings.home)],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, 9)
    plan = prepare(slow, settings)
    survived = {block.index for block in plan.blocks} - {block.index for block in plan.missing}
    kept = {index: (plan.store.root / f"records/{index:06d}.json").read_bytes() for index in survived}
    assert list((plan.store.root / "staging").iterdir()) == []
    done = commit(make(plan))
    assert replace(done, version=1) == replace(undisturbed, version=1)
    assert all((plan.store.root / f"records/{index:06d}.json").read_bytes() == record for index, record in kept.items())
    assert versions(plan.store) == (1,)
