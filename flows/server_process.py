"""The Prefect server's own process: `python -m flows.server_process SOCKET FOLDER`, started by `flows.server`.

Standard input is the lifeline: the starter holds its other end, so it closes however the starter ends, by kill -9 too,
and the server then ends as well.
"""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

GRACE_SECONDS = 2.0


def main() -> None:
    """Serve on the socket handed over until the lifeline closes."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    folder = Path(sys.argv[2])
    # before the slow imports: the starter may end while they run
    end: list[Callable[[], None]] = []
    threading.Thread(target=_end_with_starter, args=(end,), daemon=True).start()

    with (folder / "starting.lock").open("w") as lock:
        # two first starts in one folder would make the database's tables twice
        fcntl.flock(lock, fcntl.LOCK_EX)
        # a fifth of the import time would go into looking for garbage where there is none
        gc.disable()
        import uvicorn
        from prefect.server.api.server import create_app

        class LocalServer(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                fcntl.flock(lock, fcntl.LOCK_UN)
                gc.freeze()
                gc.enable()

        config = uvicorn.Config(create_app(), log_level="warning", timeout_graceful_shutdown=1)
        server = LocalServer(config)
        end.append(lambda: setattr(server, "should_exit", True))
        server.run(sockets=[listener])


def _end_with_starter(end: list[Callable[[], None]]) -> None:
    while os.read(0, 1):
        pass
    for stop in end:
        stop()
    # a request that never ends, or an import that has just begun, must not keep the process alive
    timer = threading.Timer(GRACE_SECONDS if end else 0.0, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
