"""docker-compose.yml against the code: no engine runs it here, so what it says is held against what is tested live."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sgnn.cli.stack.certificates import ensure_certificates
from sgnn.cli.stack.container import HOSTS, PORTS, Containers, containers, service
from sgnn.cli.stack.keys import NAMES, ensure_keys
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.proxy_certificate import PROXY_FILES
from sgnn.cli.stack.services import Stack
from sgnn.credentials import TLS_FILES, VARIABLES
from sgnn.errors import SettingsError
from sgnn.settings import Settings, environment_name, load_settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RUN = {"objects", "prefect", "mlflow", "scheduler", "workers", "worker"}
"""Services that are started by the same function as the plain process."""
DOCKERFILE = (ROOT / "infra" / "Dockerfile").read_text()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Every secret of the stack in one folder."""
    layout = Layout(tmp_path / "made")
    ensure_keys(layout)
    ensure_certificates(layout.client)
    folder = tmp_path / "secrets"
    folder.mkdir()
    for file in [*layout.secrets.iterdir(), *layout.client.iterdir()]:
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def inside(name: str, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Containers:
    """The stack as the container of a service sees it: its variables, and its secrets alone."""
    given = tmp_path / f"given-{name}"
    given.mkdir()
    for secret in SERVICES[name].get("secrets", ()):
        (given / secret).write_bytes((secrets / secret).read_bytes())
    for variable, value in SERVICES[name].get("environment", {}).items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value)))
    stack = containers(load_settings(home=tmp_path / "home", secrets=given))
    for folder in (stack.layout.secrets, stack.layout.objects):
        folder.mkdir(parents=True, exist_ok=True)
    return stack


def test_every_service_of_the_stack_is_there_and_no_other() -> None:
    plain = {name for name in vars(Stack) if name in {*RUN, "postgres", "scheduler_service"}}
    assert {name.removesuffix("_service") for name in plain} == {*RUN, "postgres"}
    assert set(SERVICES) == {*RUN, "postgres", "databases", "users", "worker-gpu", "serve", "proxy"}
    assert {profile for one in SERVICES.values() for profile in one["profiles"]} == {"core", "gpu", "serve"}


@pytest.mark.parametrize("name", sorted(RUN))
def test_a_container_has_the_secrets_and_variables_that_its_service_needs_and_no_more(
    name: str, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = service(inside(name, secrets, tmp_path, monkeypatch), name)
    assert one.name == name
    assert SERVICES[name]["command"] == [name]
    given = [secret for secret in SERVICES[name]["secrets"] if secret not in (*TLS_FILES, *VARIABLES)]
    for secret in given:
        # each is needed: without it the service cannot be made
        (tmp_path / f"given-{name}" / secret).unlink()
        with pytest.raises(SettingsError, match="cannot be read"):
            service(containers(load_settings(home=tmp_path / "home", secrets=tmp_path / f"given-{name}")), name)
        (tmp_path / f"given-{name}" / secret).write_bytes((secrets / secret).read_bytes())


@pytest.mark.parametrize("name", sorted(RUN - {"worker"}))
def test_a_service_listens_for_the_others_and_is_found_by_its_name(
    name: str, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = service(inside(name, secrets, tmp_path, monkeypatch), name)
    text = " ".join([*one.command, *one.environment.values()])
    # but for names that people use, and doors that nobody should find
    for own in ("127.0.0.1:5000", "127.0.0.1:4200", "127.0.0.1:0"):
        text = text.replace(own, "")
    assert "127.0.0.1" not in text
    assert "0.0.0.0" in text
    if name in ("prefect", "mlflow"):
        assert f"@postgres:{PORTS['postgres']}/" in text
    if name == "workers":
        assert f"tls://scheduler:{PORTS['scheduler']}" in text


def test_clients_are_pointed_to_the_services_by_settings_that_exist() -> None:
    known = {environment_name(field) for field in Settings.model_fields}
    for name in ("workers", "worker", "worker-gpu", "serve"):
        variables = SERVICES[name]["environment"]
        assert set(variables) <= known | {"AWS_ALLOW_HTTP"}
        for variable in ("SGNN_STORE_ENDPOINT", "PREFECT_API_URL", "MLFLOW_TRACKING_URI", "SGNN_DASK_SCHEDULER"):
            host, port = re.findall(r"//(\w+):(\d+)", variables[variable])[0]
            assert PORTS[host] == int(port)
            assert HOSTS[host] == host
            assert host in SERVICES
    assert set(re.findall(r"\b(SGNN_\w+)=", DOCKERFILE)) <= known


def test_only_pages_and_the_proxy_are_published_and_on_loopback_unless_somebody_says_otherwise() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {
        "prefect": [f"127.0.0.1:{PORTS['prefect']}:{PORTS['prefect']}"],
        "mlflow": [f"127.0.0.1:{PORTS['mlflow']}:{PORTS['mlflow']}"],
        "proxy": [f"${{SGNN_LISTEN:-127.0.0.1}}:{port}:{port}" for port in (8443, 8080)],
    }


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_bounded_unprivileged_and_writes_to_volumes_alone(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= set(one["deploy"]["resources"]["limits"])
    assert one["restart"] in ("unless-stopped", "on-failure")
    configured = {volume.removesuffix(":ro") for volume in one.get("volumes", ()) if volume.endswith(":ro")}
    assert configured <= {"./infra/proxy/nginx.conf:/etc/nginx/nginx.conf"}
    kept = {volume.split(":")[0] for volume in one.get("volumes", ()) if not volume.endswith(":ro")}
    assert kept <= set(COMPOSE["volumes"])
    assert "healthcheck" in one or one["restart"] == "on-failure"
    assert ":latest" not in one["image"]
    for other, condition in one.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if SERVICES[other]["restart"] == "on-failure" else "service_healthy"
        assert condition == {"condition": wanted}


def test_the_api_believes_the_network_that_it_shares_with_the_proxy_alone() -> None:
    [subnet] = [one["subnet"] for one in COMPOSE["networks"]["front"]["ipam"]["config"]]
    command = SERVICES["serve"]["command"]
    assert command[command.index("--proxy") + 1] == subnet
    assert {name for name, one in SERVICES.items() if "front" in one["networks"]} == {"serve", "proxy"}
    assert "ports" not in SERVICES["serve"]
    assert SERVICES["proxy"]["networks"] == ["front"]


def test_secrets_are_files_that_the_stack_makes_and_each_is_used() -> None:
    made = {f"secrets/{name}" for name in NAMES} | {f"client/{name}" for name in (*VARIABLES, *TLS_FILES)}
    made |= {f"proxy/{name}" for name in PROXY_FILES}
    files = {name: one["file"].rpartition("stack}/")[2] for name, one in COMPOSE["secrets"].items()}
    assert set(files.values()) == made
    assert all(file.rpartition("/")[2] == name for name, file in files.items())
    assert {secret for one in SERVICES.values() for secret in one.get("secrets", ())} == set(files)
    # none in a variable
    variables = [f"{key}={value}" for one in SERVICES.values() for key, value in one.get("environment", {}).items()]
    assert not [
        one for one in variables if re.search("password|secret|token", one, re.I) and "/run/secrets/" not in one
    ]


def test_the_image_runs_as_nobody_in_particular_from_pinned_parts() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, flags=re.MULTILINE)
    assert re.search(r"ARG PYTHON=\d+\.\d+\.\d+-", DOCKERFILE)
    assert "-r requirements.lock" in DOCKERFILE
    uid = re.findall(r"--uid (\d+)", DOCKERFILE)[0]
    tmpfs = [line for one in SERVICES.values() for line in one.get("tmpfs", ()) if line.startswith("/var/lib/sgnn")]
    assert tmpfs
    assert all(f"uid={uid}" in line for line in tmpfs)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    assert {f"!{name}" for name in copied} == {line for line in ignored if line.startswith("!")}


def test_a_service_that_is_not_known_or_lacks_a_secret_says_so_in_one_line(tmp_path: Path) -> None:
    for arguments, said in ((["nothing"], "no service 'nothing'"), (["prefect"], "the secret")):
        done = subprocess.run(
            [sys.executable, "-m", "sgnn.cli.stack.container", *arguments],
            env={"SGNN_HOME": str(tmp_path), "SGNN_SECRETS": str(tmp_path), "PATH": "/usr/bin:/bin"},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_the_dockerfile_has_nothing_that_its_linter_would_mend() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([str(linter), str(ROOT / "infra" / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
