"""A process of its own that builds the corpus of a recipe, for tests that kill it: `build_process.py RECIPE`."""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType
from typing import NoReturn

from rich.console import Console

from flows.run import build_corpus
from sgnn.settings import load_settings


def _terminate(_signum: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(143)


if __name__ == "__main__":
    # as the command does, so that what was started is stopped on the way out
    signal.signal(signal.SIGTERM, _terminate)
    try:
        built = build_corpus(sys.argv[1], settings=load_settings(), console=Console(stderr=True))
    except KeyboardInterrupt:
        sys.exit(130)
    print(json.dumps({"simulated": built.simulated, **built.status.to_json()}))
