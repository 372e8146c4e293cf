"""Runs that nobody tells about any more, on a real server."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Pending, Running

from flows.server import Server
from flows.silent_runs import NAME, NAME_UNBEGUN, watch_over_runs


@flow
def taken() -> None:
    """Never runs."""


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_run_that_was_taken_and_never_began_is_called_crashed_and_one_that_began_is_not(server: Server) -> None:
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        watch_over_runs(client, unbegun=timedelta(seconds=10))
        # twice is once
        watch_over_runs(client, unbegun=timedelta(seconds=10))
        [first], [second] = (client.read_automations_by_name(name) for name in (NAME, NAME_UNBEGUN))
        try:
            begun, left = (client.create_flow_run(taken, state=Pending()) for _ in range(2))
            client.set_flow_run_state(begun.id, Running())
            deadline = time.monotonic() + 500
            while client.read_flow_run(left.id).state_type is StateType.PENDING and time.monotonic() < deadline:
                time.sleep(0.5)
            found = client.read_flow_run(left.id).state
            assert found is not None
            assert (found.type, found.message) == (
                StateType.CRASHED,
                "not begun in 10 s: whoever took it is gone",
            )
            assert client.read_flow_run(begun.id).state_type is StateType.RUNNING
        finally:
            for one in (first, second):
                client.delete_automation(one.id)
