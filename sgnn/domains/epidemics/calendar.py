"""The calendar of an epidemic series: days and weeks counted from the first recorded day."""

from __future__ import annotations

from sgnn.simulation import Dimension

DAYS_PER_WEEK = 7


def days_and_weeks(weeks: int) -> tuple[Dimension, Dimension]:
    """The dimensions ``day`` and ``week`` of a record of so many weeks."""
    return (
        Dimension("day", weeks * DAYS_PER_WEEK, unit="day", long_name="days since the first recorded day"),
        Dimension("week", weeks, unit="week", long_name="weeks since the first recorded week"),
    )
