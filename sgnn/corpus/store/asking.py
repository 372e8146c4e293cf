"""Asking an object store: what its errors mean, and how long a request is tried again. Decisions are pure."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from random import SystemRandom
from typing import TypeVar

from sgnn.errors import StoreError

Answer = TypeVar("Answer")

FIRST_WAIT = 0.1
"""Seconds before the second try; every wait is up to twice as long as the one before."""
LONGEST_WAIT = 5.0
"""Seconds: a store that is back is noticed within them."""

AGAIN = frozenset({"RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "OperationAborted"})
"""Codes that ask for another try, whatever status they come with."""
BUSY = frozenset({408, 409, 429})
ELSEWHERE = frozenset({"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"})
METADATA_SERVICE = "169.254.169.254"
"""Where credentials are looked for when none are set: answered inside a cloud only."""


class Kind(Enum):
    """What an error of an object store means for the request."""

    ABSENT = "there is no such object"
    TAKEN = "there is such an object already"
    PASSING = "another try may succeed"
    LASTING = "people must mend something first"


@dataclass(frozen=True)
class Verdict:
    """What an error means, in words, and what to do about it."""

    kind: Kind
    reason: str = ""
    remedy: str = ""


class AbsentError(Exception):
    """There is no object of that key."""


class TakenError(Exception):
    """An object of that key is there. `tries` counts the tries before, any of which may have made it."""

    def __init__(self, tries: int) -> None:
        super().__init__(tries)
        self.tries = tries


def verdict(error: Exception) -> Verdict:
    """What an error of obstore means; its text has the status and the error code that the store answered."""
    text = str(error).partition("\n\nDebug source")[0]
    code = _found(r"<Code>(\w+)</Code>", text)
    status = int(_found(r"status code: (\d{3})", text) or 0)
    if code == "NoSuchBucket":
        return Verdict(Kind.LASTING, "the bucket does not exist", "create it, or set SGNN_STORE to another one")
    if isinstance(error, FileNotFoundError):
        return Verdict(Kind.ABSENT)
    if status == 412 or (type(error).__name__ == "AlreadyExistsError" and status not in BUSY):
        return Verdict(Kind.TAKEN)
    if METADATA_SERVICE in text:
        return Verdict(Kind.LASTING, "no credentials are set", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    answered = " ".join(part for part in (str(status) if status else "", code) if part)
    if status in (401, 403):
        return Verdict(
            Kind.LASTING,
            f"access denied ({answered})",
            "check the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they may do in the bucket",
        )
    if 300 <= status < 400 or code in ELSEWHERE:
        return Verdict(Kind.LASTING, f"the bucket is in another region ({answered})", "set AWS_REGION to its region")
    if not status or status >= 500 or status in BUSY or code in AGAIN:
        remedy = "check the network and AWS_ENDPOINT_URL, and run again: finished blocks are kept"
        return Verdict(Kind.PASSING, f"answers {answered}" if answered else _cause(error, text), remedy)
    return Verdict(Kind.LASTING, f"answers {answered}", "check SGNN_STORE and the AWS_ variables")


def ask(request: Callable[[], Answer], what: str, patience: float) -> Answer:
    """Answer of a request, tried again for `patience` seconds while the store is unable to give one.

    Raises `AbsentError`, `TakenError`, or `StoreError` that says `what` could not be done and why.
    """
    from obstore.exceptions import BaseError

    began = time.monotonic()
    for tries, wait in enumerate(_waits()):
        try:
            return request()
        # obstore raises Python's own errors for what is absent or not allowed
        except (BaseError, FileNotFoundError, PermissionError, ConnectionError, TimeoutError) as error:
            found = verdict(error)
            if found.kind is Kind.ABSENT:
                raise AbsentError from error
            if found.kind is Kind.TAKEN:
                raise TakenError(tries) from error
            waited = time.monotonic() - began
            if found.kind is Kind.LASTING:
                raise StoreError(f"{what}: {found.reason}", remedy=found.remedy) from error
            if waited + wait > patience:
                told = f"{what}: {found.reason}, tried for {waited:.0f} s"
                raise StoreError(told, remedy=found.remedy) from error
        time.sleep(wait)
    raise AssertionError("waits never end")


def _waits() -> Iterator[float]:
    """Seconds between tries: growing, and never those of another process that failed at the same moment."""
    chance = SystemRandom()
    longest = FIRST_WAIT
    while True:
        yield longest * chance.uniform(0.5, 1.0)
        longest = min(2 * longest, LONGEST_WAIT)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


def _cause(error: Exception, text: str) -> str:
    """The part of the text that tells the cause, without the address and the time that stand before it."""
    told = text.rpartition(" - ")[2].strip() or type(error).__name__
    return f"unreachable ({told})"
