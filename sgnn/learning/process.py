"""Training in a process of its own, away from the threads of schedulers and clusters; it ends with its parent."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.errors import SgnnError
from sgnn.learning.job import RESULT, Event, Resume, TrainingJob, TrainingResult
from sgnn.learning.launch import Launch, is_first

if TYPE_CHECKING:
    from sgnn.corpus.recipe import Recipe

_LOG = "training.log"
_GRACE = 20.0


def start_training(
    recipe: Recipe,
    corpus: str | Path,
    folder: Path,
    resume: Resume = "auto",
    on_event: Callable[[Event], None] | None = None,
    launch: Launch | None = None,
) -> TrainingResult:
    """Train in a child process, or in those that ``launch`` asks for; ``on_event`` gets its events as they come.

    A finished training of the same folder is not done again unless ``resume`` is ``never``. An exception here (a
    cancellation, Ctrl-C) ends the child after a checkpoint; what is signalled to the process group does not reach it.
    Raises `SgnnError` with the child's reason.
    """
    done = folder / RESULT
    if resume == "auto" and done.exists():
        return TrainingResult.from_json(done.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    done.unlink(missing_ok=True)
    how, file = launch or Launch(), folder / "job.json"
    job = TrainingJob(
        recipe.model_dump(mode="json"),
        str(corpus),
        str(folder),
        str(resume),
        how.devices,
        cache=str(how.cache) if how.cache else "",
    )
    file.write_text(json.dumps(asdict(job), indent=1))
    with (folder / _LOG).open("a") as log:
        child = subprocess.Popen(
            how.command(file),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=_environment(),
            start_new_session=True,
        )
        try:
            last = _listen(child, on_event or (lambda _: None))
        finally:
            _end(child)
    if last.get("event") == "done":
        return TrainingResult.from_json(json.dumps(last["result"]))
    if last.get("event") == "error":
        raise SgnnError(last["message"])
    raise SgnnError(
        f"training ended without a word (exit {child.returncode})",
        remedy=f"read {folder / _LOG}; running again resumes it",
    )


def _environment() -> dict[str, str]:
    """Threads that wait asleep: those that spin make training ten times slower where others want the cores too."""
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}


def _listen(child: subprocess.Popen[str], on_event: Callable[[Event], None]) -> Event:
    last: Event = {}
    assert child.stdout is not None
    for line in child.stdout:
        try:
            last = json.loads(line)
        except ValueError:
            continue
        on_event(last)
    return last


def _end(child: subprocess.Popen[str]) -> None:
    """Let the child finish its step and write a checkpoint; kill it if it does not."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _die_with_parent() -> None:
    """End this process when its standard input closes, which happens when the parent is gone, however it went."""

    def watch() -> None:
        # the descriptor itself: a buffered reader's lock would be fought over at exit
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_GRACE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main(job_file: str) -> int:
    """Entry of the child: train the job, one JSON event a line on standard output."""
    events = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever libraries print goes to the log

    def emit(event: Event) -> None:
        with contextlib.suppress(BrokenPipeError):
            events.write(json.dumps(event) + "\n")

    from sgnn.learning.training import train

    job = TrainingJob(**json.loads(Path(job_file).read_text()))
    try:
        result = train(job, emit)
    except SgnnError as error:
        emit({"event": "error", "message": str(error)})
        return error.exit_code
    except Exception as error:
        traceback.print_exc()
        reason = str(error).strip().partition("\n")[0]
        log = Path(job.folder) / _LOG
        emit({"event": "error", "message": f"training failed: {type(error).__name__}: {reason}; read {log}"})
        return 1
    if is_first(os.environ):
        emit({"event": "done", "result": json.loads(result.to_json())})
    return 0


if __name__ == "__main__":
    _die_with_parent()
    sys.exit(main(sys.argv[1]))
