"""Counter-based random numbers for kernels: Philox4x32-10 and what is drawn from it.

A stream is named by a 64-bit key and a draw index; its numbers are a function of (key, draw, position) alone, so
streams never overlap and nothing is shared between draws, workers or runs.

Salmon, Moraes, Dror & Shaw (2011), *Parallel random numbers: as easy as 1, 2, 3*. All functions are compiled by Numba,
take the state that `open_stream` makes, advance it, and can be called from other kernels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation.compiled import inlined, inner, outer

State = NDArray[np.uint64]
Word = np.uint64

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_11 = np.uint64(11)
_ONE = np.uint64(1)
# where in a state things are: number of the next block, place of the next number, place after the last, the numbers
_BLOCK, _NEXT, _END, _NUMBERS = 4, 5, 6, 7
# blocks made at a time, so that the processor makes several at once
_BLOCKS = 16
_TO_UNIT = 1.0 / 9007199254740992.0
_BELOW_ONE = 1.0 - _TO_UNIT
_LARGEST_MEAN = 1e15
# more than what rounding does to numbers near 1
_ROUNDING = 1e-12


@inlined
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word, Word, Word]:
    """Four 32-bit words from a 128-bit counter and a 64-bit key, each held in a uint64: ten rounds of Philox4x32."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@outer
def open_stream(key: int, draw: int) -> State:
    """State of a fresh stream: key and draw in halves, block number, and numbers that were made but not yet given."""
    state = np.zeros(_NUMBERS + 2 * _BLOCKS, dtype=np.uint64)
    k, d = np.uint64(key), np.uint64(draw)
    state[0], state[1] = k & _LOW, k >> _32
    state[2], state[3] = d & _LOW, d >> _32
    state[_NEXT] = state[_END] = np.uint64(_NUMBERS)
    return state


@inner
def _make_numbers(state: State) -> Word:
    """Make the next numbers of a stream; returns the place of the first.

    One block first, for many streams are asked for a number or two, then many at a time.
    """
    k0, k1, d0, d1, block = state[0], state[1], state[2], state[3], state[_BLOCK]
    count = 1 if block == np.uint64(0) else _BLOCKS
    for i in range(count):
        at = block + np.uint64(i)
        a, b, c, d = philox(at & _LOW, at >> _32, d0, d1, k0, k1)
        state[_NUMBERS + 2 * i] = ((b << _32) | a) >> _11
        state[_NUMBERS + 1 + 2 * i] = ((d << _32) | c) >> _11
    state[_BLOCK] = block + np.uint64(count)
    state[_END] = np.uint64(_NUMBERS + 2 * count)
    return np.uint64(_NUMBERS)


@inlined
def _open_unit(bits: Word) -> float:
    # a half more than the largest 53-bit number rounds up to 2^53
    return min((float(np.int64(bits)) + 0.5) * _TO_UNIT, _BELOW_ONE)


@inlined
def uniform(state: State) -> float:
    """Uniform on the open interval (0, 1), 53 random bits."""
    at = state[_NEXT]
    if at == state[_END]:
        at = _make_numbers(state)
    state[_NEXT] = at + _ONE
    return _open_unit(state[at])


@inlined
def first_uniform(key: int, draw: int) -> float:
    """The first `uniform` of a fresh stream, without its state: for one number a draw, many draws at once."""
    k, d, zero = np.uint64(key), np.uint64(draw), np.uint64(0)
    a, b, _, _ = philox(zero, zero, d & _LOW, d >> _32, k & _LOW, k >> _32)
    return _open_unit(((b << _32) | a) >> _11)


@inner
def exponential(state: State) -> float:
    """Exponential with mean 1."""
    return -math.log(uniform(state))


@inner
def normal(state: State) -> float:
    """Standard normal, by the polar method of Marsaglia & Bray (1964)."""
    while True:
        x = 2.0 * uniform(state) - 1.0
        y = 2.0 * uniform(state) - 1.0
        s = x * x + y * y
        if 0.0 < s < 1.0:
            return x * math.sqrt(-2.0 * math.log(s) / s)


@inner
def gamma(state: State, shape: float) -> float:
    """Gamma with unit scale; 0 for a shape of 0. Raises `ValueError` for a negative or undefined shape."""
    if not shape > 0.0:
        if shape == 0.0:
            return 0.0
        raise ValueError("gamma: the shape is negative or not a number")
    if shape < 1.0:
        return _gamma_above_one(state, shape + 1.0) * uniform(state) ** (1.0 / shape)
    return _gamma_above_one(state, shape)


@inner
def _gamma_above_one(state: State, shape: float) -> float:
    """Marsaglia & Tsang (2000), for a shape of at least 1."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(state)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = uniform(state)
        if u < 1.0 - 0.0331 * x * x * x * x or math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return d * v


@inner
def beta(state: State, a: float, b: float) -> float:
    """Beta, as a share of two Gamma variables. Raises `ValueError` for negative or undefined shapes."""
    x = gamma(state, a)
    y = gamma(state, b)
    if x + y > 0.0:
        return x / (x + y)
    # shapes so small that both underflow: nearly all of the mass lies at the ends
    return 1.0 if uniform(state) * (a + b) < a else 0.0


def _stirling(k: int) -> float:
    """Log of k!, by Stirling's series from k = 10 on (relative error below 1e-10)."""
    if k < 10:
        f = 1.0
        for i in range(2, k + 1):
            f *= i
        return math.log(f)
    x = k + 1.0
    r = 1.0 / (x * x)
    return (
        (x - 0.5) * math.log(x)
        - x
        + 0.9189385332046727
        + (0.08333333333333333 - (0.002777777777777778 - 0.0007936507936507937 * r) * r) / x
    )


_TABULATED = 256
_LOG_FACTORIALS = np.array([_stirling(k) for k in range(_TABULATED)])
_stirling_compiled = inner(_stirling)


@inner
def _log_factorial(k: int) -> float:
    return _LOG_FACTORIALS[np.uint64(k)] if k < _TABULATED else _stirling_compiled(k)


@inner
def poisson(state: State, mean: float) -> int:
    """Poisson: inversion below a mean of 10, above it PTRS of Hörmann (1993).

    Raises `ValueError` for a mean that is undefined or beyond what a count can hold.
    """
    if mean <= 0.0:
        return 0
    if mean < 10.0:
        u = uniform(state)
        # most means are small and most counts zero: exp(-mean) is above 1 - mean, and need not be known
        if u < 1.0 - mean - _ROUNDING:
            return 0
        p = math.exp(-mean)
        k = 0
        while u > p:
            u -= p
            k += 1
            p *= mean / k
            if k > 200:
                break
        return k
    if not mean < _LARGEST_MEAN:
        raise ValueError("poisson: the mean is too large or not a number")
    slam = math.sqrt(mean)
    b = 0.931 + 2.53 * slam
    a = -0.059 + 0.02483 * b
    inv_alpha = 1.1239 + 1.1328 / (b - 3.4)
    vr = 0.9277 - 3.6224 / (b - 2.0)
    log_mean = math.nan
    while True:
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= vr:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        if math.isnan(log_mean):
            log_mean = math.log(mean)
        if math.log(v * inv_alpha / (a / (us * us) + b)) <= k * log_mean - mean - _log_factorial(k):
            return k


@inner
def binomial(state: State, n: int, p: float) -> int:
    """Binomial: inversion where n·min(p, 1-p) is below 10, else BTRS of Hörmann (1993).

    A probability outside [0, 1] counts as the nearer end. Raises `ValueError` for an undefined one.
    """
    if n <= 0 or p <= 0.0:
        return 0
    if not p < 1.0:
        if p >= 1.0:
            return n
        raise ValueError("binomial: the probability is not a number")
    q = p if p <= 0.5 else 1.0 - p
    k = _binomial_inversion(state, n, q) if n * q < 10.0 else _binomial_rejection(state, n, q)
    return k if p <= 0.5 else n - k


@inner
def _binomial_inversion(state: State, n: int, p: float) -> int:
    """Search of the cumulative distribution from 0, for p <= 1/2 and n·p < 10."""
    u = uniform(state)
    # (1 - p)^n is above 1 - n p, and need not be known where that decides
    if u < 1.0 - n * p - _ROUNDING:
        return 0
    odds = p / (1.0 - p)
    r = math.exp(n * math.log1p(-p))
    k = 0
    while u > r:
        u -= r
        k += 1
        if k > n or k > 200:
            return min(k - 1, n)
        r *= odds * (n - k + 1) / k
    return k


@inner
def _binomial_rejection(state: State, n: int, p: float) -> int:
    """Transformed rejection, for p <= 1/2 and n·p >= 10."""
    variance = n * p * (1.0 - p)
    spq = math.sqrt(variance)
    b = 1.15 + 2.53 * spq
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    vr = 0.92 - 4.2 / b
    h = math.nan
    lpq = 0.0
    while True:
        v = uniform(state)
        u = uniform(state) - 0.5
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + c)
        if us >= 0.07 and v <= vr:
            return k
        if k < 0 or k > n:
            continue
        v = math.log(v * ((2.83 + 5.1 / b) * spq) / (a / (us * us) + b))
        m = math.floor((n + 1) * p)
        verdict = _squeeze(v, abs(k - m), variance, 1e-6 + 1e-14 * n)
        if verdict == 0:
            if math.isnan(h):
                lpq = math.log(p / (1.0 - p))
                h = _log_factorial(m) + _log_factorial(n - m)
            verdict = 1 if v <= h - _log_factorial(k) - _log_factorial(n - k) + (k - m) * lpq else -1
        if verdict == 1:
            return k


@inner
def _squeeze(v: float, distance: int, variance: float, rounding: float) -> int:
    """Whether ``v`` is below (1) or above (-1) the log of the mass so far from the mode, relative to it; 0: unknown.

    The bounds of Kachitvichyanukul & Schmeiser (1988), *Binomial random variate generation*, step 5.2.
    """
    if distance >= 0.5 * variance - 1.0:
        return 0
    middle = -0.5 * distance * distance / variance
    width = distance / variance * ((distance * (distance / 3.0 + 0.625) + 1.0 / 6.0) / variance + 0.5) + rounding
    if v < middle - width:
        return 1
    return -1 if v > middle + width else 0


@inner
def negative_binomial(state: State, mean: float, dispersion: float) -> int:
    """Negative binomial with variance ``mean + mean**2 / dispersion``; Poisson for a huge dispersion.

    Raises `ValueError` for a dispersion that is not positive, and as `poisson` does.
    """
    if mean <= 0.0:
        return 0
    if not dispersion > 0.0:
        raise ValueError("negative binomial: the dispersion is not positive")
    if dispersion > 1e9:
        return poisson(state, mean)
    return poisson(state, mean * gamma(state, dispersion) / dispersion)
