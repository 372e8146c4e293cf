"""Parts of a page: which columns of a table hold figures."""

from __future__ import annotations

import pytest

from sgnn.evaluation.report.blocks import Rows
from sgnn.evaluation.table import Table


@pytest.mark.parametrize(
    ("cells", "numeric"),
    [
        (("0.619 [0.51, 0.75]", "–"), True),
        (("-0.381 [-0.49, -0.25]", "1,204"), True),
        (("6.8e+04", "0.113"), True),
        (("5.2 min", "61.0 s", "1.5 h", "–", ""), True),
        (("88.5 %",), True),
        (("0.6", "model better"), False),
        (("4f0d93b0a11e4a5f",), False),
        (("arXiv 2507.08977",), False),
    ],
)
def test_columns_of_figures_are_told_from_columns_of_words(cells: tuple[str, ...], numeric: bool) -> None:
    rows = Rows(Table(("name", "cell"), tuple(("a", cell) for cell in cells)), "a table")
    assert rows.numeric == (False, numeric)


def test_a_table_without_rows_has_columns_all_the_same() -> None:
    assert len(Rows(Table(("name", "cell"), ()), "a table").numeric) == 2
