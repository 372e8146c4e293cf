"""Simulators of one draw at a time: lifted to batches, ragged outputs padded, nothing guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sgnn.errors import RecipeError
from sgnn.simulation import (
    Component,
    Dimension,
    DrawGenerator,
    Mixture,
    Parameter,
    Prior,
    Simulator,
    Uniform,
    Variable,
    lift,
)
from sgnn.simulation.generator import FAILED, OK

ROWS, COLUMNS = 8, 2
VARIABLES = (
    Variable("table", ("row", "column"), np.float32, "", "observable", valid_range=(1.0, 1e6), size="rows"),
    Variable("label", ("row",), np.int16, "", "target", valid_range=(1, 9), size="rows"),
    Variable("rows", (), np.int16, "", "observable"),
    Variable("total", (), np.float64, "", "target"),
)


def tables(theta: Mapping[str, float], generator: np.random.Generator) -> dict[str, Any]:
    """A table of 0 to 6 rows."""
    rows = int(generator.integers(0, 7))
    table = 1.0 + generator.gamma(theta["shape"], size=(rows, COLUMNS))
    return {"table": table, "label": np.arange(1, rows + 1), "total": float(table.sum())}


def lifted(function: Callable[..., Any] = tables) -> Simulator:
    return lift(
        function,
        name="toy.tables",
        version="1",
        prior=Prior({"shape": Parameter(Uniform(1.0, 2.0))}),
        dimensions=[Dimension("row", ROWS), Dimension("column", COLUMNS)],
        variables=VARIABLES,
    )


def generator_of(simulator: Simulator) -> DrawGenerator:
    return DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "corpus")


def test_a_function_of_one_draw_makes_batches_that_do_not_depend_on_their_size() -> None:
    whole = generator_of(lifted()).draws(0, 30)
    assert not whole.status.any()
    for start, stop in ((0, 1), (1, 13), (13, 30)):
        part = generator_of(lifted()).draws(start, stop)
        for name, values in whole.arrays.items():
            np.testing.assert_array_equal(part.arrays[name], values[start:stop])


def test_tables_of_any_length_are_padded_and_their_length_is_kept() -> None:
    draws = generator_of(lifted()).draws(0, 60)
    rows = draws.arrays["rows"]
    assert set(rows.tolist()) == set(range(7))
    there = np.arange(ROWS) < rows[:, None]
    np.testing.assert_array_equal(np.isnan(draws.arrays["table"]), ~there[:, :, None].repeat(COLUMNS, axis=2))
    np.testing.assert_array_equal(draws.arrays["label"], np.where(there, np.arange(1, ROWS + 1), 0))
    np.testing.assert_allclose(np.nansum(draws.arrays["table"], axis=(1, 2)), draws.arrays["total"], rtol=1e-5)


def with_change(**changes: Any) -> Simulator:
    """Tables of which some outputs are replaced, by a value or by what a function makes of them."""

    def function(theta: Mapping[str, float], generator: np.random.Generator) -> dict[str, Any]:
        made = tables(theta, generator)
        return made | {name: change(made) if callable(change) else change for name, change in changes.items()}

    return lifted(function)


def unlabelled(theta: Mapping[str, float], generator: np.random.Generator) -> dict[str, Any]:
    return {name: value for name, value in tables(theta, generator).items() if name != "label"}


@pytest.mark.parametrize(
    ("simulator", "said"),
    [
        (with_change(extra=1.0), "gave the undeclared variable 'extra'"),
        (with_change(rows=3), "gave the undeclared variable 'rows'"),
        (lifted(unlabelled), "did not give variable 'label'"),
        (with_change(total=np.zeros(3)), r"gave 'total' with shape \(3,\), declared is \(\) for a draw"),
        (with_change(total="much"), "gave 'total' as <U4, declared is float64"),
        (with_change(table=np.ones((2, 5))), r"gave 'table' with shape \(2, 5\), declared is \(8, 2\)"),
        (with_change(table=1.0), r"gave 'table' with shape \(\), declared is \(8, 2\)"),
        (with_change(label=lambda made: made["label"] + 0.5), "gave 'label' as float64, declared is int16"),
    ],
)
def test_an_output_that_is_not_as_declared_is_refused_by_name(simulator: Simulator, said: str) -> None:
    with pytest.raises(RecipeError, match=f"simulator 'toy.tables' {said}"):
        generator_of(simulator).draws(0, 20)


@pytest.mark.parametrize(
    ("simulator", "reason"),
    [
        (
            with_change(table=np.ones((ROWS + 1, COLUMNS))),
            "'table' has 9 rows, its dimension 'row' holds 8",
        ),
        (with_change(label=np.ones(7, dtype=int)), "'label' has 7 rows, but 'rows' is"),
        (with_change(label=lambda made: made["label"] + 100_000), "which does not fit int16"),
    ],
)
def test_a_draw_that_does_not_fit_fails_with_the_reason(simulator: Simulator, reason: str) -> None:
    draws = generator_of(simulator).draws(0, 20)
    failed = draws.status == FAILED
    assert failed.any()
    assert all(reason in said for said in draws.errors.values())
    assert not draws.arrays["rows"][failed].any()


def test_a_bad_value_in_a_table_is_found_and_its_padding_is_not() -> None:
    def one_zero(made: dict[str, Any]) -> Any:
        table = made["table"].copy()
        table[-1:, -1:] = 0.0 if len(table) == 5 else np.nan if len(table) == 4 else 2.0
        return table

    draws = generator_of(with_change(table=one_zero)).draws(0, 60)
    rows = draws.arrays["rows"]
    np.testing.assert_array_equal(draws.status == OK, (rows != 5) & (rows != 4))
    assert {draws.errors[int(draw)] for draw in np.flatnonzero(rows == 5)} == {"'table' is 0.0, outside [1, 1e+06]"}
    assert {draws.errors[int(draw)] for draw in np.flatnonzero(rows == 4)} == {"'table' is nan, not a finite number"}
