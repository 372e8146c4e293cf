from __future__ import annotations

import pickle
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from sgnn.cli.app import app
from sgnn.corpus.recipe import parse_recipe
from sgnn.testing.elsewhere import Job

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


# the one whose simulators are checked in fresh processes too, which take seconds to start
WITH_FRESH_PROCESSES = ROOT / "docs" / "how-to" / "bring-your-own-simulator.md"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(page.read_text()) if found == language]


def sgnn_lines(page: Path) -> list[list[str]]:
    """Arguments of each `sgnn` command of a page, without the variables set before it."""
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    bare = [[word for word in line if not re.match(r"^[A-Z_]+=", word)] for line in words]
    return [line[1:] for line in bare if line and line[0] in ("sgnn", ".venv/bin/sgnn")]


LINES = [pytest.param(line, id=f"{name(page)}: {' '.join(line)}") for page in PAGES for line in sgnn_lines(page)]


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_documentation_is_one_that_exists_with_these_options(line: list[str]) -> None:
    command = get_command(app)
    if line == ["--help"]:
        return
    context = command.make_context("sgnn", list(line), resilient_parsing=False)
    while hasattr(context.command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        _, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(command.name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_other_shell_lines_are_targets_of_the_makefile(page: Path) -> None:
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            if line.startswith("make "):
                assert line.split()[1] in TARGETS


def here(jobs: Sequence[Job], seconds: float) -> list[Any]:
    """Results of what a fresh process would do, as far as this one can tell: jobs are pickled and imported anew."""
    del seconds
    return [pickle.loads(pickle.dumps(job))() for job in jobs]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    monkeypatch.syspath_prepend(str(Path.cwd()))
    if page != WITH_FRESH_PROCESSES:
        monkeypatch.setattr("sgnn.testing.check.elsewhere", here)
    scope: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        title = re.match(r"# (\S+\.py)\n", block)
        if title:
            # a block that begins with a file name is that file
            Path(title[1]).parent.mkdir(parents=True, exist_ok=True)
            Path(title[1]).write_text(block)
        exec(compile(block, title[1] if title else name(page), "exec"), scope)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=name)
def test_a_recipe_of_the_documentation_is_one(page: Path) -> None:
    whole = [block for block in blocks(page, "yaml") if block.startswith("# ")]
    assert whole
    for block in whole:
        assert parse_recipe(block, name(page)).tiny().corpus.draws > 0


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert missing == []
