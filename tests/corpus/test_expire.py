"""Expiring: what goes is what no other version needs, beside readers and writers, killed at any moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.corpus.block import make_block
from sgnn.corpus.build import BuildPlan, commit, prepare
from sgnn.corpus.expire import expire, finish_expiries, reclaimed_bytes
from sgnn.corpus.expiry import choose, plan_expiry, spared
from sgnn.corpus.history import history, manifests
from sgnn.corpus.ledger import versions
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.store.folder import FolderStore
from sgnn.corpus.tags import set_tag, tags
from sgnn.corpus.verify import verify
from sgnn.errors import StoreError
from sgnn.settings import Settings

pytestmark = pytest.mark.usefixtures("small_segments")

Build = Callable[[Recipe], Corpus]


class Killed(BaseException):
    """The process ends here."""


def make(plan: BuildPlan) -> BuildPlan:
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return plan


@pytest.fixture
def three(build: Build, recipe: Recipe) -> Corpus:
    """Versions of 100, 200 and 300 draws: 4, 7 and 10 blocks."""
    for draws in (100, 200, 300):
        corpus = build(recipe.with_draws(draws))
    return corpus


def files(corpus: Corpus) -> set[str]:
    root = Path(corpus.store.url)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_versions_are_chosen_by_number_by_how_many_stay_and_by_date(three: Corpus) -> None:
    there = manifests(three.store)
    assert choose(there, keep=1) == (1, 2)
    assert choose(there, keep=5) == ()
    assert choose(there, versions=(2,)) == (2,)
    assert choose(there, before="2999-01-01") == (1, 2)
    assert choose(there, before="1999-01-01") == ()
    with pytest.raises(StoreError, match="no version 7 to expire; versions there: 1, 2, 3"):
        choose(there, versions=(7,))
    assert spared((1, 2), {1: ["tag 'paper'"], 3: ["tag 'x'"]}) == {1: ("tag 'paper'",)}


def test_an_old_version_goes_with_what_it_alone_needs_and_readers_of_others_see_no_change(
    three: Corpus, settings: Settings
) -> None:
    opened = open_corpus("walks@2", settings)
    before = files(three)
    planned = expire(three.store, [1, 2])
    # version 1 ended with a full segment, which the others share; version 2 had its own last one
    assert before - files(three) == {opened.manifest.segments[-1].key}
    assert planned.segments == (opened.manifest.segments[-1].key,)
    assert versions(three.store) == (3,)
    assert verify(open_corpus("walks", settings)).sound
    # who opened it before goes on reading it
    assert opened.read(6)["level"].shape == (8, 12)
    assert opened.dataset().sizes["draw"] == 200
    with pytest.raises(StoreError, match="has no version 1; versions there: 3"):
        open_corpus("walks@1", settings)


def test_the_longest_version_goes_with_its_blocks_and_plain_readers_see_the_next(
    three: Corpus, build: Build, recipe: Recipe, settings: Settings
) -> None:
    last = three.read(9)["level"]
    size = reclaimed_bytes(three.store, manifests(three.store), plan_expiry(manifests(three.store), [3]))
    held = sum(path.stat().st_size for path in three.path.rglob("c.*"))
    expire(three.store, [3])
    assert held - sum(path.stat().st_size for path in three.path.rglob("c.*")) == size > 0
    assert xr.open_zarr(three.path).sizes["draw"] == 200
    assert not list(three.path.rglob("c.7*"))
    assert verify(open_corpus("walks", settings)).sound
    again = build(recipe.with_draws(300))
    assert again.version == 5
    np.testing.assert_array_equal(again.read(9)["level"], last)
    assert again.content_digest == three.content_digest


def test_without_a_version_left_the_whole_corpus_goes(three: Corpus, build: Build, recipe: Recipe) -> None:
    expire(three.store, [1, 2, 3])
    assert not Path(three.store.url).exists()
    assert build(recipe).version == 1


def test_what_an_unfinished_build_made_stays(three: Corpus, recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe.with_draws(400), settings)
    make_block(plan.to_json(), plan.missing[1])
    expire(three.store, [1, 2])
    assert [block.index for block in prepare(recipe.with_draws(400), settings).missing] == [10, 12]


def test_an_unfinished_corpus_without_versions_goes_as_a_whole(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe, settings)
    make_block(plan.to_json(), plan.missing[0])
    assert expire(plan.store, []).whole
    assert not Path(plan.store.url).exists()


def test_a_version_with_a_tag_stays_unless_that_is_allowed(three: Corpus) -> None:
    set_tag(three.store, 1, "paper")
    before = files(three)
    with pytest.raises(StoreError, match=r"nothing of walks-\w+ was expired: version 1 has the tag 'paper'"):
        expire(three.store, [1])
    assert files(three) == before
    expire(three.store, [1], tagged=True)
    assert (versions(three.store), tags(three.store)) == ((2, 3), {})


def test_a_version_number_is_never_used_again(three: Corpus, build: Build, recipe: Recipe) -> None:
    expire(three.store, [2, 3])
    assert build(recipe.with_draws(200)).version == 5
    assert [one.version for one in history(three.store)] == [1, 5]


def test_a_build_that_was_planned_before_looks_again_and_commits_what_is_there(
    three: Corpus, recipe: Recipe, settings: Settings
) -> None:
    # five blocks: its last segment would be one that no version names, then one of its own
    plan = make(prepare(recipe.with_draws(150), settings))
    expire(three.store, [1])
    done = commit(plan)
    assert (done.version, done.asked) == (5, 150)
    assert verify(open_corpus("walks@5", settings)).sound


def test_a_build_whose_blocks_were_expired_under_it_commits_nothing(
    three: Corpus, recipe: Recipe, settings: Settings
) -> None:
    plan = prepare(recipe.with_draws(250), settings)
    assert not plan.missing
    expire(three.store, [3])
    with pytest.raises(StoreError, match=r"1 of 8 blocks of walks-\w+ are not made: 7"):
        commit(plan)
    assert versions(three.store) == (1, 2)


def test_a_build_whose_whole_corpus_was_expired_is_told(three: Corpus, recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe.with_draws(250), settings)
    expire(three.store, [1, 2, 3])
    with pytest.raises(StoreError, match=r"no corpus in"):
        commit(plan)


def test_a_commit_in_the_same_moment_wins_and_nothing_is_expired(
    three: Corpus, recipe: Recipe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make(prepare(recipe.with_draws(150), settings))
    create = FolderStore.create_exclusive

    def beaten(self: FolderStore, key: str, data: bytes) -> bool:
        if not data:
            monkeypatch.setattr(FolderStore, "create_exclusive", create)
            assert commit(plan).version == 4
        return create(self, key, data)

    monkeypatch.setattr(FolderStore, "create_exclusive", beaten)
    with pytest.raises(StoreError, match="version 4 was committed in this moment"):
        expire(three.store, [1])
    assert versions(three.store) == (1, 2, 3, 4)
    assert three.store.names("expiries") == []


@pytest.mark.parametrize("gone", [[1], [2, 3], [1, 2, 3]])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 5, 9, 30])
def test_an_expiry_killed_at_any_moment_is_finished_by_the_next_build(
    three: Corpus,
    recipe: Recipe,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    gone: list[int],
    after: int,
) -> None:
    effects = 0
    for name in ("put", "create_exclusive", "remove", "remove_all"):
        method = getattr(FolderStore, name)

        def dying(self: FolderStore, *arguments: object, method: Callable[..., object] = method) -> object:
            nonlocal effects
            if effects == after:
                raise Killed
            effects += 1
            return method(self, *arguments)

        monkeypatch.setattr(FolderStore, name, dying)
    with suppress(Killed):
        expire(three.store, gone)
    monkeypatch.undo()
    monkeypatch.setattr("sgnn.corpus.layout.SEGMENT_BLOCKS", 2)
    # before it took the number nothing has begun; afterwards all of it is finished
    begun = after >= 2
    status = commit(make(prepare(recipe.with_draws(100), settings)))
    store = open_corpus("walks", settings).store
    assert store.names("expiries") == []
    left = {1, 2, 3} - set(gone) if begun else {1, 2, 3}
    assert set(versions(store)) == (left | ({status.version} if 1 not in left else set()))
    for version in versions(store):
        assert verify(open_corpus(f"walks@{version}", settings)).sound
    assert finish_expiries(store) == 0
