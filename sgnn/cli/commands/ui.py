"""`sgnn ui`: the Prefect and MLflow pages over what earlier runs left."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Annotated

import typer

from sgnn.cli.output import note, show


def ui(
    prefect_port: Annotated[
        int | None, typer.Option("--prefect-port", help="port of the Prefect page; without, 4200 or a free one")
    ] = None,
    mlflow_port: Annotated[int, typer.Option("--mlflow-port", help="port of the MLflow page; 0 takes a free one")] = 0,
) -> None:
    """Serve the Prefect and MLflow pages until Ctrl-C. A server that is configured is named, not started."""
    from flows.server import start_prefect_server
    from sgnn.settings import load_settings
    from sgnn.tracking.ui import start_mlflow_ui

    settings = load_settings()
    with ExitStack() as running:
        note("starting the pages")
        server = start_prefect_server(settings, prefect_port)
        running.callback(server.stop)
        page = running.enter_context(start_mlflow_ui(settings, mlflow_port))
        server.wait()
        show(f"Prefect  {server.address}")
        show(f"MLflow   {page.address}")
        note("press Ctrl-C to stop both")
        # Ctrl-C ends the wait; so does the signal that asks the process to end
        threading.Event().wait()
