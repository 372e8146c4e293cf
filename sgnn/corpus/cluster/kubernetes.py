"""Workers as pods of Kubernetes, through the Dask operator and dask-kubernetes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from sgnn.corpus.cluster.kind import ClusterKind, Workers, amount
from sgnn.corpus.cluster.process import environment, worker_options
from sgnn.errors import ServiceError, SettingsError

if TYPE_CHECKING:
    from sgnn.settings import Settings

MEMORY = 4 * 2**30
"""Bytes of a pod where no setting says another number."""
SCHEDULER_MEMORY = 2 * 2**30
DEVICES = {"GPU": "nvidia.com/gpu"}
"""Resources of simulators that Kubernetes must hand to a pod, by the names it has for them."""


class Kubernetes(ClusterKind):
    """A DaskCluster of its own for each run; the operator that makes it must be installed in the cluster."""

    patience = 900.0

    @contextmanager
    def start(self, settings: Settings) -> Iterator[Workers]:
        """Create the DaskCluster; its pods come when the cluster has room, and go with the block."""
        from distributed import Client

        self.check(settings)
        made = _operator(settings).KubeCluster
        try:
            cluster = made(namespace=settings.kubernetes_namespace, custom_cluster_spec=manifest(settings), quiet=True)
        except Exception as error:
            # the library hands on whatever its HTTP client, its configuration or the operator raise
            raise _not_here(error) from error
        with cluster, Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            if settings.workers_min is not None:
                cluster.adapt(minimum=settings.workers_min, maximum=settings.workers)
            yield Workers(client, settings.workers, f"{amount(settings)} pods of Kubernetes")

    def check(self, settings: Settings) -> None:
        """The manifest can be written, and the API of a cluster answers."""
        manifest(settings)
        import kr8s

        try:
            kr8s.api().version()
        except Exception as error:
            raise _not_here(error) from error

    def submission(self, settings: Settings) -> str:
        """The DaskCluster as YAML, ready for `kubectl apply`."""
        return yaml.safe_dump(manifest(settings), sort_keys=False)


def manifest(settings: Settings) -> dict[str, Any]:
    """The DaskCluster of a run: a scheduler pod, and pods of one worker each."""
    if settings.kubernetes_image is None:
        raise SettingsError(
            "cluster 'kubernetes' needs an image for its pods",
            remedy="set SGNN_KUBERNETES_IMAGE to one that holds this package",
        )
    memory = int(settings.worker_memory or MEMORY)
    command = ["dask", "worker", "--nthreads", "1", "--memory-limit", f"{memory}B"]
    fewest = settings.workers if settings.workers_min is None else settings.workers_min
    spec: dict[str, Any] = _operator(settings).make_cluster_spec(
        name=f"sgnn-{secrets.token_hex(4)}",
        image=settings.kubernetes_image,
        n_workers=fewest,
        env=environment(),
        worker_command=[*command, *worker_options(settings.worker_resources)],
    )
    devices = {DEVICES[name]: f"{number:g}" for name, number in settings.worker_resources.items() if name in DEVICES}
    _limit(spec["spec"]["worker"], memory, devices)
    _limit(spec["spec"]["scheduler"], SCHEDULER_MEMORY, {})
    return spec


def _limit(role: dict[str, Any], memory: int, devices: dict[str, str]) -> None:
    """One core and so much memory for the pods of a role: what is promised is what may be used."""
    (container,) = role["spec"]["containers"]
    container["resources"] = {
        "requests": {"cpu": "1", "memory": str(memory), **devices},
        "limits": {"memory": str(memory), **devices},
    }


def _not_here(error: Exception) -> ServiceError:
    return ServiceError(
        f"no Dask cluster can be made in Kubernetes: {type(error).__name__}: {error}",
        remedy="check `kubectl get daskclusters`, and that the Dask operator is installed",
    )


def _operator(settings: Settings) -> Any:
    try:
        from dask_kubernetes import operator
    except ImportError as error:
        raise ServiceError(
            f"cluster '{settings.cluster}' needs dask-kubernetes, which is not installed",
            remedy="pip install 'sgnn[kubernetes]'",
        ) from error
    return operator
