"""Real outbreaks as protocols ask about them: the days seen, and R0 by the model and by every classical method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.phase import growing_phase
from sgnn.domains.epidemics.protocols.classical import classical_quantiles
from sgnn.domains.epidemics.protocols.r0_early import TOLD, panel_of
from sgnn.errors import DataError
from sgnn.evaluation.estimates.answers import MODEL
from sgnn.learning.estimate.predict import estimate, task_of
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
FEWEST_DAYS, MOST_DAYS = 14, 100


def early(counts: Array) -> Array:
    """Counts (day,) from the first case to the highest weekly mean of the first 100 days, at least 14 days of them."""
    first = int(np.flatnonzero(np.nan_to_num(counts) > 0.0)[0])
    begun = counts[first : first + MOST_DAYS]
    return np.asarray(begun[: max(growing_phase(begun).stop, FEWEST_DAYS)])


def side_by_side(series: Sequence[Array]) -> Array:
    """Series of different lengths as one array (series, day), NaN after the end of each."""
    whole = np.full((len(series), max(map(len, series))), np.nan)
    for row, one in zip(whole, series, strict=True):
        row[: len(one)] = one
    return whole


def answers_of(
    model: Model, cases: Array, names: Sequence[str], means: Array, sds: Array, settings: Settings
) -> dict[str, dict[str, Array]]:
    """R0 (series, quantile) by method: the model, the model told each interval, and classical ones told it too.

    ``means`` and ``sds`` (series,) are of the serial intervals, days. Raises `DataError` for a model without R0.
    """
    targets = {one.name for one in task_of(model).options.targets}
    if "r0" not in targets:
        raise DataError(
            f"the protocol asks for r0, the model estimates {', '.join(sorted(targets)) or 'nothing'}",
            remedy="choose a model that estimates it",
        )
    panel = panel_of(cases).assign_coords(series=list(names))
    found = {MODEL: {"r0": _r0(model, panel)}}
    if "generation_interval" in {one.name for one in task_of(model).options.given}:
        told = panel.assign(generation_interval=("series", means), generation_sd=("series", sds))
        found[f"{MODEL}{TOLD}"] = {"r0": _r0(model, told)}
    classical = classical_quantiles(cases, means, sds, np.array(LEVELS), settings.cache)
    return found | {name: {"r0": one} for name, one in classical.items()}


def _r0(model: Model, panel: xr.Dataset) -> Array:
    found: Array = estimate(model, panel)["estimate"].sel(parameter="r0").to_numpy()
    return found
