"""A run that is cancelled on the Prefect page is interrupted here, as Ctrl-C interrupts it.

Nothing else would hear of it: the flow runs in the process of the command, not under a Prefect worker.
"""

from __future__ import annotations

import contextvars
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.context import FlowRunContext
from prefect.states import Cancelled

ASK_SECONDS = 2.0
ENDED_BY_PEOPLE = ("interrupt signal", "termination signal", "system exit")
"""In what Prefect says of a run that was ended by Ctrl-C, by SIGTERM, by the command's own way out."""
STOPPED = frozenset({StateType.CANCELLING, StateType.CANCELLED})


@contextmanager
def cancellable() -> Iterator[None]:
    """Interrupt the block when the flow run it belongs to is cancelled on the page. Raises `KeyboardInterrupt`."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a command that a script started in its background is deaf to the signal that is sent here
        signal.signal(signal.SIGINT, signal.default_int_handler)
    over = threading.Event()
    # Prefect's settings are found in the context, which a thread does not inherit
    work = contextvars.copy_context().run
    threading.Thread(target=work, args=(_watch, context.flow_run.id, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(flow_run: UUID, over: threading.Event) -> None:
    with get_client(sync_client=True) as client:
        while not over.wait(ASK_SECONDS):
            if _is_cancelled(client, flow_run) and not over.is_set():
                # a real signal ends a wait of the main thread
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                return


def _is_cancelled(client: SyncPrefectClient, flow_run: UUID) -> bool:
    try:
        state = client.read_flow_run(flow_run).state
    except Exception:
        # a server that is busy or gone for a while cancels nothing
        return False
    return state is not None and state.type in STOPPED


def say_cancelled(flow: Any, flow_run: FlowRun, state: State[Any]) -> None:
    """A hook on crashes: the page says that people ended the run, where Prefect alone would say that it crashed."""
    del flow
    if any(word in (state.message or "") for word in ENDED_BY_PEOPLE):
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(flow_run.id, Cancelled(message=state.message), force=True)
