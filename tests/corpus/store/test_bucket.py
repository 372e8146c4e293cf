"""A bucket behind a network that fails: dropped, lost, cut, late and refused answers, and one that is away."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from sgnn.corpus.store import CorpusStore, open_store
from sgnn.errors import StoreError
from tests.corpus.store.proxy import Fault, Proxy, in_turn

KEY = "records/000000.json"


@pytest.fixture
def store(bucket: str) -> CorpusStore:
    """A corpus with one object in it."""
    made = open_store(f"{bucket}/corpora/walks-0123")
    made.put(KEY, b"kept")
    return made


def fetch(store: CorpusStore) -> bytes:
    with store.fetched([KEY]) as folder:
        return (folder / KEY).read_bytes()


def publish(store: CorpusStore) -> int | None:
    with store.staging() as folder:
        (folder / "large").write_bytes(b"1" * (20 * 2**20))
        store.publish(folder / "large", "corpus.zarr/level/c.0")
    return store.size("corpus.zarr/level/c.0")


@pytest.mark.parametrize("fault", ["drop", "lose", "cut", "busy", "fail"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda store: store.get(KEY), b"kept"),
        (lambda store: store.size(KEY), 4),
        (lambda store: store.names("records"), ["000000.json"]),
        (lambda store: store.sizes("records"), {"000000.json": 4}),
        (lambda store: store.put(KEY, b"new"), None),
        (lambda store: store.create_exclusive("versions/1", b"mine"), True),
        (lambda store: store.create_exclusive(KEY, b"other"), False),
        (lambda store: store.remove_all("records"), None),
        (fetch, b"kept"),
        (publish, 20 * 2**20),
    ],
    ids=["get", "size", "names", "sizes", "put", "create", "create again", "remove", "fetch", "publish"],
)
def test_a_request_that_fails_twice_ends_as_if_it_had_not(
    store: CorpusStore, proxy: Proxy, fault: Fault, action: Callable[[CorpusStore], object], expected: object
) -> None:
    proxy.faults = in_turn([fault, fault])
    assert action(store) == expected


def test_an_object_that_another_made_while_our_answer_was_lost_is_theirs(store: CorpusStore, proxy: Proxy) -> None:
    def another_is_first(_: object) -> Fault:
        proxy.faults = lambda _: None
        assert store.create_exclusive("versions/000001.json", b"theirs")
        return "drop"

    proxy.faults = another_is_first
    assert not store.create_exclusive("versions/000001.json", b"ours")
    assert store.get("versions/000001.json") == b"theirs"


def test_a_late_answer_is_waited_for(store: CorpusStore, proxy: Proxy) -> None:
    proxy.faults = in_turn(["stall"])
    before = len(proxy.requests)
    assert store.get(KEY) == b"kept"
    assert len(proxy.requests) == before + 1


def test_a_store_that_is_away_for_a_while_is_waited_for(store: CorpusStore, proxy: Proxy) -> None:
    away = 2.0
    proxy.down_until = time.monotonic() + away
    began = time.monotonic()
    assert store.get(KEY) == b"kept"
    assert time.monotonic() - began >= away


def test_a_store_that_stays_away_is_told_in_one_line(store: CorpusStore, proxy: Proxy) -> None:
    proxy.down_until = float("inf")
    impatient = open_store(store.url, patience=0.5)
    with pytest.raises(
        StoreError, match=r"cannot read s3://.*/records/000000.json: unreachable \(.*\), tried for"
    ) as told:
        impatient.get(KEY)
    assert "check the network and AWS_ENDPOINT_URL" in str(told.value)


def test_access_that_is_denied_is_told_at_once(store: CorpusStore, proxy: Proxy) -> None:
    proxy.faults = lambda _: "deny"
    before = len(proxy.requests)
    with pytest.raises(
        StoreError, match=r"cannot write s3://.*: access denied \(403 AccessDenied\); check the credent"
    ):
        store.put(KEY, b"new")
    assert len(proxy.requests) == before + 1


@pytest.mark.parametrize(
    "action", [lambda store: store.get(KEY), lambda store: store.put(KEY, b"1"), lambda store: store.names("")]
)
@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_does_not_exist_is_told(action: Callable[[CorpusStore], object]) -> None:
    with pytest.raises(StoreError, match=r"s3://corpora-nowhere/.*: the bucket does not exist; create it"):
        action(open_store("s3://corpora-nowhere/walks"))


def test_a_url_without_a_bucket_is_told() -> None:
    with pytest.raises(StoreError, match="store s3:///corpora names no bucket; write s3://BUCKET/PREFIX"):
        open_store("s3:///corpora")


def test_without_its_package_a_bucket_is_refused_with_the_extra_to_install(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "of-this-test")
    monkeypatch.setattr("sgnn.corpus.store.client.find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"needs the package obstore; install sgnn\[s3\]"):
        open_store(f"{bucket}/walks").get(KEY)


def test_keys_and_data_go_unencrypted_on_this_machine_alone(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage.example.org:9000")
    with pytest.raises(StoreError, match=r"AWS_ENDPOINT_URL is http://storage.+:9000: keys and data would"):
        open_store(f"{bucket}/walks").get(KEY)
