"""Epidemic models written with epydemix (https://epydemix.org), which is the extra `epydemix`.

epydemix is under the GNU General Public License: it is installed by those who ask for it, and nothing of it is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation.prior import Prior
from sgnn.simulation.scalar import ScalarSimulator
from sgnn.simulation.simulator import Dimension, Variable

START = "2001-01-01"


class CompartmentalModel(ScalarSimulator):
    """Run an epydemix model day by day from ``build(theta)``, and read its compartments and transitions.

    ``reads`` gives, for each output, what epydemix calls it: `I_total`, `S_to_I_total`, or an age group in place of
    `total`. Outputs have the one dimension ``day``, of so many ``days``. ``initial`` gives the people (age group,) in
    each compartment at the start, from the same parameters; without it epydemix chooses.
    """

    def __init__(
        self,
        build: Callable[[Mapping[str, float]], Any],
        *,
        name: str,
        version: str,
        days: int,
        prior: Prior,
        variables: Sequence[Variable],
        reads: Mapping[str, str],
        initial: Callable[[Mapping[str, float]], Mapping[str, Any]] | None = None,
        start: str = START,
    ) -> None:
        self.name, self.version, self.__doc__ = name, version, build.__doc__
        self._build, self._days, self._prior, self._start = build, days, prior, start
        self._variables, self._reads, self._initial = tuple(variables), dict(reads), initial

    def prior(self) -> Prior:
        return self._prior

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("day", self._days, "day", "days since the start"),)

    def variables(self) -> tuple[Variable, ...]:
        return self._variables

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """Outputs (day,) of one run. Raises `RecipeError` where epydemix is missing, `ValueError` for unknown names."""
        try:
            from epydemix import simulate
        except ImportError as error:
            raise RecipeError(
                f"simulator '{self.name}' needs epydemix: {error}",
                remedy="install the extra: pip install 'sgnn[epydemix]'",
            ) from error
        if not np.isfinite(list(theta.values())).all():
            raise ValueError(f"parameters {dict(theta)} are not all numbers")
        end = np.datetime64(self._start) + (self._days - 1)
        given = {} if self._initial is None else {"initial_conditions_dict": dict(self._initial(theta))}
        run = simulate(
            self._build(theta),
            start_date=self._start,
            end_date=str(end),
            rng=generator,
            # one row a day already
            resample_frequency=None,
            **given,
        )
        series: Mapping[str, Any] = {**run.compartments, **run.transitions}
        made = {}
        for variable in self._variables:
            wanted = self._reads[variable.name]
            if wanted not in series:
                raise ValueError(f"epydemix gave {', '.join(series)}, not '{wanted}'")
            # epydemix counts people in floats
            made[variable.name] = np.rint(series[wanted]).astype(variable.dtype)
        return made
