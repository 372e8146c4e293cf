"""`sgnn simulators`: what installed packages can simulate."""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.output import Json, one_object, show, show_table
from sgnn.errors import RecipeError

if TYPE_CHECKING:
    from sgnn.simulation import Simulator
    from sgnn.testing import Report

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


@app.command("check")
def check_simulator(
    simulator: Annotated[str, typer.Argument(help="name of a simulator, or package.module:Name of one to be")],
    draws: Annotated[int, typer.Option("--draws", min=8, help="draws to make, some twenty times over")] = 128,
    as_json: Json = False,
) -> None:
    """Whether a simulator keeps the promises that corpora rest on. The status is 1 where it breaks one."""
    from sgnn.testing import RULES, check_simulator

    if ":" in simulator:
        # a module of the folder that the command is given in, as with `python -m`
        sys.path.insert(0, os.getcwd())
    with one_object(as_json) as answer:
        report = check_simulator(simulator, draws=draws)
        if as_json:
            answer.append(report.to_json())
        else:
            show(f"{report.subject}, version {report.version}, {report.draws} draws")
            show_table(
                ("rule", "what it asks", "state"), [(rule, RULES[rule], report.state(rule)) for rule in report.rules]
            )
            for finding in report.findings:
                show(f"{finding.rule}: {finding.seen}\n  remedy: {finding.remedy}")
            for text in report.notes:
                show(f"note: {text}")
            show(_conclusion(report))
    if not report.conforms:
        raise typer.Exit(1)


def _conclusion(report: Report) -> str:
    found = f"{len(report.findings)} finding{'s' if len(report.findings) > 1 else ''}: mend and check again"
    said = "it conforms" if report.conforms else found
    seconds = report.measures.get("seconds_per_draw")
    if seconds is None:
        return said
    block = report.measures["seconds_per_block"]
    return f"{said}; {1 / seconds:,.0f} draws/s on one core, a block of 1,024 in {block:.3g} s"


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
