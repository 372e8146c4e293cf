"""A trained model on disk: weights as safetensors, everything else as JSON. Loading runs no code of the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgnn.errors import DataError
from sgnn.files import whole
from sgnn.learning.task import Task, make_task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    import xarray as xr
    from torch import nn

WEIGHTS, SETTINGS = "model.safetensors", "model.json"
FORMAT = 1


@dataclass(frozen=True)
class Model:
    """A network with its task, the schema of the corpus that taught it, and where it comes from."""

    task: Task
    network: nn.Module
    schema: Schema
    provenance: Mapping[str, Any]

    def in_steps(self, panel: xr.Dataset) -> xr.Dataset:
        """The panel in the steps that the model forecasts: days become weeks for one that learnt weeks."""
        from sgnn.learning.panel import to_weekly

        target = self.schema.variable(str(self.task.settings["target"]))
        return to_weekly(panel) if self.schema.dimension(target.dims[0]).unit == "week" else panel

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """Forecasts ``forecast(series, origin, horizon, quantile)`` of a panel; see `forecast.predict`."""
        from sgnn.learning.forecast.predict import predict

        return predict(self, panel, origins, horizon)

    def embed(self, panel: xr.Dataset, origins: Sequence[int]) -> Any:
        """Embeddings (series, origin, feature) of the panel's pasts up to each origin."""
        from sgnn.learning.forecast.predict import embed

        return embed(self, panel, origins)


def save_model(folder: Path, model: Model) -> Path:
    """Write the model into a folder that appears whole or not at all; an older one there is replaced."""
    from safetensors.torch import save_file

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.network.state_dict().items()}
    document = {
        "format": FORMAT,
        "task": model.task.name,
        "settings": model.task.settings,
        "schema": model.schema.to_json(),
        "provenance": dict(model.provenance),
    }
    with whole(folder) as draft:
        draft.mkdir(parents=True)
        save_file(weights, draft / WEIGHTS)
        (draft / SETTINGS).write_text(json.dumps(document, indent=1))
    return folder


def load_model(folder: str | Path) -> Model:
    """The model in a folder. Raises `DataError` where there is none, or its weights do not fit its settings."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    place = Path(folder)
    try:
        document = json.loads((place / SETTINGS).read_text())
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}, this version reads {FORMAT}")
        task = make_task(document["task"], document["settings"])
        schema = Schema.from_json(document["schema"])
        weights = load_file(place / WEIGHTS)
    except FileNotFoundError as error:
        raise DataError(
            f"{place} holds no model: {Path(str(error.filename)).name} is missing",
            remedy="name a registered model or a folder that `sgnn train` wrote",
        ) from error
    except (ValueError, KeyError, TypeError, OSError, SafetensorError) as error:
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
    return Model(task, network, schema, document["provenance"])
