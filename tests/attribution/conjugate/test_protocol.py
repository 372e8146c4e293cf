"""Where the simulator knows the posterior, the protocol `attribution` tells how near neighbours come to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sgnn.attribution.protocol import EXACT, HEAD, Attribution
from tests.attribution.conjugate.conftest import Problem


def test_the_exact_posterior_stands_apart_and_nothing_gains_more(solved: Callable[[str, int], Problem]) -> None:
    problem = solved("conjugate.state", 40)
    outcome = Attribution(draws=300, numbers=(50,)).run(problem.model, problem.settings)
    document = outcome.to_json()
    assert outcome.informed == (EXACT,)
    assert {HEAD, EXACT} <= set(outcome.estimates.methods)
    figures = document["figures"]
    gains = [value for name, value in figures.items() if name.startswith("gain_")]
    assert max(gains) == figures["gain_exact"] > 0.5
    assert 0.0 < figures["share_of_exact"] <= 1.0
    assert np.isfinite(outcome.estimates.methods[EXACT]["last"]).all()
