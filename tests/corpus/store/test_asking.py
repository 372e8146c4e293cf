"""What errors of an object store mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from obstore.exceptions import AlreadyExistsError, GenericError

from sgnn.corpus.store.asking import AbsentError, Kind, TakenError, ask, verdict
from sgnn.errors import StoreError


def answered(status: str, code: str = "", kind: Callable[[str], Exception] = GenericError) -> Exception:
    """An error as obstore tells it."""
    body = f"<Error><Code>{code}</Code><Message>...</Message></Error>" if code else ""
    where = "Generic S3 error: Error performing PUT http://127.0.0.1:9/bucket/key in 12.1ms"
    return kind(f"{where} - Server returned non-2xx status code: {status}: {body}\n\nDebug source:\nGeneric {{ 503 }}")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (answered("404 Not Found", "NoSuchKey", FileNotFoundError), Kind.ABSENT, ""),
        (answered("404 Not Found", "", FileNotFoundError), Kind.ABSENT, ""),
        (answered("404 Not Found", "NoSuchBucket", FileNotFoundError), Kind.LASTING, "the bucket does not exist"),
        (answered("404 Not Found", "NoSuchBucket"), Kind.LASTING, "the bucket does not exist"),
        (answered("412 Precondition Failed", "PreconditionFailed", AlreadyExistsError), Kind.TAKEN, ""),
        (answered("409 Conflict", "ConditionalRequestConflict", AlreadyExistsError), Kind.PASSING, "answers 409"),
        (answered("403 Forbidden", "AccessDenied", PermissionError), Kind.LASTING, "access denied (403 AccessDenied)"),
        (answered("403 Forbidden", "InvalidAccessKeyId"), Kind.LASTING, "access denied (403 InvalidAccessKeyId)"),
        (answered("301 Moved", "PermanentRedirect"), Kind.LASTING, "the bucket is in another region"),
        (answered("400 Bad Request", "AuthorizationHeaderMalformed"), Kind.LASTING, "the bucket is in another region"),
        (answered("400 Bad Request", "ExpiredToken"), Kind.LASTING, "answers 400 ExpiredToken"),
        (answered("400 Bad Request", "RequestTimeout"), Kind.PASSING, "answers 400 RequestTimeout"),
        (answered("503 Service Unavailable", "SlowDown"), Kind.PASSING, "answers 503 SlowDown"),
        (answered("500 Internal Server Error", "InternalError"), Kind.PASSING, "answers 500 InternalError"),
        (answered("429 Too Many Requests"), Kind.PASSING, "answers 429"),
        (
            GenericError("Error performing GET http://a/b in 1ms - HTTP error: error sending request"),
            Kind.PASSING,
            "unrea",
        ),
        (
            GenericError("Error performing PUT http://169.254.169.254/latest in 1s - HTTP error"),
            Kind.LASTING,
            "no cred",
        ),
    ],
)
def test_an_error_says_whether_another_try_may_succeed(error: Exception, kind: Kind, words: str) -> None:
    found = verdict(error)
    assert found.kind is kind
    assert found.reason.startswith(words)
    assert bool(found.remedy) == (kind in (Kind.PASSING, Kind.LASTING))


def test_a_request_is_tried_until_it_succeeds() -> None:
    errors = iter([answered("503 Service Unavailable"), ConnectionError("cut"), answered("500 Internal Server Error")])

    def request() -> str:
        for error in errors:
            raise error
        return "done"

    assert ask(request, "cannot read", 60.0) == "done"


def test_what_people_must_mend_is_told_at_once_and_what_passes_when_patience_ends() -> None:
    tries = []

    def request(error: Exception) -> None:
        tries.append(error)
        raise error

    with pytest.raises(StoreError, match=r"cannot write s3://b/k: access denied \(403 AccessDenied\); check the cred"):
        ask(lambda: request(answered("403 Forbidden", "AccessDenied")), "cannot write s3://b/k", 60.0)
    assert len(tries) == 1
    with pytest.raises(StoreError, match=r"cannot write s3://b/k: answers 503, tried for \d s; check the network"):
        ask(lambda: request(answered("503 Service Unavailable")), "cannot write s3://b/k", 0.5)
    assert 3 <= len(tries) <= 6


def test_absent_and_taken_are_answers_and_tell_how_many_tries_went_before() -> None:
    errors = iter([ConnectionError("cut"), answered("412 Precondition Failed", "", AlreadyExistsError)])

    def request() -> None:
        raise next(errors)

    with pytest.raises(TakenError) as taken:
        ask(request, "cannot write", 60.0)
    assert taken.value.tries == 1
    with pytest.raises(AbsentError):
        ask(lambda: (_ for _ in ()).throw(answered("404 Not Found", "", FileNotFoundError)), "cannot read", 60.0)
