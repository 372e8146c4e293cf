from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from typer._click.core import Command
from typer.core import TyperGroup
from typer.main import get_command

from sgnn.cli.app import app

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def commands(command: Command, path: tuple[str, ...] = ()) -> list[tuple[str, Command]]:
    if not isinstance(command, TyperGroup):
        return [(" ".join(path), command)]
    return [leaf for name, child in command.commands.items() for leaf in commands(child, (*path, name))]


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("name", ["settings", "recipe"])
def test_the_tables_of_a_page_are_those_of_the_types(name: str) -> None:
    page = (REFERENCE / f"{name}.md").read_text()
    filled = runpy.run_path(str(ROOT / "infra" / "reference_tables.py"))["filled"]
    assert filled(page) == page, "run: python infra/reference_tables.py"
    assert page.count("| --- |") > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_the_command_names_all_arguments_and_options(name: str) -> None:
    page = (REFERENCE / "command.md").read_text()
    section = page.split(f"\n## sgnn {name}\n")[1].split("\n## ")[0].lower()
    names = {option for one in COMMANDS[name].params if one.name != "help" for option in one.opts}
    assert {one for one in names if one.lower() not in section} == set()


def test_the_page_of_the_command_names_no_command_that_is_not_there() -> None:
    page = (REFERENCE / "command.md").read_text()
    assert set(re.findall(r"^## sgnn (.+)$", page, flags=re.MULTILINE)) == set(COMMANDS)
