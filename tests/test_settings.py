from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from sgnn.errors import SettingsError
from sgnn.settings import Settings, as_environment, environment_name, load_settings

pytestmark = pytest.mark.usefixtures("home")


def test_without_settings_everything_lies_in_one_folder_below_the_working_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SGNN_HOME")
    settings = load_settings()
    assert settings.home == Path.cwd() / ".sgnn"
    assert settings.store_url == str(settings.home / "corpora")
    assert settings.mlflow_tracking_uri == f"sqlite:///{settings.home}/mlflow.db"
    assert settings.prefect_api_url is None
    folders = (settings.models_folder, settings.runs_folder, settings.reports_folder, settings.prefect_folder)
    assert {folder.parent for folder in (*folders, settings.cache, settings.artifacts_folder)} == {settings.home}


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("sgnn.toml").write_text('workers = 3\ncluster = "processes"\nmlflow_tracking_uri = "http://127.0.0.1:5000"\n')
    monkeypatch.setenv("SGNN_WORKERS", "5")
    settings = load_settings()
    assert (settings.workers, settings.cluster) == (5, "processes")
    assert settings.mlflow_tracking_uri == "http://127.0.0.1:5000"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere.db")
    assert load_settings().mlflow_tracking_uri == "sqlite:////elsewhere.db"


def test_an_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGNN_WORKERS", "5")
    assert load_settings(workers=1).workers == 1


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGNN_STORE", "")
    monkeypatch.setenv("PREFECT_API_URL", "")
    settings = load_settings()
    assert settings.store is None
    assert settings.prefect_api_url is None


@pytest.mark.parametrize(
    ("store", "url"),
    [
        ("s3://bucket/corpora", "s3://bucket/corpora"),
        ("file:///data/my%20corpora", "/data/my corpora"),
        ("/data/corpora", "/data/corpora"),
        ("~/corpora", f"{Path.home()}/corpora"),
    ],
)
def test_a_store_is_an_absolute_folder_or_the_url_of_a_remote_one(store: str, url: str) -> None:
    assert Settings(store=store).store_url == url


def test_a_relative_folder_is_the_same_one_after_the_working_folder_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=Path("here"), data_mirror=Path("data"))
    start = Path.cwd()
    monkeypatch.chdir("/")
    assert settings.home == start / "here"
    assert settings.data_mirror == start / "data"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SGNN_WORKERS", "many", "SGNN_WORKERS is 'many': input should be a valid integer"),
        ("SGNN_WORKERS", "0", "SGNN_WORKERS is '0': input should be greater than or equal to 1"),
        ("SGNN_CLUSTER", "cloud", "SGNN_CLUSTER is 'cloud': input should be 'local', 'processes'"),
        ("SGNN_WORKERS_MIN", "999999", "SGNN_WORKERS_MIN is '999999': input should not be greater than workers"),
        ("SGNN_WORKER_MEMORY", "much", "SGNN_WORKER_MEMORY is 'much': could not parse"),
        ("SGNN_WORKER_RESOURCES", "GPU", "SGNN_WORKER_RESOURCES is 'GPU': input should be NAME=NUMBER"),
        ("SGNN_WORKER_RESOURCES", "GPU=x", "SGNN_WORKER_RESOURCES is 'x': input should be a valid number"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worker = 2\n", "sgnn.toml: unknown setting 'worker'; known are home, store"),
        ("workers = 2.5\n", "sgnn.toml: workers is 2.5: input should be a valid integer"),
        ("workers = \n", "sgnn.toml: not TOML: Invalid value (at line 1"),
    ],
)
def test_a_bad_settings_file_is_refused_in_one_line(text: str, said: str) -> None:
    Path("sgnn.toml").write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert said in str(raised.value)


def test_lists_are_written_a_line_each_and_resources_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGNN_QUEUE_DIRECTIVES", "--exclusive\n--gres=gpu:1\n")
    monkeypatch.setenv("SGNN_WORKER_RESOURCES", "GPU=1, DISK=2.5")
    monkeypatch.setenv("SGNN_WORKER_MEMORY", "1.5GiB")
    settings = load_settings()
    assert settings.queue_directives == ("--exclusive", "--gres=gpu:1")
    assert settings.worker_resources == {"GPU": 1.0, "DISK": 2.5}
    assert settings.worker_memory == 3 * 2**29
    monkeypatch.delenv("SGNN_QUEUE_DIRECTIVES")
    Path("sgnn.toml").write_text('queue_directives = ["--exclusive"]\nworker_resources = {GPU = 1}\n')
    assert load_settings().queue_directives == ("--exclusive",)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().workers = 7  # type: ignore[misc]


def test_settings_travel_to_another_process_unchanged() -> None:
    settings = load_settings(workers=3)
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_every_setting_has_one_variable_and_says_what_it_means() -> None:
    names = [environment_name(field) for field in Settings.model_fields]
    assert len(set(names)) == len(names)
    assert all(field.description for field in Settings.model_fields.values())
    assert {"SGNN_HOME", "PREFECT_API_URL", "MLFLOW_TRACKING_URI", "SGNN_DATA_MIRROR"} <= set(names)


def test_by_default_there_is_a_worker_for_each_core_of_this_process() -> None:
    assert 1 <= load_settings().workers <= len(os.sched_getaffinity(0))


@pytest.mark.usefixtures("home")
def test_the_environment_gives_another_process_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (
        load_settings(),
        load_settings(worker_resources={"GPU": 1}, queue_directives=("--gres=gpu:1", "--exclusive"), queue="long"),
    ):
        for name, value in as_environment(given).items():
            monkeypatch.setenv(name, value)
        assert load_settings() == given
