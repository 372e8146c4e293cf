"""The quantile head: no crossing, and gaps that are smoothed where that is asked for."""

from __future__ import annotations

import torch

from sgnn.learning.forecast.levels import LEVELS, MEDIAN
from sgnn.learning.forecast.quantiles import QuantileHead


def heads(smoothing: int) -> tuple[QuantileHead, QuantileHead]:
    """A head of chance weights, and the same with its gaps smoothed."""
    torch.manual_seed(0)
    plain, smooth = QuantileHead(6, 3), QuantileHead(6, 3, smoothing)
    with torch.no_grad():
        plain.linear.weight.mul_(8.0)
    smooth.load_state_dict(plain.state_dict())
    return plain, smooth


def test_smoothing_leaves_medians_and_the_order_of_quantiles() -> None:
    plain, smooth = heads(3)
    hidden = torch.randn(40, 6)
    before, after = plain(hidden), smooth(hidden)
    torch.testing.assert_close(after[..., MEDIAN], before[..., MEDIAN])
    assert (after.diff(dim=-1) > 0.0).all()


def test_smoothed_densities_are_less_jagged_and_as_wide() -> None:
    plain, smooth = heads(2)
    hidden = torch.randn(40, 6)
    normal = torch.special.ndtri(torch.tensor(LEVELS)).diff()
    shares = [(head(hidden).diff(dim=-1) / normal).log() for head in (plain, smooth)]
    jags = [one.diff(dim=-1).abs().mean() for one in shares]
    assert jags[1] < 0.5 * jags[0]
    widths = [one.exp().mul(normal).sum(-1).mean() for one in shares]
    torch.testing.assert_close(widths[1], widths[0], rtol=0.2, atol=0.0)


def test_the_quantiles_of_a_normal_distribution_stay_as_they_are() -> None:
    head = QuantileHead(2, 1, smoothing=4)
    normal = torch.special.ndtri(torch.tensor(LEVELS))
    # the inverse of softplus(raw - 2), so that increments are those of a normal distribution
    steps = normal.diff().expm1().log() + 2.0
    with torch.no_grad():
        head.linear.weight.zero_()
        head.linear.bias.copy_(torch.cat([steps[:MEDIAN], torch.zeros(1), steps[MEDIAN:]]))
    torch.testing.assert_close(head(torch.ones(1, 2))[0, 0], normal, rtol=1e-4, atol=1e-4)
