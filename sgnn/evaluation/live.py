"""Live scores: forecasts that were made before, held against what has been observed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.baselines import filled_forward
from sgnn.evaluation.classical import forecast_rows
from sgnn.evaluation.scores import Errors, errors, summary
from sgnn.learning.domain import THRESHOLD

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Where live scores should lie; outside of it something has changed that the simulations do not know."""

    coverage_low: float = 0.75
    """Least coverage of 90 % intervals."""
    coverage_high: float = 1.0
    """Most; where intervals are too wide, the interval score says so as well."""
    relative_wis: float = 1.2
    """Most weighted interval score, relative to the last value's."""
    minimum_sample: int = 30
    """Fewest forecasts from which anything is said."""
    untypical: float = 0.25
    """Most series, as a share, that nothing simulated looks like."""


def live_scores(made: Sequence[pd.DataFrame], panel: xr.Dataset) -> dict[str, Any]:
    """Scores, pooled over hub tables that were made earlier, for all that the panel (series, time) has observed since.

    The same object as a benchmark's `scores`, with `forecasts` 0 where nothing has been observed yet. The reference is
    the last value at each forecast's origin, as the panel has it today.
    """
    values = np.asarray(panel["value"].transpose("series", "time").to_numpy(), dtype=np.float64)
    rows = {str(name): at for at, name in enumerate(panel["series"].to_numpy())}
    columns = {str(date)[:10]: at for at, date in enumerate(panel["time"].to_numpy().astype("datetime64[D]"))}
    own: list[Errors] = []
    reference: list[Errors] = []
    for table in made:
        for origin, part in table.groupby("origin_date"):
            at = columns.get(str(origin))
            if at is None:
                continue
            forecast, levels = _quantiles(part, rows)
            horizons = forecast.shape[1]
            truth = _observed(values, at, horizons)
            if np.isnan(truth).all():
                continue
            last = forecast_rows("last_value", filled_forward(values[:, : at + 1]), (at,), horizons, levels)[:, 0]
            # a series that was not forecast then is not scored now
            truth = np.where(np.isnan(forecast).any(axis=-1), np.nan, truth)
            own.append(errors(np.nan_to_num(forecast), levels, truth))
            reference.append(errors(last, levels, truth))
    if not own:
        return {"forecasts": 0}
    return summary(_pooled(own), _pooled(reference))


def drift(scores: Mapping[str, Any], band: Band) -> tuple[str, ...]:
    """What lies outside the band, in words; nothing where all is well or too little was observed to say."""
    if scores["forecasts"] < band.minimum_sample:
        return ()
    found = []
    coverage = scores["coverage"]["90"]
    if not band.coverage_low <= coverage <= band.coverage_high:
        found.append(
            f"90 % intervals covered {coverage:.0%}, expected {band.coverage_low:.0%} to {band.coverage_high:.0%}"
        )
    relative = scores["relative_wis"]
    if relative is not None and relative > band.relative_wis:
        found.append(f"relative WIS is {relative:.2f}, expected at most {band.relative_wis:.2f}")
    return tuple(found)


def estrangement(typicality: Sequence[float], band: Band) -> tuple[str, ...]:
    """Whether more series look like nothing simulated than the band and chance let expect, in words; nothing otherwise.

    ``typicality`` of each series (series,), a p-value, NaN where it was not judged. Of series that were simulated a
    share of `THRESHOLD` is called untypical; what has a chance of more than that to come about so says nothing.
    """
    from scipy.stats import binom

    judged = [value for value in typicality if np.isfinite(value)]
    odd = sum(value < THRESHOLD for value in judged)
    if not odd or odd <= band.untypical * len(judged) or binom.sf(odd - 1, len(judged), THRESHOLD) > THRESHOLD:
        return ()
    return (f"{odd} of {len(judged)} series look like nothing simulated, expected at most {band.untypical:.0%}",)


def _quantiles(table: pd.DataFrame, rows: Mapping[str, int]) -> tuple[Array, Array]:
    """Quantiles (series, horizon, level) of one origin, NaN where there are none, and the levels."""
    levels = np.sort(table["output_type_id"].astype(float).unique())
    horizons = int(table["horizon"].max())
    found = np.full((len(rows), horizons, len(levels)), np.nan)
    known = table[table["location"].astype(str).isin(list(rows))]
    row = known["location"].astype(str).map(rows).to_numpy(dtype=int)
    level = np.searchsorted(levels, known["output_type_id"].to_numpy(dtype=float))
    found[row, known["horizon"].to_numpy(dtype=int) - 1, level] = known["value"].to_numpy(dtype=float)
    return found, levels


def _observed(values: Array, at: int, horizons: int) -> Array:
    """What came after a time, (series, horizon); NaN where nothing has been observed yet."""
    found = np.full((len(values), horizons), np.nan)
    after = values[:, at + 1 : at + 1 + horizons]
    found[:, : after.shape[1]] = after
    return found


def _pooled(parts: Sequence[Errors]) -> Errors:
    return Errors(
        np.concatenate([part.absolute.ravel() for part in parts]),
        np.concatenate([part.interval.ravel() for part in parts]),
        {percent: np.concatenate([part.covered[percent].ravel() for part in parts]) for percent in parts[0].covered},
    )
