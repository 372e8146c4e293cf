"""`sgnn simulators`: what installed packages can simulate."""

from __future__ import annotations

import inspect
import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.output import Json, one_object, show, show_table
from sgnn.errors import RecipeError

if TYPE_CHECKING:
    from sgnn.simulation import Simulator

app = typer.Typer(help="Simulators that installed packages ship.", no_args_is_help=True)


@app.command("list")
def list_simulators(as_json: Json = False) -> None:
    """Simulators by name."""
    from sgnn.simulation.registry import SIMULATORS, find, names

    with one_object(as_json) as answer:
        found = [(name, find(SIMULATORS, name)) for name in names(SIMULATORS)]
        # what is registered may be a function that makes a simulator, whose version is known only then
        rows = [(name, str(getattr(kind, "version", "-")), _summary(kind)) for name, kind in found]
        if as_json:
            keys = ("name", "version", "summary")
            answer.append({"simulators": [dict(zip(keys, row, strict=True)) for row in rows]})
        else:
            show_table(("simulator", "version", "what it is"), rows)


@app.command("show")
def show_simulator(
    name: Annotated[str, typer.Argument(help="name of a simulator (sgnn simulators list)")], as_json: Json = False
) -> None:
    """One simulator: its settings, the prior of its parameters with units and sources, and what it returns."""
    from sgnn.simulation.registry import SIMULATORS, find

    with one_object(as_json) as answer:
        kind = find(SIMULATORS, name)
        document = _describe(name, kind)
        if as_json:
            answer.append(document)
            return
        show(f"{name}, version {document['version']}: {document['summary']}")
        show(f"settings: {', '.join(f'{key}={value!r}' for key, value in document['settings'].items()) or 'none'}")
        parameters = document["prior"]["parameters"].items()
        show_table(("parameter", "prior", "unit", "what it is", "source"), [_parameter_row(*one) for one in parameters])
        columns = ("name", "dims", "dtype", "unit", "role", "long_name")
        rows = [[variable[column] for column in columns] for variable in document["variables"]]
        show_table(("output", "dimensions", "type", "unit", "role", "what it is"), rows)


def _describe(name: str, kind: type[Simulator] | Simulator) -> dict[str, Any]:
    """Settings, prior, dimensions and outputs of a simulator with the settings it has by itself."""
    from sgnn.simulation import Simulator

    # what takes no settings may be registered as it is
    settings = {} if isinstance(kind, Simulator) else _settings(kind)
    try:
        simulator = kind if isinstance(kind, Simulator) else kind()
    except TypeError as error:
        needed = ", ".join(settings)
        raise RecipeError(f"simulator {name} needs settings: {needed}", remedy="show a recipe that uses it") from error
    return {
        "name": name,
        "version": str(simulator.version),
        "summary": _summary(kind),
        "settings": settings,
        "prior": simulator.prior().to_json(),
        "dimensions": [vars(dimension) for dimension in simulator.dimensions()],
        "variables": [_finite(vars(variable)) for variable in simulator.variables()],
    }


def _settings(kind: type[Simulator]) -> dict[str, Any]:
    """Settings by name with their defaults; none for one that must be given."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        key: None if parameter.default is inspect.Parameter.empty else parameter.default
        for key, parameter in inspect.signature(kind).parameters.items()
        if parameter.kind in named
    }


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no infinity: an open end of a range is null."""
    ends = [end if math.isfinite(end) else None for end in fields["valid_range"]]
    return {**fields, "valid_range": ends}


def _parameter_row(name: str, parameter: dict[str, Any]) -> tuple[object, ...]:
    about = [parameter.pop(key, "") for key in ("unit", "description", "source")]
    kind = parameter.pop("distribution")
    arguments = ", ".join(f"{key} {json.dumps(value)}" for key, value in parameter.items())
    return (name, f"{kind}: {arguments}", *about)


def _summary(kind: type[Simulator] | Simulator) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]
