"""`sgnn stack`: the whole server stack as plain processes on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.output import Json, note, one_object, show, show_table
from sgnn.errors import ServiceError

app = typer.Typer(
    help="PostgreSQL, object store, Prefect, MLflow and Dask as plain processes on loopback.", no_args_is_help=True
)


@app.command("up")
def up(as_json: Json = False) -> None:
    """Start what is not running and wait until all is well. State is kept from one start to the next."""
    from sgnn.cli.stack.control import read_state
    from sgnn.cli.stack.control import up as start_stack
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        began = time.monotonic()
        layout = start_stack(load_settings(), note)
        if as_json:
            answer.append({"settings": str(layout.settings), "services": read_state(layout)})
        else:
            show(f"the stack is up after {time.monotonic() - began:.0f} s")
            show(f"to use it: export SGNN_SETTINGS={layout.settings}")


@app.command("down")
def down(as_json: Json = False) -> None:
    """End all of it; nothing that it keeps is lost."""
    from sgnn.cli.stack.control import down as end_stack
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        began = time.monotonic()
        left = end_stack(load_settings())
        seconds = time.monotonic() - began
        if as_json:
            answer.append({"seconds": seconds, "leftovers": left})
        else:
            show(f"the stack is down after {seconds:.1f} s")


@app.command("status")
def status(as_json: Json = False) -> None:
    """Each service: whether it is well, where, how often started again. The status is 1 where one is not."""
    from sgnn.cli.stack.control import status as ask
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        found = ask(load_settings())
        well = bool(found) and all(one["state"] == "runs" for one in found.values())
        if as_json:
            answer.append({"well": well, "services": found})
        elif not found:
            show("no stack runs; sgnn stack up starts one")
        else:
            rows = [(name, one["state"], one["address"], one["pid"], one["restarts"]) for name, one in found.items()]
            show_table(("service", "state", "address", "process", "restarts"), [(*map(str, row),) for row in rows])
    if not well:
        raise typer.Exit(1)


@app.command("logs")
def logs(
    service: Annotated[str, typer.Argument(help="name of a service, as status shows it")],
    lines: Annotated[int, typer.Option("--lines", min=1, help="how many lines, from the last one back")] = 50,
) -> None:
    """What a service said last."""
    from sgnn.cli.stack.control import last_lines
    from sgnn.cli.stack.layout import layout_of
    from sgnn.settings import load_settings

    for line in last_lines(layout_of(load_settings()).log(service), lines):
        show(line)


@app.command("certs")
def certs(
    proxy: Annotated[
        str | None,
        typer.Option(
            "--proxy", metavar="NAME", help="a certificate for the proxy before the API too, by the name of its host"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make certificates anew, and passwords where they are missing; what runs takes them when it is started again."""
    from sgnn.cli.stack.certificates import ensure_certificates
    from sgnn.cli.stack.keys import ensure_keys
    from sgnn.cli.stack.layout import layout_of
    from sgnn.cli.stack.proxy_certificate import make_proxy_certificate
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        layout = layout_of(load_settings())
        if proxy is not None:
            make_proxy_certificate(layout.proxy, proxy)
        ensure_keys(layout)
        until = ensure_certificates(layout.client, anew=True)
        if as_json:
            answer.append({"folder": str(layout.client), "valid_until": until.isoformat()})
        else:
            show(f"{layout.client}: valid until {until:%Y-%m-%d}")


@app.command("rotate")
def rotate(as_json: Json = False) -> None:
    """Draw every password and make every certificate of a running stack anew, and start it again with them."""
    from sgnn.cli.stack.certificates import ensure_certificates
    from sgnn.cli.stack.control import down as end_stack
    from sgnn.cli.stack.control import running
    from sgnn.cli.stack.control import up as start_stack
    from sgnn.cli.stack.layout import layout_of
    from sgnn.cli.stack.rotation import rotate as draw_anew
    from sgnn.settings import load_settings

    settings = load_settings()
    layout = layout_of(settings)
    with one_object(as_json) as answer:
        if running(layout) is None:
            raise ServiceError(
                f"no stack runs in {layout.root}", remedy="`sgnn stack up` starts one, which can then be told"
            )
        names = draw_anew(layout)
        until = ensure_certificates(layout.client, anew=True)
        end_stack(settings)
        start_stack(settings, note)
        if as_json:
            answer.append({"passwords": list(names), "valid_until": until.isoformat()})
        else:
            show(f"{len(names)} passwords and the certificates are new, in {layout.client}; the stack is up with them")


@app.command("backup")
def backup(
    folder: Annotated[Path, typer.Argument(help="new folder for the backup")],
    as_json: Json = False,
) -> None:
    """Copy databases, objects and keys of the stack, which runs on meanwhile, into a new folder."""
    from sgnn.cli.stack.backup import back_up
    from sgnn.cli.stack.layout import layout_of
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        size = back_up(layout_of(load_settings()), folder)
        if as_json:
            answer.append({"folder": str(folder), "bytes": size})
        else:
            show(f"{folder}: {size / 2**20:,.1f} MiB; it holds passwords, keep it as you keep those")


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(help="folder of a backup")],
    as_json: Json = False,
) -> None:
    """Make the stack of a backup in a home folder that has none; `sgnn stack up` starts it."""
    from sgnn.cli.stack.backup import restore as restore_stack
    from sgnn.cli.stack.layout import layout_of
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        layout = layout_of(load_settings())
        made = restore_stack(folder, layout)
        if as_json:
            answer.append({"folder": str(layout.root), "made": made})
        else:
            show(f"{layout.root} is as it was on {made}; sgnn stack up starts it")
