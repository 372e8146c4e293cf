"""The set-up, with a stand-in for uv that writes down what it is asked for; a real installation is what CI does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = """#!/bin/sh
echo "$*" >>"$UV_LOG"
case "$1" in
venv)
  for folder in "$@"; do :; done
  mkdir -p "$folder/bin" && ln -s "$UV_PYTHON" "$folder/bin/python"
  ;;
pip)
  case "$*" in *requirements.lock*) exit "${UV_FAILS:-0}" ;; esac
  ;;
esac
"""


class Checkout:
    """A folder with the files that the set-up reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "uv.log"
        (folder / "infra").mkdir(parents=True)
        (folder / "bin").mkdir()
        shutil.copy(ROOT / "infra" / "setup.sh", folder / "infra")
        shutil.copy(ROOT / "Makefile", folder)
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "requirements.lock").write_text("numpy==1.0\ntorch==2.0\n")
        uv = folder / "bin" / "uv"
        uv.write_text(UV)
        uv.chmod(0o755)

    def setup(self, **variables: str) -> subprocess.CompletedProcess[str]:
        unset = {"UV_FIND_LINKS", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"}
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        environment |= {
            "PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "PIP_CONFIG_FILE": os.devnull,
            "UV_LOG": str(self.log),
            "UV_PYTHON": sys.executable,
            **variables,
        }
        return subprocess.run(
            ["make", "--silent", "setup"], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60
        )

    def asked(self) -> list[str]:
        """What uv was asked for since the last question."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_a_second_setup_installs_nothing(checkout: Checkout) -> None:
    assert checkout.setup().returncode == 0
    assert [line.split()[0] for line in checkout.asked()] == ["venv", "pip", "pip"]
    again = checkout.setup()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert checkout.asked() == []


def test_a_new_entry_point_reinstalls_the_package_alone(checkout: Checkout) -> None:
    checkout.setup()
    checkout.asked()
    project = checkout.folder / "pyproject.toml"
    project.write_text(project.read_text() + "\n# changed\n")
    assert checkout.setup().returncode == 0
    (line,) = checkout.asked()
    assert "--editable ." in line
    assert "requirements.lock" not in line


def test_a_new_lock_installs_it_into_the_environment_that_is_there(checkout: Checkout) -> None:
    checkout.setup()
    checkout.asked()
    (checkout.folder / "requirements.lock").write_text("numpy==1.1\n")
    assert checkout.setup().returncode == 0
    first, second = checkout.asked()
    assert "requirements.lock" in first
    assert "--editable ." in second


def test_an_interrupted_installation_is_made_from_scratch(checkout: Checkout) -> None:
    assert checkout.setup(UV_FAILS="1").returncode != 0
    checkout.asked()
    half = checkout.folder / ".venv" / "half-installed"
    half.touch()
    assert checkout.setup().returncode == 0
    assert [line.split()[0] for line in checkout.asked()] == ["venv", "pip", "pip"]
    assert not half.exists()


def test_pytorch_comes_as_its_cpu_build(checkout: Checkout) -> None:
    checkout.setup()
    line = next(line for line in checkout.asked() if "requirements.lock" in line)
    assert "--torch-backend=cpu" in line


@pytest.mark.parametrize("variable", ["UV_FIND_LINKS", "PIP_FIND_LINKS"])
def test_a_wheel_folder_with_pytorch_takes_the_place_of_its_index(checkout: Checkout, variable: str) -> None:
    wheels = checkout.folder / "wheels"
    wheels.mkdir()
    (wheels / "torch-2.0+cpu-cp311-none-any.whl").touch()
    checkout.setup(**{variable: str(wheels)})
    line = next(line for line in checkout.asked() if "requirements.lock" in line)
    assert f"--find-links {wheels}" in line
    assert "--torch-backend" not in line
    assert "index" not in line


def test_without_a_python_that_is_new_enough_one_line_says_what_to_do(checkout: Checkout) -> None:
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        old = checkout.folder / "bin" / name
        old.write_text("#!/bin/sh\nexit 1\n")
        old.chmod(0o755)
    answer = checkout.setup()
    assert answer.returncode != 0
    assert answer.stderr.startswith("error: no Python 3.11 or newer found; install one, or name it")


def test_the_lock_names_exact_versions_and_no_place() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    packages = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert all("==" in line for line in packages)
    assert "torch==2.13.0" in packages
    assert not any("://" in line or "/dev/" in line or "find-links" in line for line in lines)
