"""Corpora in a bucket: the same as in a folder, whatever the network does, and not there before they are committed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.corpus.block import make_block
from sgnn.corpus.build import BuildPlan, commit, plan_build, prepare
from sgnn.corpus.catalog import all_corpora
from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.expire import expire
from sgnn.corpus.export import export
from sgnn.corpus.growth import grown
from sgnn.corpus.history import history
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import status
from sgnn.corpus.tags import set_tag
from sgnn.corpus.verify import verify
from sgnn.errors import CorruptCorpusError, StoreError
from sgnn.settings import Settings, load_settings
from tests.corpus.store.proxy import Proxy, Request

Build = Callable[[Recipe], Corpus]
Change = Callable[..., Recipe]


@pytest.fixture
def distant(bucket: str, tmp_path: Path) -> Settings:
    """Settings with a store in a bucket."""
    return load_settings(home=tmp_path / "elsewhere", store=f"{bucket}/corpora")


def make(plan: BuildPlan) -> BuildPlan:
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return plan


def built(recipe: Recipe, settings: Settings) -> Corpus:
    done = commit(make(prepare(recipe, settings)))
    return open_corpus(f"{recipe.corpus.name}@{done.version}", settings)


def test_a_corpus_in_a_bucket_is_the_one_in_a_folder(
    build: Build, recipe: Recipe, distant: Settings, tmp_path: Path
) -> None:
    here, there = build(recipe), built(recipe, distant)
    assert there.status == here.status == status(recipe, distant)
    assert there.store.url.startswith("s3://")
    for block in here.blocks:
        ours, theirs = here.read(block), there.read(block)
        assert all(np.array_equal(ours[name], theirs[name], equal_nan=ours[name].dtype.kind == "f") for name in ours)
    assert there.dataset().equals(here.dataset())
    assert verify(there).sound
    assert list(there.problems()) == list(here.problems())
    plain = xr.open_zarr(there.zarr_group())
    assert plain.attrs["content_digest"] == here.content_digest
    assert plain.drop_vars(("mechanism", "status")).equals(here.dataset().drop_vars(("mechanism", "status")))
    assert xr.open_zarr(export(there, tmp_path / "walks.zarr"), consolidated=False).sizes["draw"] == there.number
    assert [store.url for store in all_corpora(distant.store_url)] == [there.store.url]
    for ref in (there.store.url, f"{there.store.url}@1", there.digest, f"{there.store.url}/corpus.zarr", "walks@1"):
        assert open_corpus(ref, distant) == there
    with pytest.raises(StoreError, match=r"is no local folder; open Corpus.zarr_group\(\)"):
        _ = there.path


def test_a_build_over_a_failing_network_ends_as_one_over_a_sound_one(
    build: Build, recipe: Recipe, distant: Settings, proxy: Proxy
) -> None:
    undisturbed = build(recipe)
    faults = [fault for one in ("drop", "lose", "busy", "cut", "fail") for fault in (None, None, None, None, one)]
    seen: list[Request] = []

    def fault(request: Request) -> str | None:
        seen.append(request)
        return faults[len(seen) % len(faults)]

    proxy.faults = fault
    disturbed = built(recipe, distant)
    assert disturbed.status == undisturbed.status
    assert verify(disturbed).sound
    assert len(seen) > 50


@pytest.mark.long
def test_worker_processes_outlast_a_store_that_is_away_for_half_a_minute(
    build: Build, recipe: Recipe, distant: Settings, proxy: Proxy
) -> None:
    undisturbed = build(recipe)
    plan = prepare(recipe, distant)

    def go_away(request: Request) -> None:
        if "/c.2" in request.path:
            proxy.faults = lambda _: None
            proxy.down_until = time.monotonic() + 30.0

    proxy.faults = go_away
    began = time.monotonic()
    with open_cluster(distant) as cluster:
        records = [one for _, one in cluster.run_blocks(partial(make_block, plan.to_json()), plan.missing, key="away")]
    assert time.monotonic() - began > 30.0
    assert len(records) == len(plan.missing)
    assert commit(plan) == undisturbed.status


def test_nothing_is_visible_before_it_is_committed(recipe: Recipe, distant: Settings) -> None:
    plan = make(prepare(recipe, distant))
    assert xr.open_zarr(plan.store.zarr_group()).sizes["draw"] == 0
    with pytest.raises(StoreError, match="nothing of corpus 'walks' is committed yet"):
        open_corpus("walks", distant)
    assert status(recipe, distant).version == 0
    assert status(recipe, distant).made == recipe.corpus.draws
    commit(plan)
    assert xr.open_zarr(plan.store.zarr_group()).sizes["draw"] == recipe.corpus.draws


def test_a_corpus_grows_and_an_open_version_stays_as_it_was(recipe: Recipe, change: Change, distant: Settings) -> None:
    first = built(recipe, distant)
    longer = built(change(recipe, draws=200), distant)
    assert (first.number, longer.number, longer.version) == (100, 200, 2)
    before, after = first.dataset(), longer.dataset()
    assert before.sizes["draw"] == 100
    assert after.isel(draw=slice(100)).drop_attrs().equals(before.drop_attrs())


def test_of_two_writers_one_commits_and_the_other_is_told(recipe: Recipe, distant: Settings) -> None:
    plans = [make(prepare(recipe, distant)) for _ in range(2)]

    def outcome(plan: BuildPlan) -> object:
        try:
            return commit(plan).version
        except StoreError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(map(str, pool.map(outcome, plans)))
    assert outcomes[0] == "1"
    assert "committed by another writer" in outcomes[1] or outcomes[1] == "1"
    assert commit(prepare(recipe, distant)).version == 1


def test_a_commit_whose_answer_is_lost_is_not_taken_for_another_writers(
    recipe: Recipe, distant: Settings, proxy: Proxy
) -> None:
    plan = make(prepare(recipe, distant))
    lost: list[Request] = []

    def fault(request: Request) -> str | None:
        if "/versions/" in request.path and request.conditional and not lost:
            lost.append(request)
            return "lose"
        return None

    proxy.faults = fault
    assert commit(plan).version == 1
    assert lost


def test_a_build_killed_between_two_puts_leaves_nothing_that_counts(
    recipe: Recipe, distant: Settings, proxy: Proxy, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(recipe.model_dump_json())
    script = Path(__file__).parents[1] / "build_process.py"
    shards: list[Request] = []
    with subprocess.Popen(
        [sys.executable, str(script), str(path), str(distant.home)],
        env={**os.environ, "SGNN_STORE": distant.store_url},
        stdout=subprocess.DEVNULL,
    ) as process:

        def kill(request: Request) -> str | None:
            if request.method == "PUT" and "/c.1" in request.path:
                shards.append(request)
                if len(shards) == 3:
                    process.kill()
                    return "drop"
            return None

        proxy.faults = kill
        process.wait()
    proxy.faults = lambda _: None
    assert len(shards) >= 3
    plan = prepare(recipe, distant)
    assert [block.index for block in plan.missing] == [1, 2, 3]
    assert plan.store.names("versions") == []
    assert commit(make(plan)).made == recipe.corpus.draws
    assert verify(open_corpus("walks", distant)).sound


def test_damaged_objects_are_told_by_reading_and_made_again(recipe: Recipe, distant: Settings) -> None:
    corpus = built(recipe, distant)
    level, theta, status_ = (f"corpus.zarr/{corpus.layout.array(n).shard(1)}" for n in ("level", "theta", "status"))
    data = corpus.store.get(level)
    assert data is not None
    corpus.store.put(level, data[:-1])
    with pytest.raises(CorruptCorpusError, match=r"block 1, array 'level' .* of \d+ bytes \(s3://.*/c.1.0\); `sgnn"):
        corpus.read(1)
    flipped = bytearray(corpus.store.get(theta) or b"")
    flipped[10] ^= 1
    corpus.store.put(theta, bytes(flipped))
    with pytest.raises(CorruptCorpusError, match="block 1, array 'theta'"):
        corpus.read(1, ["theta"])
    corpus.store.remove(status_)
    corpus.store.put(level, data)
    with pytest.raises(CorruptCorpusError, match="its file is missing"):
        corpus.dataset()
    found = verify(corpus, repair=True)
    assert found.damaged == found.repaired == (1,)
    assert {fault.array for fault in found.faults} == {"theta", "status"}
    assert verify(corpus).sound


def test_a_whole_block_is_read_by_one_request_an_array(recipe: Recipe, distant: Settings, proxy: Proxy) -> None:
    corpus = built(recipe, distant)
    before = proxy.counts()
    corpus.read(0)
    asked = proxy.counts() - before
    assert asked == {"GET": len(corpus.variables)}
    before = proxy.counts()
    corpus.read(0, ["level"])
    assert proxy.counts() - before == {"GET": 1}


def test_a_block_is_written_by_one_request_an_array_and_two_more(
    recipe: Recipe, distant: Settings, proxy: Proxy
) -> None:
    plan = prepare(recipe, distant)
    before = proxy.counts()
    record = make_block(plan.to_json(), plan.missing[0])
    asked = proxy.counts() - before
    shards = sum(one.bytes is not None for one in record.arrays.values())
    assert asked["GET"] == 1  # the layout
    assert asked["PUT"] == shards + 1  # the record
    assert asked.total() == asked["GET"] + asked["PUT"] + asked["DELETE"]
    assert asked["DELETE"] == len(record.arrays) - shards
    assert replace(record, seconds=0.0)


def test_versions_in_a_bucket_grow_have_tags_and_go_as_those_in_a_folder(
    build: Build, recipe: Recipe, distant: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sgnn.corpus.layout.SEGMENT_BLOCKS", 2)
    first = built(recipe, distant)
    plan = make(plan_build(first.store, grown(first, 150)))
    assert commit(plan).version == 2
    set_tag(first.store, 1, "paper")
    assert open_corpus("walks@paper", distant) == first
    assert [one.tags for one in history(first.store)] == [("paper",), ()]
    with pytest.raises(StoreError, match="version 1 has the tag 'paper'"):
        expire(first.store, [1])
    # planned before the expiry takes the number, which it must find taken
    late = make(prepare(recipe.with_draws(120), distant))
    expire(first.store, [2])
    assert [one.version for one in history(first.store)] == [1]
    assert first.store.size("corpus.zarr/level/c.4.0") is None
    assert commit(late).version == 4
    assert open_corpus("walks", distant).content_digest == build(recipe.with_draws(120)).content_digest
    expire(first.store, [1, 4], tagged=True)
    assert all_corpora(distant.store_url) == ()
    assert first.store.names("") == []
