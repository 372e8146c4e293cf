"""The protocol `synthetic`: held-out draws of the model's own corpus, by mechanism."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgnn.corpus.reader import open_corpus
from sgnn.errors import DataError
from sgnn.evaluation.baselines import CHEAP, baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Benchmark, Forecasts
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.forecast.quantiles import LEVELS
from sgnn.learning.forecast.task import ForecastTask
from sgnn.learning.model import Model
from sgnn.learning.stream import CorpusStream
from sgnn.settings import Settings

DRAWS = 600
ORIGINS = 3
METHODS = ("last_value", "damped_drift", "auto_ets", "theta")


class Synthetic(Protocol):
    """Held-out draws, three origins each, beside cheap baselines: what the network can do where its prior is true."""

    name = "synthetic"

    def __init__(self, draws: int = DRAWS, methods: tuple[str, ...] = METHODS) -> None:
        self.draws, self.methods = draws, methods

    def tiny(self) -> Synthetic:
        """A few draws beside the cheapest baselines."""
        return Synthetic(draws=40, methods=CHEAP)

    def run(self, model: Model, settings: Settings, name: str = "model") -> Benchmark:
        """Score on the corpus that the model was trained on."""
        import xarray as xr

        if not isinstance(model.task, ForecastTask):
            raise DataError(f"protocol synthetic scores forecasts, the model's task is '{model.task.name}'")
        options = model.task.options
        corpus = open_corpus(model.provenance["corpus_content_digest"], settings)
        stream = CorpusStream([(corpus, 1.0)], (*model.task.channels, "mechanism"), 1, 0, "held_out")
        draws: dict[str, Any] = stream.all(self.draws)
        values = draws[options.target].astype(np.float64)
        time = values.shape[1]
        origins = [int(origin) for origin in np.linspace(20, time - options.horizons - 1, ORIGINS)]
        panel = xr.Dataset(
            {"value": (("series", "time"), values)}
            | {name: (("series", "time"), draws[name]) for name in options.covariates},
            coords={"series": draws["draw"], "time": np.arange(time)},
        )
        own = model.predict(panel, origins, options.horizons)["forecast"].to_numpy()
        methods = {MODEL: own, **baseline_forecasts(values, origins, options.horizons, self.methods, settings.cache)}
        truth = np.stack([values[:, origin + 1 : origin + 1 + options.horizons] for origin in origins], axis=1)
        names = corpus.schema.mechanisms
        return Benchmark(
            protocol=self.name,
            model=name,
            forecasts=Forecasts(
                methods,
                truth,
                np.array(LEVELS),
                tuple(f"draw {draw}" for draw in draws["draw"]),
                tuple(origins),
                values,
            ),
            data={f"corpus {corpus.name} version {corpus.version}": corpus.content_digest},
            notes=(f"{len(values)} held-out draws, {ORIGINS} origins each",),
            groups={
                mechanism: tuple(int(row) for row in np.flatnonzero(draws["mechanism"] == index))
                for index, mechanism in enumerate(names)
                if (draws["mechanism"] == index).any()
            },
        )
