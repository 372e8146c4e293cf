"""Moments gathered in pieces are those of the whole, and their standard errors are what repeated samples show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.moments import Moments

VALUES = st.lists(st.floats(-1e3, 1e3), max_size=30)


@given(st.lists(VALUES, max_size=6))
def test_moments_of_pieces_are_those_of_the_whole(pieces: list[list[float]]) -> None:
    found, whole = Moments(), np.concatenate([np.array(piece, dtype=float) for piece in [[], *pieces]])
    for piece in pieces:
        found = found.with_values(np.array(piece, dtype=float))
    assert found.number == len(whole)
    if len(whole) > 1:
        assert found.mean == pytest.approx(whole.mean(), abs=1e-6)
        assert found.sd == pytest.approx(whole.std(ddof=1), abs=1e-5)
        assert found.fourth / len(whole) == pytest.approx(((whole - whole.mean()) ** 4).mean(), rel=1e-6, abs=1e-2)


def test_standard_errors_are_the_scatter_of_repeated_samples() -> None:
    generator = np.random.default_rng(1)
    samples = [Moments().with_values(generator.gamma(2.0, size=500)) for _ in range(2000)]
    scatter = np.array([[one.mean, one.sd] for one in samples]).std(axis=0)
    assert scatter[0] == pytest.approx(np.mean([one.mean_variance for one in samples]) ** 0.5, rel=0.05)
    assert scatter[1] == pytest.approx(np.mean([one.sd_variance for one in samples]) ** 0.5, rel=0.1)
