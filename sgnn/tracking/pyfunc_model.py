"""The model as MLflow loads it: this file is logged as code, the weights beside it as safetensors."""

from __future__ import annotations

from typing import Any

import mlflow.models
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class Forecaster(PythonModel):
    """Forecasts or estimates of a table in long format, as the model's task is."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read settings and weights; nothing is unpickled."""
        from sgnn.learning.model import load_model

        self.model = load_model(context.artifacts["model"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Table with the columns series, origin, horizon, date, quantile, value; or, of a model that estimates, series,
        parameter, unit, quantile, value, typicality.

        `model_input` has the columns series, date, value and any covariates; for forecasts `params` may set `horizon`
        (steps ahead) and `origins` (`last`, `all`, or dates separated by commas).
        """
        del context
        if self.model.task.name == "estimate":
            from sgnn.learning.estimate.predict import estimate
            from sgnn.learning.estimate.table import estimate_table
            from sgnn.learning.table import panel_of_table

            return estimate_table(estimate(self.model, self.model.prepared(panel_of_table(model_input))))
        from sgnn.learning.table import choose_origins, forecast_table, panel_of_table

        asked = params or {}
        panel = self.model.in_steps(panel_of_table(model_input))
        origins = choose_origins(panel, str(asked.get("origins", "last")))
        return forecast_table(self.model.predict(panel, origins, int(asked.get("horizon", 4))))


mlflow.models.set_model(Forecaster())
