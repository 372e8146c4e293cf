"""What is tried again, how often and when: faults of machines are, faults that people must mend are not."""

from __future__ import annotations

import errno
from typing import Any

from prefect.client.schemas.objects import State

from sgnn.errors import ServiceError

RETRIES = 3
BACKOFF = [1.0, 5.0, 20.0]
"""Seconds before each try after the first."""

MENDED_BY_PEOPLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
"""Disk full, read-only, not permitted."""


def worth_retrying(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Whether another try may end better: after a lost service or connection, or a disk that failed once."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, OSError):
        return error.errno not in MENDED_BY_PEOPLE
    return isinstance(error, ServiceError)
