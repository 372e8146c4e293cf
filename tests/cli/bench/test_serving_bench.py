"""The bench of the API, with few clients for a short time."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sgnn.cli.bench.serving import BROKEN, LATE, Load, _ask, figures
from sgnn.settings import load_settings


def test_clients_are_answered_while_the_alias_moves_and_every_figure_has_a_reference(tmp_path: Path) -> None:
    found = figures(load_settings(home=tmp_path / "home"), clients=2, moves=2, seconds=6.0)
    assert {figure.name for figure in found} == {"serve"}
    by_name = {figure.what.split(",")[0]: figure for figure in found}
    assert by_name["answers that were faults (5xx)"].value == 0
    assert by_name["answers that were faults (5xx)"].reference_value > 10
    assert by_name["versions that answered"].value == 2
    assert all(figure.reference_value > 0 for figure in found)


def test_faults_of_the_server_broken_connections_and_lost_patience_are_told_apart_and_a_refusal_is_none_of_them() -> (
    None
):
    load = Load((0.1, 0.2, 0.3, 0.4, 60.0), (200, BROKEN, 503, 422, LATE), frozenset(), 2.0)
    assert (load.faults, load.broken, load.late) == (1, 1, 1)
    assert (load.rate, load.milliseconds(50)) == (1.5, 300.0)


@pytest.mark.parametrize(("says", "seen"), [(b"", BROKEN), (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", 503)])
def test_a_client_sees_whether_it_was_answered(says: bytes, seen: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        with closing(HTTPConnection("127.0.0.1", server.getsockname()[1], timeout=60)) as connection:
            assert _ask(connection, "GET", "/", None)[0] == seen
        thread.join()


def test_a_client_that_is_not_answered_in_its_time_gives_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(HTTPConnection("127.0.0.1", server.getsockname()[1], timeout=0.1)) as connection,
    ):
        assert _ask(connection, "GET", "/", None)[0] == LATE
