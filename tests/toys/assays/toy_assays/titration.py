"""Titrations: a table of doses and responses, as long as the day in the laboratory was, and how it is read off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import (
    Dimension,
    LogUniform,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    ScalarSimulator,
    Streams,
    Theta,
    Uniform,
    Variable,
)

COLUMNS = ("dose", "response")


class Titration(ScalarSimulator):
    """Responses ``dose / (dose + strength)`` to 4 to `most` doses; a table (row, column) padded with NaN."""

    name = "assays.titration"
    version = "1"

    def __init__(self, most: int = 24) -> None:
        self.most = most

    def prior(self) -> Prior:
        return Prior(
            {"strength": Parameter(LogUniform(0.1, 10.0), unit="mmol/l", description="dose of half the effect")}
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        return Dimension("row", self.most), Dimension("column", len(COLUMNS)), Dimension("answer", 1)

    def variables(self) -> tuple[Variable, ...]:
        return (
            Variable("table", ("row", "column"), "float32", "", "latent", "doses and true responses", size="rows"),
            Variable("rows", (), "int16", "", "observable", "number of doses tried", (4, self.most)),
            Variable("log_strength", ("answer",), "float32", "", "target", "log of the strength in mmol/l"),
        )

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        rows = generator.integers(4, self.most + 1)
        dose = np.exp(generator.uniform(np.log(0.05), np.log(20.0), rows))
        table = np.stack([dose, dose / (dose + theta["strength"])], axis=1)
        return {"table": table, "log_strength": np.log([theta["strength"]])}


class Misreading(ObservationOperator):
    """What is written down of a table: each response with an error."""

    name = "assays.misreading"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"error": Parameter(Uniform(0.02, 0.1), description="standard deviation of a reading")})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        table = known[self.variable]
        return (Variable("written", table.dims, "float32", "", "observable", size=table.size),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        written = data[self.variable].copy()
        for position, error in enumerate(theta["error"]):
            written[position, :, 1] += error * streams.generator(position, "misreading").normal(size=written.shape[1])
        return {"written": written}
