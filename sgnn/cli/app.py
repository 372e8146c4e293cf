"""The command tree. Command modules import what is heavy inside their functions: `sgnn --help` must answer at once."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

import typer

from sgnn import __version__
from sgnn.cli.commands import (
    bench,
    benchmark,
    corpus,
    dashboard,
    doctor,
    estimate,
    explain,
    forecast,
    keys,
    locate,
    models,
    new,
    recipes,
    run,
    schedules,
    serve,
    simulators,
    stack,
    ui,
)
from sgnn.errors import SgnnError

app = typer.Typer(
    name="sgnn",
    help="Simulators in; pretrained, calibrated, benchmarked networks out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"sgnn {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    """Options of the program itself; what it is for is told by its help text."""
    del version
    if os.environ.get("SGNN_SETTINGS") or os.environ.get("SGNN_SECRETS") or os.path.exists("sgnn.toml"):
        # where nothing is configured, nothing is read, and help comes at once
        _show_credentials()


def _show_credentials() -> None:
    """Clients of services read what they have to show from the environment."""
    from sgnn.credentials import credentials
    from sgnn.settings import load_settings

    # settings that cannot be used are told by the command that needs them
    with suppress(SgnnError):
        for name, value in credentials(load_settings()).items():
            os.environ.setdefault(name, value)


app.command("run")(run.run)
app.add_typer(corpus.app, name="corpus")
app.command("train")(run.train)
app.command("benchmark")(benchmark.benchmark)
app.command("forecast")(forecast.forecast)
app.command("explain")(explain.explain)
app.command("estimate")(estimate.estimate)
app.command("locate")(locate.locate)
app.add_typer(models.app, name="models")
app.add_typer(simulators.app, name="simulators")
app.add_typer(recipes.app, name="recipes")
app.command("serve")(serve.serve)
app.add_typer(keys.app, name="keys")
app.add_typer(schedules.app, name="schedules")
app.add_typer(stack.app, name="stack")
app.command("new")(new.new)
app.command("dashboard")(dashboard.dashboard)
app.command("ui")(ui.ui)
app.command("doctor")(doctor.doctor)
app.command("bench")(bench.bench)
