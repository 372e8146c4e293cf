"""infra/kubernetes against the schemas, the settings and the code: no cluster runs it here, its words are checked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask_kubernetes
import jsonschema
import pytest
import yaml

from sgnn.cli.stack.certificates import ensure_certificates
from sgnn.cli.stack.container import HOSTS, OPERATOR, PORTS, Containers, containers, service, told
from sgnn.cli.stack.keys import NAMES, ensure_keys
from sgnn.cli.stack.layout import Layout
from sgnn.credentials import TLS_FILES, VARIABLES
from sgnn.errors import SettingsError
from sgnn.settings import Settings, environment_name, load_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "kubernetes"
BASE = FOLDER / "base"
Document = dict[str, Any]

FILES = sorted(file for file in BASE.glob("*.yaml") if file.name not in ("kustomization.yaml", "dask-fields.yaml"))
DOCUMENTS: list[Document] = [one for file in FILES for one in yaml.safe_load_all(file.read_text()) if one]
KUSTOMIZATION: Document = yaml.safe_load((BASE / "kustomization.yaml").read_text())
SCALE = frozenset({"SGNN_WORKERS", "SGNN_WORKERS_MIN"})
"""As many as the cluster has room for."""
CLIENT = dict(literal.split("=", 1) for literal in KUSTOMIZATION["configMapGenerator"][0]["literals"])
SET_UP = {"databases", "users"}


def of_kind(*kinds: str) -> list[Document]:
    return [one for one in DOCUMENTS if one["kind"] in kinds]


def pods() -> Iterator[tuple[str, dict[str, str], Document]]:
    """Every kind of pod: its name, its labels, its specification."""
    for one in of_kind("Deployment", "StatefulSet", "Job"):
        template = one["spec"]["template"]
        yield one["metadata"]["name"], template["metadata"]["labels"], template["spec"]
    [cluster] = of_kind("DaskCluster")
    for role in ("scheduler", "worker"):
        labels = {"dask.org/cluster-name": cluster["metadata"]["name"], "dask.org/component": role}
        yield f"dask-{role}", labels, cluster["spec"][role]["spec"]


PODS = {name: (labels, spec) for name, labels, spec in pods()}
BECOMES = {
    name: spec["containers"][0]["args"][0]
    for name, (_, spec) in PODS.items()
    if spec["containers"][0]["image"] == "sgnn" and "command" not in spec["containers"][0]
}
"""What each pod of our image becomes."""


def secrets_of(spec: Document) -> set[str]:
    sources = [source for volume in spec["volumes"] for source in volume.get("projected", {}).get("sources", ())]
    items = [item for source in sources for item in source["secret"]["items"]]
    assert all(item["key"] == item["path"] for item in items)
    return {item["key"] for item in items}


def validated(folder: Path, documents: list[Document]) -> str:
    """What the schemas of Kubernetes say against documents of its own kinds; nothing where all is well."""
    file = folder / "manifests.yaml"
    file.write_text(yaml.safe_dump_all(documents))
    program = str(Path(sys.executable).with_name("kubernetes-validate"))
    done = subprocess.run([program, "--strict", "--quiet", str(file)], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def test_manifests_are_what_the_schemas_of_kubernetes_ask_for(tmp_path: Path) -> None:
    extra = [
        one
        for name in ("ingress.yaml", "scaling.yaml")
        for one in yaml.safe_load_all((FOLDER / "overlays" / "production" / name).read_text())
    ]
    own = [one for one in DOCUMENTS if not one["apiVersion"].startswith("kubernetes.dask.org/")]
    # the operator makes pods of these
    made = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        for name, (_, spec) in PODS.items()
        if name.startswith("dask-")
    ]
    assert validated(tmp_path, own + extra + made) == ""
    # the schemas are asked: a field that nobody knows is refused
    assert "replicaz" in validated(tmp_path, [{**of_kind("Deployment")[0], "replicaz": 2}])


@pytest.mark.parametrize("kind", ["DaskCluster", "DaskAutoscaler"])
def test_what_the_dask_operator_makes_is_by_its_own_definition(kind: str) -> None:
    operator = Path(dask_kubernetes.__file__).parent / "operator"
    [file] = operator.glob(f"deployment/helm/*/crds/{kind.lower()}.yaml")
    [version] = [one for one in yaml.safe_load(file.read_text())["spec"]["versions"] if one["name"] == "v1"]
    [document] = of_kind(kind)
    jsonschema.validate(document, version["schema"]["openAPIV3Schema"])


def test_every_file_is_part_of_the_base() -> None:
    assert sorted(KUSTOMIZATION["resources"]) == [file.name for file in FILES]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_the_overlay_puts_its_image_and_settings_everywhere() -> None:
    command = ["kubectl", "kustomize", str(FOLDER / "overlays" / "production")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = [one for one in yaml.safe_load_all(done.stdout) if one]
    images = {line.split()[-1] for line in done.stdout.splitlines() if re.match(r"\s+(- )?image: ", line)}
    assert images == {"registry.example.org/team/sgnn:0.1.0", "postgres:15.14-bookworm"}
    [settings] = [one["metadata"]["name"] for one in made if one["kind"] == "ConfigMap"]
    named = set(re.findall(r"configMapRef:\s+name: (\S+)", done.stdout))
    assert named == {settings}
    assert {one["metadata"].get("namespace") for one in made if one["kind"] != "Namespace"} == {"sgnn"}


def test_each_service_is_found_by_the_name_and_port_that_the_others_know() -> None:
    known = {one["metadata"]["name"]: [port["port"] for port in one["spec"]["ports"]] for one in of_kind("Service")}
    expected = {name: [PORTS[name]] for name in HOSTS} | {"serve": [8000]}
    expected["scheduler"] = [PORTS["scheduler"], PORTS["dashboard"]]
    assert known == expected
    for one in of_kind("Service"):
        matched = [name for name, (labels, _) in PODS.items() if one["spec"]["selector"].items() <= labels.items()]
        assert len(matched) == 1
        [container] = PODS[matched[0]][1]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for port in one["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]


def test_users_of_the_services_are_told_what_those_in_containers_are_told() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    told = {name: value for name, value in CLIENT.items() if name not in SCALE}
    assert {name: value for name, value in compose["x-client"].items() if name not in SCALE} == told
    assert set(compose["x-client"]) >= SCALE
    [scaler] = of_kind("DaskAutoscaler")
    between = {"SGNN_WORKERS": scaler["spec"]["maximum"], "SGNN_WORKERS_MIN": scaler["spec"]["minimum"]}
    assert {name: int(CLIENT[name]) for name in SCALE} == between
    known = {environment_name(field) for field in Settings.model_fields}
    variables = {entry["name"] for _, spec in PODS.values() for entry in spec["containers"][0].get("env", ())}
    assert {name for name in variables if name.startswith("SGNN_")} <= known


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every secret of the stack in one folder."""
    folder = tmp_path_factory.mktemp("kubernetes")
    layout = Layout(folder / "made")
    ensure_keys(layout)
    ensure_certificates(layout.client)
    (folder / "all").mkdir()
    for file in [*layout.secrets.iterdir(), *layout.client.iterdir()]:
        (folder / "all" / file.name).write_bytes(file.read_bytes())
    return folder / "all"


def inside(
    spec: Document, secrets: Path, place: Path, monkeypatch: pytest.MonkeyPatch, without: str = ""
) -> Containers:
    """The stack as a pod sees it: its variables, and its secrets alone."""
    given = place / f"given-{without}"
    given.mkdir(parents=True)
    for name in secrets_of(spec) - {without}:
        (given / name).write_bytes((secrets / name).read_bytes())
    [container] = spec["containers"]
    plain = {entry["name"]: entry["value"] for entry in container.get("env", ())}
    for variable, value in {**(CLIENT if "envFrom" in container else {}), **plain}.items():
        monkeypatch.setenv(variable, value)
    stack = containers(load_settings(home=place / "home", secrets=given))
    for folder in (stack.layout.secrets, stack.layout.objects):
        folder.mkdir(parents=True, exist_ok=True)
    return stack


@pytest.mark.parametrize("name", sorted(set(BECOMES) - SET_UP))
def test_a_pod_becomes_its_service_with_the_secrets_that_it_needs_and_no_others(
    name: str, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, spec = PODS[name]
    one = service(inside(spec, secrets, tmp_path / "whole", monkeypatch), BECOMES[name])
    assert one.name == BECOMES[name]
    for needed in secrets_of(spec) - {*VARIABLES, *TLS_FILES}:
        # without it the service cannot be made
        with pytest.raises(SettingsError, match="cannot be read"):
            service(inside(spec, secrets, tmp_path / needed, monkeypatch, needed), BECOMES[name])


def test_a_dask_worker_has_the_name_that_the_operator_gave_its_pod(
    secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = service(inside(PODS["dask-worker"][1], secrets, tmp_path, monkeypatch), "workers")
    command = list(told(made, {OPERATOR: "sgnn-default-worker-7"}).command)
    assert command[-2:] == ["--name", "sgnn-default-worker-7"]
    assert command[command.index("--nworkers") + 1] == "1"
    assert "--name" not in told(made, {}).command
    limits = PODS["dask-worker"][1]["containers"][0]["resources"]["limits"]["memory"]
    # it restarts a worker that grows too large before Kubernetes ends the pod
    assert int(command[command.index("--memory-limit") + 1]) < int(limits.removesuffix("Gi")) * 2**30


def test_secrets_are_named_and_none_is_written_down() -> None:
    assert of_kind("Secret") == []
    used = set().union(*(secrets_of(spec) for _, spec in PODS.values()))
    assert used == {*NAMES, *VARIABLES, *TLS_FILES}
    for _, spec in PODS.values():
        for entry in spec["containers"][0].get("env", ()):
            assert not re.search("password|secret|key|token", entry["name"], re.I) or entry["value"].startswith("/run/")


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_has_no_rights_writes_to_volumes_alone_and_is_bounded(name: str) -> None:
    _, spec = PODS[name]
    assert spec["serviceAccountName"] == "sgnn"
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == (999 if name == "postgres" else 10001)
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    [container] = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])
    # one that ends by itself needs no probes, and a worker ends itself when it has lost its scheduler
    if name not in SET_UP | {"dask-worker"}:
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    claims = {
        claim["metadata"]["name"]
        for one in of_kind("StatefulSet")
        if one["metadata"]["name"] == name
        for claim in one["spec"]["volumeClaimTemplates"]
    }
    assert mounted == {volume["name"] for volume in spec["volumes"]} | claims
    assert "hostPath" not in str(spec["volumes"])


POLICIES = of_kind("NetworkPolicy")


def matches(selector: Document, labels: dict[str, str]) -> bool:
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def allowed(who: str, whom: str, port: int) -> bool:
    """Whether policies let one pod speak with another: out of the one and into the other."""
    (ours, _), (theirs, _) = PODS[who], PODS[whom]

    def lets(policy: Document, direction: str, peer: str, near: dict[str, str], far: dict[str, str]) -> bool:
        return matches(policy["spec"]["podSelector"], near) and any(
            (not rule.get("ports") or port in [one["port"] for one in rule["ports"]])
            and any(matches(one["podSelector"], far) for one in rule[peer] if "podSelector" in one)
            for rule in policy["spec"].get(direction, ())
        )

    out = any(lets(policy, "egress", "to", ours, theirs) for policy in POLICIES)
    return out and any(lets(policy, "ingress", "from", theirs, ours) for policy in POLICIES)


def test_nobody_speaks_with_anybody_but_those_who_need_to() -> None:
    [closed] = [one for one in POLICIES if one["metadata"]["name"] == "nobody"]
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    listening = {
        "postgres": PORTS["postgres"],
        "objects": PORTS["objects"],
        "prefect": PORTS["prefect"],
        "mlflow": PORTS["mlflow"],
        "dask-scheduler": PORTS["scheduler"],
        "serve": 8000,
    }
    spoken = {(who, whom) for who in PODS for whom, port in listening.items() if allowed(who, whom, port)}
    assert spoken == {
        *(("prefect", "postgres"), ("mlflow", "postgres"), ("databases", "postgres")),
        *(("mlflow", "objects"), ("worker", "objects"), ("dask-worker", "objects")),
        *(("worker", "prefect"), ("prefect", "prefect")),
        *(("worker", "mlflow"), ("serve", "mlflow"), ("users", "mlflow")),
        *(("worker", "dask-scheduler"), ("dask-worker", "dask-scheduler"), ("dask-scheduler", "dask-scheduler")),
    }


def test_what_a_service_needs_it_can_reach(secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pod_of = {"scheduler": "dask-scheduler"}
    for name, becomes in BECOMES.items():
        if name not in SET_UP:
            needs = service(inside(PODS[name][1], secrets, tmp_path / name, monkeypatch), becomes).after
            for other in needs:
                assert allowed(name, pod_of.get(other, other), PORTS[other]), f"{name} to {other}"
    assert allowed("dask-worker", "dask-worker", 40000)


def test_names_that_people_know_services_by_can_be_told(
    secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = service(inside(PODS["prefect"][1], secrets, tmp_path, monkeypatch), "prefect")
    usual = told(made, {}).environment["PREFECT_UI_API_URL"]
    assert usual == f"http://127.0.0.1:{PORTS['prefect']}/api"
    named = told(made, {"PREFECT_UI_API_URL": "https://flows.example.org/api"})
    assert named.environment["PREFECT_UI_API_URL"] == "https://flows.example.org/api"
