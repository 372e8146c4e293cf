"""Whether an operator fails closed: what it cannot observe does not come out as if it were observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sgnn.testing.report import Finding
from sgnn.testing.trial import OperatorTrial


def closed(trial: OperatorTrial) -> Iterator[Finding]:
    """Observe without parameters, then without data: both must raise. One finding at most."""
    blind = {"parameters": replace(trial, theta={}), "data": replace(trial, data={})}
    if not trial.theta:
        del blind["parameters"]
    for what, without in blind.items():
        try:
            made = without.run()
        except Exception:
            continue
        same = [name for name in made if name in trial.data and made[name].tobytes() == trial.data[name].tobytes()]
        outcome = f"handed on '{same[0]}' as it was" if same else "observed all the same"
        yield Finding(
            "failures",
            f"without {what} it {outcome}",
            "catch no error that you cannot mend: one that is raised fails the draw, and clean data deceive",
        )
        return
