"""The reverse proxy's configuration, run live before a stand-in for the API where nginx is installed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sgnn.cli.stack.proxy_certificate import PROXY_FILES, make_proxy_certificate
from sgnn.errors import ServiceError, SettingsError
from sgnn.serving.server import Options, serve
from sgnn.settings import load_settings

CONFIGURATION = (Path(__file__).parents[2] / "infra" / "proxy" / "nginx.conf").read_text()
with_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


def test_the_proxy_and_the_api_bound_requests_alike() -> None:
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", CONFIGURATION)
    assert int(megabytes) * 2**20 == Options().largest


def test_a_certificate_is_made_for_a_name_or_an_address_and_for_nothing_else(tmp_path: Path) -> None:
    from cryptography import x509

    for name in ("forecasts.example.org", "10.0.0.7"):
        make_proxy_certificate(tmp_path / "proxy", name)
        made = x509.load_pem_x509_certificate((tmp_path / "proxy" / PROXY_FILES[0]).read_bytes())
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert name in {str(one.value) for one in names}
        assert (tmp_path / "proxy" / PROXY_FILES[1]).stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError, match="neither a host name nor an address"):
        make_proxy_certificate(tmp_path / "other", "https://forecasts.example.org")
    assert not (tmp_path / "other").exists()


def test_a_proxy_that_is_no_network_is_refused(tmp_path: Path) -> None:
    for wrong in ("everybody", "10.0.0.7/8"):
        with pytest.raises(ServiceError, match="write it as"):
            serve(["toy"], load_settings(home=tmp_path), Options(proxy=wrong), print)


class Api(BaseHTTPRequestHandler):
    """Keeps the headers that reach it."""

    heard: list[dict[str, str]] = []
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.heard.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        return


def free_ports(number: int) -> list[int]:
    held = [socket.socket() for _ in range(number)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    Api.heard = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def proxy(
    api: ThreadingHTTPServer, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[httpx.Client, int]]:
    """A client that trusts the proxy's certificate, and the port without TLS."""
    make_proxy_certificate(tmp_path / "secrets", "forecasts.example.org")
    plain, encrypted = free_ports(2)
    # a folder for what it writes
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o777)
    text = CONFIGURATION.replace("/tmp/", f"{scratch}/").replace("/run/secrets", str(tmp_path / "secrets"))
    text = text.replace("server serve:8000;", f"server 127.0.0.1:{api.server_port};")
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{plain};").replace(
        "listen 8443 ssl;", f"listen 127.0.0.1:{encrypted} ssl;"
    )
    text = text.replace("/dev/stdout", str(tmp_path / "access.log")).replace("/dev/stderr", str(tmp_path / "error.log"))
    if os.geteuid() == 0:
        # workers would become somebody who may not enter the folders of tests
        text = f"user root;\n{text}"
    for usual, other in getattr(request, "param", {}).items():
        assert usual in text
        text = text.replace(usual, other)
    (tmp_path / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "secrets" / PROXY_FILES[0]))
    try:
        with httpx.Client(base_url=f"https://localhost:{encrypted}", verify=trusting, trust_env=False) as client:
            deadline = time.monotonic() + 60
            while True:
                try:
                    client.get("/health")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, process.communicate()[1]
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            Api.heard = []
            yield client, plain
    finally:
        process.terminate()
        process.communicate(timeout=60)


@with_nginx
def test_requests_reach_the_api_over_tls_with_who_asked_and_not_with_who_they_say_they_are(
    proxy: tuple[httpx.Client, int],
) -> None:
    client, _ = proxy
    told = {"X-Forwarded-For": "8.8.8.8", "Forwarded": "for=8.8.8.8", "X-Forwarded-Proto": "http"}
    answer = client.post("/v1/models/toy/forecast", json={}, headers={**told, "Authorization": "Bearer key"})
    assert answer.status_code == 200
    [heard] = Api.heard
    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert "forwarded" not in heard
    assert heard["authorization"] == "Bearer key"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert answer.headers["server"] == "nginx"


@with_nginx
def test_what_is_too_large_or_not_for_the_outside_goes_no_further(
    proxy: tuple[httpx.Client, int], tmp_path: Path
) -> None:
    client, plain = proxy
    largest = Options().largest
    assert client.post("/v1/models/toy/forecast", content=b"x" * largest).status_code == 200
    assert client.post("/v1/models/toy/forecast", content=b"x" * (largest + 1)).status_code == 413
    assert client.get("/metrics").status_code == 404
    assert len(Api.heard) == 1
    answer = httpx.post(f"http://127.0.0.1:{plain}/v1/models/toy/forecast?key=canary", trust_env=False)
    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://")
    assert "canary" not in (tmp_path / "access.log").read_text()


@with_nginx
@pytest.mark.parametrize("proxy", [{"rate=50r/s": "rate=1r/m", "burst=100 nodelay": "burst=20 nodelay"}], indirect=True)
def test_who_asks_too_often_is_told_so(proxy: tuple[httpx.Client, int]) -> None:
    client, _ = proxy
    statuses = [client.get("/health").status_code for _ in range(30)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert set(statuses) == {200, 429}
    assert len(Api.heard) == statuses.count(200)
