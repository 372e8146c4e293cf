"""Features of whole series: of any length, the same at every scale, blind to what comes after the end."""

from __future__ import annotations

import pytest
import torch

from sgnn.learning.estimate.features import SeriesFeatures


def counts(steps: int, level: float = 1e4, channels: int = 1) -> torch.Tensor:
    torch.manual_seed(steps)
    return torch.poisson(level * torch.rand(3, channels, steps))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("steps", [1, 2, 14, 110, 1500])
def test_series_of_any_length_have_as_many_finite_features(steps: int, channels: int) -> None:
    made = SeriesFeatures(channels, 1.0)
    found = made(counts(steps, channels=channels))
    assert found.shape == (3, made.size)
    assert torch.isfinite(found).all()


def test_nothing_observed_is_no_error() -> None:
    assert torch.isfinite(SeriesFeatures(1, 1.0)(torch.full((1, 1, 30), float("nan")))).all()


def test_what_comes_after_the_last_step_observed_changes_nothing() -> None:
    made, series = SeriesFeatures(1, 1.0), counts(40)
    longer = torch.nn.functional.pad(series, (0, 300), value=float("nan"))
    assert torch.equal(made(series), made(longer))
    assert not torch.equal(made(series), made(series[..., :39]))


def test_a_gap_is_told_from_a_zero() -> None:
    made, series = SeriesFeatures(1, 1.0), counts(40)
    gap, zero = series.clone(), series.clone()
    gap[..., 10:14], zero[..., 10:14] = float("nan"), 0.0
    assert not torch.allclose(made(gap), made(zero), atol=0.1)


def test_large_counts_look_alike_at_every_scale() -> None:
    made, series = SeriesFeatures(1, 1.0), counts(60) + 1000.0
    assert torch.allclose(made(series), made(100.0 * series), atol=0.05)
