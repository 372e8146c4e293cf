"""Random numbers for kernels: the published generator, the stated distributions, and no number from nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from sgnn.simulation import random

KEY = np.uint64(0x5EED)
NUMBERS = 400_000
LEAST_P = 1e-4


@njit(nogil=True)
def many(function: Any, arguments: tuple[Any, ...], key: np.uint64, count: int) -> NDArray[np.float64]:
    state = random.open_stream(key, 7)
    out = np.empty(count)
    for i in range(count):
        out[i] = function(state, *arguments)
    return out


def assert_counts_follow(counts: NDArray[np.float64], law: Any) -> None:
    """Chi-square test of whole numbers against a frozen discrete distribution, in up to 40 bins of like probability.

    Where one number takes nearly all, the others are rare events, whose count is Poisson.
    """
    quantiles = law.ppf(np.linspace(0.0, 1.0, 41)[1:-1])
    edges = np.unique(np.concatenate([quantiles - 1.0, quantiles]))
    expected = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]])) * len(counts)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(edges) + 1)
    observed, expected = joined(observed, expected)
    if len(expected) > 1:
        assert stats.chisquare(observed, expected).pvalue > LEAST_P
        return
    usual = law.median()
    rare = stats.poisson(len(counts) * (1.0 - law.pmf(usual)))
    events = (counts != usual).sum()
    assert min(rare.cdf(events), rare.sf(events - 1)) > LEAST_P


def joined(observed: NDArray[Any], expected: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Neighbouring bins put together until at least 5 are expected in each."""
    starts, mass = [0], 0.0
    for position, one in enumerate(expected):
        if mass >= 5.0:
            starts.append(position)
            mass = 0.0
        mass += one
    if mass < 5.0 and len(starts) > 1:
        starts.pop()
    return np.add.reduceat(observed, starts), np.add.reduceat(expected, starts)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_answers_of_its_authors(
    counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    words = [np.uint64(word) for word in counter + key]
    assert tuple(int(word) for word in random.philox(*words)) == answer


def test_a_stream_is_philox_in_counter_mode() -> None:
    key, draw = 0x299F31D0A4093822, 0x0370734413198A2E
    state = random.open_stream(key, draw)
    # past the numbers that are made at a time, twice
    numbers = [random.uniform(state) for _ in range(80)]
    for block in range(40):
        words = [block, 0, draw & 0xFFFFFFFF, draw >> 32, key & 0xFFFFFFFF, key >> 32]
        a, b, c, d = (int(word) for word in random.philox(*[np.uint64(word) for word in words]))
        for number, bits in zip(numbers[2 * block :], (b << 32 | a, d << 32 | c), strict=False):
            assert number == ((bits >> 11) + 0.5) / 2**53


def test_a_stream_goes_on_where_it_was_whatever_was_asked_of_it_in_between() -> None:
    state, same = random.open_stream(KEY, 3), random.open_stream(KEY, 3)
    first = [random.uniform(state) for _ in range(5)]
    assert [random.uniform(same) for _ in range(5)] == first
    assert random.uniform(random.open_stream(KEY, 4)) != first[0]
    assert random.uniform(random.open_stream(KEY + np.uint64(1), 3)) != first[0]


@pytest.mark.parametrize("draw", [0, 7, 2**40 + 1])
def test_the_first_number_of_a_stream_is_the_same_without_its_state(draw: int) -> None:
    assert random.first_uniform(KEY, draw) == random.uniform(random.open_stream(KEY, draw))


def test_the_largest_bits_stay_below_one() -> None:
    assert random._open_unit(np.uint64(2**53 - 1)) == 1.0 - 2.0**-53
    assert random._open_unit(np.uint64(0)) == 2.0**-54


@pytest.mark.parametrize(
    ("function", "arguments", "law"),
    [
        (random.uniform, (), stats.uniform()),
        (random.exponential, (), stats.expon()),
        (random.normal, (), stats.norm()),
        (random.gamma, (0.05,), stats.gamma(0.05)),
        (random.gamma, (0.9,), stats.gamma(0.9)),
        (random.gamma, (1.0,), stats.gamma(1.0)),
        (random.gamma, (4.5,), stats.gamma(4.5)),
        (random.gamma, (2e6,), stats.gamma(2e6)),
        (random.beta, (0.3, 0.4), stats.beta(0.3, 0.4)),
        (random.beta, (2.0, 5.0), stats.beta(2.0, 5.0)),
        (random.beta, (300.0, 700.0), stats.beta(300.0, 700.0)),
    ],
)
def test_continuous_numbers_follow_their_distribution(
    function: Callable[..., float], arguments: tuple[float, ...], law: Any
) -> None:
    numbers = many(function, arguments, KEY, NUMBERS)
    assert stats.kstest(numbers, law.cdf).pvalue > LEAST_P


def test_successive_numbers_of_a_stream_do_not_depend_on_each_other() -> None:
    numbers = many(random.uniform, (), KEY, NUMBERS)
    cells = np.floor(numbers * 10).astype(int)
    for lag in (1, 2, 3):
        table = np.bincount(cells[:-lag] * 10 + cells[lag:], minlength=100)
        assert stats.chisquare(table).pvalue > LEAST_P


@pytest.mark.parametrize("p", [1e-3, 0.04, 0.3, 0.5, 0.73, 0.999])
@pytest.mark.parametrize("n", [1, 2, 7, 30, 200, 5_000, 300_000])
def test_binomials_follow_their_distribution(n: int, p: float) -> None:
    assert_counts_follow(many(random.binomial, (n, p), KEY, NUMBERS), stats.binom(n, p))


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (40_000_000, 1e-8),
        (40_000_000, 2.4e-7),
        # just below and above the border between the two methods
        (40_000_000, 2.6e-7),
        (40_000_000, 1e-5),
        (40_000_000, 0.3),
        (40_000_000, 0.5),
        (40_000_000, 1.0 - 1e-7),
        (19, 0.5),
        (20, 0.5),
        (21, 0.5),
    ],
)
def test_binomials_follow_their_distribution_at_the_extremes(n: int, p: float) -> None:
    assert_counts_follow(many(random.binomial, (n, p), KEY, NUMBERS), stats.binom(n, p))


def test_binomials_of_nobody_never_or_always_need_no_chance() -> None:
    state = random.open_stream(KEY, 0)
    before = state.copy()
    for n in (0, 1, 40_000_000):
        assert random.binomial(state, n, 0.0) == 0
        assert random.binomial(state, n, -0.1) == 0
        assert random.binomial(state, n, 1.0) == n
        assert random.binomial(state, n, 1.1) == n
        assert random.binomial(state, 0, 0.5) == 0
    np.testing.assert_array_equal(state, before)


def test_a_binomial_is_never_outside_its_range() -> None:
    for n, p in ((1, 0.999999), (3, 1e-9), (25, 0.45), (40_000_000, 0.99999999)):
        counts = many(random.binomial, (n, p), KEY, 20_000)
        assert counts.min() >= 0
        assert counts.max() <= n


@pytest.mark.parametrize("mean", [1e-6, 0.2, 1.0, 4.0, 9.99, 10.01, 35.0, 800.0, 1e6, 4e7])
def test_poissons_follow_their_distribution(mean: float) -> None:
    assert_counts_follow(many(random.poisson, (mean,), KEY, NUMBERS), stats.poisson(mean))


@pytest.mark.parametrize(
    ("mean", "dispersion"), [(0.5, 0.05), (3.0, 0.5), (3.0, 40.0), (60.0, 1.0), (60.0, 300.0), (1e5, 20.0)]
)
def test_negative_binomials_follow_their_distribution(mean: float, dispersion: float) -> None:
    law = stats.nbinom(dispersion, dispersion / (dispersion + mean))
    assert law.var() == pytest.approx(mean + mean**2 / dispersion)
    assert_counts_follow(many(random.negative_binomial, (mean, dispersion), KEY, NUMBERS), law)


def test_a_huge_dispersion_is_poisson() -> None:
    assert_counts_follow(many(random.negative_binomial, (20.0, np.inf), KEY, NUMBERS), stats.poisson(20.0))


def test_nothing_is_drawn_from_nothing() -> None:
    state = random.open_stream(KEY, 0)
    assert random.poisson(state, 0.0) == 0
    assert random.negative_binomial(state, 0.0, 5.0) == 0
    assert random.gamma(state, 0.0) == 0.0
    # so small that both gammas underflow
    ends = {random.beta(state, 1e-6, 1e-6) for _ in range(50)}
    assert ends == {0.0, 1.0}


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (random.binomial, (10, np.nan)),
        (random.binomial, (40_000_000, np.nan)),
        (random.poisson, (np.nan,)),
        (random.poisson, (np.inf,)),
        (random.gamma, (np.nan,)),
        (random.gamma, (-1.0,)),
        (random.beta, (np.nan, 1.0)),
        (random.negative_binomial, (np.nan, 1.0)),
        (random.negative_binomial, (3.0, np.nan)),
        (random.negative_binomial, (3.0, 0.0)),
    ],
)
def test_an_undefined_argument_is_an_error_and_no_endless_loop(
    function: Callable[..., float], arguments: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"not a number|not positive"):
        function(random.open_stream(KEY, 0), *arguments)


@pytest.mark.parametrize(("n", "p"), [(25, 0.4), (100, 0.2), (1000, 0.5), (10**5, 1e-3), (10**7, 0.3)])
def test_the_squeeze_of_the_binomial_decides_only_what_is_certain(n: int, p: float) -> None:
    law, mode, variance = stats.binom(n, p), int((n + 1) * p), n * p * (1.0 - p)
    decided = 0
    for distance in np.unique(np.geomspace(1.0, 8.0 * np.sqrt(variance), 60).astype(int)):
        for k in (mode - distance, mode + distance):
            exact = law.logpmf(k) - law.logpmf(mode)
            if not np.isfinite(exact):
                continue
            for gap in (1e-9, 1e-4, 1e-2, 1.0):
                assert random._squeeze(exact - gap, int(distance), variance, 1e-6 + 1e-14 * n) in (0, 1)
                assert random._squeeze(exact + gap, int(distance), variance, 1e-6 + 1e-14 * n) in (0, -1)
                decided += random._squeeze(exact - gap, int(distance), variance, 1e-6 + 1e-14 * n)
    assert decided > 0 or variance < 50


@pytest.mark.parametrize("k", [0, 1, 9, 10, 255, 256, 10**4])
def test_factorials_from_the_table_are_those_of_the_series(k: int) -> None:
    assert random._log_factorial(k) == pytest.approx(math.lgamma(k + 1.0), rel=1e-10, abs=1e-12)
