"""Kept results: found for the same inputs only, and never half written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.kept import RunFolder, Told, code_digest, package_of, recipe_digest, run_folder
from sgnn.corpus.recipe import load_recipe
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, SIMULATORS

TOLD = Told("20 steps", 1.5, "run-1")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_a_result_is_found_for_the_same_inputs_and_for_no_others(folder: RunFolder) -> None:
    folder.keep("pretrain", "key", {"loss": 0.5}, told=TOLD)
    assert folder.find("pretrain", "key") == {"loss": 0.5}
    assert folder.find("pretrain", "other key") is None
    assert folder.find("benchmark", "key") is None
    assert folder.told("pretrain") == TOLD
    assert folder.told("benchmark") is None


def test_a_later_result_replaces_the_earlier_one(folder: RunFolder) -> None:
    folder.keep("pretrain", "first", {"loss": 0.5})
    folder.keep("pretrain", "second", {"loss": 0.4})
    assert folder.find("pretrain", "first") is None
    assert folder.find("pretrain", "second") == {"loss": 0.4}
    assert [file.name for file in folder.path.iterdir()] == ["pretrain.json"]


def test_a_result_whose_files_are_gone_does_not_count(folder: RunFolder, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    folder.keep("pretrain", "key", {}, files=[model])
    assert folder.find("pretrain", "key") == {}
    model.rmdir()
    assert folder.find("pretrain", "key") is None


@pytest.mark.parametrize("text", ["", "{", '{"key": "key"', "[]", "null"])
def test_a_damaged_record_counts_as_none(folder: RunFolder, text: str) -> None:
    folder.keep("pretrain", "key", {})
    (folder.path / "pretrain.json").write_text(text)
    assert folder.find("pretrain", "key") is None
    assert folder.told("pretrain") is None


def test_recipes_that_differ_in_any_part_have_folders_of_their_own(tmp_path: Path) -> None:
    recipe = load_recipe("slow-walks")
    training = recipe.training.model_copy(update={"learning_rate": 0.5})
    others = [recipe.tiny(), recipe.with_draws(7), recipe.model_copy(update={"training": training})]
    assert len({recipe_digest(one) for one in [recipe, *others]}) == 4
    assert run_folder(recipe, load_settings(home=tmp_path)).path.parent == tmp_path / "runs"


def digest_elsewhere(folder: Path) -> str:
    code = "from flows.kept import code_digest; print(code_digest('some_code'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_digest_of_code_changes_with_any_file_of_a_package(tmp_path: Path) -> None:
    part = tmp_path / "some_code" / "part"
    part.mkdir(parents=True)
    (part / "deep.py").write_text("x = 1\n")
    before = digest_elsewhere(tmp_path)
    assert digest_elsewhere(tmp_path) == before
    (part / "deep.py").write_text("x = 2\n")
    after = digest_elsewhere(tmp_path)
    assert after != before
    (part / "more.py").write_text("")
    assert digest_elsewhere(tmp_path) not in (before, after)


def test_a_module_that_is_no_package_has_a_digest_too() -> None:
    assert code_digest("this") != code_digest("antigravity")


def test_the_package_behind_a_registered_name_is_that_of_its_owner() -> None:
    assert package_of(SIMULATORS, "slow.walk") == "slow_walks"
    assert package_of(PROTOCOLS, "synthetic") == "sgnn.evaluation"
