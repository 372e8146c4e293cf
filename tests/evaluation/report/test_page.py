"""The page: offline, well formed, accessible, true to its content, and frank about what is missing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sgnn.errors import DataError
from sgnn.evaluation.figures import style
from sgnn.evaluation.figures.estimates import confusion
from sgnn.evaluation.report import ReportContent, render_report, write_report
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.page import leading

_VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}


class Elements(HTMLParser):
    """All elements with their attributes, and a check that they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def elements(page: str) -> Elements:
    return Elements(page)


@pytest.fixture(scope="module")
def text(elements: Elements) -> str:
    return " ".join(" ".join(elements.text).split())


def test_the_page_asks_for_nothing_from_anywhere(page: str, elements: Elements) -> None:
    places = [
        value or ""
        for _, attributes in elements.found
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster")
    ]
    assert places
    assert all(place.startswith("#") for place in places)
    assert set(re.findall(r"url\((.)", page)) == {"#"}
    assert "@import" not in page
    assert not elements.named("script") + elements.named("link") + elements.named("iframe")
    assert "default-src 'none'" in str(elements.named("meta"))


def test_elements_are_closed_and_names_are_unique_and_found(page: str, elements: Elements) -> None:
    assert elements.open == []
    names = Counter(attributes["id"] for _, attributes in elements.found if "id" in attributes)
    assert [name for name, times in names.items() if times > 1] == []
    wanted = {value[1:] for _, a in elements.found for name, value in a.items() if name.endswith("href") and value}
    wanted |= set(re.findall(r"url\(#([^)]*)\)", page))
    assert wanted <= set(names)


def test_figures_are_told_and_tables_have_captions_and_headers(elements: Elements) -> None:
    figures = elements.named("figure")
    told = [attributes for attributes in elements.named("div") if attributes.get("role") == "img"]
    drawn = [attributes for attributes in elements.named("svg") if attributes.get("aria-hidden") != "true"]
    assert len(figures) == len(told) == len(drawn) >= 10
    assert all(len(attributes["aria-label"] or "") > 20 for attributes in told)
    tables = elements.named("table")
    assert len(tables) == len(elements.named("caption")) >= 8
    assert all(attributes.get("scope") in ("col", "row") for attributes in elements.named("th"))
    assert [attributes["lang"] for attributes in elements.named("html")] == ["en"]


def test_figures_take_their_colours_from_the_page(page: str) -> None:
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert not re.search("|".join((style.INK, style.MUTED, style.GRID, style.MODEL, "fill: #ffffff")), drawn)
    assert set(re.findall(r"var\((--[\w-]+)\)", drawn)) <= set(re.findall(r"(--[\w-]+):", page))
    assert "prefers-color-scheme: dark" in page


def test_the_page_is_small_enough_to_send(page: str) -> None:
    assert len(page.encode()) < 5e6


def test_what_ran_what_was_scored_and_what_was_decided_is_said(text: str, content: ReportContent) -> None:
    scores = content.benchmarks["waves-4w"].to_json()["scores"]
    for words in (
        "covid/7 candidate",
        "sgnn run covid --tiny",
        "a11ce",
        "0b0e",
        "2.6 min",
        "160 draws were asked for",
        f"{scores['relative_mae']:.3f}",
        f"{100 * scores['coverage']['90']:.1f} %",
        "somebody (published)",
        "synthetic did not run: it was not asked for",
        "1 of 2 gates refused. The version is the candidate now.",
        "Prior predictive check on waves-4w",
        "8dac2601a602d4ff",
        "3.11.7",
        "9f2c" * 16,
        "2,560,000 windows in 2.5 min",
    ):
        assert words in text, words


def test_text_from_outside_is_shown_and_not_run(page: str, text: str) -> None:
    assert "<b>2,500 steps</b> & more" in text
    assert "&lt;b&gt;2,500 steps" in page


@pytest.fixture(scope="module")
def bare(content: ReportContent) -> ReportContent:
    """A report of a corpus alone."""
    nothing: dict[str, Any] = {
        "training": {},
        "benchmarks": {},
        "gates": (),
        "stages": (),
        "provenance": (),
        "environment": (),
    }
    return replace(content, alias="", missing={"covid-68w8h": "2 data files are not there"}, command="", **nothing)


@pytest.fixture(scope="module")
def written(bare: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(bare, tmp_path_factory.mktemp("written") / "new" / "report.html")


def test_what_is_missing_is_said_in_words(written: Path) -> None:
    said = " ".join(" ".join(Elements(written.read_text(encoding="utf-8")).text).split())
    for words in (
        "covid-68w8h did not run: 2 data files are not there",
        "No real series were there to lay over the simulated ones",
        "No network was trained",
        "The recipe has no gates",
        "No stage told what it did",
        "Nothing is recorded of where this comes from",
    ):
        assert words in said, words


def test_the_same_content_gives_the_same_page(bare: ReportContent, written: Path) -> None:
    assert render_report(bare) == written.read_text(encoding="utf-8")


def test_a_report_appears_whole_or_not_at_all(bare: ReportContent, written: Path, tmp_path: Path) -> None:
    assert list(written.parent.iterdir()) == [written]
    (tmp_path / "file").write_text("")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(DataError, match="cannot be written"):
        write_report(bare, tmp_path / "file" / "report.html")
    with pytest.raises(DataError, match="cannot be written"):
        write_report(bare, tmp_path / "report.html")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "report.html"]


def test_the_scores_to_see_first_are_of_real_data_but_for_estimates_whose_truth_nobody_observed() -> None:
    forecasts = [{"kind": "forecasts", "protocol": name} for name in ("simulated", "observed")]
    assert leading(forecasts, [False, True])["protocol"] == "observed"
    estimates = [{"kind": "estimates", "protocol": name} for name in ("simulated", "published")]
    assert leading(estimates, [False, True])["protocol"] == "simulated"


def test_every_share_of_a_heat_map_can_be_read() -> None:
    """White letters would vanish with the white background, which is the page's own."""
    document = {"mechanisms": ["a", "b"], "confusion": {"model": [[9, 1], [2, 8]]}}
    drawn = str(picture(confusion(document), "shares", "words").svg)
    assert drawn.count("#f4f6f8") >= 2
