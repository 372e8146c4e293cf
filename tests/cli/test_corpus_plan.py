from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.estimate import Trial, TriedBlock

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
KEYS = [
    *("recipe", "corpus", "draws", "made", "block_draws", "blocks", "segments", "objects", "mechanisms", "size"),
    *("core_hours", "workers", "wall_seconds", "dollars", "memory_per_worker", "requests", "lost_share", "trial"),
    "cautions",
]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that takes no time: its two blocks took 1 and 3 seconds."""
    stored = {"level": 1000, "nothing": None}
    blocks = tuple(TriedBlock(s, s, s, (s / 2, s / 4), (24, 8), stored, 500, 0) for s in (1.0, 3.0))
    monkeypatch.setattr("sgnn.corpus.trial.try_blocks", lambda _: Trial(32, blocks, 300.0, 16, 10**8))


def test_the_object_of_a_real_trial_has_stable_keys_and_nothing_is_written(
    walks: str, home: Path, sgnn_json: SgnnJson
) -> None:
    found = sgnn_json("corpus", "plan", walks, "--price-core-hour", "0.05")
    assert list(found) == KEYS
    assert (found["draws"], found["made"], found["blocks"]) == (100, 128, 4)
    assert [one["name"] for one in found["mechanisms"]] == ["walks.walk", "walks.jump"]
    assert found["dollars"]["computing"]["mean"] == pytest.approx(0.05 * found["core_hours"]["mean"])
    assert found["dollars"]["storage_month"] is None
    assert found["trial"]["whole_blocks"] is True
    assert not home.exists()
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.usefixtures("tried", "home")
def test_the_table_tells_figures_with_their_spread(walks: str, sgnn: Sgnn) -> None:
    status, out, err = sgnn("corpus", "plan", walks, "--draws", "7372800", "--workers", "64", "--price-core-hour", "2")
    assert status == 0
    rows = {line.strip().split("  ")[0]: line.split() for line in out.splitlines() if line.strip()}
    assert out.splitlines()[0] == "walks: 7,372,800 draws in 230,400 blocks of 32"
    assert rows["core-hours"][1:] == ["128", "64.0", "to", "192"]
    assert " ".join(rows["wall time on 64 workers"][5:]) == "2 h 00 min 1 h 00 min to 3 h 00 min"
    assert rows["computing"][1:] == ["$256.00", "$128.00", "to", "$384.00"]
    assert rows["walks.walk"][1:] == ["75.0%", "48", "41.7", "20.8", "to", "62.5"]
    assert "from 2 blocks of 32 draws, made in 1.00, 3.00 s" in err


@pytest.mark.usefixtures("tried", "home")
def test_a_worker_that_has_too_little_memory_is_told(
    walks: str, sgnn: Sgnn, sgnn_json: SgnnJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGNN_WORKER_MEMORY", "50MiB")
    assert "a worker needs 95 MiB, and SGNN_WORKER_MEMORY gives it 50 MiB" in sgnn("corpus", "plan", walks)[2]
    assert len(sgnn_json("corpus", "plan", walks)["cautions"]) == 1


@pytest.mark.usefixtures("tried")
def test_the_tiny_version_is_planned_as_such(walks: str, home: Path, sgnn_json: SgnnJson) -> None:
    found = sgnn_json("corpus", "plan", walks, "--tiny")
    assert (found["recipe"], found["corpus"], found["block_draws"]) == ("walks-tiny", "walks-tiny", 32)
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["wlks"], "no recipe named 'wlks'"),
        (["walks", "--draws", "0"], "--draws"),
        (["walks", "--workers", "0"], "--workers"),
        (["walks", "--price-core-hour", "-1"], "--price-core-hour"),
        (["walks", "--price-core-hour", "nan"], "--price-core-hour"),
        (["walks", "--price-gb-month", "inf"], "--price-gb-month"),
    ],
)
@pytest.mark.usefixtures("walks", "tried")
def test_bad_input_is_one_line(home: Path, sgnn: Sgnn, arguments: list[str], said: str) -> None:
    status, out, err = sgnn("corpus", "plan", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not home.exists()
