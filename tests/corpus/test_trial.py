"""Trials: real blocks in a real process, held against the corpus that is built afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.estimate import Prices, Trial, estimate
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.trial import BLOCKS, measured, planned_layout, try_blocks
from sgnn.errors import RecipeError, ServiceError

Build = Callable[[Recipe], Corpus]
Change = Callable[..., Recipe]
ARRAYS = ("level", "step", "crossings", "nothing", "counted", "theta", "mechanism", "status", "seed")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A trial of the walks, after which neither the home folder nor the temporary folder has anything in it."""
    home, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGNN_HOME", str(home))
        patch.setattr(tempfile, "tempdir", str(temporary))
        done = try_blocks(load_recipe("walks").corpus)
    assert list(home.iterdir()) == []
    assert list(temporary.iterdir()) == []
    return done


def test_a_trial_makes_the_blocks_that_a_build_makes(trial: Trial, recipe: Recipe, build: Build) -> None:
    corpus = build(recipe)
    committed = [corpus.committed(block.index) for block in corpus.blocks][:BLOCKS]
    assert trial.block_draws == 32
    assert [block.stored for block in trial.blocks] == [
        {name: one.bytes for name, one in block.arrays.items()} for block in committed
    ]
    assert [block.lost for block in trial.blocks] == [block.failed + block.quarantined for block in committed]


def test_an_estimate_has_the_objects_and_bytes_of_the_corpus_that_is_built(
    trial: Trial, recipe: Recipe, build: Build
) -> None:
    found = estimate(recipe.corpus, planned_layout(recipe.corpus), trial, 1, Prices())
    corpus = build(recipe)
    files = [file for file in corpus.path.parent.rglob("*") if file.is_file() and "staging" not in file.parts]
    assert len(files) == found.objects
    shards = sum(file.stat().st_size for file in files if file.name.startswith("c.") and file.parent.name in ARRAYS)
    assert found.size.stored.low <= shards <= found.size.stored.high
    ledger = [file for file in files if file.parent.name in ("records", "segments")]
    assert sum(file.stat().st_size for file in ledger) == pytest.approx(found.size.ledger, rel=0.1)


def test_seconds_are_parted_among_mechanisms(recipe: Recipe, tmp_path: Path) -> None:
    slow = {"name": "walks.jump", "weight": 1, "settings": {"seconds": 0.02}}
    section = recipe.corpus.model_dump() | {"simulators": [{"name": "walks.walk", "weight": 1}, slow]}
    done = measured(type(recipe.corpus).model_validate(section), tmp_path)
    walk, jump = (sum(block.mechanism_seconds[at] for block in done.blocks) for at in (0, 1))
    draws = sum(block.mechanism_draws[1] for block in done.blocks)
    assert 0.02 * draws <= jump <= sum(block.kernel_seconds for block in done.blocks)
    assert walk < jump
    assert sum(sum(block.mechanism_draws) for block in done.blocks) == done.draws


def test_blocks_that_would_take_too_long_are_made_smaller(
    recipe: Recipe, change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sgnn.corpus.trial.TRIAL_SECONDS", 0.6)
    monkeypatch.setattr("sgnn.corpus.trial.PACE_SECONDS", 0.01)
    done = measured(change(recipe, settings={"weeks": 12, "seconds": 0.02}).corpus, tmp_path)
    assert 1 <= done.block_draws < 16
    assert all(block.mechanism_draws != (0, 0) for block in done.blocks)


def test_limits_hold_in_a_trial_and_their_process_counts_as_memory(
    recipe: Recipe, change: Change, tmp_path: Path
) -> None:
    limits = type(recipe.corpus).model_validate({**recipe.corpus.model_dump(), "limits": {"draw_seconds": 30}}).limits
    plain = measured(recipe.corpus, tmp_path / "plain")
    limited = measured(change(recipe, limits=limits).corpus, tmp_path / "limited")
    assert [sum(block.mechanism_draws) for block in limited.blocks] == [32, 32, 32]
    assert all(min(block.mechanism_seconds) > 0 for block in limited.blocks)
    assert limited.peak_bytes is not None
    assert plain.peak_bytes is not None
    # the other process has Python and NumPy at the least
    assert limited.peak_bytes > plain.peak_bytes + 20 * 2**20


def test_a_simulator_that_ends_its_process_is_told_in_one_line(tries: Any) -> None:
    tries({0: ["is killed"]})
    with pytest.raises(ServiceError, match="the process that tried blocks of 'faulty-walks' ended with SIGKILL"):
        try_blocks(load_recipe("faulty-walks").corpus)


def test_a_declaration_that_is_broken_is_told_as_a_build_tells_it(tries: Any) -> None:
    tries({3: ["gives another shape"]})
    with pytest.raises(RecipeError, match="level"):
        try_blocks(load_recipe("faulty-walks").corpus)


@pytest.fixture
def tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes the table by which draws of the faulty walks fail."""
    from corpus_walks.faulty import FAULTS, Table

    monkeypatch.setenv(FAULTS, str(tmp_path / "faults"))
    return Table(tmp_path / "faults").write
