"""What is tried again: a table of errors and decisions."""

from __future__ import annotations

import errno

import pytest
from prefect.states import exception_to_failed_state
from prefect.utilities.asyncutils import run_coro_as_sync

from flows.patience import worth_retrying
from sgnn.errors import CorruptCorpusError, RecipeError, ServiceError, StoreError


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ServiceError("the Dask scheduler is gone"), True),
        (ConnectionResetError("gone"), True),
        (TimeoutError("slow"), True),
        (OSError(errno.EIO, "a disk that failed once"), True),
        (OSError(errno.ENOSPC, "disk full"), False),
        (PermissionError(errno.EACCES, "not yours"), False),
        (RecipeError("unknown simulator"), False),
        (StoreError("another writer was faster"), False),
        (CorruptCorpusError("bit flipped"), False),
        (TypeError("a fault of the program"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_faults_of_machines_are_tried_again_and_those_that_people_must_mend_are_not(
    error: Exception, again: bool
) -> None:
    state = run_coro_as_sync(exception_to_failed_state(error))
    assert worth_retrying(None, None, state) is again
