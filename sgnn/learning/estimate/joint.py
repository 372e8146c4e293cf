"""The joint posterior of all targets: a mixture of Gaussians on the scales on which they are learnt."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_LEAST = 1e-3
"""Least diagonal element of a precision's factor: no component is wider than a thousand units of its scale."""


class MixtureHead(nn.Module):
    """Weights, means and precisions of Gaussian components with full covariance (Bishop 1994, mixture density network).

    The precision of a component is ``L L'`` with a lower triangular ``L``, whose diagonal is positive.
    """

    def __init__(self, embedding: int, targets: int, components: int) -> None:
        super().__init__()
        self.targets, self.components = targets, components
        below = targets * (targets - 1) // 2
        self.weights = nn.Linear(embedding, components)
        self.means = nn.Linear(embedding, components * targets)
        self.diagonal = nn.Linear(embedding, components * targets)
        self.below = nn.Linear(embedding, components * below) if below else None

    def forward(self, embedding: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log weights (series, component), means (…, component, target), factors (…, component, target, target)."""
        shape = (self.components, self.targets)
        log_weights = torch.log_softmax(self.weights(embedding).float(), dim=-1)
        means = self.means(embedding).float().unflatten(-1, shape)
        diagonal = nn.functional.softplus(self.diagonal(embedding).float().unflatten(-1, shape)) + _LEAST
        factors = torch.diag_embed(diagonal)
        if self.below is not None:
            rows, columns = torch.tril_indices(self.targets, self.targets, -1, device=embedding.device)
            factors[..., rows, columns] = self.below(embedding).float().unflatten(-1, (self.components, -1))
        return log_weights, means, factors


def log_density(mixture: tuple[Tensor, Tensor, Tensor], values: Tensor) -> Tensor:
    """Log density (series,) of ``values`` (series, target) under what `MixtureHead` gives."""
    log_weights, means, factors = mixture
    error = (values.unsqueeze(1) - means).unsqueeze(-2)
    whitened = (error @ factors).squeeze(-2)
    log_determinant = torch.diagonal(factors, dim1=-2, dim2=-1).log().sum(-1)
    constant = 0.5 * values.shape[-1] * math.log(2.0 * math.pi)
    found: Tensor = torch.logsumexp(log_weights + log_determinant - 0.5 * whitened.square().sum(-1) - constant, dim=-1)
    return found


def marginal_log_densities(mixture: tuple[Tensor, Tensor, Tensor], values: Tensor) -> Tensor:
    """Log densities (series, target) of ``values`` (series, target) under each target's own marginal distribution.

    Their sum over targets is what would be left of `log_density` if nothing joined the targets.
    """
    log_weights, means, factors = mixture
    identity = torch.eye(means.shape[-1], dtype=factors.dtype).expand_as(factors)
    inverse = torch.linalg.solve_triangular(factors, identity, upper=False)
    variance = inverse.square().sum(dim=-2)
    squares = (values.unsqueeze(1) - means).square() / variance
    parts = -0.5 * (squares + variance.log() + math.log(2.0 * math.pi))
    found: Tensor = torch.logsumexp(log_weights.unsqueeze(-1) + parts, dim=1)
    return found


def draws_of(mixture: tuple[Tensor, Tensor, Tensor], number: int, generator: torch.Generator) -> Tensor:
    """Draws (series, draw, target) of what `MixtureHead` gives."""
    log_weights, means, factors = mixture
    chosen = torch.multinomial(log_weights.exp(), number, replacement=True, generator=generator)
    rows = torch.arange(len(chosen)).unsqueeze(-1)
    noise = torch.randn((*chosen.shape, means.shape[-1]), generator=generator)
    # of a precision L L' the covariance is L'^-1 L^-1
    spread = torch.linalg.solve_triangular(factors[rows, chosen].mT, noise.unsqueeze(-1), upper=True)
    found: Tensor = means[rows, chosen] + spread.squeeze(-1)
    return found
