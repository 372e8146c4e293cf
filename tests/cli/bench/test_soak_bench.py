"""The soak: what is told of memory and runs, and a short one on a real stack."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sgnn.cli.bench.memory import MIB, growth, service_bytes
from sgnn.cli.bench.soak import Soaked, figures, measure
from sgnn.cli.bench.workplace import Workplace
from sgnn.settings import load_settings
from tests.cli.stack.conftest import home_of_a_stack

HOLDING = "import sys; held = bytearray(64 * 2**20); print('held', flush=True); sys.stdin.read()"


def test_memory_of_a_service_is_that_of_all_its_processes_but_not_of_flows_that_it_started() -> None:
    def held(*arguments: str) -> int:
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDING!r}, *{arguments!r}])"
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdout.readline()
            found = service_bytes(process.pid)
            process.stdin.close()
        return found

    assert 64 * MIB < held() < 128 * MIB
    assert 0 < held("prefect.runner._workspace_supervisor") < 64 * MIB


def test_a_process_that_is_gone_takes_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert service_bytes(process.pid) == 0


def test_growth_is_found_in_noise_and_peaks_and_none_where_there_is_none() -> None:
    steps, generator = np.arange(80.0), np.random.default_rng(3)
    level = 200 + generator.normal(0, 2, 80)
    level[::16] += 300
    flat, leaking = growth(steps, level), growth(steps, level + 0.5 * steps)
    assert flat.low < 0 < flat.high
    assert flat.high - flat.low < 0.1
    assert leaking.low > 0.4
    assert leaking.slope == pytest.approx(0.5, abs=0.05)


def test_figures_tell_runs_that_went_wrong_and_growth_for_a_hundred_runs() -> None:
    seen = Soaked(
        states={"COMPLETED": 40, "CANCELLED": 7, "RUNNING": 1, "CRASHED": 2},
        before={"prefect": 10 * MIB},
        after={"prefect": 14 * MIB},
        seconds=600.0,
    )
    for number in range(1, 41):
        # what fills at the start is no leak
        seen.look(number, {"mlflow": 100.0 + min(number, 8) * 50 + 0.01 * number})
    found = {figure.what.partition(",")[0]: figure for figure in figures(seen, 40)}
    assert found["runs that completed in 10 min"].ratio == 1.0
    assert found["runs that failed"].value == 3
    memory = found["growth of mlflow in 100 runs"]
    assert memory.value == pytest.approx(1.0)
    assert memory.reference_value == pytest.approx(500.4, abs=0.1)
    assert found["growth of the database prefect by a run"].value == pytest.approx(0.1)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_ten_scheduled_runs_in_a_row_complete_and_none_is_stuck() -> None:
    with home_of_a_stack() as live:
        place = Workplace(load_settings(home=live.home, workers=1), draws=64, largest=64, runs=10)
        found = {figure.what.partition(",")[0]: figure for figure in measure(place)}
        # the stack is down again
        assert not live.layout.state.exists()
    assert found["runs that failed"].value == 0
    assert found["services started again"].value == 0
    assert found["growth of the database prefect by a run"].value > 0
