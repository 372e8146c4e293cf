"""What a network says of conjugate problems is nearly what is true: the machinery from corpus to quantiles is right.

`pytest -m long -s tests/attribution/conjugate/test_network.py` prints the figures of docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from sgnn.attribution.drawn import drawn, gathered, quantities, quantity_arrays
from sgnn.attribution.protocol import Attribution
from sgnn.evaluation.calibration import reliability
from sgnn.evaluation.log_score import log_score
from sgnn.learning.estimate.predict import estimate
from sgnn.learning.forecast.levels import LEVELS
from tests.attribution.conjugate.conftest import PROBLEMS, Problem

Q = np.array(LEVELS)
STEPS = 4000


@pytest.mark.long
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_network_gains_nearly_all_that_the_exact_posterior_does(
    solved: Callable[[str, int], Problem], name: str
) -> None:
    """Log scores depend on units; what they gain over the prior does not: at least 95 % of what can be gained."""
    problem = solved(name, STEPS)
    test = gathered(drawn(problem.corpus, ("observed", *quantity_arrays(problem.corpus.schema)), "test"))
    truth = quantities(test.arrays, problem.corpus.schema)[:, problem.column]
    panel = xr.Dataset(
        {"value": (("series", "time"), test.arrays["observed"])},
        coords={"series": test.draws, "time": np.arange(test.arrays["observed"].shape[1])},
    )
    own = estimate(problem.model, panel)["estimate"].to_numpy()[:, 0]
    exact = log_score(problem.exact(test.arrays, Q), Q, truth).mean()
    prior = log_score(np.broadcast_to(np.quantile(truth, Q), own.shape), Q, truth).mean()
    share = (log_score(own, Q, truth).mean() - prior) / (exact - prior)
    print(f"\n{name}: the network gains {share:.3f} of {exact - prior:.3f} nats")
    assert share > 0.95
    np.testing.assert_allclose(reliability(own, Q, truth), Q, atol=0.06)


@pytest.mark.long
@pytest.mark.parametrize("name", PROBLEMS)
def test_neighbours_gain_most_of_what_the_exact_posterior_does(
    solved: Callable[[str, int], Problem], name: str
) -> None:
    """Few draws are near, so that neighbours blur what the network says: within 10 % of its gain."""
    problem = solved(name, STEPS)
    outcome = Attribution().run(problem.model, problem.settings)
    figures = outcome.to_json()["figures"]
    print(f"\n{name}: {figures}")
    assert figures["share_of_exact"] > 0.85
    assert figures["share_of_head"] > 0.9
    assert figures["gain_model"] > figures["gain_untrained"]
    assert outcome.to_json()["calibration"]["largest_gap"] < 0.08
