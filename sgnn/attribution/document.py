"""An explanation as a JSON document and as tables, with where every draw comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sgnn.attribution.drawn import at, quantity_units
from sgnn.attribution.explain import LEVELS, Explanation
from sgnn.attribution.index import About
from sgnn.learning.domain import NOTHING

if TYPE_CHECKING:
    import pandas as pd

    from sgnn.corpus.reader import Corpus


def provenance(about: About) -> dict[str, Any]:
    """Which draws were looked among, and how."""
    return {
        "corpus": about.corpus,
        "content_digest": about.content_digest,
        "version": about.version,
        "model_digest": about.model_digest,
        "length": about.length,
        "hidden": list(about.hidden),
        "draws": about.draws,
        "space": about.space,
        "search": about.search,
        "recall": about.recall,
    }


def documents(found: Explanation, series: Sequence[str]) -> list[dict[str, Any]]:
    """One JSON object for each series, nothing in it infinite or NaN."""
    return [_document(found, row, str(name)) for row, name in enumerate(series)]


def neighbour_table(found: Explanation, series: Sequence[str]) -> pd.DataFrame:
    """A row for each series and neighbour: rank, draw, mechanism, distance, weight, and every quantity."""
    import pandas as pd

    rows = [
        {"series": name, "rank": rank + 1, **one, **one.pop("parameters")}
        for name, document in zip(series, documents(found, series), strict=True)
        for rank, one in enumerate(document["neighbours"])
    ]
    return pd.DataFrame(rows)


def path_table(found: Explanation, series: Sequence[str], corpus: Corpus) -> pd.DataFrame:
    """Paths of all neighbours, observed and latent: ``series, rank, draw, variable, step, value``."""
    import pandas as pd

    names = [variable.name for variable in corpus.schema.variables if len(variable.dims) == 1]
    tables = []
    for row, one in enumerate(series):
        draws = found.draws[row].tolist()
        for name, values in at(corpus, draws, names).items():
            neighbours, steps = values.shape
            tables.append(
                pd.DataFrame(
                    {
                        "series": str(one),
                        "rank": np.repeat(np.arange(1, neighbours + 1), steps),
                        "draw": np.repeat(found.draws[row], steps),
                        "variable": name,
                        "step": np.tile(np.arange(steps), neighbours),
                        "value": values.reshape(-1).astype(np.float64),
                    }
                )
            )
    columns = ["series", "rank", "draw", "variable", "step", "value"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _document(found: Explanation, row: int, name: str) -> dict[str, Any]:
    units = quantity_units(found.schema)
    typical = bool(found.typical[row])
    order = np.argsort(-found.probability[row], kind="stable")
    return {
        "series": name,
        "typicality": float(found.typicality[row]),
        "typical": typical,
        "message": "" if typical else NOTHING,
        "effective_neighbours": float(found.effective[row]),
        "mechanisms": {found.schema.mechanisms[at]: float(found.probability[row, at]) for at in order},
        "parameters": [
            {
                "parameter": quantity,
                "unit": units[at],
                "presence": float(found.presence[row, at]),
                "spread": _number(found.spread[row, at]),
                "quantiles": _quantiles(found.quantiles[row, at]),
            }
            for at, quantity in enumerate(found.names)
            if found.presence[row, at] > 0.0
        ],
        "checks": {summary: _number(found.checks[row, at]) for at, summary in enumerate(found.summaries)},
        "neighbours": [_neighbour(found, row, at) for at in range(found.draws.shape[1])],
    }


def _neighbour(found: Explanation, row: int, at: int) -> dict[str, Any]:
    values = found.quantities[row, at]
    return {
        "draw": int(found.draws[row, at]),
        "mechanism": found.schema.mechanisms[int(found.mechanism[row, at])],
        "distance": float(found.distance[row, at]),
        "weight": float(found.weights[row, at]),
        "parameters": {
            name: float(value) for name, value in zip(found.names, values, strict=True) if math.isfinite(value)
        },
    }


def _quantiles(values: np.ndarray) -> Mapping[str, float | None]:
    return {f"{level:g}": _number(value) for level, value in zip(LEVELS, values, strict=True)}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
