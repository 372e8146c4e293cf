"""What the doctor says of a store in a bucket."""

from __future__ import annotations

import pytest

from sgnn.cli.doctor.check import Check, State
from sgnn.cli.doctor.store import check_remote_store
from sgnn.corpus.store import open_store
from tests.corpus.store.conftest import bucket, moto, proxy  # noqa: F401  # fixtures
from tests.corpus.store.proxy import Proxy


def check(url: str) -> Check:
    return check_remote_store(f"{url}/corpora", patience=1.0)


def test_a_bucket_that_can_be_written_is_well_and_left_as_it_was(bucket: str) -> None:  # noqa: F811
    found = check(bucket)
    assert (found.state, found.remedy) == (State.OK, "")
    assert open_store(bucket).names("corpora") == []


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_does_not_exist_is_broken() -> None:
    found = check("s3://corpora-nowhere")
    assert found.state is State.BROKEN
    assert "the bucket does not exist" in found.found
    assert found.remedy == "create it, or set SGNN_STORE to another one"


def test_a_store_that_ignores_the_condition_of_a_write_is_broken(bucket: str, proxy: Proxy) -> None:  # noqa: F811
    proxy.ignores_conditions = True
    found = check(bucket)
    assert found.state is State.BROKEN
    assert "two writers could both commit a version" in found.found


def test_a_store_that_is_away_is_broken(bucket: str, proxy: Proxy) -> None:  # noqa: F811
    proxy.down_until = float("inf")
    found = check(bucket)
    assert found.state is State.BROKEN
    assert "unreachable" in found.found
    assert "AWS_ENDPOINT_URL" in found.remedy


def test_another_kind_of_store_is_broken() -> None:
    found = check("ftp://host")
    assert found.state is State.BROKEN
    assert "SGNN_STORE" in found.remedy
