"""The mixture of Gaussians is a density, and its draws come from it."""

from __future__ import annotations

import pytest
import torch

from sgnn.learning.estimate.joint import MixtureHead, draws_of, log_density, marginal_log_densities


@pytest.fixture
def head() -> MixtureHead:
    torch.manual_seed(3)
    return MixtureHead(4, 3, 2)


def test_the_density_is_that_of_the_mixture(head: MixtureHead) -> None:
    log_weights, means, factors = mixture = head(torch.randn(5, 4))
    values = torch.randn(5, 3)
    parts = torch.distributions.MultivariateNormal(means, precision_matrix=factors @ factors.mT)
    expected = torch.logsumexp(log_weights + parts.log_prob(values.unsqueeze(1)), dim=-1)
    torch.testing.assert_close(log_density(mixture, values), expected, rtol=1e-4, atol=1e-4)


def test_marginal_densities_are_those_of_each_target_alone(head: MixtureHead) -> None:
    log_weights, means, factors = mixture = head(torch.randn(5, 4))
    values = torch.randn(5, 3)
    spread = torch.linalg.inv(factors @ factors.mT).diagonal(dim1=-2, dim2=-1).sqrt()
    for at in range(3):
        parts = torch.distributions.Normal(means[..., at], spread[..., at]).log_prob(values[:, at : at + 1])
        expected = torch.logsumexp(log_weights + parts, dim=-1)
        torch.testing.assert_close(marginal_log_densities(mixture, values)[:, at], expected, rtol=1e-4, atol=1e-4)


def test_draws_have_the_mean_and_the_covariance_of_the_mixture(head: MixtureHead) -> None:
    log_weights, means, factors = mixture = head(torch.randn(1, 4))
    drawn = draws_of(mixture, 60_000, torch.Generator().manual_seed(0))[0]
    weights, covariances = log_weights.exp()[0], torch.linalg.inv(factors @ factors.mT)[0]
    mean = (weights[:, None] * means[0]).sum(0)
    apart = means[0] - mean
    whole = (weights[:, None, None] * (covariances + apart.unsqueeze(-1) * apart.unsqueeze(-2))).sum(0)
    scale = whole.diagonal().sqrt()
    torch.testing.assert_close(drawn.mean(0) / scale, mean / scale, rtol=0.0, atol=0.03)
    correlations = whole / torch.outer(scale, scale)
    torch.testing.assert_close(torch.cov(drawn.T) / torch.outer(scale, scale), correlations, rtol=0.0, atol=0.05)


def test_one_target_needs_no_correlations() -> None:
    mixture = MixtureHead(4, 1, 2)(torch.randn(3, 4))
    assert draws_of(mixture, 7, torch.Generator()).shape == (3, 7, 1)
