"""Observation operators: from what happened to what somebody wrote down; composable with ``|``, failing closed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.prior import Prior
from sgnn.simulation.simulator import Dimension, Outputs, Theta, Variable
from sgnn.simulation.streams import Streams


class ObservationOperator(ABC):
    """One stage of observation of one ``variable``, with parameters of its own that are drawn and recorded per draw.

    It may add observed variables or change those that stages before it made, never an output of the simulator. One that
    raises fails the draw: clean data are never handed on in place of observed ones.
    """

    name: str
    version: str

    def __init__(self, variable: str, label: str | None = None) -> None:
        self.variable = variable
        self._label = label

    @property
    def label(self) -> str:
        """What its parameters and random streams are called after: unique in a pipeline."""
        return self._label or f"{self.name.rpartition('.')[2]}_{self.variable}"

    @abstractmethod
    def prior(self) -> Prior:
        """Prior of its parameters."""

    def dimensions(self, known: Mapping[str, Dimension]) -> tuple[Dimension, ...]:
        """Dimensions it adds; none unless overridden."""
        return ()

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """Variables it adds or changes, as they are after it; by default its variable, unchanged in form."""
        return (_known(known, self.variable, self.label),)

    @abstractmethod
    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """What it adds or changes, each (batch, *dims); ``theta`` holds its own parameters, each (batch,)."""

    def __or__(self, other: ObservationOperator | ObservationPipeline) -> ObservationPipeline:
        return ObservationPipeline((self,)) | other


def _known(known: Mapping[str, Variable], name: str, label: str) -> Variable:
    if name not in known:
        raise RecipeError(
            f"observation stage '{label}' observes '{name}', which neither a simulator nor a stage before it gives",
            remedy=f"there are: {', '.join(known)}",
        )
    return known[name]


def _sealed(values: NDArray[Any]) -> NDArray[Any]:
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class ObservationPipeline:
    """Operators one after the other, with the prior of each stage (its own where ``priors`` names none)."""

    operators: tuple[ObservationOperator, ...] = ()
    priors: tuple[Prior, ...] = ()

    def __post_init__(self) -> None:
        if not self.priors:
            object.__setattr__(self, "priors", tuple(operator.prior() for operator in self.operators))
        labels = [operator.label for operator in self.operators]
        if twice := {label for label in labels if labels.count(label) > 1}:
            raise RecipeError(
                f"observation stage '{min(twice)}' is there twice", remedy="give one of them the setting label"
            )

    def __or__(self, other: ObservationOperator | ObservationPipeline) -> ObservationPipeline:
        more = other if isinstance(other, ObservationPipeline) else ObservationPipeline((other,))
        return ObservationPipeline(self.operators + more.operators, self.priors + more.priors)

    def prior(self, changes: Mapping[str, Any] | None = None) -> Prior:
        """All stages' parameters, named ``<label>.<parameter>``, with ``changes`` as `Prior.replace` takes them.

        Raises `RecipeError` for changes that do not fit.
        """
        merged = Prior({})
        for operator, prior in zip(self.operators, self.priors, strict=True):
            merged = merged.merged(prior.prefixed(f"{operator.label}."))
        return merged.replace(changes) if changes else merged

    def outputs(
        self, dimensions: Mapping[str, Dimension], variables: Mapping[str, Variable]
    ) -> tuple[dict[str, Dimension], dict[str, Variable]]:
        """Dimensions and variables after all stages, the simulator's among them.

        Raises `RecipeError` where a stage would overwrite an output of the simulator or lacks its input.
        """
        all_dimensions, all_variables = dict(dimensions), dict(variables)
        for operator in self.operators:
            for dimension in operator.dimensions(all_dimensions):
                if all_dimensions.get(dimension.name, dimension).size != dimension.size:
                    raise RecipeError(
                        f"observation stage '{operator.label}': '{dimension.name}' has {dimension.size} steps, "
                        f"the simulator's has {all_dimensions[dimension.name].size}",
                        remedy="change the settings of one",
                    )
                all_dimensions.setdefault(dimension.name, dimension)
            for variable in operator.variables(all_variables):
                if variable.name in variables:
                    raise RecipeError(
                        f"observation stage '{operator.label}' would overwrite the simulator's '{variable.name}'",
                        remedy="let it write another variable",
                    )
                all_variables[variable.name] = variable
        return all_dimensions, all_variables

    def observe(self, outputs: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Observed variables, each (batch, *dims); ``theta`` holds ``<label>.<parameter>``.

        Every stage sees its data read-only. Raises `ValueError` where one overwrites an output of the simulator or
        gives nothing.
        """
        data = {name: _sealed(values) for name, values in outputs.items()}
        for operator in self.operators:
            prefix = f"{operator.label}."
            own = {name.removeprefix(prefix): values for name, values in theta.items() if name.startswith(prefix)}
            made = operator.observe(data, own, streams.scoped(f"observe/{operator.label}"))
            if not made or (forbidden := set(made) & set(outputs)):
                what = f"overwrote '{min(forbidden)}'" if made else "gave nothing"
                raise ValueError(f"observation stage '{operator.label}' {what}")
            data |= {name: _sealed(values) for name, values in made.items()}
        return {name: values for name, values in data.items() if name not in outputs}
