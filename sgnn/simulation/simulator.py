"""The simulator contract: what it takes, what it gives, and that a draw depends on nothing but itself."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sgnn.simulation.prior import Prior
    from sgnn.simulation.streams import Streams

Role = Literal["observable", "latent", "target", "seed"]
Theta = Mapping[str, NDArray[np.float64]]
Outputs = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Dimension:
    """A named axis of outputs: its length and its coordinate ``start + step * i``."""

    name: str
    size: int
    unit: str = ""
    long_name: str = ""
    start: float = 0.0
    step: float = 1.0


@dataclass(frozen=True)
class Variable:
    """A declared output: dimensions without ``draw``, type, unit, role, valid range (a draw outside is set apart).

    ``size`` names the integer variable that holds the valid length of the first dimension of a ragged output;
    ``missing`` says that NaN is a legitimate value (an observation that was not made). The role ``seed`` is for numbers
    that only make something again, such as that of a random stream: nothing is read off them.
    """

    name: str
    dims: tuple[str, ...]
    dtype: Any
    unit: str
    role: Role
    long_name: str = ""
    valid_range: tuple[float, float] = (-math.inf, math.inf)
    size: str | None = None
    missing: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", tuple(self.dims))
        object.__setattr__(self, "dtype", np.dtype(self.dtype).name)
        object.__setattr__(self, "valid_range", (float(self.valid_range[0]), float(self.valid_range[1])))


class Simulator(ABC):
    """A mechanistic model, run for a batch of draws.

    A subclass has a ``name`` and a ``version`` (raised whenever the same parameters give other results), takes settings
    by keyword, and promises that draw *i* depends on its parameters and its own random streams alone: the same bytes
    whatever the batch it is in. One that needs more than a core names it in ``resources``, such as ``{"GPU": 1}``: its
    corpora are made by workers that have so much of it.
    """

    name: str
    version: str
    resources: Mapping[str, float] = {}

    @abstractmethod
    def prior(self) -> Prior:
        """Named, bounded, unit-bearing parameters and how they are drawn."""

    @abstractmethod
    def dimensions(self) -> tuple[Dimension, ...]:
        """Dimensions of the outputs, without ``draw``."""

    @abstractmethod
    def variables(self) -> tuple[Variable, ...]:
        """Outputs that `simulate` gives."""

    @abstractmethod
    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Outputs, each (batch, *dims), of parameters ``theta[name]`` (batch,) and the batch's random streams."""
