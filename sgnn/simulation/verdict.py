"""The verdict on draws that were made: which hold values that nobody may learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation.simulator import Variable


def outside(variables: Iterable[Variable], arrays: Mapping[str, NDArray[Any]]) -> dict[int, str]:
    """Reason, by row of ``arrays`` (batch, …), for every draw that is to be quarantined.

    A value is outside where it is not finite (unless it is NaN and the variable may be missing) or out of the
    variable's valid range. The padding of a ragged variable is not looked at.
    """
    reasons: dict[int, str] = {}
    for variable in variables:
        values = arrays[variable.name]
        bad = _bad(variable, values)
        if variable.size is not None:
            lengths = arrays[variable.size]
            _note(reasons, variable.size, lengths, (lengths < 0) | (lengths > values.shape[1]), (0, values.shape[1]))
            valid = np.arange(values.shape[1]) < lengths[:, None]
            bad &= valid.reshape(valid.shape + (1,) * (values.ndim - 2))
        _note(reasons, variable.name, values, bad, variable.valid_range)
    return reasons


def _bad(variable: Variable, values: NDArray[Any]) -> NDArray[np.bool_]:
    low, high = variable.valid_range
    if values.dtype.kind == "f":
        largest = float(np.finfo(values.dtype).max)
        # written so that it does not hold for NaN
        good = (values >= max(low, -largest)) & (values <= min(high, largest))
        return np.asarray(~good & ~np.isnan(values) if variable.missing else ~good)
    return np.asarray((values < low) | (values > high))


def _note(
    reasons: dict[int, str], name: str, values: NDArray[Any], bad: NDArray[np.bool_], valid: tuple[float, float]
) -> None:
    rows = bad.reshape(len(bad), -1)
    for row in np.flatnonzero(rows.any(axis=1)):
        value = values.reshape(len(bad), -1)[row][rows[row]][0]
        range_ = f"outside [{valid[0]:g}, {valid[1]:g}]" if np.isfinite(value) else "not a finite number"
        reasons.setdefault(int(row), f"'{name}' is {value}, {range_}")
