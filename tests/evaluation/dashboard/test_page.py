"""The dashboard: offline, true to its content, and frank about what is missing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sgnn.errors import DataError
from sgnn.evaluation.dashboard import DashboardContent, dashboard_markdown, render_dashboard, write_dashboard
from sgnn.evaluation.dashboard.page import cards
from sgnn.evaluation.dashboard.sections import models_section
from sgnn.evaluation.figures.live import live_over_time
from sgnn.evaluation.live import Band
from sgnn.evaluation.report.blocks import Rows


def test_the_page_asks_for_nothing_from_anywhere_and_runs_nothing(content: DashboardContent) -> None:
    page = render_dashboard(content)
    assert not re.search(r"<script|<link|<iframe|src=|url\((?!#)|@import", page)
    assert re.findall(r'href="(?!#)[^"]*"', page) == []
    assert "default-src 'none'" in page


def test_the_page_shows_every_corpus_model_run_schedule_and_live_score(content: DashboardContent) -> None:
    page = render_dashboard(content).replace("\u00a0", " ")
    for told in (
        *("covid-4f1c9a2b", "59,990", "774.4", "9c9c9c9c9c9c9c9c"),
        *("covid/7", "anna", "0.606", "last value", "1.000", "relative_mae is 0.93, expected &lt;= 0.9"),
        *("StoreError: the bucket | is gone", "14.6 min", "running", "killed"),
        *("forecast-weekly/covid", "Drifted", "2026-11-30 12:00", "never ran", "paused"),
        *("68.0 %", "1.340", "drifted", "nothing observed yet"),
    ):
        assert told in page, told


def test_what_went_wrong_stands_out_and_what_did_not_does_not(content: DashboardContent) -> None:
    marked = re.findall(r'<td class="[^"]*refused[^"]*">([^<]*)</td>', render_dashboard(content))
    assert sorted(marked) == ["Drifted", "drifted", "failed", "killed", "refused"]


def test_the_figures_to_see_first_count_what_is_shown(content: DashboardContent) -> None:
    assert [(one.value, one.words) for one in cards(content)] == [
        ("1", "champions of 2 registered models"),
        ("1 of 1", "models whose live scores left their band"),
        ("3", "runs in the last 7 days, 1 failed or killed"),
        ("79,990", "simulated draws in 2 corpora"),
    ]


def test_live_scores_are_drawn_with_their_band_and_flags(content: DashboardContent) -> None:
    scored = [one for one in content.live if one.forecasts]
    left, right = live_over_time(scored).axes
    curve, well, flagged = left.lines[:3]
    assert list(curve.get_ydata()) == [one.coverage for one in scored]
    assert len(well.get_ydata()) == len(scored) - 1
    assert list(flagged.get_ydata()) == [0.68]
    assert right.lines[2].get_ydata() == [1.34]
    bounds = left.collections[0].get_paths()[0].vertices
    assert {round(one, 6) for one in bounds[:, 1]} == {Band().coverage_low, 1.0}
    # one point, and one whose band nobody kept
    assert len(live_over_time(scored[:1]).axes) == 2
    assert len(live_over_time([replace(one, band=None) for one in scored]).axes) == 2


def test_too_few_scored_forecasts_are_said_to_be_too_few(content: DashboardContent) -> None:
    few = replace(content.live[1], forecasts=29)
    assert "too few to say, 30 wanted" in render_dashboard(replace(content, live=(few,)))


def test_a_champion_that_no_decision_made_is_told(content: DashboardContent) -> None:
    by_hand = replace(content.models[0], since=None, by="")
    [table, *_] = models_section((by_hand,)).parts
    assert isinstance(table, Rows)
    assert "set by hand" in table.table.rows[0]
    assert "set by hand" in table.verdicts


def test_what_is_not_there_is_said_in_words(content: DashboardContent) -> None:
    page = render_dashboard(DashboardContent(content.made))
    for said in ("No corpus is committed", "No model is registered", "Nothing ran yet", "No forecast was made"):
        assert said in page
    assert "nothing runs by itself" in page
    assert "sgnn schedules deploy" in render_dashboard(DashboardContent(content.made, schedules=()))


def test_markdown_has_the_same_tables_and_no_cell_breaks_one(content: DashboardContent) -> None:
    text = dashboard_markdown(content)
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 6
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1
    assert "bucket \\| is gone" in text


def test_its_json_is_plain(content: DashboardContent) -> None:
    document = json.loads(json.dumps(content.to_json(), allow_nan=False))
    assert document["made"] == "2026-11-28T12:00:00+00:00"
    assert document["live"][-1]["band"]["coverage_low"] == Band().coverage_low
    assert document["models"][0]["figures"][0]["baseline"] == "last_value"


def test_a_page_that_cannot_be_written_is_told_in_one_line(content: DashboardContent, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        write_dashboard(content, tmp_path / "taken" / "dashboard.html")
