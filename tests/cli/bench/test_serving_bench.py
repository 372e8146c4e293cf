"""The bench of the API, with few clients for a short time."""

from __future__ import annotations

from pathlib import Path

from sgnn.cli.bench.serving import Load, figures
from sgnn.settings import load_settings


def test_clients_are_answered_while_the_alias_moves_and_every_figure_has_a_reference(tmp_path: Path) -> None:
    found = figures(load_settings(home=tmp_path / "home"), clients=2, moves=2, seconds=6.0)
    assert {figure.name for figure in found} == {"serve"}
    by_name = {figure.what.split(",")[0]: figure for figure in found}
    assert by_name["answers that were faults"].value == 0
    assert by_name["answers that were faults"].reference_value > 10
    assert by_name["versions that answered"].value == 2
    assert all(figure.reference_value > 0 for figure in found)


def test_a_broken_connection_counts_as_a_fault_and_a_refusal_does_not() -> None:
    load = Load((0.1, 0.2, 0.3, 0.4), (200, 0, 503, 422), frozenset(), 2.0)
    assert (load.faults, load.rate, load.milliseconds(50)) == (2, 2.0, 250.0)
