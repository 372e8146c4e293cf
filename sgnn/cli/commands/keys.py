"""`sgnn keys`: who may ask the models that are served."""

from __future__ import annotations

from typing import Annotated

import typer

from sgnn.cli.output import Json, one_object, show, show_table

app = typer.Typer(help="Keys of those who may ask `sgnn serve`.", no_args_is_help=True)

KeyName = Annotated[str, typer.Argument(metavar="NAME", help="whose key it is, for people")]


@app.command("add")
def add(name: KeyName, as_json: Json = False) -> None:
    """Make a key and print it, this once: only its digest is kept."""
    from sgnn.serving.keys import key_ring
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        key = key_ring(load_settings()).add(name)
        if as_json:
            answer.append({"name": name, "key": key})
        else:
            show(key)


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """Names of the keys, and when each was made."""
    from sgnn.serving.keys import key_ring
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        names = key_ring(load_settings()).names()
        if as_json:
            answer.append({"keys": [{"name": name, "made": made} for name, made in names.items()]})
        elif not names:
            show("there is no key; sgnn keys add NAME makes one")
        else:
            show_table(("key", "made"), list(names.items()))


@app.command("remove")
def remove(name: KeyName) -> None:
    """Let nobody in with a key any more, from its next request on."""
    from sgnn.serving.keys import key_ring
    from sgnn.settings import load_settings

    key_ring(load_settings()).remove(name)
    show(f"{name} is refused from now on")
