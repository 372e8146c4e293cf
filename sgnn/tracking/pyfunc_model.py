"""The forecaster as MLflow loads it: this file is logged as code, the weights beside it as safetensors."""

from __future__ import annotations

from typing import Any

import mlflow.models
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class Forecaster(PythonModel):
    """Forecasts of a table in long format."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read settings and weights; nothing is unpickled."""
        from sgnn.learning.model import load_model

        self.model = load_model(context.artifacts["model"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Table with the columns series, origin, horizon, date, quantile, value.

        `model_input` has the columns series, date, value and any covariates; `params` may set `horizon` (steps ahead)
        and `origins` (`last`, `all`, or dates separated by commas).
        """
        del context
        from sgnn.learning.table import choose_origins, forecast_table, panel_of_table

        asked = params or {}
        panel = self.model.in_steps(panel_of_table(model_input))
        origins = choose_origins(panel, str(asked.get("origins", "last")))
        return forecast_table(self.model.predict(panel, origins, int(asked.get("horizon", 4))))


mlflow.models.set_model(Forecaster())
