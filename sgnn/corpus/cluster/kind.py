"""The contract of a kind of cluster: how its workers are asked for, and what is submitted for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from sgnn.settings import Settings

ADAPTIVE: Mapping[str, Any] = {"interval": "1s", "target_duration": "1s"}
"""How a Dask cluster chooses its number of workers: each second, one for each second of work that waits."""


@dataclass(frozen=True)
class Workers:
    """Workers that were asked for: a Dask client of theirs, and how many there will be at most."""

    client: Any
    most: int
    told: str
    """How many of what, for people."""


class ClusterKind(ABC):
    """One way to come by workers. A kind is one small class; `opening.KINDS` names it."""

    patience: ClassVar[float] = 60.0
    """Seconds in which its first worker should be there; a queue takes longer than a process."""
    cheap: ClassVar[bool] = False
    """Whether workers that are started in vain, or wait, cost nobody anything: no jobs, no pods, nobody's queue."""

    @abstractmethod
    def start(self, settings: Settings) -> AbstractContextManager[Workers]:
        """Ask for workers; they may come later. Leaving the block ends what was started. Raises `ServiceError`."""

    def check(self, settings: Settings) -> None:
        """Raise `ServiceError` or `SettingsError` where this machine cannot start such workers; starts none."""
        self.submission(settings)

    def submission(self, settings: Settings) -> str:
        """The job script or manifest that starts workers; empty where nothing is submitted. Raises `ServiceError`."""
        return ""


def amount(settings: Settings) -> str:
    """Number of workers as people say it: `8`, or `2 to 8`."""
    return str(settings.workers) if settings.workers_min is None else f"{settings.workers_min} to {settings.workers}"
