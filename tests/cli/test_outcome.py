from __future__ import annotations

import errno
from pathlib import Path

import pytest
from pydantic import BaseModel

from sgnn.cli.outcome import explain, write_log
from sgnn.errors import DataError


def os_error(number: int, file: str | None = None) -> OSError:
    return OSError(number, "as the system calls it", file)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DataError("a.csv row 3", remedy="mend it"), "a.csv row 3; mend it"),
        (os_error(errno.ENOSPC, "/data/x"), "the disk is full (/data/x); free some of it, or set SGNN_HOME"),
        (os_error(errno.EADDRINUSE), "the port is busy: "),
        (os_error(errno.EACCES, "/root/x"), "no permission (/root/x); change it, or set SGNN_HOME"),
        (os_error(errno.EROFS), "the file system is read-only; set SGNN_HOME"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_status_2(error: Exception, said: str) -> None:
    failure = explain(error)
    assert failure is not None
    assert failure.line.startswith(said)
    assert "\n" not in failure.line
    assert failure.status == 2


def test_a_full_disk_is_recognised_behind_the_error_of_a_library() -> None:
    try:
        try:
            raise os_error(errno.ENOSPC, "/data/x")
        except OSError as cause:
            raise RuntimeError("a codec failed") from cause
    except RuntimeError as error:
        failure = explain(error)
    assert failure is not None
    assert failure.line.startswith("the disk is full")


def test_a_typed_document_that_does_not_fit_names_field_value_and_expectation() -> None:
    class Document(BaseModel):
        draws: int

    with pytest.raises(ValueError, match="draws") as raised:
        Document.model_validate({"draws": "many"})
    failure = explain(raised.value)
    assert failure is not None
    assert failure.line.startswith("Document: draws is 'many': Input should be a valid integer")


def test_what_nobody_foresaw_is_not_explained() -> None:
    assert explain(ZeroDivisionError("division by zero")) is None
    assert explain(os_error(errno.EIO)) is None


def test_an_unforeseen_error_leaves_its_traceback_in_a_file_that_the_line_names(home: Path) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    failure = write_log(raised.value)
    assert failure.status == 1
    (log,) = (home / "logs").iterdir()
    assert str(log) in failure.line
    assert "_ = 1 / 0" in log.read_text()
