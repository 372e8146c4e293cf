"""What was published about real series, beside what each method says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.estimates.answers import Estimates
from sgnn.evaluation.scores import interval

Array = NDArray[np.float64]
PERCENT = 90


@dataclass(frozen=True)
class PublishedRange:
    """The range in which published estimates of a series' headline parameter lie, and where they stand."""

    series: str
    low: float
    high: float
    source: str


def range_document(asked: Estimates, ranges: Sequence[PublishedRange]) -> dict[str, Any]:
    """Series by series each method's median and 90 % interval, and how many intervals ``overlaps`` the ranges.

    Ranges are in the order of the series. Empty where none are published.
    """
    if not ranges:
        return {}
    low, high = (np.array([getattr(one, end) for one in ranges]) for end in ("low", "high"))
    methods = {name: one[asked.headline] for name, one in asked.methods.items() if asked.headline in one}
    bounds = {name: interval(one, asked.levels, PERCENT) for name, one in methods.items()}
    meets = {name: (ends[0] <= high) & (ends[1] >= low) for name, ends in bounds.items()}
    middle = int(np.argmin(np.abs(asked.levels - 0.5)))
    rows = [
        {
            **vars(one),
            "methods": {
                name: {
                    "median": _number(methods[name][at, middle]),
                    "interval": [_number(end[at]) for end in bounds[name]],
                    "overlaps": bool(meets[name][at]),
                }
                for name in methods
            },
        }
        for at, one in enumerate(ranges)
    ]
    return {"series": rows, "overlaps": {name: int(one.sum()) for name, one in meets.items()}, "of": len(ranges)}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
