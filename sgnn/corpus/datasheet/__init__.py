"""The datasheet of a corpus: what it is, how it came about, what it may be used for, generated from its own records."""

from __future__ import annotations

from sgnn.corpus.datasheet.document import datasheet
from sgnn.corpus.datasheet.facts import DatasheetFacts, MechanismLine, datasheet_facts

__all__ = ["DatasheetFacts", "MechanismLine", "datasheet", "datasheet_facts"]
