"""What a raised error means to the caller: one line and an exit status."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from typer import TyperException

from sgnn.errors import SgnnError

BROKEN = 1
BAD_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143


@dataclass(frozen=True)
class Failure:
    """The line to print and the status to exit with."""

    line: str
    status: int


def explain(error: BaseException) -> Failure | None:
    """The line and status of an error that a user can mend; None for one that nobody foresaw.

    Looks through the causes as well, for a library may wrap a full disk in an error of its own.
    """
    for cause in _causes(error):
        failure = _explain_one(cause)
        if failure is not None:
            return failure
    return None


def write_log(error: BaseException) -> Failure:
    """Keep the traceback of an unforeseen error in a file, and say where; without a place to write, print it."""
    text = "".join(traceback.format_exception(error))
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    for folder in _log_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        line = f"{_name(error)}; this is a fault of the program, its traceback is in {folder / name}"
        return Failure(line, BROKEN)
    print(text, file=sys.stderr)
    return Failure(_name(error), BROKEN)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _explain_one(error: BaseException) -> Failure | None:
    if isinstance(error, SgnnError):
        return Failure(str(error), error.exit_code)
    if isinstance(error, TyperException):
        return Failure(f"{_flat(error.format_message())}; see sgnn --help", error.exit_code)
    if isinstance(error, OSError):
        return _explain_os_error(error)
    pydantic_core = sys.modules.get("pydantic_core")
    if pydantic_core is not None and isinstance(error, pydantic_core.ValidationError):
        problem = error.errors(include_url=False)[0]
        field = ".".join(str(step) for step in problem["loc"])
        return Failure(f"{error.title}: {field} is {problem['input']!r}: {_flat(problem['msg'])}", BAD_INPUT)
    return None


def _explain_os_error(error: OSError) -> Failure | None:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(f"the disk is full{place}; free some of it, or set SGNN_HOME or SGNN_STORE elsewhere", BAD_INPUT)
    if error.errno == errno.EADDRINUSE:
        return Failure(f"the port is busy{place}: {error}; stop what listens there, or choose another port", BAD_INPUT)
    if error.errno == errno.EROFS:
        return Failure(f"the file system is read-only{place}; set SGNN_HOME to a folder of yours", BAD_INPUT)
    if isinstance(error, PermissionError):
        return Failure(f"no permission{place}; change it, or set SGNN_HOME to a folder of yours", BAD_INPUT)
    return None


def _log_folders() -> Iterator[Path]:
    from sgnn.settings import load_settings

    # broken settings may be the very error that is being logged
    with suppress(SgnnError):
        yield load_settings().home / "logs"
    yield Path(tempfile.gettempdir())


def _name(error: BaseException) -> str:
    text = _flat(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _flat(text: str) -> str:
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= 300 else f"{flat[:297]}..."
