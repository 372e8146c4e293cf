"""A simulator whose draws fail as a table says: draw → what becomes of each try, the last entry for all that follow.

The table is no setting of the recipe, so that a corpus made under faults and one that nobody disturbs are the same.
Each try is written down, so that tests can count what was done twice.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sgnn.simulation import Dimension, Outputs, Parameter, Prior, Simulator, Streams, Theta, Uniform, Variable

FAULTS = "WALKS_FAULTS"
"""Environment variable that names the folder of the table and the notes."""

FOREVER = 3600
WEEKS = 8


@dataclass(frozen=True)
class Table:
    """Faults by draw, and the notes of all tries, in a folder that every process sees."""

    folder: Path

    def write(self, faults: Mapping[int, Sequence[str]], seconds: float = 0.0) -> None:
        """Let draws fail from now on; each draw takes so many seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / "draft.json"
        draft.write_text(json.dumps({"seconds": seconds, "faults": faults}))
        draft.rename(self.folder / "table.json")

    def read(self) -> Any:
        """The table as it is now."""
        return json.loads((self.folder / "table.json").read_text())

    def note(self, draws: Sequence[int]) -> None:
        """Write down that draws are tried; one write, so that processes do not mix theirs."""
        with open(self.folder / "tries", "ab", buffering=0) as file:
            file.write("".join(f"{draw} {os.getpid()}\n" for draw in draws).encode())

    def tries(self) -> Counter[int]:
        """How often each draw was tried."""
        notes = self.folder / "tries"
        return Counter(int(line.split()[0]) for line in notes.read_text().splitlines()) if notes.exists() else Counter()


class Faulty(Simulator):
    """Random walks, some of which do not come to an end."""

    name = "walks.faulty"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"scale": Parameter(Uniform(0.5, 2.0), unit="people")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("week", WEEKS, unit="week"),)

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("level", ("week",), "float32", "people", "observable"),)

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Walks, one after the other, each as the table wants it."""
        level = np.zeros((len(streams), WEEKS), dtype=np.float32)
        rows = WEEKS
        for position, draw in enumerate(streams.draws.tolist()):
            steps = streams.generator(position, "steps").normal(size=WEEKS)
            level[position] = np.cumsum(steps) * theta["scale"][position]
            fault = self._next_fault(draw)
            if fault == "gives NaN":
                level[position, 3] = np.nan
            elif fault == "gives another shape":
                rows = WEEKS - 1
            else:
                suffer(fault)
        return {"level": level[:, :rows]}

    def _next_fault(self, draw: int) -> str:
        """What becomes of this try of a draw, which is written down."""
        if FAULTS not in os.environ:
            return ""
        table = Table(Path(os.environ[FAULTS]))
        wanted = table.read()
        faults = wanted["faults"].get(str(draw), ())
        tried = table.tries()[draw] if faults else 0
        table.note([draw])
        time.sleep(wanted["seconds"])
        return str(faults[min(tried, len(faults) - 1)]) if faults else ""


def suffer(fault: str) -> None:
    """What can befall a process that simulates."""
    match fault:
        case "raises":
            raise ValueError("no equilibrium")
        case "hangs":
            time.sleep(FOREVER)
        case "hangs in C":
            # the interpreter is not given back: no other thread runs, no signal handler either
            ctypes.PyDLL(None).sleep(FOREVER)
        case "is slow":
            time.sleep(0.3)
        case "eats memory":
            hoard = [np.ones(2**21) for _ in range(2**10)]
            hoard.clear()
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exits":
            sys.exit(3)
        case "starts a program that hangs":
            subprocess.run(["sleep", str(FOREVER)], check=True)
