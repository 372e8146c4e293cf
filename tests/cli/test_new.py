"""`sgnn new`: a package that runs as it is, from its own tests to a trained and benchmarked model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sgnn = Callable[..., tuple[int, str, str]]
SGNN = [sys.executable, "-m", "sgnn.cli"]
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def installed(sgnn: Sgnn, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A new package in the working folder, built and installed by pip, and the environment that finds it."""
    assert sgnn("new", "bark-beetles")[0] == 0
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), "./bark-beetles"], check=True, timeout=240)
    paths = [str(site), os.environ.get("PYTHONPATH", "")]
    return Path("bark-beetles"), {**os.environ, "PYTHONPATH": os.pathsep.join(paths).strip(os.pathsep)}


def told(command: list[str], environment: dict[str, str], folder: Path | None = None) -> str:
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_new_package_passes_its_own_tests_and_becomes_a_trained_and_benchmarked_model(
    installed: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = installed
    assert "2 passed" in told([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], environment, folder)
    listed = json.loads(told([*SGNN, "simulators", "list", "--json"], environment))
    assert "bark_beetles" in {one["name"] for one in listed["simulators"]}
    done: dict[str, Any] = json.loads(told([*SGNN, "run", "bark-beetles", "--tiny", "--json"], environment))
    assert (done["model"], done["version"]) == ("bark-beetles-tiny", 1)
    shown = json.loads(told([*SGNN, "models", "show", "bark-beetles-tiny/1", "--json"], environment))
    assert "synthetic" in json.dumps(shown)


def test_a_new_package_is_written_where_it_is_wanted_and_told_as_one_object(sgnn: Sgnn) -> None:
    status, out, _ = sgnn("new", "leaf-miners", "--folder", "deep/down", "--json")
    document = json.loads(out)
    assert status == 0
    assert document["name"] == "leaf-miners"
    assert all(Path(file).is_file() for file in document["files"])
    assert "deep/down/leaf_miners/simulator.py" in document["files"]
    assert [path.name for path in Path("deep").iterdir()] == ["down"]
    for file in document["files"]:
        assert "$" not in Path(file).read_text()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("My_Simulator", "is no name of a package"),
        ("-x", "see sgnn --help"),
        ("class", "is a name of Python itself"),
        ("json", "is a name of Python itself"),
        ("numpy", "is there already"),
        ("covid", "is there already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(sgnn: Sgnn, name: str, said: str) -> None:
    status, out, err = sgnn("new", name)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []


def test_what_is_there_is_never_overwritten(sgnn: Sgnn) -> None:
    Path("leaf-miners").mkdir()
    assert sgnn("new", "leaf-miners")[0] == 0
    changed = Path("leaf-miners/leaf_miners/simulator.py")
    changed.write_text("mine")
    status, out, err = sgnn("new", "leaf-miners")
    assert (status, out) == (2, "")
    assert "leaf-miners is there already; give --folder another place" in err
    assert changed.read_text() == "mine"
    Path("file").write_text("")
    assert sgnn("new", "leaf-miners", "--folder", "file")[0] == 2
