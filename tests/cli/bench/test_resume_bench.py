"""How soon a killed build goes on: a real build that is killed twice, and figures that follow from what was seen."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from sgnn.cli.bench.killed import Build, Restart
from sgnn.cli.bench.resume import figures
from sgnn.cli.bench.scaling import RECIPE
from sgnn.errors import ServiceError
from sgnn.settings import load_settings

SLOW = Restart(server=3.0, workers=3.5, seconds=5.5, block=0.5)
MIDDLE = Restart(server=2.5, workers=3.0, seconds=4.25, block=0.25)
QUICK = Restart(server=2.0, workers=2.5, seconds=4.0, block=0.25)


def build(draws: int) -> Build:
    recipe = Path("killed.yaml")
    recipe.write_text(RECIPE.format(name="killed", base="covid", draws=draws, block=64))
    return Build(str(recipe), load_settings(workers=2))


def of_this_home(home: Path) -> list[psutil.Process]:
    """Processes that mention the home folder, or were started with it."""
    return [
        one for one in psutil.process_iter(["environ"]) if (one.info["environ"] or {}).get("SGNN_HOME") == str(home)
    ]


def test_the_median_restart_is_told_with_its_parts_beside_a_fresh_start_and_the_server() -> None:
    fresh, alone = figures([SLOW, QUICK, MIDDLE], Restart(3.0, 3.5, 5.0, 0.25), 2.0)
    assert fresh.value == alone.value == MIDDLE.seconds
    assert fresh.ratio == pytest.approx(0.85)
    assert alone.ratio == pytest.approx(2.125)
    assert "answers after 2.5 s, workers have their plan after 3.0 s, a block takes 0.25 s" in fresh.what


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_killed_build_goes_on_where_it_was_and_leaves_no_process(home: Path) -> None:
    building = build(64 * 4096)
    first = building.until_killed(3)
    made = set(building.store.names("records"))
    again = building.until_killed(3)
    assert len(made) >= 3
    assert made < set(building.store.names("records"))
    for one in (first, again):
        assert 0 < one.server < one.workers < one.seconds
        assert 0 < one.block < one.seconds
    _, alive = psutil.wait_procs(of_this_home(home), timeout=30)
    assert not alive

    building.forget()
    assert not building.store.names("records")


@pytest.mark.long
@pytest.mark.usefixtures("home")
@pytest.mark.timeout(300)
def test_a_build_that_ends_before_it_is_killed_is_told_in_one_line() -> None:
    with pytest.raises(ServiceError, match=r"the build made 1 of 3 blocks; see .*killed.log"):
        build(64).until_killed(3)
