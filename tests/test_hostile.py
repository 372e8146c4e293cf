"""Files that somebody made to do harm: each is refused in one line, and runs nothing."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sgnn.corpus.recipe import parse_recipe
from sgnn.errors import DataError, RecipeError, SgnnError
from sgnn.learning.model import load_model, save_model


class Harm:
    """Writes a file where it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.proof}",)


def header_of(length: int) -> bytes:
    """The beginning of a safetensors file that says that its header is so long."""
    return struct.pack("<Q", length) + b"{}"


def zipped(folder: Path) -> bytes:
    """A small file that unpacks to a large one."""
    file = folder / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights", b"\0" * 2**24)
    return file.read_bytes()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Folder of a sound model."""
    from sgnn.learning.model import Model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Dimension, Schema, Variable

    counts = Variable("counts", ("week",), "float32", "count", "observable", "weekly counts")
    schema = Schema((Dimension("week", 60, unit="week"),), (counts,), (), ())
    task = make_task("forecast", {"target": "counts", "horizons": 4})
    return save_model(tmp_path / "model", Model(task, task.network(schema), schema, {}))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda folder: pickle.dumps(Harm(folder / "harmed")), id="a pickle"),
        pytest.param(zipped, id="a zip bomb"),
        pytest.param(lambda _: header_of(2**60), id="a header longer than the file"),
        pytest.param(lambda _: b"", id="nothing"),
    ],
)
def test_weights_that_are_something_else_are_refused_and_run_nothing(
    model: Path, tmp_path: Path, content: Callable[[Path], bytes]
) -> None:
    load_model(model)
    (model / "model.safetensors").write_bytes(content(tmp_path))
    with pytest.raises(DataError):
        load_model(model)
    assert not (tmp_path / "harmed").exists()


def test_a_model_names_its_task_by_an_installed_entry_point_alone(model: Path) -> None:
    document = json.loads((model / "model.json").read_text())
    for task in ("os.system", "subprocess:run", "../forecast", "sgnn.learning.forecast.task:ForecastTask"):
        (model / "model.json").write_text(json.dumps({**document, "task": task}))
        with pytest.raises(SgnnError, match="no task named"):
            load_model(model)


RECIPE = """
name: x
corpus: {name: x, draws: 10, simulators: [{name: "%s"}]}
model: {task: forecast}
training: {steps: 1}
"""


def test_a_recipe_names_simulators_by_installed_entry_points_alone() -> None:
    from sgnn.corpus.digest import corpus_key

    for name in ("os.system", "os:system", "./simulator.py", "../../etc/passwd"):
        with pytest.raises(SgnnError, match="no simulator named"):
            corpus_key(parse_recipe(RECIPE % name, "recipe").corpus)


@pytest.mark.timeout(20)
def test_a_recipe_that_grows_without_end_when_it_is_read_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        before = f"*a{level - 1}"
        lines.append(f"a{level}: &a{level} [{', '.join([before] * 10)}]")
    with pytest.raises(RecipeError):
        parse_recipe("\n".join(lines), "recipe")


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['true']", "!!python/name:os.system ''", "!include x"]
)
def test_a_tag_that_would_make_an_object_is_refused(tag: str) -> None:
    with pytest.raises(RecipeError, match="not YAML"):
        parse_recipe(f"name: {tag}", "recipe")
