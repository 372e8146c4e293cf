"""The protocol contract: real or held-out data, splits, baselines in the same call, and an outcome out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from typing import Protocol as Typing

from sgnn.evaluation.files import PinnedFile
from sgnn.simulation.registry import PROTOCOLS, find

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.evaluation.outcome import Outcome
    from sgnn.settings import Settings


class Forecaster(Typing):
    """Anything that forecasts a panel; `sgnn.learning.model.Model` does."""

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """Forecasts ``forecast(series, origin, horizon, quantile)``."""
        ...


class Protocol(ABC):
    """A benchmark: which data, which splits, which baselines, which scores. It never fits anything on its test part."""

    name: str
    files: tuple[PinnedFile, ...] = ()

    @abstractmethod
    def run(self, model: Any, settings: Settings, name: str = "model") -> Outcome:
        """Score the model called ``name``. Raises `MissingData` where the data are nowhere to be had."""

    def tiny(self) -> Protocol:
        """A version of the protocol for tests, with few series and cheap baselines; itself unless overridden."""
        return self

    def prepare(self, settings: Settings) -> None:
        """Do ahead of time what does not need the model (baselines); nothing unless overridden."""
        return


def find_protocol(name: str) -> Protocol:
    """The registered protocol of that name. Raises `UnknownNameError`."""
    protocol: Protocol = find(PROTOCOLS, name)()
    return protocol
