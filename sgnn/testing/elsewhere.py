"""Work done in a fresh process: another hash seed, another folder, an end to what does not end by itself."""

from __future__ import annotations

import faulthandler
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Job = Callable[[], Any]
_CHILD = "from sgnn.testing.elsewhere import main; main()"


@dataclass(frozen=True)
class Lost:
    """A job without a result, and why; ``started`` says whether the process could read it at all."""

    reason: str
    started: bool = True


def elsewhere(jobs: Sequence[Job], seconds: float) -> list[Any]:
    """Result of each job, done in a fresh process within so many seconds; `Lost` for one that gave none.

    Jobs and results cross the border by pickle. After a job that ended the process, or took too long, none is done.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "jobs").write_bytes(pickle.dumps((seconds, [_packed(job) for job in jobs])))
        reason = _run(folder, seconds)
        results: list[Any] = []
        with (folder / "results").open("rb") as stream, suppress(EOFError):
            while len(results) < len(jobs):
                results.append(pickle.load(stream))
    after = Lost("a job before it ended the process")
    return [*results, *([Lost(reason), *[after] * len(jobs)][: len(jobs) - len(results)])]


def _packed(job: Job) -> bytes | Lost:
    try:
        return pickle.dumps(job)
    except Exception as error:
        return Lost(f"it cannot be sent to another process: {error}", started=False)


def _run(folder: Path, seconds: float) -> str:
    """Do the jobs in the folder; why there may be fewer results than jobs."""
    # no PYTHONHASHSEED: each process hashes words in its own way
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    environment["PYTHONPATH"] = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path)
    for name in ("results", "late", "said"):
        (folder / name).touch()
    with (folder / "said").open("wb") as said:
        command = [sys.executable, "-c", _CHILD, str(folder)]
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    if (folder / "late").stat().st_size:
        return f"it did not come back within {seconds:.0f} s"
    last = (folder / "said").read_text(errors="replace").strip().splitlines()[-1:]
    return ": ".join([f"it ended the process with status {done.returncode}", *last])


def _do(packed: bytes | Lost) -> Any:
    if isinstance(packed, Lost):
        return packed
    try:
        job = pickle.loads(packed)
    except Exception as error:
        return Lost(f"{type(error).__name__}: {error}", started=False)
    try:
        return job()
    except Exception as error:
        return Lost(f"{type(error).__name__}: {error}")


def main() -> None:
    """Do the jobs of the folder named on the command line; one that takes too long ends the process."""
    folder = Path(sys.argv[1])
    seconds, jobs = pickle.loads((folder / "jobs").read_bytes())
    with (folder / "results").open("ab") as results, (folder / "late").open("w") as late:
        for job in jobs:
            # a thread of the interpreter itself: it ends compiled loops too
            faulthandler.dump_traceback_later(seconds, exit=True, file=late)
            outcome = _do(job)
            faulthandler.cancel_dump_traceback_later()
            results.write(pickle.dumps(outcome))
            results.flush()
