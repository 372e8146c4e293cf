"""Audits: can the draws of a corpus be trusted to be what its recipe says, each made of its own random numbers.

`run` reads a corpus once, block by block, and shows every block to all checks; a check is one file against `contract`.
"""

from __future__ import annotations

from sgnn.corpus.audit.contract import Batch, Check, Finding, Outcome, Test
from sgnn.corpus.audit.run import Audit, Section, audit
from sgnn.corpus.audit.significance import FALSE_ALARMS

__all__ = ["FALSE_ALARMS", "Audit", "Batch", "Check", "Finding", "Outcome", "Section", "Test", "audit"]
