"""From arguments to an exit status: run a command, and turn what it raises into one line."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from sgnn.cli.outcome import INTERRUPTED, TERMINATED, Failure, explain, write_log


class Terminated(SystemExit):
    """The process was asked to end; raised so that what was started is stopped on the way out."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: that of the process); returns the exit status.

    0 done; 1 something is broken or a bug; 2 bad input; 130 and 143 interrupted. Errors are one line on standard error;
    with `SGNN_DEBUG=1` what nobody foresaw keeps its traceback.
    """
    from typer.main import get_command

    from sgnn.cli.app import app

    asked_to_end = False

    def terminate(_signum: int, _frame: FrameType | None) -> NoReturn:
        nonlocal asked_to_end
        asked_to_end = True
        raise Terminated(TERMINATED)

    previous = signal.signal(signal.SIGTERM, terminate)
    try:
        status = get_command(app)(args=arguments, prog_name="sgnn", standalone_mode=False)
    except Terminated:
        status = TERMINATED
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:
        failure = explain(error)
        if failure is None:
            if os.environ.get("SGNN_DEBUG", "") not in ("", "0"):
                raise
            failure = write_log(error)
        return _say(failure)
    finally:
        signal.signal(signal.SIGTERM, previous)
    # what is interrupted while it ends was asked to end all the same
    if status == TERMINATED or (status == INTERRUPTED and asked_to_end):
        return _say(Failure("stopped: the process was asked to end", TERMINATED))
    if status == INTERRUPTED:
        return _say(Failure("stopped by the keyboard", INTERRUPTED))
    return status if isinstance(status, int) else 0


def _say(failure: Failure) -> int:
    print(f"error: {failure.line}", file=sys.stderr)
    return failure.status
