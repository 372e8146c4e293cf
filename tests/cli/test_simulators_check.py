"""`sgnn simulators check`: the conformance kit as a table, as JSON, and as an exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sgnn = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.usefixtures("home")

MINE = """
import numpy as np
from sgnn.simulation import Dimension, Parameter, Prior, Uniform, Variable, lift


def walk(theta, generator):
    return {"height": np.cumsum(theta["drift"] + %s)}


simulator = lift(
    walk,
    name="mine.walk",
    version="1",
    prior=Prior({"drift": Parameter(Uniform(0.0, 1.0), "m/day", "mean step")}),
    dimensions=[Dimension("day", 20, "day")],
    variables=[Variable("height", ("day",), np.float64, "m", "observable")],
)
"""


def test_a_simulator_in_a_file_of_this_folder_is_checked_and_its_speed_told(sgnn: Sgnn) -> None:
    Path("sound_walk.py").write_text(MINE % "generator.normal(size=20)")
    status, out, err = sgnn("simulators", "check", "sound_walk:simulator", "--draws", "16")
    assert (status, err) == (0, "")
    assert "mine.walk, version 1, 16 draws" in out
    assert "it conforms" in out
    assert "draws/s on one core" in out


def test_a_finding_is_told_with_its_remedy_and_the_status_is_one(sgnn: Sgnn) -> None:
    Path("odd_walk.py").write_text(MINE % "np.random.normal(size=20)")
    status, out, err = sgnn("simulators", "check", "odd_walk:simulator", "--draws", "16")
    assert (status, err) == (1, "")
    assert "globals: it uses np.random" in out
    assert "remedy: take every random number from streams" in out
    status, out, _ = sgnn("simulators", "check", "odd_walk:simulator", "--draws", "16", "--json")
    document: dict[str, Any] = json.loads(out)
    assert status == 1
    assert document["conforms"] is False
    assert [finding["rule"] for finding in document["findings"]] == ["globals"]
    assert document["skipped"] == ["batch", "streams", "process", "speed"]


def test_a_registered_simulator_of_another_package_is_checked_by_its_name(walks: str, sgnn: Sgnn) -> None:
    del walks
    status, out, _ = sgnn("simulators", "check", "walks.walk", "--draws", "16", "--json")
    document = json.loads(out)
    # its crossings have no unit
    assert {finding["rule"] for finding in document["findings"]} == {"units"}
    assert "process" in document["looked_at"]
    assert status == 1


def test_what_is_not_there_is_one_line_and_bad_input(sgnn: Sgnn) -> None:
    for name, said in (("epidemics.seirr", "no simulator named"), ("nothing:Here", "cannot be imported")):
        status, out, err = sgnn("simulators", "check", name)
        assert (status, out) == (2, "")
        assert err.startswith("error: ")
        assert said in err
        assert err.count("\n") == 1
