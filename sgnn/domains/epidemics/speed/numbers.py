"""The random numbers that epidemics ask for: recorded in a run of its own, and drawn again by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sgnn.domains.epidemics.mechanisms import Epidemic
    from sgnn.simulation import Streams, Theta

BINOMIAL, POISSON, GAMMA, NORMAL, EXPONENTIAL = range(1, 6)
_MOST_A_DAY = 80


@dataclass(frozen=True)
class Numbers:
    """What was asked for, request by request: (request, 3) of kind and two arguments; only what needs a number."""

    requests: NDArray[np.float64]

    @property
    def binomials(self) -> Numbers:
        """The binomials among them."""
        return Numbers(np.ascontiguousarray(self.requests[self.requests[:, 0] == BINOMIAL]))

    def draw(self) -> float:
        """Draw them all again, one after the other and nothing else; returns their sum."""
        from sgnn.domains.epidemics.speed.again import draw_again
        from sgnn.simulation.random import open_stream

        return float(draw_again(self.requests, open_stream(np.uint64(1), 0)))


def recorded(simulator: Epidemic, theta: Theta, streams: Streams) -> tuple[Numbers, NDArray[np.int32]]:
    """The numbers of a batch, and its counts (quantity, batch, day), which recording leaves as they are."""
    from sgnn.domains.epidemics import kernel
    from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK

    batch, days = len(streams), simulator.weeks * DAYS_PER_WEEK
    records, simulate = simulator.records(theta, batch), _recording_kernel()
    counts, levels = np.zeros((4, batch, days), np.int32), np.zeros((2, batch, days))
    requests = []
    for row in range(batch):
        logs = [
            _opened(streams.key(purpose), streams.draws[row], days + int(records[row]["burn_in"]))
            for purpose in ("dynamics", "drift", "outcomes")
        ]
        out = kernel.Daily(*counts[:, row], *levels[:, row])
        simulate(records[row], simulator.steps_per_day, *logs, out)
        requests += [_read(log) for log in logs]
    return Numbers(np.concatenate(requests)), counts


def _start() -> int:
    from sgnn.simulation.random import open_stream

    return len(open_stream(np.uint64(0), 0))


def _opened(key: np.uint64, draw: int, days: int) -> NDArray[np.uint64]:
    """State of a stream with room for a log behind it: the number of requests, then the requests."""
    from sgnn.simulation.random import open_stream

    state = open_stream(key, draw)
    return np.concatenate([state, np.zeros(1 + 3 * _MOST_A_DAY * days, np.uint64)])


def _read(log: NDArray[np.uint64]) -> NDArray[np.float64]:
    start = _start()
    requests = log[start + 1 : start + 1 + 3 * int(log[start])].view(np.float64).reshape(-1, 3)
    kind, first, second = requests.T
    trivial = (kind == BINOMIAL) & ((first <= 0) | (second <= 0) | (second >= 1)) | (kind == POISSON) & (first <= 0)
    return np.asarray(requests[~trivial])


@cache
def _recording_kernel() -> Any:
    """`simulate_epidemic`, compiled with functions that write down what they are asked for in place of those asked."""
    from sgnn.domains.epidemics import compartments, delays, kernel, transmission
    from sgnn.simulation import random

    names = {"binomial": BINOMIAL, "poisson": POISSON, "gamma": GAMMA, "normal": NORMAL, "exponential": EXPONENTIAL}
    functions = {name: _recording(getattr(random, name), kind) for name, kind in names.items()}
    for module in (compartments, delays, transmission, kernel):
        functions |= _compiled_with(module, functions)
    return functions["simulate_epidemic"]


def _compiled_with(module: ModuleType, functions: dict[str, Any]) -> dict[str, Any]:
    """A module's kernels, compiled once more with other functions of the same names."""
    from numba import njit
    from numba.core.dispatcher import Dispatcher

    names = {**vars(module), **{name: function for name, function in functions.items() if name in vars(module)}}
    own = {}
    for name, value in vars(module).items():
        if isinstance(value, Dispatcher) and value.py_func.__module__ == module.__name__:
            own[name] = njit(FunctionType(value.py_func.__code__, names, name))
    names |= own
    return own


def _recording(function: Any, kind: int) -> Any:
    """The compiled function, which writes down the kind and what it is asked for before it gives a number."""
    from numba import njit

    start = _start()

    def note(state: Any, first: float, second: float) -> None:
        at = start + 1 + 3 * np.int64(state[start])
        log = state[at : at + 3].view(np.float64)
        log[0], log[1], log[2] = kind, first, second
        state[start] += np.uint64(1)

    noted = njit(note)

    def with_two(state: Any, n: int, p: float) -> Any:
        noted(state, n, p)
        return function(state, n, p)

    def with_one(state: Any, argument: float) -> Any:
        noted(state, argument, 0.0)
        return function(state, argument)

    def with_none(state: Any) -> Any:
        noted(state, 0.0, 0.0)
        return function(state)

    if kind == BINOMIAL:
        return njit(with_two)
    return njit(with_one if kind in (POISSON, GAMMA) else with_none)
