"""The tutorial from an equation to a forecast, done as it says: every block, in order, in a shell and in Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "from-an-equation-to-a-forecast.md"
BLOCK = re.compile(r"^```(sh|python|yaml)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
# the recipe of the page, but small: what is tested is that the steps work
SHORTER = (("draws: 8192", "draws: 256"), ("seconds: 120", "steps: 20"))


class Reader:
    """Somebody who does what the page says, in a folder and an environment of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site = folder, folder / "site"
        paths = [str(self.site), os.environ.get("PYTHONPATH", "")]
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths).strip(os.pathsep)}
        self.python = ""

    def do(self, language: str, block: str) -> None:
        """One block: a file to be written, lines of Python that go on from those before, or lines of a shell."""
        if title := re.match(r"# (\S+\.(?:py|yaml))\n", block):
            for long, short in SHORTER if language == "yaml" else ():
                assert long in block
                block = block.replace(long, short)
            assert (self.folder / title[1]).is_file()
            (self.folder / title[1]).write_text(block)
        elif language == "python":
            self.python += block
            self.run([sys.executable, "-c", self.python])
        else:
            for line in block.splitlines():
                self.shell(line.split())

    def shell(self, words: list[str]) -> None:
        """One line of a shell; what is installed goes into a folder beside, not among the packages of the tests."""
        if words[0] == "cd":
            self.folder = self.folder / words[1]
        elif words[0] == "pip":
            quiet = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(self.site)]
            self.run([sys.executable, "-m", "pip", "install", *quiet, words[-1]])
        else:
            assert words[0] == "sgnn"
            self.run([sys.executable, "-m", "sgnn.cli", *words[1:]])

    def run(self, command: list[str]) -> None:
        """Run a command that must succeed."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whoever_does_what_the_page_says_ends_with_a_forecast(home: Path) -> None:
    del home
    reader = Reader(Path.cwd())
    for language, block in BLOCK.findall(PAGE.read_text()):
        reader.do(language, block)
    table = (reader.folder / "forecast.csv").read_text().splitlines()
    # four weeks of 23 quantiles
    assert len(table) == 1 + 4 * 23
