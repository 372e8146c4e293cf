"""Programs of their own as simulators: argv, files, printed text, and every way in which a run can go wrong."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from sgnn.errors import RecipeError
from sgnn.simulation import (
    Component,
    Dimension,
    DrawGenerator,
    ExternalProgram,
    Mixture,
    Parameter,
    Prior,
    Uniform,
    Variable,
)
from sgnn.simulation.generator import FAILED, OK

WALK = """
import random, sys
from pathlib import Path
drift, chance = float(Path("input.txt").read_text()), random.Random(int(sys.argv[1]))
height = 0.0
for day in range(8):
    height += drift + chance.gauss(0.0, 1.0)
    print(height)
"""


class Walk(ExternalProgram):
    """A walk by a Python program; ``script`` is another one where a run is to go wrong."""

    name = "toy.program"
    version = "1"

    def __init__(self, script: str = WALK, seconds: float = 20.0, program: str = sys.executable) -> None:
        self.script, self.seconds, self.program = script, seconds, program

    def prior(self) -> Prior:
        return Prior({"drift": Parameter(Uniform(-1.0, 1.0), "m/day", "mean step")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("day", 8, "day"),)

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("height", ("day",), np.float64, "m", "observable"),)

    def command(self, theta: Mapping[str, float], seed: int, folder: Path) -> Sequence[str]:
        (folder / "input.txt").write_text(str(theta["drift"]))
        return [self.program, "-c", self.script, str(seed)]

    def read(self, folder: Path, printed: str) -> Mapping[str, Any]:
        return {"height": np.array(printed.split(), dtype=np.float64)}


def draws(simulator: ExternalProgram, count: int = 3) -> Any:
    mixture = Mixture([Component(simulator, 1.0, simulator.prior())])
    return DrawGenerator(mixture, None, "corpus").draws(0, count)


def test_a_program_makes_the_same_draw_in_every_batch_and_each_its_own() -> None:
    three = draws(Walk())
    assert (three.status == OK).all()
    np.testing.assert_array_equal(draws(Walk(), 1).arrays["height"], three.arrays["height"][:1])
    assert len({row.tobytes() for row in three.arrays["height"]}) == 3


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('no such compartment')", "exited with status 1: no such compartment"),
        ("import os; os.abort()", "exited with status -6"),
        ("print('one')", "could not convert string to float"),
    ],
)
def test_a_run_that_goes_wrong_fails_its_draw_with_what_the_program_said(script: str, said: str) -> None:
    made = draws(Walk(script), 1)
    assert made.status[0] == FAILED
    assert said in made.errors[0]


def lives(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_run_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    script = (
        "import subprocess, sys, time, pathlib\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    began = time.monotonic()
    made = draws(Walk(script, seconds=5.0), 1)
    assert "took more than 5 s" in made.errors[0]
    assert time.monotonic() - began < 60
    child = int(note.read_text())
    # on a busy machine a process that was killed runs on for a moment
    while lives(child) and time.monotonic() - began < 60:
        time.sleep(0.05)
    assert not lives(child)


def test_a_run_leaves_no_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert (draws(Walk()).status == OK).all()
    assert os.listdir(tmp_path) == []


def test_a_program_that_is_not_there_ends_the_work_with_a_remedy() -> None:
    with pytest.raises(RecipeError, match="there is no program 'no-such-program' on this machine; install it"):
        draws(Walk(program="no-such-program"))
