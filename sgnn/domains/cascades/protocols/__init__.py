"""Benchmark protocols of cascades."""

from sgnn.domains.cascades.protocols.exact import SourceExact
from sgnn.domains.cascades.protocols.hard import SourceHard, SourceHardLarge, SourceHardTimes
from sgnn.domains.cascades.protocols.number import SourceNumber
from sgnn.domains.cascades.protocols.published import SourcePublished
from sgnn.domains.cascades.protocols.real import SourceReal

__all__ = [
    "SourceExact",
    "SourceHard",
    "SourceHardLarge",
    "SourceHardTimes",
    "SourceNumber",
    "SourcePublished",
    "SourceReal",
]
