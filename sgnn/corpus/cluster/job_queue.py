"""Workers as jobs of a batch system, through dask-jobqueue: one table row for each system.

The scheduler runs in this process. It and its workers talk over TLS with certificates made for the run: on a machine
that others log in to, an open scheduler would run anybody's code under this account.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgnn.corpus.cluster.kind import ADAPTIVE, ClusterKind, Workers, amount
from sgnn.corpus.cluster.process import environment, worker_options
from sgnn.errors import ServiceError, SettingsError

if TYPE_CHECKING:
    from sgnn.settings import Settings

MEMORY = 4 * 2**30
"""Bytes asked for each worker where no setting says another number."""
SCHEDULER_PLACE = "tcp://SCHEDULER:PORT"


@dataclass(frozen=True)
class Queue:
    """A batch system: its class in dask-jobqueue, and which of our settings it knows by which of its keywords."""

    title: str
    cluster: str
    keywords: Mapping[str, str] = field(
        default_factory=lambda: {"queue": "queue", "queue_account": "project", "queue_walltime": "walltime"}
    )
    fixed: Mapping[str, Any] = field(default_factory=dict)
    directives_are_pairs: bool = False


_ACCOUNT = {"queue": "queue", "queue_account": "account", "queue_walltime": "walltime"}

QUEUES: Mapping[str, Queue] = {
    "slurm": Queue("SLURM", "SLURMCluster", _ACCOUNT),
    "pbs": Queue("PBS", "PBSCluster", _ACCOUNT),
    "moab": Queue("Moab", "MoabCluster", _ACCOUNT),
    "sge": Queue("SGE", "SGECluster"),
    "lsf": Queue("LSF", "LSFCluster"),
    # without the name of a property, OAR's memory cannot be asked for, and a warning says so each time
    "oar": Queue("OAR", "OARCluster", fixed={"memory_per_core_property_name": "not_applicable"}),
    # blocks are staged in the store, not on the node: its disk holds logs
    "htcondor": Queue("HTCondor", "HTCondorCluster", {}, {"disk": "1 GiB"}, directives_are_pairs=True),
}


class JobQueue(ClusterKind):
    """Jobs of one batch system, each with one worker or several."""

    patience = 3600.0

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    @contextmanager
    def start(self, settings: Settings) -> Iterator[Workers]:
        """Submit the jobs; each worker joins when its job begins. They end with the block, or when they lose it."""
        from distributed import Client

        self.check(settings)
        made, options = self._class(settings), self._options(settings)
        # certificates and job logs lie here: both machines see the home folder
        folder = settings.home / "cluster"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _told(self.queue.title):
            cluster = made(
                **options,
                security=True,
                shared_temp_directory=str(folder),
                scheduler_options={"dashboard_address": ":0", "interface": settings.queue_interface},
            )
        with (
            closing(_Certificates(cluster)),
            cluster,
            Client(cluster, set_as_default=False) as client,  # type: ignore[no-untyped-call]
        ):
            # with as many at least as at most, too: a job that reached its walltime is submitted again
            fewest = settings.workers if settings.workers_min is None else settings.workers_min
            cluster.adapt(minimum=fewest, maximum=settings.workers, **ADAPTIVE)
            yield Workers(client, settings.workers, f"{amount(settings)} workers in jobs of {self.queue.title}")

    def check(self, settings: Settings) -> None:
        """The settings are ones of this batch system, and the command that submits its jobs is there."""
        self._options(settings)
        command = shlex.split(self._class(settings).job_cls.submit_command)[0]
        if shutil.which(command) is None:
            raise _not_here(self.queue.title, f"'{command}' is not there")

    def submission(self, settings: Settings) -> str:
        """The script of one job; the addresses and certificates of a run are not yet in it."""
        job = self._class(settings).job_cls
        with _told(self.queue.title):
            return str(job(SCHEDULER_PLACE, name="sgnn-worker", **self._options(settings)).job_script())

    def _class(self, settings: Settings) -> Any:
        try:
            import dask_jobqueue
        except ImportError as error:
            raise ServiceError(
                f"cluster '{settings.cluster}' needs dask-jobqueue, which is not installed",
                remedy="pip install 'sgnn[jobqueue]'",
            ) from error
        return getattr(dask_jobqueue, self.queue.cluster)

    def _options(self, settings: Settings) -> dict[str, Any]:
        """Keywords of the job class. Raises `SettingsError` for a setting that the batch system does not have."""
        options: dict[str, Any] = {
            "cores": settings.queue_job_workers,
            "processes": settings.queue_job_workers,
            "memory": f"{(settings.worker_memory or MEMORY) * settings.queue_job_workers} B",
            "job_name": "sgnn-worker",
            "interface": settings.queue_interface,
            "log_directory": str(settings.home / "logs" / "jobs"),
            "worker_extra_args": worker_options(settings.worker_resources),
            "job_script_prologue": [*_exports(), *settings.queue_prologue],
            "job_extra_directives": self._directives(settings),
            **self.queue.fixed,
        }
        for name in ("queue", "queue_account", "queue_walltime"):
            value = getattr(settings, name)
            if value is None:
                continue
            if name not in self.queue.keywords:
                raise SettingsError(
                    f"SGNN_{name.upper()} is {value!r}, but {self.queue.title} has no such option",
                    remedy="unset it, and write what your site expects into SGNN_QUEUE_DIRECTIVES",
                )
            options[self.queue.keywords[name]] = value
        return options

    def _directives(self, settings: Settings) -> list[str] | dict[str, str]:
        if not self.queue.directives_are_pairs:
            return list(settings.queue_directives)
        pairs = [line.partition("=") for line in settings.queue_directives]
        for name, equals, value in pairs:
            if not (name.strip() and equals and value.strip()):
                raise SettingsError(
                    f"SGNN_QUEUE_DIRECTIVES has '{name}{equals}{value}', which {self.queue.title} cannot read",
                    remedy="write NAME = VALUE, a line each",
                )
        return {name.strip(): value.strip() for name, _, value in pairs}


class _Certificates:
    """Files that dask-jobqueue keeps open for its workers to read, and leaves so when its cluster is closed."""

    def __init__(self, cluster: Any) -> None:
        self.files = [getattr(cluster, name, None) for name in ("_job_ca_file", "_job_cert", "_job_key")]

    def close(self) -> None:
        """Close and remove them."""
        for file in self.files:
            if file is not None:
                file.close()


def _exports() -> list[str]:
    return [f"export {name}={shlex.quote(value)}" for name, value in environment().items()]


@contextmanager
def _told(title: str) -> Iterator[None]:
    """What a batch system's commands answer, in one line."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        what = f"'{Path(error.filename).name}' is not there" if isinstance(error, FileNotFoundError) else str(error)
        raise _not_here(title, what) from error


def _not_here(title: str, what: str) -> ServiceError:
    return ServiceError(f"no job can be submitted to {title}: {what}", remedy="run this where jobs are submitted from")
