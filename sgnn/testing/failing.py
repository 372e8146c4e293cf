"""Rules that are looked at in a process of their own: a bad draw fails alone, and a fresh process makes the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.distributions import Categorical, Fixed
from sgnn.simulation.generator import OK, DrawGenerator, Draws
from sgnn.simulation.mixture import Component, Mixture
from sgnn.simulation.prior import Prior
from sgnn.simulation.streams import Streams
from sgnn.testing.elsewhere import Lost
from sgnn.testing.report import Finding
from sgnn.testing.subject import Subject

CORPUS = "conformance"
DRAWS = 6
BAD = 2


class BadPrior(Prior):
    """A prior whose draw `BAD` has parameters that are not numbers, all but its switches."""

    def sample(self, streams: Streams) -> dict[str, NDArray[np.float64]]:
        """Values (batch,) of every parameter."""
        theta = dict(super().sample(streams))
        for name, parameter in self.parameters.items():
            if not isinstance(parameter.distribution, Categorical | Fixed):
                theta[name] = np.where(streams.draws == BAD, np.nan, theta[name])
                theta[name].flags.writeable = False
        return theta


@dataclass(frozen=True)
class Fresh:
    """The job of simulating some draws: their digests by output."""

    subject: Subject
    draws: tuple[int, ...]

    def __call__(self) -> dict[str, list[str]]:
        """Digest of every draw of every output, parameters among them."""
        simulator = self.subject.simulator
        streams = Streams(CORPUS, np.array(self.draws))
        theta = simulator.prior().sample(streams)
        return digests({**theta, **simulator.simulate(theta, streams.scoped(simulator.name))})


@dataclass(frozen=True)
class Spoilt:
    """The job of making draws of which one cannot be made, as a corpus would: its status and error, the others'."""

    subject: Subject

    def __call__(self) -> dict[str, Any]:
        """Whether the bad draw passed, whether the others came out as they do without it, and what was raised."""
        simulator = self.subject.simulator
        prior = simulator.prior()
        whole = _draws(self.subject, prior)
        try:
            spoilt = _draws(self.subject, BadPrior(prior.parameters, prior.correlations, prior.constraints))
        except RecipeError as error:
            return {"raised": str(error)}
        good = [draw for draw in range(DRAWS) if draw != BAD]
        return {
            "passed": bool(spoilt.status[BAD] == OK),
            "others": [draw for draw in good if _row(spoilt, draw) != _row(whole, draw)],
        }


def _draws(subject: Subject, prior: Prior) -> Draws:
    mixture = Mixture([Component(subject.simulator, 1.0, prior)])
    with np.errstate(all="ignore"):
        return DrawGenerator(mixture, None, CORPUS).draws(0, DRAWS)


def _row(draws: Draws, draw: int) -> tuple[int, list[str]]:
    return int(draws.status[draw]), [digests({"": values})[""][draw] for values in draws.arrays.values()]


def digests(arrays: Mapping[str, NDArray[Any]]) -> dict[str, list[str]]:
    """Digest of every row by name."""
    return {
        name: [hashlib.blake2b(row.tobytes(), digest_size=8).hexdigest() for row in np.atleast_1d(values)]
        for name, values in arrays.items()
    }


def spoilt(outcome: Mapping[str, Any] | Lost) -> Iterator[Finding]:
    """What `Spoilt` shows."""
    if isinstance(outcome, Lost):
        yield Finding(
            "failures",
            f"given parameters that are not numbers, {outcome.reason}",
            "check the parameters first, and raise ValueError; bound every loop",
        )
    elif "raised" in outcome:
        yield Finding(
            "failures",
            f"a draw that cannot be made ends the whole corpus: {outcome['raised']}",
            "raise ValueError with the reason; RecipeError is for a broken declaration",
        )
    elif outcome["passed"]:
        yield Finding(
            "failures",
            "a draw whose parameters are not numbers came out as if nothing were wrong",
            "raise ValueError where a parameter makes no sense, and catch no error that you cannot mend",
        )
    elif outcome["others"]:
        yield Finding(
            "failures",
            f"draw {outcome['others'][0]} changed because another could not be made",
            "let a draw that fails leave nothing behind",
        )


def fresh(job: Fresh, outcome: Mapping[str, list[str]] | Lost) -> Iterator[Finding]:
    """What `Fresh` shows beside the same job done here."""
    if isinstance(outcome, Lost):
        yield Finding(
            "process",
            f"it does not work in a fresh process: {outcome.reason}",
            "define it at the top level of a module that a fresh process can import, with no need of this folder",
        )
        return
    for name, rows in job().items():
        if outcome.get(name) != rows:
            yield Finding(
                "process",
                f"'{name}' came out otherwise in a fresh process",
                "use nothing that differs between processes: hash() of words, the order of a set, id(), files, folders",
            )
            return
