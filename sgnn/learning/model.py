"""A trained model on disk: weights as safetensors, everything else as JSON. Loading runs no code of the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.files import whole
from sgnn.learning.calibration import Calibration, calibration_of
from sgnn.learning.domain import Domain, domain_of_tensors
from sgnn.learning.task import Arrays, Task, make_task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from torch import nn

WEIGHTS, SETTINGS, DOMAIN = "model.safetensors", "model.json", "domain.safetensors"
FORMAT = 1
_MOST = 512
"""Draws embedded at a time."""


@dataclass(frozen=True)
class Model:
    """A network with its task, the schema of the corpus that taught it, and where it comes from."""

    task: Task
    network: nn.Module
    schema: Schema
    provenance: Mapping[str, Any]
    domain: Domain | None = None
    """What the draws that taught it look like, by which data are judged; None where that is not known."""
    calibration: Calibration | None = None
    """How far its quantiles are moved to hold what they say; None for nowhere."""

    def in_steps(self, panel: xr.Dataset) -> xr.Dataset:
        """The panel in the steps that the model forecasts: days become weeks for one that learnt weeks.

        Raises `DataError` for a model that does not forecast.
        """
        if "target" not in self.task.settings:
            raise DataError(
                f"a model of the task '{self.task.name}' does not forecast", remedy="use a model trained for `forecast`"
            )
        return self.prepared(panel)

    def prepared(self, panel: xr.Dataset, today: pd.Timestamp | None = None) -> xr.Dataset:
        """The panel as the network has learnt to see series; see `Task.prepared`."""
        return self.task.prepared(self.schema, panel, today)

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """Forecasts ``forecast(series, origin, horizon, quantile)`` of a panel; see `forecast.predict`."""
        from sgnn.learning.forecast.predict import predict

        return predict(self, panel, origins, horizon)

    def embed(self, panel: xr.Dataset) -> NDArray[np.float32]:
        """Embeddings (series, feature) of a panel's series, whole: of a forecaster, at their last step."""
        return self.embed_draws(self.task.shown(panel))

    def embed_draws(self, shown: Arrays) -> NDArray[np.float32]:
        """Embeddings (draw, feature) of draws, from arrays (draw, …) of what the task's network sees; any number."""
        import torch

        number = len(next(iter(shown.values())))
        with torch.inference_mode():
            parts = [
                self.task.embedding(self.network, {name: array[at : at + _MOST] for name, array in shown.items()})
                for at in range(0, number, _MOST)
            ]
        return np.asarray(torch.cat(parts).float().cpu().numpy())

    @cached_property
    def digest(self) -> str:
        """Digest of weights, task and settings: of all that an embedding depends on."""
        whole = hashlib.sha256(json.dumps([self.task.name, self.task.settings], sort_keys=True).encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            array = tensor.detach().cpu().contiguous().numpy()
            whole.update(f"{name} {array.dtype} {array.shape}".encode())
            whole.update(array.tobytes())
        return whole.hexdigest()[:32]


def save_model(folder: Path, model: Model) -> Path:
    """Write the model into a folder that appears whole or not at all; an older one there is replaced."""
    from safetensors.numpy import save_file as save_numpy
    from safetensors.torch import save_file

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.network.state_dict().items()}
    document = {
        "format": FORMAT,
        "task": model.task.name,
        "settings": model.task.settings,
        "schema": model.schema.to_json(),
        "provenance": dict(model.provenance),
        **({"calibration": model.calibration.to_json()} if model.calibration is not None else {}),
    }
    with whole(folder) as draft:
        draft.mkdir(parents=True)
        save_file(weights, draft / WEIGHTS)
        if model.domain is not None:
            save_numpy(model.domain.tensors(), draft / DOMAIN)
        (draft / SETTINGS).write_text(json.dumps(document, indent=1))
    return folder


def load_model(folder: str | Path) -> Model:
    """The model in a folder. Raises `DataError` where there is none, or its weights do not fit its settings."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file as load_numpy
    from safetensors.torch import load_file

    place = Path(folder)
    try:
        document = json.loads((place / SETTINGS).read_text())
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}, this version reads {FORMAT}")
        task = make_task(document["task"], document["settings"])
        schema = Schema.from_json(document["schema"])
        calibration = calibration_of(document["calibration"]) if "calibration" in document else None
        weights = load_file(place / WEIGHTS)
        domain = domain_of_tensors(load_numpy(place / DOMAIN)) if (place / DOMAIN).is_file() else None
    except FileNotFoundError as error:
        raise DataError(
            f"{place} holds no model: {Path(str(error.filename)).name} is missing",
            remedy="name a registered model or a folder that `sgnn train` wrote",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError, SafetensorError) as error:
        raise DataError(f"{place} is not a readable model: {error}", remedy="train or download it anew") from error
    network = task.network(schema)
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    if expected != found:
        odd = min(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        raise DataError(
            f"{place}: weight '{odd}' is {found.get(odd, 'missing')}, expected {expected.get(odd, 'none')}",
            remedy="train it anew",
        )
    network.load_state_dict(weights)
    network.eval()
    return Model(task, network, schema, document["provenance"], domain, calibration)
