"""A logged model: what lies in it, and what must not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow.models.model import Model as ModelFile

from sgnn.errors import DataError
from sgnn.tracking.connection import Tracking
from sgnn.tracking.models import folder_digest, input_example, log_forecaster, signature
from sgnn.tracking.runs import pipeline_run

Weights = Callable[[int], Path]


def test_a_logged_model_holds_code_weights_signature_example_card_and_results(
    tracking: Tracking, weights: Weights, benchmark: Callable[..., dict[str, Any]]
) -> None:
    with pipeline_run(tracking, "covid", "identity") as run:
        logged = log_forecaster(
            run,
            weights(0),
            "covid",
            "# covid",
            benchmarks={"real": benchmark(0.6)},
            parameters={"width": 256},
        )
    files = {
        path.relative_to(logged.location).as_posix() for path in Path(logged.location).rglob("*") if path.is_file()
    }
    assert {
        "MLmodel",
        "README.md",
        "artifacts/model/model.json",
        "artifacts/model/model.safetensors",
        "benchmarks/real.json",
        "input_example.json",
        "pyfunc_model.py",
        "requirements.txt",
    } <= files
    assert not [file for file in files if file.endswith((".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin"))]
    declared = ModelFile.load(logged.location).signature
    assert [column.name for column in declared.inputs.inputs] == ["series", "date", "value", "admissions"]
    assert [(one.name, one.default) for one in declared.params.params] == [("horizon", 8), ("origins", "last")]
    kept = tracking.client.get_logged_model(logged.model_id)
    assert (str(kept.status), kept.params["width"]) == ("READY", "256")
    outputs = tracking.client.get_run(run.run_id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [logged.model_id]


def test_a_model_folder_takes_its_own_files_alone(tracking: Tracking, weights: Weights) -> None:
    folder = weights(0)
    (folder / "last.ckpt").write_bytes(b"pickled things")
    with pipeline_run(tracking, "covid", "identity") as run:
        logged = log_forecaster(run, folder, "covid", "")
    assert not list(Path(logged.location).rglob("*.ckpt"))


def test_a_folder_without_a_model_is_an_error_and_logs_nothing(tracking: Tracking, tmp_path: Path) -> None:
    with pipeline_run(tracking, "covid", "identity") as run, pytest.raises(DataError, match="holds no model"):
        log_forecaster(run, tmp_path, "covid", "")
    assert not tracking.client.search_logged_models([tracking.experiment_id])


def test_a_digest_changes_with_any_byte_of_the_weights(weights: Weights) -> None:
    assert folder_digest(weights(0)) == folder_digest(weights(0))
    assert folder_digest(weights(0)) != folder_digest(weights(1))
    file = weights(1) / "model.safetensors"
    before = folder_digest(weights(1))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    assert folder_digest(file.parent) != before


def test_the_signature_takes_whole_and_real_counts_and_dates_as_text_or_dates() -> None:
    from mlflow.models.utils import _enforce_schema

    declared = signature(("admissions",), 4).inputs
    example = input_example(("admissions",))
    for table in (
        example,
        example.drop(columns="admissions"),
        example.astype({"value": int}),
        example.assign(date=pd.to_datetime(example["date"])),
    ):
        assert list(_enforce_schema(table, declared)["value"]) == list(table["value"])
