"""How much of the workers' time a corpus build spends inside simulators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgnn.cli.bench.figure import Figure

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace


def measure(place: Workplace) -> Figure:
    """Seconds inside simulators and operators over wall time times workers; what is missing is encoding and waiting."""
    built = place.built
    return Figure(
        name="build",
        what=f"corpus of {built.simulated:,} draws, {built.workers} workers",
        value=built.efficiency,
        unit="kernel s / (wall s x workers)",
        reference="all time inside simulators",
        reference_value=1.0,
    )
