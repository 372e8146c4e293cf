"""`sgnn serve`: registered models behind HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from sgnn.cli.output import note


def serve(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL...", help="registered models: NAME (its champion), NAME@ALIAS or NAME/NUMBER"),
    ],
    host: Annotated[str, typer.Option("--host", help="address to listen at; another than this machine needs keys")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="port to listen at")] = 8000,
    look: Annotated[
        float, typer.Option("--look", min=0.1, help="seconds between two looks at where an alias points")
    ] = 2.0,
    rate: Annotated[
        float, typer.Option("--rate", min=0.01, help="requests a second that each key may make in the long run")
    ] = 50.0,
    burst: Annotated[float, typer.Option("--burst", min=1, help="requests at once, after a rest")] = 100.0,
    largest: Annotated[int, typer.Option("--largest", min=1024, help="bytes that a request may have")] = 4 * 2**20,
    proxy: Annotated[
        str,
        typer.Option("--proxy", metavar="ADDRESS", help="address or network of a proxy that says who asks"),
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="serve models too that have no version yet, from when there is one")
    ] = False,
) -> None:
    """Answer forecasts and estimates until Ctrl-C. A model is exchanged when its alias moves; nobody waits."""
    from sgnn.serving.server import Options
    from sgnn.serving.server import serve as serve_models
    from sgnn.settings import load_settings

    options = Options(host, port, look, rate, burst, largest, proxy, wait)
    serve_models(models, load_settings(), options, note)
