"""`sgnn simulators`: what installed packages can simulate."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from sgnn.cli.output import Json, one_object, show, show_table

app = typer.Typer(help="Simulators that installed packages ship.", no_args_is_help=True)

GROUP = "sgnn.simulators"


@app.command("list")
def list_simulators(as_json: Json = False) -> None:
    """Simulators by name."""
    from sgnn.simulation.registry import find, names

    with one_object(as_json) as answer:
        found = [(name, find(GROUP, name)) for name in names(GROUP)]
        rows = [(name, str(cls.version), _summary(cls)) for name, cls in found]
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
    from sgnn.simulation.registry import find

    with one_object(as_json) as answer:
        cls = find(GROUP, name)
        document = describe(name, cls)
        if as_json:
            answer.append(document)
            return
        show(f"{name}, version {cls.version}\n{inspect.getdoc(cls) or ''}\n")
        show(f"settings: {', '.join(document['settings']) or 'none'}")
        parameters = document["parameters"]
        show_table(
            ("parameter", "prior", "unit", "what it is", "source"),
            [(p["name"], p["prior"], p["unit"], p["description"], p["source"]) for p in parameters],
        )
        show_table(
            ("output", "dimensions", "type", "unit", "role", "what it is"),
            [(v["name"], v["dims"], v["dtype"], v["unit"], v["role"], v["long_name"]) for v in document["variables"]],
        )
