"""A trained model logged with MLflow: code, safetensors, signature, example and card, and nothing pickled."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow.pyfunc
import pandas as pd
from mlflow.entities import LoggedModelOutput
from mlflow.models import ModelSignature
from mlflow.models.model import Model as ModelFile
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import AnyType

from sgnn.errors import DataError

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run

__all__ = ["CARD", "DATASHEET", "LoggedForecaster", "folder_digest", "input_example", "log_forecaster", "signature"]

CARD = "README.md"
"""The model card's file beside the logged model."""
DATASHEET = "DATASHEET.md"
"""The datasheet of the corpus that taught it, likewise."""
MODEL_FOLDER = "artifacts/model"
"""The trained model's folder, inside the logged one."""
MODEL_FILES = ("model.json", "model.safetensors")
DOMAIN_FILE = "domain.safetensors"
"""What data are judged by, in the folder of a model that has it."""
CODE = Path(__file__).with_name("pyfunc_model.py")
REQUIREMENTS = ("sgnn", "mlflow", "torch", "numpy", "pandas", "xarray", "safetensors")
EXAMPLE_STEPS = 16


@dataclass(frozen=True)
class LoggedForecaster:
    """A forecaster whose files MLflow keeps, not yet in the registry."""

    model_id: str
    location: str
    run_id: str
    digest: str
    """Digest of the trained model's folder."""

    @property
    def uri(self) -> str:
        """Address for `mlflow.pyfunc.load_model`."""
        return f"models:/{self.model_id}"


def log_forecaster(
    run: Run,
    folder: Path,
    name: str,
    card: str,
    *,
    datasheet: str = "",
    benchmarks: Mapping[str, Mapping[str, Any]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> LoggedForecaster:
    """Log the trained model in `folder` as the output of a run; card, datasheet and benchmark JSON lie beside it.

    Raises `DataError` where the folder holds no model.
    """
    client = run.tracking.client
    digest = folder_digest(folder)
    texts = {key: str(value) for key, value in (parameters or {}).items()}
    logged = client.create_logged_model(
        run.tracking.experiment_id, name=name, source_run_id=run.run_id, params=texts, tags={"sgnn.digest": digest}
    )
    try:
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) / "logged"
            weights = Path(scratch) / Path(MODEL_FOLDER).name
            _copy_model(folder, weights)
            _save(target, weights, ModelFile(model_id=logged.model_id, run_id=run.run_id))
            (target / CARD).write_text(card, encoding="utf-8")
            if datasheet:
                (target / DATASHEET).write_text(datasheet, encoding="utf-8")
            for protocol, benchmark in (benchmarks or {}).items():
                write_benchmark(target, protocol, benchmark)
            client.log_model_artifacts(logged.model_id, str(target))
        client.finalize_logged_model(logged.model_id, "READY")
    except BaseException:
        client.finalize_logged_model(logged.model_id, "FAILED")
        raise
    client.log_outputs(run.run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return LoggedForecaster(logged.model_id, logged.artifact_location, run.run_id, digest)


def write_benchmark(folder: Path, protocol: str, benchmark: Mapping[str, Any]) -> Path:
    """A benchmark's JSON in the place that it has beside a logged model."""
    file = folder / "benchmarks" / f"{protocol}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(benchmark, indent=1, sort_keys=True), encoding="utf-8")
    return file


def folder_digest(folder: Path) -> str:
    """First 128 bits of the sha256 over a trained model's files, as hexadecimal figures.

    Raises `DataError` where the folder holds no model.
    """
    digest = hashlib.sha256()
    for name in MODEL_FILES:
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise DataError(
                f"{folder} holds no model: {name} cannot be read", remedy="train a model into it"
            ) from error
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    if (folder / DOMAIN_FILE).is_file():
        digest.update(f"{DOMAIN_FILE} {hashlib.sha256((folder / DOMAIN_FILE).read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def signature(covariates: Sequence[str], horizon: int) -> ModelSignature:
    """Columns in, columns out, parameters.

    Dates may be text or dates, and counts whole or not: MLflow refuses whole numbers where a real one is declared.
    """
    anything = AnyType()  # type: ignore[no-untyped-call]
    columns = [ColSpec(DataType.string, "series"), ColSpec(anything, "date"), ColSpec(anything, "value")]
    columns += [ColSpec(anything, name, required=False) for name in covariates]
    forecast = [
        ColSpec(DataType.string, "series"),
        ColSpec(DataType.datetime, "origin"),
        ColSpec(DataType.long, "horizon"),
        ColSpec(DataType.datetime, "date"),
        ColSpec(DataType.double, "quantile"),
        ColSpec(DataType.double, "value"),
    ]
    settings = [ParamSpec("horizon", DataType.long, horizon), ParamSpec("origins", DataType.string, "last")]
    return ModelSignature(inputs=Schema([*columns]), outputs=Schema([*forecast]), params=ParamSchema(settings))


def estimate_signature(channels: Sequence[str]) -> ModelSignature:
    """Columns in and out of a model that estimates; its first channel is the column `value`."""
    anything = AnyType()  # type: ignore[no-untyped-call]
    columns = [ColSpec(DataType.string, "series"), ColSpec(anything, "date"), ColSpec(anything, "value")]
    columns += [ColSpec(anything, name, required=False) for name in channels[1:]]
    answers = [ColSpec(DataType.string, name) for name in ("series", "parameter", "unit")]
    answers += [ColSpec(DataType.double, name, required=False) for name in ("quantile", "value", "typicality")]
    return ModelSignature(inputs=Schema([*columns]), outputs=Schema([*answers]))


def input_example(covariates: Sequence[str], every: str = "7D") -> pd.DataFrame:
    """A short series that rises and falls, weekly unless ``every`` says otherwise, in long format."""
    dates = pd.date_range("2024-01-06", periods=EXAMPLE_STEPS, freq=every).strftime("%Y-%m-%d")
    counts = [float(10 + 6 * step - 0.4 * step**2) for step in range(EXAMPLE_STEPS)]
    table = pd.DataFrame({"series": "example", "date": dates, "value": counts})
    return table.assign(**{name: [5 * count for count in counts] for name in covariates})


def _copy_model(folder: Path, target: Path) -> None:
    """The model's own files alone: checkpoints and logs may lie beside them."""
    target.mkdir()
    for name in (*MODEL_FILES, DOMAIN_FILE):
        if name in MODEL_FILES or (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)


def _save(target: Path, weights: Path, file: ModelFile) -> None:
    document = json.loads((weights / "model.json").read_text(encoding="utf-8"))
    declared, example = _interface(document.get("task", "forecast"), document.get("settings", {}))
    mlflow.pyfunc.save_model(
        path=str(target),
        python_model=str(CODE),
        artifacts={"model": str(weights)},
        signature=declared,
        input_example=example,
        # asking MLflow to infer them imports everything again in a process of its own
        pip_requirements=_requirements(),
        mlflow_model=file,
    )


def _interface(task: str, settings: Mapping[str, Any]) -> tuple[ModelSignature, pd.DataFrame]:
    """Signature and example of a model, by its task."""
    if task == "estimate":
        channels: list[str] = settings.get("series", ["value"])
        return estimate_signature(channels), input_example(channels[1:], "D")
    covariates: list[str] = settings.get("covariates", [])
    return signature(covariates, int(settings.get("horizons", 4))), input_example(covariates)


def _requirements() -> list[str]:
    lines = []
    for name in REQUIREMENTS:
        try:
            lines.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            lines.append(name)
    return lines
