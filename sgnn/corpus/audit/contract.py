"""What a check is: it sees the blocks of a corpus as they stream by, and then says what it found and measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

if TYPE_CHECKING:
    from sgnn.corpus.plan import Block

Array = NDArray[Any]


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a corpus, and what to do about it."""

    check: str
    about: str
    """Mechanism, parameter, variable, block or draw."""
    message: str
    remedy: str
    p_value: float | None = None
    """Chance of this in a sound corpus, corrected for all tests of the audit; None where there is no chance of it."""


@dataclass(frozen=True)
class Test:
    """A hypothesis that every sound corpus fulfils, and the finding that its rejection is."""

    # it has the name of a test for pytest as well, which must not collect it
    __test__: ClassVar[bool] = False

    p_value: float
    finding: Finding
    material: bool = True
    """Whether the departure is large enough to matter; if not, it is no finding however sure it is."""


@dataclass(frozen=True)
class Outcome:
    """What one check found; ``figures`` are plain data that become JSON, ``notes`` say what was not looked at."""

    seen: str
    """What was looked at, in a few words."""
    worst: str = ""
    """The figure nearest to a finding, in a few words."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    tests: tuple[Test, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """The draws of one block: arrays (draw, …), and the rank of every parameter in its prior.

    ``ranks`` (draw, parameter) are uniform on 0 to 1 where a draw's parameters are from the recipe's prior; NaN where
    its mechanism has no such parameter or it is fixed.
    """

    block: Block
    arrays: Mapping[str, Array]
    ranks: Array

    def __len__(self) -> int:
        return self.block.draws


class Check(ABC):
    """One question to a corpus. Its memory does not grow with the number of draws, or by a few bytes a draw."""

    name: ClassVar[str]

    @abstractmethod
    def see(self, batch: Batch) -> None:
        """Take in one block; blocks come in order, and under sampling not all of them come."""

    @abstractmethod
    def close(self) -> Outcome:
        """What was found in all blocks seen."""
