"""The server: models loaded, followed, and answered for until the process ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from sgnn.errors import ServiceError
from sgnn.serving.application import application
from sgnn.serving.figures import Figures
from sgnn.serving.following import Followed, Loaded, looking
from sgnn.serving.keys import key_ring
from sgnn.serving.limits import Rates
from sgnn.settings import Settings

GRACE_SECONDS = 10
"""Given to answers under way when the server is asked to end."""


@dataclass(frozen=True)
class Options:
    """How a server serves."""

    host: str = "127.0.0.1"
    port: int = 8000
    look_seconds: float = 2.0
    """Between two looks at where references point."""
    rate: float = 50.0
    """Requests a second of one key in the long run."""
    burst: float = 100.0
    largest: int = 4 * 2**20
    """Bytes of a request."""
    proxy: str = ""
    """Address or network of the proxy that says who asks; empty where there is none, and nobody else is believed."""
    wait: bool = False
    """Whether to serve a model too that has no version yet: nothing of it until there is one."""


def serve(references: Sequence[str], settings: Settings, options: Options, say: Callable[[str], None]) -> None:
    """Serve until the process is asked to end.

    Raises `RegistryError` for a reference that means nothing, `ServiceError` for two of one model, or where the server
    would be open to others without a key.
    """
    _must_be_network(options.proxy)
    keys = key_ring(settings)
    guarded = bool(keys.names())
    if not guarded and not is_loopback(options.host):
        raise ServiceError(
            f"on {options.host} others could ask, and there is no key yet",
            remedy="make one with `sgnn keys add NAME`, or serve on 127.0.0.1",
        )
    import torch
    import uvicorn

    # requests are many and small: threads of their own would be in each other's way
    torch.set_num_threads(1)
    figures = Figures()
    served = follow(references, settings, figures, options.wait)
    for one in served.values():
        say(f"{one.reference} {'has no version yet' if one.current is None else f'is {one.current.version}'}")
    app = application(
        served,
        keys=keys if guarded else None,
        rates=Rates(options.rate, options.burst),
        largest=options.largest,
        figures=figures,
    )
    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(options.proxy),
        forwarded_allow_ips=options.proxy or None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    with looking(list(served.values()), options.look_seconds):
        thread = threading.Thread(target=_say_when_up, args=(server, options, guarded, say), daemon=True)
        thread.start()
        server.run()
    if not server.started:
        raise ServiceError(f"port {options.port} of {options.host} cannot be had", remedy="choose another with --port")


def follow(references: Sequence[str], settings: Settings, figures: Figures, wait: bool = False) -> dict[str, Followed]:
    """Models by name, loaded. Raises `RegistryError`, and `ServiceError` for two references to one name."""
    served: dict[str, Followed] = {}
    for reference in references:
        one = Followed(reference, settings, _noting(figures), wait)
        if one.name in served:
            raise ServiceError(
                f"{served[one.name].reference} and {reference} have one name, {one.name}, and one address",
                remedy="serve one of them, or the other on another port",
            )
        served[one.name] = one
    return served


def _must_be_network(proxy: str) -> None:
    """Raises `ServiceError` for what is neither an address nor a network."""
    try:
        if proxy:
            ip_network(proxy)
    except ValueError as error:
        raise ServiceError(f"--proxy {proxy}: {error}", remedy="write it as 10.0.0.7 or 10.0.0.0/28") from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _noting(figures: Figures) -> Callable[[Loaded], None]:
    def note(loaded: Loaded) -> None:
        name, _, number = loaded.version.rpartition("/")
        figures.version.labels(name).set(int(number))
        figures.changes.labels(name).inc()

    return note


def _say_when_up(server: object, options: Options, guarded: bool, say: Callable[[str], None]) -> None:
    import time

    while not getattr(server, "started", False):
        if getattr(server, "should_exit", False):
            return
        time.sleep(0.05)
    known = "with a key" if guarded else "without a key: only this machine's users can"
    say(f"asked at http://{options.host}:{options.port} {known}")
