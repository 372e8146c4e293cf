"""The object store of the stack, as a process of its own, asked by the clients that ask it: ours and MLflow's."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from sgnn.cli.stack.object_store import Right
from sgnn.cli.stack.ports import any_free_port
from sgnn.cli.stack.probe import refuses
from sgnn.corpus.store import open_store
from sgnn.corpus.store.bucket import PART
from sgnn.errors import StoreError

RIGHTS = {"people": Right("secret-of-people", "sgnn", "corpora/"), "mlflow": Right("secret-2", "sgnn", "mlflow/")}


class Server:
    """The server over a folder, which can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "objects", any_free_port()
        self.rights = folder / "rights.json"
        self.rights.write_text(json.dumps({name: asdict(right) for name, right in RIGHTS.items()}))
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        module = [sys.executable, "-m", "sgnn.cli.stack.object_store"]
        self.process = subprocess.Popen([*module, str(self.folder), "127.0.0.1", str(self.port), str(self.rights)])
        while True:
            assert self.process.poll() is None
            try:
                if refuses(self.url):
                    return
            except OSError:
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("objects"))
    yield started
    started.kill()


@pytest.fixture(autouse=True)
def _people(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "people")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", RIGHTS["people"].secret)
    monkeypatch.setenv("SGNN_STORE_PATIENCE", "5")


def boto(server: Server, key: str, secret: str | None = None) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=server.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret or RIGHTS[key].secret,
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def test_of_writers_who_create_the_same_object_at_once_one_wins(server: Server) -> None:
    del server
    store = open_store("s3://sgnn/corpora/race")
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: store.create_exclusive("manifest", bytes([number])), range(8)))
    assert sum(won) == 1
    assert store.get("manifest") == bytes([won.index(True)])


def test_objects_outlive_a_server_that_is_killed(server: Server, tmp_path: Path) -> None:
    store = open_store("s3://sgnn/corpora/kept")
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * ((PART + 2**20) // 256))
    store.put("small", b"small")
    store.publish(large, "large")
    server.kill()
    server.start()
    assert store.get("small") == b"small"
    assert store.get("large") == large.read_bytes()
    assert store.sizes("") == {"large": large.stat().st_size, "small": 5}
    store.remove_all("")
    assert store.names("") == []


def test_a_key_reads_and_writes_below_its_own_prefix_alone(server: Server) -> None:
    from botocore.exceptions import ClientError

    mlflow = boto(server, "mlflow")
    mlflow.put_object(Bucket="sgnn", Key="mlflow/1/model", Body=b"weights")
    people = boto(server, "people")
    attempts = [
        lambda: people.get_object(Bucket="sgnn", Key="mlflow/1/model"),
        lambda: people.put_object(Bucket="sgnn", Key="mlflow/1/model", Body=b"others"),
        lambda: people.delete_object(Bucket="sgnn", Key="mlflow/1/model"),
        lambda: people.delete_objects(
            Bucket="sgnn", Delete={"Objects": [{"Key": "corpora/a"}, {"Key": "mlflow/1/model"}]}
        ),
        lambda: people.copy_object(Bucket="sgnn", Key="corpora/stolen", CopySource="sgnn/mlflow/1/model"),
        lambda: people.create_multipart_upload(Bucket="sgnn", Key="mlflow/1/model"),
        lambda: people.list_objects_v2(Bucket="sgnn", Prefix="mlflow/"),
        lambda: people.list_objects_v2(Bucket="sgnn"),
        lambda: people.list_buckets(),
        lambda: people.create_bucket(Bucket="another"),
        lambda: people.delete_bucket(Bucket="sgnn"),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError) as refused:
            attempt()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert mlflow.get_object(Bucket="sgnn", Key="mlflow/1/model")["Body"].read() == b"weights"


def test_a_wrong_secret_is_refused_in_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    del server
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(StoreError, match="cannot write s3://sgnn/corpora/wrong/x"):
        open_store("s3://sgnn/corpora/wrong").put("x", b"x")


@pytest.mark.parametrize(
    ("method", "path", "query", "allowed"),
    [
        ("GET", "/sgnn/corpora/a", "", True),
        ("GET", "/sgnn/corporal/a", "", False),
        ("GET", "/other/corpora/a", "", False),
        ("GET", "/sgnn", "list-type=2&prefix=corpora/a", True),
        # of a parameter that is given twice, servers read the last one
        ("GET", "/sgnn", "list-type=2&prefix=corpora/&prefix=mlflow/", False),
        ("GET", "/sgnn", "uploads", False),
        ("GET", "/sgnn", "location", True),
        ("HEAD", "/sgnn", "", True),
        ("PUT", "/sgnn", "", False),
        ("DELETE", "/sgnn", "", False),
    ],
)
def test_a_right_is_decided_by_bucket_prefix_and_method(method: str, path: str, query: str, allowed: bool) -> None:
    assert RIGHTS["people"].allows(method, path, query) is allowed
