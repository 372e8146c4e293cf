"""Whether the joint posterior of all targets is meant: its log density, and its coverage about random points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.evaluation.expected_coverage import CREDIBILITIES, credibility_of_samples, expected_coverage
from sgnn.learning.estimate.predict import joint_log_scores, posterior_draws, task_of
from sgnn.learning.model import Model

Array = NDArray[np.float64]
_DRAWS = 400
"""Draws of each posterior: credibilities are told to a four-hundredth."""


def joint_figures(model: Model, panel: xr.Dataset, truth: Mapping[str, Array]) -> dict[str, float]:
    """Figures of the joint posterior of a panel of outbreaks whose ``truth`` (series,) is known by target.

    ``joint_log_density`` and ``product_log_density``, that of the product of its own marginals, nats a series;
    ``joint_coverage_90``, share of the truths within regions of 90 % about random points, and
    ``joint_coverage_gap``, the largest difference of credibility and coverage (TARP, Lemos et al. 2023): of n draws of
    a right posterior it is below about ``1.2 / sqrt(n)`` nine times in ten. Nothing where the model has no joint
    posterior, or a target whose truth is not known.
    """
    options = task_of(model).options
    if not options.joint or not {one.name for one in options.targets} <= set(truth):
        return {}
    joint, apart = joint_log_scores(model, panel, truth).mean(axis=0)
    drawn = posterior_draws(model, panel, _DRAWS)["value"].transpose("series", "draw", "parameter").to_numpy()
    samples = np.stack([one.to_scale(drawn[..., at]) for at, one in enumerate(options.targets)], axis=-1)
    aims = np.stack([one.to_scale(truth[one.name]) for one in options.targets], axis=-1)
    covered = expected_coverage(credibility_of_samples(samples, aims))
    return {
        "joint_log_density": float(joint),
        "product_log_density": float(apart),
        "joint_coverage_90": float(covered[int(np.argmin(np.abs(CREDIBILITIES - 0.9)))]),
        "joint_coverage_gap": float(np.abs(covered - CREDIBILITIES).max()),
    }


def joint_notes(figures: Mapping[str, float]) -> tuple[str, ...]:
    """The same in words; nothing where there are none."""
    if not figures:
        return ()
    return (
        f"joint posterior: mean log density {figures['joint_log_density']:.2f}, by the product of its own marginals "
        f"{figures['product_log_density']:.2f}; regions of 90 % about random points hold "
        f"{100.0 * figures['joint_coverage_90']:.1f} % of the truths, largest gap "
        f"{100.0 * figures['joint_coverage_gap']:.1f} %",
    )
