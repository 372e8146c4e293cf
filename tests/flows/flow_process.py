"""A process of its own that runs a flow, for tests that kill it: `flow_process.py corpus|pipeline RECIPE`."""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType
from typing import NoReturn

from rich.console import Console

from flows.run import build_corpus, run_pipeline
from sgnn.settings import load_settings

asked_to_end: list[int] = []


def _terminate(signum: int, _frame: FrameType | None) -> NoReturn:
    asked_to_end.append(signum)
    raise SystemExit(143)


if __name__ == "__main__":
    # as the command does, so that what was started is stopped on the way out
    signal.signal(signal.SIGTERM, _terminate)
    settings, console = load_settings(), Console(stderr=True)
    try:
        if sys.argv[1] == "corpus":
            built = build_corpus(sys.argv[2], settings=settings, console=console)
            print(json.dumps({"simulated": built.simulated}))
        else:
            print(json.dumps(run_pipeline(sys.argv[2], settings=settings, console=console)))
    except KeyboardInterrupt:
        sys.exit(143 if asked_to_end else 130)
