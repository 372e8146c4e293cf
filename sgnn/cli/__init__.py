"""The `sgnn` command: reads arguments, asks the layer below, shows what comes back."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command of `sys.argv` and exit with its status."""
    from sgnn.cli.entry import run

    raise SystemExit(run())
