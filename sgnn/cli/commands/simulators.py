"""`sgnn simulators`: what installed packages can simulate."""

from __future__ import annotations

import typer

app = typer.Typer(help="Simulators that installed packages ship.", no_args_is_help=True)
