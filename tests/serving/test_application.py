"""The interface as its clients see it: what is answered, what is refused, and never a fault of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as tries
from starlette.testclient import TestClient

from sgnn.errors import RegistryError, ServiceError
from sgnn.serving.application import application
from sgnn.serving.figures import Figures
from sgnn.serving.following import Followed, Loaded, looking
from sgnn.serving.keys import KeyRing, key_ring
from sgnn.serving.limits import Rates
from sgnn.serving.server import Options, follow, is_loopback, serve
from sgnn.settings import Settings
from sgnn.tracking.connection import open_tracking
from sgnn.tracking.promotion import promote, rollback

Question = Callable[..., dict[str, Any]]
Ask = Callable[..., httpx.Response]
FORECAST = "/v1/models/toy/forecast"
LARGEST = 20_000


@pytest.fixture
def served(settings: Settings) -> dict[str, Followed]:
    return follow(["toy"], settings, Figures())


def now(served: dict[str, Followed]) -> Loaded:
    """What answers for the toy."""
    current = served["toy"].current
    assert current is not None
    return current


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    return key_ring(settings)


@pytest.fixture
def key(ring: KeyRing) -> str:
    return ring.add("tester")


@pytest.fixture
def client(served: dict[str, Followed], ring: KeyRing, key: str) -> Iterator[TestClient]:
    """A client with a key; a fault of the server is an answer, as it is outside of tests."""
    app = application(served, keys=ring, rates=Rates(1e4, 1e4), largest=LARGEST, figures=Figures())
    with TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {key}"}) as made:
        yield made


def test_a_forecast_has_the_quantiles_that_the_command_gives(
    client: TestClient, question: Question, served: dict[str, Followed]
) -> None:
    answer = client.post(FORECAST, json=question(2)).json()
    assert answer["model"] == "toy/1"
    assert answer["digest"] == now(served).digest
    rows = answer["forecasts"]
    assert [(row["series"], row["horizon"], row["date"]) for row in rows] == [
        ("s0", 1, "2026-01-31"),
        ("s0", 2, "2026-02-07"),
        ("s1", 1, "2026-01-31"),
        ("s1", 2, "2026-02-07"),
    ]
    for row in rows:
        values = list(row["quantiles"].values())
        assert len(values) == 23
        assert values == sorted(values)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"horizon": 9}, 422, "horizon 9 asked for, the model forecasts 1 to 4 steps"),
        ({"horizon": 0}, 422, "horizon: Input should be greater than or equal to 1"),
        ({"series": []}, 422, "series: Tuple should have at least 1 item"),
        ({"extra": 1}, 422, "extra: Extra inputs are not permitted"),
        ({"series": [{"name": "a", "dates": ["2026-01-03"], "values": [1, 2]}]}, 422, "1 dates, but 2 values"),
        ({"series": [{"name": "a", "dates": ["1026-01-03"], "values": [1]}]}, 422, "must lie between"),
        ({"series": [{"name": " ", "dates": ["2026-01-03"], "values": [1]}]}, 422, "must be printable"),
        ({"series": [{"name": "a", "dates": ["2026-01-03"] * 2, "values": [1, 2]}]}, 422, "has 2026-01-03 twice"),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_the_reason(
    client: TestClient, question: Question, changes: dict[str, Any], status: int, said: str
) -> None:
    answer = client.post(FORECAST, json=question(**changes))
    assert answer.status_code == status
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"NaN", b'{"series": NaN}', b"{", b"", b'"\\ud800"', b"[1e999]", b"\xff\xfe"])
def test_a_body_that_is_no_question_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post(FORECAST, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert "detail" in answer.json()


def test_two_series_of_one_name_are_refused(client: TestClient, question: Question) -> None:
    twice = question(2)
    twice["series"][1]["name"] = "s0"
    assert "two series have the same name" in client.post(FORECAST, json=twice).json()["detail"]


def test_a_model_that_forecasts_does_not_estimate_and_one_that_is_not_served_is_not_there(
    client: TestClient, question: Question
) -> None:
    asked = {"series": question()["series"]}
    assert client.post("/v1/models/toy/estimate", json=asked).status_code == 422
    missing = client.post("/v1/models/other/forecast", json=question())
    assert missing.status_code == 404
    assert "there is toy" in missing.json()["detail"]


def test_nobody_is_answered_without_a_key_that_somebody_has(client: TestClient, question: Question) -> None:
    for header in ("", "Bearer ", "Bearer sgnn_guess", "Basic dGVzdGVyOng="):
        for address in ("/v1/models", "/metrics", "/openapi.json", "/nowhere"):
            answer = client.get(address, headers={"Authorization": header})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.post(FORECAST, json=question(), headers={"Authorization": ""}).status_code == 401
    assert client.get("/health", headers={"Authorization": ""}).json() == {"status": "ok"}


def test_a_key_is_kept_as_a_digest_and_a_removed_one_is_refused(
    client: TestClient, ring: KeyRing, key: str, settings: Settings
) -> None:
    files = [file for file in settings.home.rglob("*") if file.is_file()]
    assert not [file for file in files if key.encode() in file.read_bytes()]
    assert ring.file.stat().st_mode & 0o777 == 0o600
    assert client.get("/v1/models").status_code == 200
    ring.remove("tester")
    assert client.get("/v1/models").status_code == 401
    with pytest.raises(ServiceError, match="no key named 'tester'"):
        ring.remove("tester")
    ring.add("again")
    with pytest.raises(ServiceError, match="there is a key named 'again'"):
        ring.add("again")


def test_a_request_that_is_too_large_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    body = b"[" + b"1," * LARGEST

    def parts() -> Iterator[bytes]:
        yield body

    for content in (body, parts()):
        answer = client.post(FORECAST, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert "20,000 bytes" in answer.json()["detail"]


def test_who_asks_too_often_is_told_when_to_come_again(served: dict[str, Followed], ring: KeyRing, key: str) -> None:
    app = application(served, keys=ring, rates=Rates(0.5, 3), largest=LARGEST, figures=Figures())
    other = ring.add("other")
    with TestClient(app) as client:
        mine, theirs = ({"Authorization": f"Bearer {one}"} for one in (key, other))
        statuses = [client.get("/v1/models", headers=mine).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert 1 <= int(client.get("/v1/models", headers=mine).headers["Retry-After"]) <= 2
        assert client.get("/v1/models", headers=theirs).status_code == 200
        guesses = [client.get("/v1/models", headers={"Authorization": "Bearer x"}).status_code for _ in range(4)]
        assert guesses == [401, 401, 401, 429]


def test_tokens_come_back_at_a_steady_rate() -> None:
    now = [0.0]
    rates = Rates(2.0, 2.0, clock=lambda: now[0])
    assert [rates.take("a") for _ in range(3)] == [0.0, 0.0, 0.5]
    now[0] = 0.5
    assert rates.take("a") == 0.0
    now[0] = 100.0
    assert [rates.take("a") for _ in range(3)] == [0.0, 0.0, 0.5]


def test_pages_of_other_sites_are_told_nothing_that_would_let_them_in(client: TestClient) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for answer in (client.get("/v1/models", headers=asked), client.options(FORECAST, headers=asked)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_figures_tell_routes_statuses_and_the_version_that_answers(client: TestClient, question: Question) -> None:
    client.post(FORECAST, json=question())
    client.post("/v1/models/invented/forecast", json=question())
    text = client.get("/metrics").text
    assert 'sgnn_requests_total{route="/v1/models/{name}/forecast",status="200"} 1.0' in text
    assert 'sgnn_requests_total{route="/v1/models/{name}/forecast",status="404"} 1.0' in text
    assert "invented" not in text


def test_a_model_follows_its_alias_while_it_is_asked_and_no_request_fails(
    client: TestClient, served: dict[str, Followed], settings: Settings, question: Question
) -> None:
    tracking, over = open_tracking(settings), threading.Event()
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        while not over.is_set():
            answer = client.post(FORECAST, json=question())
            answers.append((answer.status_code, answer.json()["model"]))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    with looking(list(served.values()), 0.1):
        for thread in askers:
            thread.start()
        for version in (2, 1, 2):
            promote(tracking, "toy", 2) if version == 2 else rollback(tracking, "toy")
            deadline = time.monotonic() + 30
            while now(served).version != f"toy/{version}" and time.monotonic() < deadline:
                time.sleep(0.05)
            assert now(served).version == f"toy/{version}"
            time.sleep(0.3)
        over.set()
        for thread in askers:
            thread.join()
    assert {status for status, _ in answers} == {200}
    assert {model for _, model in answers} == {"toy/1", "toy/2"}
    digests = {model["digest"] for model in client.get("/v1/models").json()}
    assert digests == {now(served).digest}


def test_a_model_that_is_waited_for_is_served_once_it_has_a_version(settings: Settings, question: Question) -> None:
    with pytest.raises(RegistryError):
        follow(["toy@later"], settings, Figures())
    served = follow(["toy@later"], settings, Figures(), wait=True)
    app = application(served, keys=None, rates=Rates(1e4, 1e4), largest=LARGEST, figures=Figures())
    with TestClient(app) as client:
        assert client.get("/v1/models").json() == [
            {"name": "toy", "reference": "toy@later", "version": None, "digest": None, "task": None}
        ]
        early = client.post(FORECAST, json=question())
        assert (early.status_code, early.json()["detail"].partition(":")[0]) == (404, "toy@later has no version yet")
        open_tracking(settings).client.set_registered_model_alias("toy", "later", "2")
        assert served["toy"].look()
        assert client.post(FORECAST, json=question()).json()["model"] == "toy/2"


def test_a_registry_that_is_gone_leaves_the_model_that_serves(
    client: TestClient, served: dict[str, Followed], question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise ServiceError("MLflow cannot be used")

    monkeypatch.setattr("sgnn.serving.following.find_version", gone)
    with looking(list(served.values()), 0.05):
        time.sleep(0.3)
        assert client.post(FORECAST, json=question()).json()["model"] == "toy/1"


def test_a_fault_is_told_as_one_without_its_reason(
    client: TestClient, question: Question, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("sgnn.serving.answers.forecast", broken)
    answer = client.post(FORECAST, json=question())
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


def test_references_that_mean_nothing_or_the_same_are_refused(settings: Settings) -> None:
    with pytest.raises(RegistryError, match="no model named 'other'"):
        follow(["other"], settings, Figures())
    with pytest.raises(ServiceError, match="toy and toy@candidate have one name, toy"):
        follow(["toy", "toy@candidate"], settings, Figures())


def test_without_a_key_the_server_listens_to_this_machine_alone(settings: Settings) -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1", "example.org")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(ServiceError, match="there is no key yet; make one with `sgnn keys add NAME`"):
        serve(["toy"], settings, Options(host="0.0.0.0"), print)


@pytest.mark.timeout(600)
def test_whatever_is_asked_the_server_has_no_fault(served: dict[str, Followed], ring: KeyRing, key: str) -> None:
    import schemathesis

    app = application(served, keys=ring, rates=Rates(1e6, 1e6), largest=LARGEST, figures=Figures())
    headers = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=headers)
    statuses: list[int] = []

    for result in schema.get_all_operations():
        operation = result.ok()

        @tries(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @schemathesis_given(operation)
        def one(case: Any) -> None:
            response = case.call(headers=headers)
            statuses.append(response.status_code)
            assert response.status_code < 500, f"{case.method} {case.path}: {response.text}"

        one()
    assert len(statuses) > 100
    assert {200, 422} <= set(statuses)


def schemathesis_given(operation: Any) -> Any:
    """Cases of one operation, as Hypothesis draws them."""
    from hypothesis import given

    return given(case=operation.as_strategy())
