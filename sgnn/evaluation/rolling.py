"""Rolling origins: forecasts of a panel from many weeks, each blind to what follows, beside what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.evaluation.benchmark import MODEL, REFERENCE, Forecasts
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.forecast.recalibration import METHODS

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.evaluation.protocol import Forecaster

Array = NDArray[np.float64]


def rolling(
    model: Forecaster, panel: xr.Dataset, origins: Sequence[int], horizon: int, baselines: Mapping[str, Array]
) -> Forecasts:
    """Forecasts of the panel's ``value`` from every origin, beside baselines of the same shape.

    Raises `DataError` where the model's forecasts have another shape or are not finite.
    """
    values = panel["value"].transpose("series", "time").to_numpy().astype(np.float64)
    own = model.predict(panel, origins, horizon)["forecast"].transpose("series", "origin", "horizon", "quantile")
    expected = (len(values), len(origins), horizon, len(LEVELS))
    if own.shape != expected or not np.isfinite(own.to_numpy()).all():
        raise DataError(
            f"the model gave forecasts of shape {own.shape}, finite: {bool(np.isfinite(own.to_numpy()).all())}; "
            f"expected {expected} (series, origin, horizon, quantile), all finite",
            remedy="train it anew, or mend its `predict`",
        )
    time = panel["time"].to_numpy()
    dated = np.issubdtype(time.dtype, np.datetime64)
    return Forecasts(
        methods={MODEL: own.to_numpy(), **baselines},
        truth=truths(values, origins, horizon),
        levels=np.array(LEVELS),
        series=tuple(str(one) for one in panel["series"].to_numpy()),
        origins=tuple(int(origin) for origin in origins),
        values=values,
        dates=tuple(np.datetime_as_string(time, unit="D").tolist()) if dated else (),
    )


def recalibrated(forecasts: Forecasts) -> dict[str, Forecasts]:
    """The model's forecasts recalibrated online in every way there is, beside the last value alone."""
    beside = {REFERENCE: forecasts.methods[REFERENCE]}
    own = forecasts.methods[MODEL]
    return {
        f"recalibrated_{name}": replace(
            forecasts, methods={MODEL: better(own, forecasts.values, forecasts.origins, forecasts.levels), **beside}
        )
        for name, better in METHODS.items()
    }


def truths(values: Array, origins: Sequence[int], horizon: int) -> Array:
    """What followed each origin (series, origin, horizon) in values (series, time); NaN beyond their end."""
    beyond = np.concatenate([values, np.full((len(values), horizon), np.nan)], axis=1)
    return np.stack([beyond[:, origin + 1 : origin + 1 + horizon] for origin in origins], axis=1)


def part(forecasts: Forecasts, origins: int, horizon: int) -> Forecasts:
    """The first so many origins, the first so many steps of each."""
    return replace(
        forecasts,
        methods={name: one[:, :origins, :horizon] for name, one in forecasts.methods.items()},
        truth=forecasts.truth[:, :origins, :horizon],
        origins=forecasts.origins[:origins],
    )
