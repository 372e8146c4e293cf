"""Fresh observations: a stored latent draw seen anew in every epoch, as its recipe's observation pipeline sees it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.assembly import mixture_of, pipeline_of
from sgnn.corpus.reader import Corpus
from sgnn.errors import RecipeError
from sgnn.learning.stream.ahead import ahead
from sgnn.learning.stream.reader import READERS, Arrays
from sgnn.simulation import Streams, Theta
from sgnn.simulation.declaration import as_declared, filled
from sgnn.simulation.verdict import outside

MECHANISM, THETA = "mechanism", "theta"
_PART = 512
"""Draws that a thread observes at a time; compiled operators leave the interpreter to the others meanwhile."""


class FreshObservation:
    """Observes draws of a corpus again: parameters and noise depend on the seed, the epoch and the draw alone.

    Parameters of the observation are drawn anew from their priors, and stand so in `theta`, where that is read. A draw
    that cannot be observed, or comes out with values out of range, is marked: nobody may learn from it, or from a clean
    or an old observation in its place. Raises `RecipeError` where the corpus did not keep what its observation reads.
    """

    def __init__(self, corpus: Corpus, variables: Sequence[str], seed: int) -> None:
        section = corpus.recipe
        mixture, self._pipeline = mixture_of(section), pipeline_of(section)
        kept = {name: one for name, one in mixture.variables.items() if name in corpus.variables}
        try:
            dimensions, made = self._pipeline.outputs(mixture.dimensions, kept)
        except RecipeError as error:
            raise _not_kept(corpus, error.message) from error
        self._corpus, self._seed = corpus, seed
        self._priors = tuple(self._pipeline.prior(one.observation) for one in mixture.components)
        self._sizes = {name: dimension.size for name, dimension in dimensions.items()}
        self._expected = {name: one for name, one in made.items() if name not in kept}
        self._given = [
            tuple(one.name for one in component.simulator.variables() if one.name in kept)
            for component in mixture.components
        ]
        # mechanisms that give the same variables, seen in the same way, are observed together
        ways = [(names, prior.to_json()) for names, prior in zip(self._given, self._priors, strict=True)]
        self._alike = np.array([ways.index(way) for way in ways])
        self.observed = tuple(name for name in variables if name in self._expected)
        self.stored = (*kept, MECHANISM, *(name for name in variables if name not in (*made, MECHANISM)))
        self.variables = tuple(variables)
        columns = {parameter.name: at for at, parameter in enumerate(corpus.schema.parameters)}
        self._columns = {name: columns[name] for name in self._pipeline.prior().names} if THETA in variables else {}
        self._try()

    def observe(
        self, values: Arrays, draws: NDArray[np.int64], epoch: NDArray[np.int64]
    ) -> tuple[Arrays, NDArray[np.bool_]]:
        """The variables of some draws from their ``stored`` values, and which (draw,) are good."""
        good = np.ones(len(draws), dtype=np.bool_)
        for name in self.observed:
            values[name] = filled(self._expected[name], len(draws), self._sizes)
        given = self._alike[values[MECHANISM]]
        parts: list[tuple[NDArray[np.intp], int, int]] = []
        for one in np.unique(epoch).tolist():
            for kind in np.unique(given).tolist():
                rows = np.flatnonzero((epoch == one) & (given == kind))
                parts += [(rows[at : at + _PART], one, kind) for at in range(0, len(rows), _PART)]

        def fill(part: tuple[NDArray[np.intp], int, int]) -> None:
            rows, one, kind = part
            streams = Streams(self._corpus.layout.key, draws[rows], f"fresh/{self._seed}/{one}")
            self._fill(values, good, rows, streams, kind)

        for _ in ahead(fill, parts, READERS):
            pass
        return {name: values[name] for name in self.variables}, good

    def __reduce__(self) -> tuple[type[FreshObservation], tuple[Corpus, tuple[str, ...], int]]:
        return FreshObservation, (self._corpus, self.variables, self._seed)

    def _fill(
        self,
        values: Arrays,
        good: NDArray[np.bool_],
        rows: NDArray[np.intp],
        streams: Streams,
        kind: int,
    ) -> None:
        """Observe some rows; a batch that raises is halved until the draws that do are found."""
        try:
            theta = self._priors[kind].sample(streams)
            seen = self._seen({name: values[name][rows] for name in self._given[kind]}, theta, streams)
        except RecipeError:
            raise
        except Exception:
            if len(rows) == 1:
                good[rows] = False
                return
            for half in (slice(0, len(rows) // 2), slice(len(rows) // 2, None)):
                self._fill(values, good, rows[half], streams.take(half), kind)
            return
        for name in self.observed:
            values[name][rows] = seen[name]
        for name, column in self._columns.items():
            values[THETA][rows, column] = theta[name]
        good[rows[list(outside(self._expected.values(), seen))]] = False

    def _seen(self, outputs: Arrays, theta: Theta, streams: Streams) -> Arrays:
        seen = self._pipeline.observe(outputs, theta, streams)
        return as_declared("the observation", seen, self._expected, self._sizes, len(streams))

    def _try(self) -> None:
        """Observe the first draws. Raises `RecipeError` where that takes a value which is not stored."""
        if not self.observed:
            raise RecipeError(
                f"training.fresh_observations: corpus {self._corpus.name} observes none of {', '.join(self.variables)}",
                remedy="leave it out, or give the corpus an observation",
            )
        values = self._corpus.read(0, self.stored)
        mechanism = int(values[MECHANISM][0])
        outputs = {name: values[name][:1] for name in self._given[mechanism]}
        try:
            first = Streams(self._corpus.layout.key, self._corpus.blocks[0].start + np.arange(1), "fresh/try")
            self._seen(outputs, self._priors[mechanism].sample(first), first)
        except KeyError as error:
            raise _not_kept(self._corpus, f"it reads {error}") from error


def _not_kept(corpus: Corpus, reason: str) -> RecipeError:
    return RecipeError(
        f"training.fresh_observations: corpus {corpus.name} did not keep what its observation reads: {reason}",
        remedy="name it in corpus.keep and build the corpus anew, or train on the stored observations",
    )
