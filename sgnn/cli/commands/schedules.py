"""`sgnn schedules`: what runs by itself, on the configured Prefect server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, one_object, show, show_table
from sgnn.errors import DataError

app = typer.Typer(help="Flows that run by themselves: corpora, networks, forecasts, benchmarks.", no_args_is_help=True)

ScheduleName = Annotated[str, typer.Argument(metavar="NAME", help="full name, as list shows it: corpus-weekly/covid")]


@app.command("deploy")
def deploy(
    recipe: RecipeName,
    data: Annotated[
        Path | None, typer.Option("--data", help="table that is fresh every week; with it, forecasts are made")
    ] = None,
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """Put a recipe's flows on their schedules; what is there already is brought to what the recipe says now."""
    from flows.deployments import deploy as put
    from flows.deployments import deployments
    from flows.surroundings import read_recipe
    from sgnn.settings import load_settings

    if data is not None and not data.is_file():
        raise DataError(f"--data {data}: there is no such file", remedy="name the table that forecasts begin from")
    with one_object(as_json) as answer:
        # a worker has another working folder
        written = str(Path(recipe).resolve()) if Path(recipe).suffix in (".yaml", ".yml") else recipe
        table = "" if data is None else str(data.resolve())
        chosen = deployments(read_recipe(recipe, tiny), written, tiny=tiny, data=table)
        put(chosen, load_settings())
        if as_json:
            answer.append({"deployed": [one.full_name for one in chosen]})
            return
        rows = [(one.full_name, one.cron, one.timezone, dict(one.parameters)) for one in chosen]
        show_table(("schedule", "cron", "time zone", "parameters"), [(*map(str, row),) for row in rows])


@app.command("list")
def list_schedules(as_json: Json = False) -> None:
    """What is deployed: when it runs, with which parameters, and whether it is paused."""
    from flows.deployments import deployed
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        rows = [_row(one) for one in deployed(load_settings())]
        if as_json:
            answer.append({"schedules": rows})
        elif not rows:
            show("nothing is deployed; sgnn schedules deploy RECIPE does it")
        else:
            show_table(tuple(rows[0]), [(*map(str, row.values()),) for row in rows])


@app.command("pause")
def pause(name: ScheduleName) -> None:
    """Let nothing more become due until it is resumed."""
    _pause(name, True)


@app.command("resume")
def resume(name: ScheduleName) -> None:
    """Go on with a schedule that was paused."""
    _pause(name, False)


def _pause(name: str, paused: bool) -> None:
    from flows.deployments import pause as set_paused
    from sgnn.settings import load_settings

    set_paused(name, load_settings(), paused=paused)
    show(f"{name} is {'paused' if paused else 'on'}")


def _row(one: Any) -> dict[str, Any]:
    from flows.deployments import shown_name

    schedule = one.schedules[0].schedule if one.schedules else None
    return {
        "name": shown_name(one),
        "cron": getattr(schedule, "cron", None),
        "timezone": getattr(schedule, "timezone", None),
        "paused": bool(one.paused),
        "parameters": dict(one.parameters),
    }
