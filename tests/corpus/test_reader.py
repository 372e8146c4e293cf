"""Reading: whole blocks, plain xarray, pinned versions, and damage that is told instead of read."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.errors import CorruptCorpusError, StoreError, UnknownNameError
from sgnn.settings import Settings

Build = Callable[[Recipe], Corpus]


@pytest.fixture
def corpus(build: Build, recipe: Recipe) -> Corpus:
    return build(recipe)


def test_plain_xarray_opens_it_with_units_coordinates_parameters_and_the_recipe(corpus: Corpus) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xr.open_zarr(corpus.path, consolidated=False)
    assert dict(dataset.sizes) == {"draw": 100, "week": 12, "parameter": 3}
    assert dataset.level.dims == ("draw", "week")
    assert dataset.level.attrs["units"] == "people"
    assert dataset.level.attrs["long_name"] == "where the walk is"
    assert dataset.step.attrs["role"] == "latent"
    assert dataset.week.attrs["units"] == "week"
    assert dataset.week.to_numpy().tolist() == list(range(1, 13))
    assert dataset.parameter.to_numpy().tolist() == ["scale", "jump", "count_level.error"]
    assert dataset.parameter_unit.to_numpy().tolist() == ["people", "people", "people"]
    assert dataset.mechanism.attrs["flag_meanings"] == "walks.walk walks.jump"
    assert set(dataset.coords) >= {"mechanism", "status", "seed"}
    assert len(np.unique(dataset.seed)) == 100
    jumped = dataset.theta.sel(parameter="jump").notnull()
    assert (jumped == (dataset.mechanism == 1)).all()
    recipe = yaml.safe_load(dataset.attrs["recipe"])
    assert (recipe["draws"], recipe["seed"], recipe["simulators"][1]["name"]) == (100, 7, "walks.jump")
    provenance = {"sgnn_version", "created", "recipe_digest", "content_digest", "version", "asked", "ok", "failed"}
    assert provenance | {"quarantined", "git_commit"} >= provenance <= set(dataset.attrs)


def test_plain_xarray_opens_it_by_its_consolidated_metadata_too(corpus: Corpus) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert xr.open_zarr(corpus.path).equals(xr.open_zarr(corpus.path, consolidated=False))


def test_blocks_and_the_dataset_hold_the_same_values(corpus: Corpus) -> None:
    dataset = corpus.dataset()
    for name in ("level", "counted", "crossings", "theta", "seed", "nothing"):
        blocks = np.concatenate([corpus.read(block, [name])[name] for block in corpus.blocks])
        assert blocks.dtype == dataset[name].dtype
        np.testing.assert_array_equal(blocks, dataset[name])


def test_the_dataset_is_lazy_and_has_words_for_mechanism_and_status(corpus: Corpus) -> None:
    dataset = corpus.dataset()
    assert not dataset.level._in_memory
    assert set(dataset.mechanism.to_numpy()) == {"walks.walk", "walks.jump"}
    assert set(dataset.status.to_numpy()) <= {"ok", "failed", "quarantined"}


def test_the_last_block_ends_where_the_version_does(corpus: Corpus) -> None:
    assert [(block.start, block.stop) for block in corpus.blocks] == [(0, 32), (32, 64), (64, 96), (96, 100)]
    assert {len(values) for values in corpus.read(3).values()} == {4}


def test_a_version_stays_as_it_is_while_the_corpus_grows(
    corpus: Corpus, build: Build, recipe: Recipe, settings: Settings
) -> None:
    lazy = corpus.dataset()
    before = corpus.read(3)
    grown = build(recipe.with_draws(200))
    pinned = open_corpus("walks@1", settings)
    assert (pinned.number, grown.number, corpus.number) == (100, 200, 100)
    assert pinned.content_digest == corpus.content_digest != grown.content_digest
    np.testing.assert_array_equal(lazy.level[96:], before["level"])
    assert pinned.dataset().sizes["draw"] == 100
    np.testing.assert_array_equal(grown.read(3)["level"][:4], before["level"])


def test_readers_beside_a_growing_corpus_always_see_a_whole_version(
    corpus: Corpus, recipe: Recipe, settings: Settings
) -> None:
    seen, stop = list[tuple[int, int]](), threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = open_corpus("walks", settings)
            seen.append((found.number, found.dataset().level.shape[0]))
            plain = xr.open_zarr(found.path)
            seen.append((plain.attrs["asked"], plain.sizes["draw"]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for draws in (150, 170, 230):
            plan = prepare(recipe.with_draws(draws), settings)
            for block in plan.missing:
                make_block(plan.to_json(), block)
            commit(plan)
    finally:
        stop.set()
        reader.join()
    assert all(number == draws for number, draws in seen)
    assert {number for number, _ in seen} <= {100, 150, 170, 230}
    assert len(seen) > 2
    assert corpus.read(3)["level"].shape == (4, 12)


def test_the_recipe_and_schema_are_those_it_was_made_from(corpus: Corpus, recipe: Recipe) -> None:
    assert corpus.recipe == recipe.corpus
    assert corpus.schema.mechanisms == ("walks.walk", "walks.jump")
    assert corpus.schema.variable("level").valid_range == (-40.0, 40.0)
    assert corpus.schema.variable("counted").missing


def damaged(corpus: Corpus, name: str, how: str) -> Path:
    path = corpus.path / name / "c.1.0"
    data = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
        return path
    if how == "truncated":
        del data[-7:]
    elif how == "flipped":
        data[len(data) // 3] ^= 1
    else:
        data[-1] ^= 128
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("how", ["missing", "truncated", "flipped", "flipped in the index"])
def test_a_damaged_shard_is_told_with_block_array_file_and_remedy(corpus: Corpus, how: str) -> None:
    path = damaged(corpus, "level", how)
    with pytest.raises(CorruptCorpusError) as caught:
        corpus.read(1, ["step", "level"])
    for part in ("block 1", "'level'", str(path), f"`sgnn corpus verify {corpus.store.root.name} --repair`"):
        assert part in str(caught.value)
    assert corpus.read(1, ["step"])["step"].shape == (32, 12)
    assert corpus.read(0)["level"].shape == (32, 12)


def test_a_dataset_with_a_missing_shard_is_refused_because_it_would_be_read_as_fill(corpus: Corpus) -> None:
    damaged(corpus, "level", "missing")
    with pytest.raises(CorruptCorpusError, match="block 1, array 'level'"):
        corpus.dataset()


def test_a_variable_or_block_that_is_not_there_is_answered_with_what_is(corpus: Corpus) -> None:
    with pytest.raises(UnknownNameError, match="no variable 'levle'; it stores: level, step"):
        corpus.read(0, ["levle"])
    with pytest.raises(UnknownNameError, match="no block 4"):
        corpus.read(4)


def test_a_corpus_is_found_by_name_version_digest_and_folder(corpus: Corpus, settings: Settings) -> None:
    folder = corpus.store.root
    for ref in (
        "walks",
        "walks@1",
        folder.name,
        str(folder),
        f"{folder}@1",
        str(corpus.path),
        corpus.digest[:8],
        corpus.content_digest,
        corpus.layout.key[:6],
    ):
        assert open_corpus(ref, settings).manifest == corpus.manifest


def test_of_two_corpora_with_one_name_the_last_committed_is_meant(
    corpus: Corpus,
    build: Build,
    recipe: Recipe,
    change: Callable[..., Recipe],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sgnn.corpus.build.now", lambda: "2999-01-01T00:00:00+00:00")
    other = build(change(recipe, seed=8))
    assert open_corpus("walks", settings).layout.key == other.layout.key != corpus.layout.key
    assert open_corpus(corpus.digest, settings).layout.key == corpus.layout.key


@pytest.mark.usefixtures("corpus")
def test_what_is_not_there_is_answered_with_what_is(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no corpus 'wlaks' in .*; there are: walks"):
        open_corpus("wlaks", settings)
    with pytest.raises(StoreError, match="has no version 7; versions there: 1"):
        open_corpus("walks@7", settings)
    with pytest.raises(UnknownNameError, match="a version is a number"):
        open_corpus("walks@last", settings)
    with pytest.raises(StoreError, match="no corpus in"):
        open_corpus(tmp_path / "nothing", settings)


def test_a_corpus_of_which_nothing_is_committed_is_not_opened(recipe: Recipe, settings: Settings) -> None:
    prepare(recipe, settings)
    with pytest.raises(StoreError, match="nothing of corpus 'walks' is committed yet; `sgnn corpus build`"):
        open_corpus("walks", settings)


@pytest.mark.parametrize("file", ["layout.json", "versions/000001.json"])
def test_a_damaged_description_is_told_and_not_guessed(corpus: Corpus, settings: Settings, file: str) -> None:
    path = corpus.store.root / file
    path.write_text(path.read_text()[:-30])
    with pytest.raises(CorruptCorpusError, match=file):
        open_corpus("walks", settings)


def test_a_corpus_in_an_older_format_is_told_in_one_line(corpus: Corpus, recipe: Recipe, settings: Settings) -> None:
    path = corpus.store.root / "layout.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
    said = r"layout.json is in storage format 1, and this sgnn .* format 2; move the corpus away and build it anew"
    with pytest.raises(StoreError, match=said):
        open_corpus("walks", settings)
    with pytest.raises(StoreError, match=said):
        prepare(recipe, settings)
    manifest = corpus.store.root / "versions" / "000001.json"
    manifest.write_text(manifest.read_text().replace('"format": 2,', ""))
    with pytest.raises(StoreError, match=r"000001.json is in storage format 1"):
        open_corpus("walks", settings)
