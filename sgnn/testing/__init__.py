"""The conformance kit: whether a simulator or an observation operator keeps the promises that corpora rest on.

From a test of one's own package:

>>> from sgnn.testing import check_simulator
>>> report = check_simulator("epidemics.seir", draws=16)
>>> report.raise_for_findings()

`sgnn simulators check` prints the same report. A rule that nobody broke says nothing; a finding says what was seen and
what to change.
"""

from __future__ import annotations

from sgnn.testing.check import check_operator, check_simulator
from sgnn.testing.report import Finding, Report
from sgnn.testing.rules import RULES

__all__ = ["RULES", "Finding", "Report", "check_operator", "check_simulator"]
