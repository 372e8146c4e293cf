"""The report: one page that opens offline: what ran, what was learnt, how good it is, where it comes from."""

from __future__ import annotations

from sgnn.evaluation.report.content import GateLine, ReportContent, Stage
from sgnn.evaluation.report.page import render_report, write_report

__all__ = ["GateLine", "ReportContent", "Stage", "render_report", "write_report"]
