"""The scale on which series are compared: logarithmic, damped at low counts, relative to the last weeks."""

from __future__ import annotations

import torch
from torch import Tensor

RECENT = 4
"""Steps whose mean is the level that everything is relative to."""


def damped_log(values: Tensor, offset: float) -> Tensor:
    """``log(value + offset)`` of non-negative values: growth counts at high values, noise does not at low ones."""
    return torch.log(values.clamp(min=0.0) + offset)


def undamped(logs: Tensor, offset: float) -> Tensor:
    """Inverse of `damped_log`, not below zero."""
    return (torch.exp(logs) - offset).clamp(min=0.0)


def history(values: Tensor, origins: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """The last ``steps`` values (series, origin, steps) up to each origin, newest first, and which were observed.

    ``values`` is (series, time), ``origins`` (series, origin) the index of the last time seen. What was not observed,
    or lies before the record, is 0 in the values and 0 in the mask. Nothing after an origin is read.
    """
    index = origins.unsqueeze(-1) - torch.arange(steps, device=values.device)
    inside = index >= 0
    wide = values.unsqueeze(1).expand(-1, origins.shape[1], -1)
    past = torch.gather(wide, 2, index.clamp(min=0))
    seen = inside & ~torch.isnan(past)
    return torch.where(seen, past, torch.zeros_like(past)), seen.to(values.dtype)


def recent_level(past: Tensor, seen: Tensor, offset: float) -> Tensor:
    """Damped log (series, origin) of the mean of the last steps; of all in view where those are missing."""
    few, many = seen[..., :RECENT].sum(-1), seen.sum(-1)
    recent = past[..., :RECENT].sum(-1) / few.clamp(min=1.0)
    overall = past.sum(-1) / many.clamp(min=1.0)
    return damped_log(torch.where(few > 0, recent, overall), offset)
