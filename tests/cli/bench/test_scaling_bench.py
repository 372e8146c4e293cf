"""What growing costs: real builds in processes of their own, and figures that follow from what they took."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sgnn.cli.bench.figure import Figure
from sgnn.cli.bench.scaling import BLOCK, RECIPE, beside_first, machinery, sizes
from sgnn.cli.bench.watched import Watched, watched_build
from sgnn.corpus.reader import open_corpus
from sgnn.settings import load_settings

FIRST = Watched(
    draws=10 * BLOCK,
    seconds=1.0,
    block_seconds=1.5,
    commit_seconds=0.05,
    workers=2,
    wall=9.0,
    driving_seconds=6.0,
    flow_bytes=300 * 2**20,
    worker_bytes=200 * 2**20,
)


def larger(blocks: int, waited: float, driven: float) -> Watched:
    """A build like the first, in which every further block costs so many seconds of waiting and of driving."""
    more = blocks - FIRST.draws // BLOCK
    return replace(
        FIRST,
        draws=blocks * BLOCK,
        wall=FIRST.wall + more * waited,
        driving_seconds=FIRST.driving_seconds + more * driven,
    )


def written(recipe: Path, base: str, draws: int) -> str:
    recipe.write_text(RECIPE.format(name=recipe.stem, base=base, draws=draws, block=BLOCK))
    return str(recipe)


def test_each_size_is_ten_times_the_one_before() -> None:
    assert sizes(1_000_000) == (10_000, 100_000, 1_000_000)


@pytest.mark.timeout(300)
def test_a_watched_build_is_a_real_one_and_ends_with_all_its_processes(home: Path) -> None:
    settings, draws = load_settings(workers=2), 3 * BLOCK
    took = watched_build(written(Path("grown.yaml"), "covid", draws), draws, settings, home / "log")
    corpus = open_corpus("grown", settings)
    assert (corpus.number, took.draws, took.workers) == (draws, draws, 2)
    assert 0 < took.block_seconds < 2 * took.seconds < 2 * took.wall
    assert 0 < took.commit_seconds < took.wall
    # the flow, its workers and its server import at least NumPy
    assert min(took.flow_bytes, took.worker_bytes) > 50 * 2**20
    assert took.driving_seconds > 1
    assert "Dask dashboard" in (home / "log").read_text()


def test_every_size_stands_beside_the_first() -> None:
    figures = list(beside_first([FIRST, replace(FIRST, draws=100 * BLOCK, seconds=10.5, flow_bytes=330 * 2**20)]))
    ratios = {figure.what.partition(",")[0]: figure.ratio for figure in figures}
    assert ratios["wall time a draw"] == pytest.approx(1.05)
    assert ratios["most memory of the flow's process"] == pytest.approx(1.1)
    assert ratios["commit"] == ratios["most memory of a worker"] == 1


def test_the_machinery_is_told_by_what_is_paid_once_and_what_each_block_costs() -> None:
    figure = machinery(FIRST, larger(1010, 0.004, 0.006), block_seconds=2.0, blocks=1000, name="any")
    once = FIRST.beside_blocks - 10 * 0.004
    assert figure.value == pytest.approx(once + 1000 * (0.004 + 0.006 / 2))
    assert figure.reference_value == pytest.approx(1000 * 2.0 / 2 + figure.value)
    assert 0 < figure.ratio < 0.02


def test_blocks_that_cost_more_to_hand_over_make_a_larger_share() -> None:
    def share(waited: float, driven: float) -> float:
        return machinery(FIRST, larger(1010, waited, driven), block_seconds=2.0, blocks=1000, name="any").ratio

    assert share(0.004, 0.006) < min(share(0.005, 0.006), share(0.004, 0.008))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_command_gives_all_figures_and_leaves_nothing(home: Path, sgnn_json: Callable[..., dict[str, Any]]) -> None:
    figures = [
        Figure(**{name: value for name, value in one.items() if name != "ratio"})
        for one in sgnn_json("bench", "scaling", "--largest", "12800", "--draws", "256")["figures"]
    ]
    assert {figure.name for figure in figures} == {"scaling"}
    assert len(figures) == 4 * 2 + 3
    assert all(figure.value > 0 and figure.reference_value > 0 for figure in figures)
    assert not list(home.iterdir())
