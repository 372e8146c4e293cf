"""Pictures of a corpus: which parameters they show, on which axis, and corpora that are no series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sgnn.evaluation.report import ReportContent
from sgnn.evaluation.report.corpus_figures import mechanism_counts, short, spread_over_magnitudes, varied
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.sample import CorpusSample, sample_corpus
from sgnn.evaluation.report.sections import corpus_section, duration


@pytest.fixture(scope="module")
def sample(content: ReportContent) -> CorpusSample:
    return sample_corpus(content.corpus, content.recipe.model.settings)


def test_the_sample_counts_all_draws_and_shows_the_target(sample: CorpusSample) -> None:
    assert sample.variable == "deaths"
    assert len(sample.mechanism) == len(sample.statuses) == 160
    assert sample.series is not None
    assert len(sample.series) == len(sample.theta) == len(sample.kinds) <= 128


def test_a_logarithmic_axis_is_for_what_was_drawn_over_magnitudes() -> None:
    chance = np.random.default_rng(0)
    assert spread_over_magnitudes(10 ** chance.uniform(-3, 2, 500))
    assert not spread_over_magnitudes(chance.uniform(0, 1, 500))
    assert not spread_over_magnitudes(chance.normal(0, 1, 500))
    assert not spread_over_magnitudes(10 ** chance.uniform(0, 0.5, 500))


def test_switches_and_fixed_parameters_are_not_drawn() -> None:
    theta = np.array([[0.0, 1.0, 0.2, np.nan], [1.0, 1.0, 0.3, np.nan], [1.0, 1.0, 0.4, np.nan]])
    assert varied(theta) == [2]


def test_mechanisms_of_the_same_last_name_keep_their_own_bars() -> None:
    drawn = mechanism_counts(np.array([0, 0, 0, 1]), np.array([0, 0, 2, 0]), ("one.walk", "two.walk"))
    axis = drawn.axes[0]
    assert [bar.get_width() for bar in axis.patches] == [3, 1]
    assert [text.get_text() for text in axis.texts] == [" 3, 1 not used", " 1"]
    assert short("two.random_walk") == "random walk"


def test_inner_names_of_two_figures_do_not_meet() -> None:
    one, two = (mechanism_counts(np.array([0]), np.array([0]), ("a",)) for _ in range(2))
    names = [set(picture(drawn, name, "words").svg.split('id="')[1:]) for drawn, name in ((one, "x"), (two, "y"))]
    assert all(name.startswith("x-") for name in names[0])
    assert not names[0] & names[1]


def test_a_corpus_of_tables_or_graphs_says_so(sample: CorpusSample) -> None:
    section = corpus_section(replace(sample, series=None, variable=""), [])
    assert any("tables or graphs" in getattr(part, "text", "") for part in section.parts)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (4.24, "4.2 s"), (150, "2.5 min"), (9000, "2.5 h"), (0, "0.0 s")]
)
def test_durations_have_a_useful_unit(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
