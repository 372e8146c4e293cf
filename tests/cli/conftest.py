"""A corpus that is there already, made by a toy package of somebody else's, as a user's would be."""

from __future__ import annotations

import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sgnn.cli.entry import run

WALKS = Path(__file__).parents[1] / "corpus" / "walks"
RECIPE = "walks"


@pytest.fixture(scope="session")
def walks() -> Iterator[str]:
    """Name of a recipe of an installed package: 100 random walks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(WALKS))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(WALKS), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep))
        importlib.invalidate_caches()
        yield RECIPE


@pytest.fixture(scope="session")
def made(walks: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a committed corpus in it, made without a cluster."""
    from sgnn.corpus.build import commit, make_block, prepare
    from sgnn.corpus.recipe import load_recipe
    from sgnn.settings import load_settings

    folder = tmp_path_factory.mktemp("made")
    plan = prepare(load_recipe(walks), load_settings(home=folder))
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    return folder


@pytest.fixture
def corpus(walks: str, made: Path, home: Path) -> str:
    """Name of a committed corpus in the home folder."""
    shutil.copytree(made, home)
    return walks


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sgnn(capfd: pytest.CaptureFixture[str]) -> Told:
    """Runs a command line in this process; gives status, standard output and standard error."""

    def told(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        status = run(arguments)
        captured = capfd.readouterr()
        return status, captured.out, captured.err

    return told


@pytest.fixture
def sgnn_json(sgnn: Told) -> Callable[..., dict[str, Any]]:
    """Runs a command line with `--json` that must succeed; gives its object, which must be all of standard output."""

    def answer(*arguments: str) -> dict[str, Any]:
        status, out, err = sgnn(*arguments, "--json")
        assert status == 0, err
        document = json.loads(out)
        assert isinstance(document, dict)
        return document

    return answer
