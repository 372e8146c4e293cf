"""What was published on the data of `covid-68w8h`, and what each figure is worth; none of it is measured here."""

from __future__ import annotations

from sgnn.evaluation.benchmark import Published

PAPER = "Simulation as Supervision (arXiv 2507.08977)"
_SKILL = "from a reported skill of {} %"
_HUB = f"{_SKILL}; Hub models forecast in real time, from data that were revised later"

PUBLISHED = (
    Published(
        "SGNN, with admissions",
        0.647,
        PAPER,
        "checkpoints were watched on these very data; its 90 % intervals cover 66 to 80 %",
    ),
    Published("non-mechanistic pretraining", 1.58, PAPER, "did not come back with a control made with equal care"),
    Published("best CDC Hub model", 0.66, PAPER, _HUB.format(34)),
    Published("median CDC Hub model", 0.87, PAPER, _HUB.format("13.0")),
    Published("Chronos-Base", 0.971, PAPER, _SKILL.format(2.9)),
)
"""Relative MAE, last value = 1; skill = 100 (1 - relative MAE)."""
