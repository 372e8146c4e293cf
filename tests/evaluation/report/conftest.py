"""A report of a small real corpus, with made-up training, forecasts, gates and stages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.evaluation.benchmark import Benchmark, Forecasts, Published
from sgnn.evaluation.report import GateLine, ReportContent, Stage, render_report
from sgnn.learning.forecast.levels import LEVELS
from sgnn.settings import load_settings

ORIGINS, HORIZON, WEEKS = tuple(range(20, 60, 3)), 4, 68


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """The tiny version of `covid`."""
    return load_recipe("covid").tiny()


@pytest.fixture(scope="session")
def corpus(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """160 draws in blocks of 32."""
    settings = load_settings(home=tmp_path_factory.mktemp("report"))
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    return open_corpus(recipe.corpus.name, settings)


@pytest.fixture(scope="session")
def forecasts(waves: np.ndarray) -> Forecasts:
    """A model that knows most of what comes, beside the last value, on six dated series."""
    truth = np.stack([waves[:, at + 1 : at + 1 + HORIZON] for at in ORIGINS], axis=1)
    last = np.stack([np.repeat(waves[:, at, None], HORIZON, axis=1) for at in ORIGINS], axis=1)
    spread = 1 + 0.15 * norm.ppf(LEVELS)
    chance = np.random.default_rng(3).normal(1, 0.15, truth.shape)
    return Forecasts(
        methods={"model": (truth * chance)[..., None] * spread, "last_value": last[..., None] * spread},
        truth=truth,
        levels=np.array(LEVELS),
        series=tuple("abcdef"),
        origins=ORIGINS,
        values=waves,
        dates=tuple(f"{day:%Y-%m-%d}" for day in pd.date_range("2020-08-01", periods=WEEKS, freq="7D")),
    )


@pytest.fixture(scope="session")
def content(recipe: Recipe, corpus: Corpus, forecasts: Forecasts) -> ReportContent:
    """Everything a report can hold."""
    looks = [
        {
            "windows": 512_000 * at,
            "seconds": 30.0 * at,
            "training_loss": 0.13 / at,
            "held_out_loss": 0.18 / at,
            "windows_per_second": 17_000.0,
            "data_wait": 0.012,
        }
        for at in range(1, 6)
    ]
    spent = {"steps": 2500, "windows": 2_560_000, "seconds": 150.0, "windows_per_second": 17_066.7, "data_wait": 0.012}
    return ReportContent(
        recipe=recipe,
        model="covid/7",
        alias="candidate",
        corpus=corpus,
        training={**spent, "held_out_loss": 0.036, "parameters": 208_824, "curve": looks},
        benchmarks={
            "waves-4w": Benchmark(
                "waves-4w",
                "covid/7",
                forecasts,
                variants={"deaths_only": forecasts},
                published=(Published("somebody", 0.7, "a paper", "other weeks"),),
                data={"waves.csv": "9f2c" * 16},
                notes=("made up",),
            )
        },
        missing={"synthetic": "it was not asked for"},
        gates=[GateLine("good", "<= 0.65", "0.612", True), GateLine("honest", "within 0.86 to 0.94", "0.831", False)],
        stages=[
            Stage("corpus", "160 draws", 4.2, "a11ce", "0b0e"),
            Stage("pretrain", "<b>2,500 steps</b> & more", 150.0, "b0b"),
        ],
        provenance=[("recipe digest", "8dac2601a602d4ff")],
        environment=[("python", "3.11.7")],
        command="sgnn run covid --tiny",
    )


@pytest.fixture(scope="session")
def page(content: ReportContent) -> str:
    """The rendered page."""
    return render_report(content)
