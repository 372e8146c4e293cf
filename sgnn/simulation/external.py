"""Simulators that run as a program of their own: argv and files in, files and printed text out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation.scalar import ScalarSimulator

_MOST_TOLD = 300


class ExternalProgram(ScalarSimulator):
    """A program that is run once for every draw, in an empty folder of its own that is gone afterwards.

    A run that takes more than ``seconds``, that exits with another status than 0, or whose outputs cannot be read fails
    its draw, with the end of what it wrote to standard error. The program gets its seed as an argument: a whole number
    of ``seed_bits`` bits from the draw's own stream. Fewer bits than 40 give some draws of a million the same seed.
    """

    seconds: float = 60.0
    seed_bits: int = 63

    @abstractmethod
    def command(self, theta: Mapping[str, float], seed: int, folder: Path) -> Sequence[str]:
        """Program and arguments of one draw; input files are written into the folder, in which the program is run."""

    @abstractmethod
    def read(self, folder: Path, printed: str) -> Mapping[str, Any]:
        """Outputs (*dims) from the files in the folder and the text printed to standard output."""

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """Outputs of one run. Raises `RecipeError` where there is no such program, `RuntimeError` where a run fails."""
        seed = int(generator.integers(0, 2**self.seed_bits, dtype=np.uint64))
        with tempfile.TemporaryDirectory(prefix="sgnn-") as name:
            folder = Path(name)
            command = [str(part) for part in self.command(theta, seed, folder)]
            return self.read(folder, self._printed(command, folder))

    def _printed(self, command: list[str], folder: Path) -> str:
        program = shutil.which(command[0])
        if program is None:
            raise RecipeError(
                f"simulator '{self.name}': there is no program '{command[0]}' on this machine",
                remedy="install it on every worker, or give its whole path",
            )
        # logs lie beside the run's folder, where no file of the program can take their name
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as errors:
            status = _run([program, *command[1:]], folder, self.seconds, printed, errors)
            if status != 0:
                errors.seek(0)
                last = " ".join(errors.read().decode(errors="replace").split())[-_MOST_TOLD:]
                why = f"took more than {self.seconds:g} s" if status is None else f"exited with status {status}"
                raise RuntimeError(f"{Path(program).name} {why}{': ' + last if last else ''}")
            printed.seek(0)
            return printed.read().decode()


def _run(command: list[str], folder: Path, seconds: float, printed: Any, errors: Any) -> int | None:
    """Exit status of the program; None where the time was up. Nothing that it started outlives it."""
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=printed, stderr=errors, start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
