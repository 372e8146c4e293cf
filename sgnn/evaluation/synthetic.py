"""The protocol `synthetic`: held-out draws of the model's own corpus, by mechanism."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.corpus.reader import open_corpus
from sgnn.errors import DataError
from sgnn.evaluation.baselines import BASELINES, CHEAP, baseline_forecasts
from sgnn.evaluation.benchmark import Benchmark, Forecasts
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.rolling import rolling
from sgnn.learning.forecast.task import ForecastTask
from sgnn.learning.model import Model
from sgnn.learning.stream import CorpusStream
from sgnn.settings import Settings

DRAWS = 600
ORIGINS = 3
FIRST_CONTEXT = 20
METHODS = (*CHEAP, "auto_ets", "theta")


class Synthetic(Protocol):
    """Held-out draws, three origins each, beside baselines: what the network can do where its prior is true.

    Every draw counts alike: errors are in units of the draw's own mean, else a few large epidemics were all the score.
    """

    name = "synthetic"

    def __init__(self, draws: int = DRAWS, methods: tuple[str, ...] = METHODS) -> None:
        self.draws, self.methods = draws, methods

    def tiny(self) -> Synthetic:
        """A few draws beside the cheapest baselines."""
        return Synthetic(draws=40, methods=CHEAP)

    def run(self, model: Model, settings: Settings, name: str = "model") -> Benchmark:
        """Score on the corpus that the model was trained on. Raises `DataError` for a model that does not forecast."""
        if not isinstance(model.task, ForecastTask):
            raise DataError(
                f"protocol synthetic scores forecasts, the model's task is '{model.task.name}'",
                remedy="choose a protocol for that task",
            )
        options = model.task.options
        corpus = open_corpus(model.provenance["corpus_content_digest"], settings)
        stream = CorpusStream([(corpus, 1.0)], (*model.task.channels, "mechanism"), 1, 0, "held_out")
        draws = stream.all(self.draws)
        panel = _panel(draws, options.target, options.covariates)
        values = panel["value"].to_numpy()
        origins = spread_origins(values.shape[1], options.least_context, options.horizons)
        baselines = baseline_forecasts(
            values, origins, options.horizons, self.methods, settings.cache, settings.workers
        )
        return Benchmark(
            protocol=self.name,
            model=name,
            forecasts=in_own_units(rolling(model, panel, origins, options.horizons, baselines)),
            data={f"corpus {corpus.name} version {corpus.version}": corpus.content_digest},
            notes=(
                f"{len(values)} held-out draws, {len(origins)} origins each; errors in units of the mean of each draw",
                *(f"{one} is left out for its cost" for one in BASELINES if one not in self.methods),
            ),
            groups={
                mechanism: tuple(int(row) for row in np.flatnonzero(draws["mechanism"] == index))
                for index, mechanism in enumerate(corpus.schema.mechanisms)
                if (draws["mechanism"] == index).any()
            },
        )


def spread_origins(steps: int, least_context: int, horizon: int) -> list[int]:
    """Origins spread evenly from a context of 20 steps, or as many as there are, to the last with all its truths."""
    last = steps - horizon - 1
    first = min(max(FIRST_CONTEXT, least_context) - 1, last)
    return sorted({int(origin) for origin in np.linspace(first, last, ORIGINS)})


def in_own_units(forecasts: Forecasts) -> Forecasts:
    """Every series in units of its own mean, at least 1, so that the sizes of series do not weigh their errors."""
    seen = ~np.isnan(forecasts.values)
    means = np.where(seen, forecasts.values, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    unit = np.maximum(means, 1.0)

    def scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values / unit.reshape(-1, *[1] * (values.ndim - 1)))

    return Forecasts(
        methods={name: scaled(one) for name, one in forecasts.methods.items()},
        truth=scaled(forecasts.truth),
        levels=forecasts.levels,
        series=forecasts.series,
        origins=forecasts.origins,
        values=scaled(forecasts.values),
        dates=forecasts.dates,
    )


def _panel(draws: dict[str, NDArray[Any]], target: str, covariates: tuple[str, ...]) -> xr.Dataset:
    names = {"value": target} | {name: name for name in covariates}
    return xr.Dataset(
        {name: (("series", "time"), draws[variable].astype(np.float64)) for name, variable in names.items()},
        coords={
            "series": [f"draw {draw}" for draw in draws["draw"]],
            "time": np.arange(draws[target].shape[1]),
        },
    )
