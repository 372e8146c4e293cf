"""Observation of epidemics: from what happened each day to the weekly counts that somebody published."""

from __future__ import annotations

from sgnn.domains.epidemics.observation.ascertainment import Ascertainment
from sgnn.domains.epidemics.observation.batch_noise import BatchNoise
from sgnn.domains.epidemics.observation.delay import Delay
from sgnn.domains.epidemics.observation.dump import Dump
from sgnn.domains.epidemics.observation.holiday_dip import HolidayDip
from sgnn.domains.epidemics.observation.missing import LateStart, Missing
from sgnn.domains.epidemics.observation.outbreak_window import OutbreakWindow
from sgnn.domains.epidemics.observation.overdispersion import Overdispersion
from sgnn.domains.epidemics.observation.report import Report
from sgnn.domains.epidemics.observation.revisions import Backfill, Rounding, SmallCounts
from sgnn.domains.epidemics.observation.weekday import Weekday
from sgnn.domains.epidemics.observation.weekly import Weekly

__all__ = [
    "Ascertainment",
    "Backfill",
    "BatchNoise",
    "Delay",
    "Dump",
    "HolidayDip",
    "LateStart",
    "Missing",
    "OutbreakWindow",
    "Overdispersion",
    "Report",
    "Rounding",
    "SmallCounts",
    "Weekday",
    "Weekly",
]
