"""Pods of Kubernetes: the manifest that is submitted, held against the operator's own definition of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sgnn.corpus.cluster import open_cluster, submission
from sgnn.errors import ServiceError, SettingsError
from sgnn.settings import load_settings

IMAGE = "registry.example.org/team/sgnn:1"


def manifest(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    settings = load_settings(home=tmp_path, cluster="kubernetes", workers=8, kubernetes_image=IMAGE, **changes)
    document = yaml.safe_load(submission(settings))
    assert isinstance(document, dict)
    return document


def container(document: dict[str, Any], role: str) -> dict[str, Any]:
    (only,) = document["spec"][role]["spec"]["containers"]
    return dict(only)


def test_every_pod_is_one_worker_with_the_image_memory_and_resources_of_the_settings(tmp_path: Path) -> None:
    document = manifest(tmp_path, worker_memory="3GiB", worker_resources="GPU=1")
    assert (document["apiVersion"], document["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    assert document["spec"]["worker"]["replicas"] == 8
    worker = container(document, "worker")
    assert worker["image"] == container(document, "scheduler")["image"] == IMAGE
    assert worker["resources"]["limits"] == {"memory": str(3 * 2**30), "nvidia.com/gpu": "1"}
    assert worker["args"][:6] == ["dask", "worker", "--nthreads", "1", "--memory-limit", f"{3 * 2**30}B"]
    assert "GPU=1" in worker["args"]
    assert {"name": "OMP_NUM_THREADS", "value": "1"} in worker["env"]
    assert "nvidia.com/gpu" not in container(document, "scheduler")["resources"]["limits"]


def test_adaptive_pods_begin_with_the_fewest(tmp_path: Path) -> None:
    assert manifest(tmp_path, workers_min=1)["spec"]["worker"]["replicas"] == 1


def test_the_manifest_is_one_that_the_operator_admits(tmp_path: Path) -> None:
    import dask_kubernetes
    import jsonschema

    operator = Path(dask_kubernetes.__file__).parent / "operator"
    (file,) = operator.glob("deployment/helm/*/crds/daskcluster.yaml")
    definition = yaml.safe_load(file.read_text())
    (version,) = [one for one in definition["spec"]["versions"] if one["name"] == "v1"]
    jsonschema.validate(manifest(tmp_path, worker_resources="GPU=1"), version["schema"]["openAPIV3Schema"])


def test_without_an_image_a_package_or_a_cluster_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="set SGNN_KUBERNETES_IMAGE"):
        submission(load_settings(home=tmp_path, cluster="kubernetes"))
    settings = load_settings(home=tmp_path, cluster="kubernetes", kubernetes_image=IMAGE)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(ServiceError, match="no Dask cluster can be made in Kubernetes"), open_cluster(settings):
        pass
    monkeypatch.setitem(sys.modules, "dask_kubernetes", None)
    with pytest.raises(ServiceError, match=r"pip install 'sgnn\[kubernetes\]'"):
        submission(settings)
