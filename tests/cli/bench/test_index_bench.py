"""The bench of the search, on few draws."""

from __future__ import annotations

from sgnn.cli.bench import index
from sgnn.cli.bench.workplace import Workplace
from sgnn.settings import Settings


def test_a_look_at_all_finds_all_and_every_figure_has_a_reference() -> None:
    figures = index.measure(Workplace(Settings(), 64, 3000))
    assert {figure.name for figure in figures} == {"index"}
    assert figures[1].value == figures[1].reference_value == 1.0
    assert all(figure.value > 0 and figure.reference_value > 0 for figure in figures)
