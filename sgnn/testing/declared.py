"""Rules that need no run: identity, settings, declaration, units, prior."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation.declaration import check_variables
from sgnn.simulation.distributions import Gamma, LogNormal, Normal
from sgnn.simulation.observation import ObservationOperator
from sgnn.simulation.prior import Parameter, Prior
from sgnn.simulation.simulator import Dimension, Role, Simulator, Variable
from sgnn.simulation.streams import Streams
from sgnn.testing.report import Finding
from sgnn.testing.units import readable, respelt

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")
_SUPPORT = {Normal: (-math.inf, math.inf), LogNormal: (0.0, math.inf), Gamma: (0.0, math.inf)}


def identity(subject: Any, registered: str | None) -> Iterator[Finding]:
    """Name and version, and whether the name is the one it is registered under."""
    name, version = getattr(subject, "name", None), getattr(subject, "version", None)
    if not isinstance(name, str) or not _NAME.match(name):
        yield Finding("identity", f"its name is {name!r}", "give the class a name of letters, digits, dots and _")
    elif registered is not None and registered != name:
        yield Finding(
            "identity",
            f"it is registered as '{registered}', its name is '{name}'",
            "let the entry point and the name agree: streams are called after the name",
        )
    if not isinstance(version, str) or not version:
        yield Finding("identity", f"its version is {version!r}", "give the class a version: a text such as '1'")


def settings(subject: Any) -> Iterator[Finding]:
    """Whether the defaults of its settings, and its resources, survive a recipe."""
    for name, default in defaults(type(subject)).items():
        try:
            json.dumps(default, allow_nan=False)
        except (TypeError, ValueError):
            yield Finding(
                "settings",
                f"the default of '{name}' is {default!r}, which JSON cannot write",
                "take numbers, texts, lists and mappings, and make what you need of them in __init__",
            )
    resources = getattr(subject, "resources", {})
    if not isinstance(resources, Mapping) or not all(
        isinstance(name, str) and isinstance(amount, int | float) and amount > 0 for name, amount in resources.items()
    ):
        yield Finding("settings", f"its resources are {resources!r}", "give amounts by name, such as {'GPU': 1}")


def defaults(kind: type) -> dict[str, Any]:
    """Settings by name that have a default."""
    if not inspect.isclass(kind) or kind.__init__ is object.__init__:
        return {}
    parameters = inspect.signature(kind).parameters
    empty = inspect.Parameter.empty
    return {name: one.default for name, one in parameters.items() if one.default is not empty}


def declaration(simulator: Simulator) -> Iterator[Finding]:
    """Dimensions and variables: complete, well formed, and the same whenever they are asked for."""
    dimensions, variables = simulator.dimensions(), simulator.variables()
    if (simulator.dimensions(), simulator.variables()) != (dimensions, variables):
        yield Finding(
            "declaration",
            "dimensions() and variables() gave something else when called again",
            "let them depend on the settings alone",
        )
    if not variables:
        yield Finding("declaration", "variables() is empty", "declare what simulate() gives")
    try:
        check_variables(f"simulator '{simulator.name}'", variables, dimensions)
    except RecipeError as error:
        yield Finding("declaration", error.message, error.remedy)
    yield from _well_formed(dimensions, variables)


def observed(
    operator: ObservationOperator,
    simulated: Mapping[str, Variable],
    known: Mapping[str, Variable],
    dimensions: Mapping[str, Dimension],
) -> Iterator[Finding]:
    """What an operator adds to the variables known before it, of which the simulated ones are not its to change."""
    own = operator.variables(known)
    if operator.variables(known) != own:
        yield Finding("declaration", "variables() gave something else when called again", "let it depend on settings")
    for name in sorted({variable.name for variable in own} & set(simulated)):
        yield Finding("declaration", f"it overwrites the simulator's '{name}'", "let it write another variable")
    used = {dim for variable in own for dim in variable.dims}
    made = {variable.name for variable in own}
    lengths = [known[v.size] for v in own if v.size is not None and v.size in known and v.size not in made]
    yield from _well_formed([d for d in dimensions.values() if d.name in used], [*own, *lengths])


def _well_formed(dimensions: Iterable[Dimension], variables: Iterable[Variable]) -> Iterator[Finding]:
    dimensions, variables = tuple(dimensions), tuple(variables)
    whole = {v.name for v in variables if np.dtype(v.dtype).kind in "iu" and not v.dims}
    names = [*(dimension.name for dimension in dimensions), *(variable.name for variable in variables)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding("declaration", f"'{name}' is declared twice", "name dimensions and variables apart")
    for dimension in dimensions:
        if dimension.size < 1 or dimension.name == "draw":
            yield Finding(
                "declaration",
                f"dimension '{dimension.name}' has {dimension.size} steps",
                "leave out `draw`, and give every other dimension a length of at least 1",
            )
    for variable in variables:
        low, high = variable.valid_range
        if variable.role not in get_args(Role):
            yield Finding(
                "declaration", f"role of '{variable.name}' is {variable.role!r}", f"one of: {', '.join(get_args(Role))}"
            )
        if np.dtype(variable.dtype).kind not in "iufb":
            yield Finding(
                "declaration",
                f"type of '{variable.name}' is {variable.dtype}",
                "declare a type of numbers, and a code for every word",
            )
        if not low < high:
            yield Finding(
                "declaration",
                f"valid_range of '{variable.name}' is [{low:g}, {high:g}]",
                "give the lowest and the highest value that can be true",
            )
        if variable.size is not None and variable.size not in whole:
            yield Finding(
                "declaration",
                f"'{variable.size}', which holds the length of '{variable.name}', is no whole number a draw",
                "declare it with dims () and an integer type",
            )


def units(dimensions: Iterable[Dimension], variables: Iterable[Variable], prior: Prior) -> Iterator[Finding]:
    """A unit for every variable, dimension and parameter that is not a plain count of steps, in one spelling."""
    lengths = {variable.size for variable in variables if variable.size is not None}
    for variable in variables:
        if variable.name not in lengths:
            yield from _unit(f"variable '{variable.name}'", variable.unit, required=True)
    for dimension in dimensions:
        yield from _unit(f"dimension '{dimension.name}'", dimension.unit, required=False)
    for name, parameter in prior.parameters.items():
        # a plain number is known by what is said about it
        yield from _unit(f"parameter '{name}'", parameter.unit, required=not parameter.description)


def _unit(what: str, unit: str, *, required: bool) -> Iterator[Finding]:
    if not unit:
        if required:
            yield Finding("units", f"{what} has no unit", "give one, or '1' for a plain number")
    elif not readable(unit):
        yield Finding("units", f"the unit of {what} is '{unit}'", "write words joined by / and ·, such as 'people/day'")
    elif respelt(unit) != unit:
        yield Finding("units", f"the unit of {what} is '{unit}'", f"write '{respelt(unit)}', as others do")


def prior(own: Prior, again: Prior, streams: Streams) -> Iterator[Finding]:
    """Bounds, and whether what is drawn is finite, within them, and the same from the prior's JSON form."""
    if again.to_json() != own.to_json():
        yield Finding("prior", "prior() gave another one when called again", "let it depend on the settings alone")
        return
    joined = {name for group in own.correlations for name in group.names}
    for name, parameter in own.parameters.items():
        # a copula takes no bounds
        if name not in joined and not all(map(math.isfinite, _support(parameter))):
            yield Finding(
                "prior",
                f"parameter '{name}' has no bound: {parameter.distribution.kind} without bounds",
                "give it bounds=(low, high): a draw without bound breaks some simulation of a million",
            )
    try:
        theta, copied = own.sample(streams), Prior.from_json(own.to_json()).sample(streams)
    except RecipeError as error:
        yield Finding("prior", error.message, error.remedy)
        return
    for name, values in theta.items():
        low, high = own.parameters[name].bounds
        if not np.isfinite(values).all() or (values < low).any() or (values > high).any():
            yield Finding(
                "prior", f"parameter '{name}' was drawn as {values.min():g} to {values.max():g}", "mend its prior"
            )
        if copied[name].tobytes() != values.tobytes():
            yield Finding(
                "prior", f"parameter '{name}' is drawn otherwise from the prior's JSON form", "use plain numbers"
            )


def _support(parameter: Parameter) -> tuple[float, float]:
    """Where its values can lie; (0, 1) stands for any distribution that ends where its arguments say."""
    low, high = _SUPPORT.get(type(parameter.distribution), (0.0, 1.0))
    return max(low, parameter.bounds[0]), min(high, parameter.bounds[1])
