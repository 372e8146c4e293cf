"""Every command of docs/operations.md, run in the order in which it stands there, on a stack of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import USUAL, any_free_port
from tests.cli.stack.conftest import TOY

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
RECIPE = "slow-walks"
"""Stands for the recipe of the page, which takes longer."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, with `sgnn` and `prefect` as programs."""
    root = Path(tempfile.mkdtemp(prefix="sgnn-operations-"))
    root.chmod(0o755)
    (root / "bin").mkdir()
    for name, module in {"sgnn": "sgnn.cli", "prefect": "prefect"}.items():
        program = root / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n')
        program.chmod(0o755)
    yield root
    for home in (".sgnn", "elsewhere"):
        down = [sys.executable, "-m", "sgnn.cli", "stack", "down"]
        subprocess.run(down, env={**os.environ, "SGNN_HOME": str(root / home)}, cwd=root, capture_output=True)
    shutil.rmtree(root, ignore_errors=True)


def script(place: Path) -> str:
    """All blocks as one script; what is to be done on another machine is done in another home folder."""
    lines = ["set -euo pipefail"]
    for block in BLOCKS:
        text = block.replace("/backups/", f"{place}/backups/")
        text = re.sub(r"\bcovid\b(?!-)", RECIPE, text)
        if "stack restore" in block:
            elsewhere = f"export SGNN_HOME={place}/elsewhere; unset SGNN_SETTINGS"
            there = f"export SGNN_SETTINGS={place}/elsewhere/stack/sgnn.toml"
            text = text.replace("sgnn models", f"{there}\nsgnn models")
            text = f"sgnn stack down\n(\n{elsewhere}\n{text}sgnn stack down\n)\nsgnn stack up\n"
        lines += [f"echo '--- {line}'" for line in block.splitlines() if "'" not in line][:1]
        lines.append(text)
    # the page leaves no stack running that nobody asked for
    return "\n".join(lines)


def test_the_page_tells_how_to_install_watch_save_restore_and_rotate() -> None:
    told = "".join(BLOCKS)
    for command in ("up", "status", "logs", "down", "backup", "restore", "rotate", "certs"):
        assert f"sgnn stack {command}" in told


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_every_command_of_the_page_does_what_it_says_from_the_first_to_the_last(place: Path) -> None:
    layout = Layout(place / ".sgnn" / "stack")
    layout.root.mkdir(parents=True)
    layout.ports.write_text(json.dumps({name: any_free_port() for name in USUAL}))
    for folder in ("backups", "no-data"):
        (place / folder).mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SGNN_", "AWS_", "PREFECT_"))}
    environment = {
        **kept,
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(TOY),
        # tables as wide as they like
        "COLUMNS": "200",
        "SGNN_WORKERS": "1",
        "SGNN_DATA_MIRROR": str(place / "no-data"),
    }
    command = ["bash", "-c", script(place)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=2300)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    # the restored stack and the first one know the same model
    assert len(re.findall(rf"{RECIPE}-tiny/1\b", done.stdout)) >= 2
    assert (place / ".sgnn" / "dashboard.html").is_file()
