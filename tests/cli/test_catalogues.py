from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.usefixtures("home")


def test_recipes_are_listed_by_name_and_described(sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    listed = {one["name"]: one["description"] for one in sgnn_json("recipes", "list")["recipes"]}
    assert listed["covid"]
    assert all(name in sgnn("recipes", "list")[1] for name in listed)


def test_a_recipe_is_shown_with_its_defaults_and_can_be_read_again(sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    shown = sgnn_json("recipes", "show", "covid")
    assert shown["training"]["gradient_clip"] > 0
    status, out, _ = sgnn("recipes", "show", "covid")
    assert status == 0
    assert yaml.safe_load(out) == shown
    Path("again.yaml").write_text(out)
    assert sgnn_json("recipes", "show", "again.yaml") == shown


def test_the_tiny_version_differs_in_size_alone(sgnn_json: SgnnJson) -> None:
    whole, tiny = sgnn_json("recipes", "show", "covid"), sgnn_json("recipes", "show", "covid", "--tiny")
    assert tiny["corpus"]["draws"] < whole["corpus"]["draws"]
    assert tiny["corpus"]["simulators"] == whole["corpus"]["simulators"]
    assert tiny["model"] == whole["model"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\ncorpus: 3\n", "bad.yaml:2: corpus is 3"),
        ("name: x\ncorps: {}\n", "bad.yaml:2: corps: unknown field"),
        ("name: [x\n", "not YAML"),
    ],
)
def test_a_bad_recipe_is_one_line_with_file_line_and_field(sgnn: Sgnn, text: str, said: str) -> None:
    Path("bad.yaml").write_text(text)
    status, out, err = sgnn("recipes", "show", "bad.yaml")
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_every_simulator_that_is_listed_can_be_shown(sgnn_json: SgnnJson) -> None:
    listed = sgnn_json("simulators", "list")["simulators"]
    assert len(listed) >= 8
    for one in listed:
        shown = sgnn_json("simulators", "show", one["name"])
        assert shown["version"] == one["version"]
        assert shown["prior"]["parameters"]
        assert shown["variables"]


def test_a_simulator_is_shown_with_units_and_sources(sgnn: Sgnn) -> None:
    status, out, _ = sgnn("simulators", "show", "epidemics.seir")
    assert status == 0
    assert "recovery_rate" in out
    assert "1/day" in out
    assert "infections_weekly" in out


def test_an_unknown_simulator_is_answered_with_near_names(sgnn: Sgnn) -> None:
    status, out, err = sgnn("simulators", "show", "epidemics.seirr")
    assert (status, out) == (2, "")
    assert "error: no simulator named 'epidemics.seirr'; one of: epidemics.seir" in err


def test_where_nothing_is_registered_the_commands_about_models_say_so_and_make_no_database(
    sgnn: Sgnn, sgnn_json: SgnnJson, home: Path
) -> None:
    assert sgnn_json("models", "list") == {"models": []}
    assert "no model is registered yet" in sgnn("models", "list")[1]
    for arguments in (["show", "covid"], ["promote", "covid"], ["rollback", "covid"], ["show", "covid/3"]):
        status, out, err = sgnn("models", *arguments)
        assert (status, out) == (2, "")
        assert err.startswith("error: no model named 'covid'")
    assert not (home / "mlflow.db").exists()
