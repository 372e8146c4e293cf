"""Benchmark protocols of cascades."""

from sgnn.domains.cascades.protocols.exact import SourceExact
from sgnn.domains.cascades.protocols.hard import SourceHard, SourceHardTimes
from sgnn.domains.cascades.protocols.published import SourcePublished
from sgnn.domains.cascades.protocols.real import SourceReal

__all__ = ["SourceExact", "SourceHard", "SourceHardTimes", "SourcePublished", "SourceReal"]
