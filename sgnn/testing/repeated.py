"""Rules of several runs: the same again, with nothing remembered, and with nothing that others share."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from sgnn.simulation.simulator import Outputs
from sgnn.testing.report import Finding
from sgnn.testing.trial import Trial, copies, differing_rows, told

_STREAMS = "take every random number from streams: streams.generator(position, purpose), or streams.key for a kernel"
_REMEMBERING = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random, list, dict, set)


def repeated(trial: Trial, other: Trial) -> Iterator[Finding]:
    """Findings on determinism, state and globals; ``other`` draws are made in between.

    At most one rule is found broken: one that is leaves nothing to say of the others.
    """
    before = _remembered(trial.subject)
    _seed(1)
    shared = _shared()
    first = trial.run()
    used = [name for name, state in _shared().items() if state != shared[name]]
    kept = copies(first)
    _seed(1)
    again = differing_rows(kept, trial.run())
    if again:
        yield _unsteady(trial, before, again)
        return
    _seed(2)
    reseeded = differing_rows(kept, trial.run())
    if reseeded or used:
        seen = f"it uses {' and '.join(used) or 'a generator that others share'}"
        because = f": {told(reseeded, trial.streams.draws)} changes with its seed" if reseeded else ""
        yield Finding("globals", seen + because, _STREAMS)
        return
    # a draw among them that cannot be made leaves as much behind as the others
    with suppress(Exception):
        other.run()
    yield from _remembering(trial, before, first, kept)


def _remembering(trial: Trial, before: Mapping[str, bytes], first: Outputs, kept: Outputs) -> Iterator[Finding]:
    """What a run of other draws has left behind."""
    if overwritten := differing_rows(kept, first):
        yield Finding(
            "state",
            f"{told(overwritten, trial.streams.draws)} was overwritten by the next run",
            "return a new array from every call",
        )
    elif after := differing_rows(kept, trial.run()):
        yield Finding(
            "state",
            f"{told(after, trial.streams.draws)} came out otherwise after other draws were made",
            f"keep nothing between calls{_blamed(trial.subject, before)}",
        )
    elif changed := [name for name in _changed(trial.subject, before) if not name.startswith("self.")]:
        yield Finding("state", f"a run changes {changed[0]}, which all instances share", "keep it in a local variable")


def _unsteady(trial: Trial, before: Mapping[str, bytes], rows: dict[str, Any]) -> Finding:
    """Why a second run differs: what is remembered, or else where its numbers come from."""
    seen = f"{told(rows, trial.streams.draws)} came out otherwise from the same parameters and streams"
    if changed := _changed(trial.subject, before):
        return Finding("state", f"{seen}; a run changes {changed[0]}", "keep nothing between calls; " + _STREAMS)
    return Finding("determinism", seen, _STREAMS + "; none from the clock or the operating system")


def _blamed(subject: object, before: Mapping[str, bytes]) -> str:
    changed = _changed(subject, before)
    return f": a run changes {changed[0]}" if changed else ""


def _changed(subject: object, before: Mapping[str, bytes]) -> list[str]:
    after = _remembered(subject)
    return [name for name in after if before.get(name) != after[name]]


def _remembered(subject: object) -> dict[str, bytes]:
    """Everything in which a subject could remember a run: its attributes, its classes', its modules' generators."""
    held: dict[str, Any] = {f"self.{name}": value for name, value in getattr(subject, "__dict__", {}).items()}
    kinds = [kind for kind in type(subject).__mro__ if not _ours(kind.__module__)]
    for kind in kinds:
        held |= {f"{kind.__name__}.{name}": value for name, value in vars(kind).items() if not name.startswith("__")}
    functions = [value for value in held.values() if callable(value)]
    for module in {one.__module__ for one in (*kinds, *functions) if hasattr(one, "__module__")}:
        if not _ours(module):
            for name, value in vars(sys.modules.get(module, object)).items():
                if isinstance(value, (*_REMEMBERING, np.ndarray)) and not name.startswith("__"):
                    held[f"{module}.{name}"] = value
    states = {}
    for name, value in held.items():
        with suppress(Exception):
            states[name] = pickle.dumps(value)
    return states


def _ours(module: str) -> bool:
    return module in ("builtins", "abc") or module.startswith("sgnn.simulation")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the generators that everybody shares as they were."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
        if torch:
            torch.set_rng_state(torch_state)


def _seed(seed: int) -> None:
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _shared() -> dict[str, bytes]:
    """States of the generators that everybody shares, by what they are called."""
    states = {
        "np.random": pickle.dumps(np.random.get_state()),  # noqa: NPY002
        "the module random": pickle.dumps(random.getstate()),
    }
    if "torch" in sys.modules:
        states["torch's generator"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return states
