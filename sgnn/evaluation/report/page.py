"""From a report's content to one HTML file."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sgnn.evaluation.benchmark import Benchmark
from sgnn.evaluation.figures.calibration import calibration
from sgnn.evaluation.figures.fan import fan_charts, largest
from sgnn.evaluation.figures.skill import by_horizon, by_series, over_time
from sgnn.evaluation.figures.style import svg
from sgnn.evaluation.report.content import ReportContent
from sgnn.evaluation.report.corpus_figures import (
    draws_by_mechanism,
    learning_curves,
    mechanism_counts,
    predictive_envelope,
    prior_marginals,
)
from sgnn.evaluation.table import Table, difference_table, group_table, score_table, variant_table

_BLOCKS_SHOWN = 4


def render_report(content: ReportContent) -> str:
    """The page as HTML text: styles and figures inside, no request to anywhere."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(
        files("sgnn.evaluation.report").joinpath("report.html.j2").read_text(encoding="utf-8")
    )
    benchmarks = [_benchmark(one) for one in content.benchmarks.values()]
    return template.render(content=content, corpus=_corpus(content), training=_training(content), benchmarks=benchmarks)


def write_report(content: ReportContent, path: Path) -> Path:
    """Write the page into a file that appears whole or not at all."""
    text = render_report(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    staging.write_text(text, encoding="utf-8")
    os.replace(staging, path)
    return path


def _figure(drawn: Any, words: str) -> dict[str, Any]:
    """A figure and what it shows, for those who cannot see it."""
    return {"svg": Markup(svg(drawn)), "words": words}


def _table(table: Table) -> Markup:
    return Markup(table.to_html())


def _corpus(content: ReportContent) -> dict[str, Any]:
    """Counts and pictures of the first blocks."""
    corpus = content.corpus
    blocks = corpus.blocks[:_BLOCKS_SHOWN]
    series_names = [v.name for v in corpus.schema.variables if v.role == "observable" and len(v.dims) == 1]
    shown = content.recipe.model.settings.get("target", series_names[0] if series_names else "")
    names = ["theta", "mechanism", "status", *([shown] if shown in series_names else [])]
    parts = [corpus.read(block, names) for block in blocks]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in names}
    usable = arrays["status"] == 0
    every = [corpus.read(block, ["mechanism", "status"]) for block in corpus.blocks]
    mechanism, status = (np.concatenate([part[name] for part in every]) for name in ("mechanism", "status"))
    figures = [
        _figure(mechanism_counts(mechanism, status, corpus.schema.mechanisms), "Number of draws by mechanism"),
    ]
    if shown in arrays:
        variable = corpus.schema.variable(shown)
        draws = draws_by_mechanism(
            arrays[shown][usable], arrays["mechanism"][usable], corpus.schema.mechanisms, shown, variable.unit
        )
        figures.append(_figure(draws, f"Example draws of {shown} by mechanism"))
    parameters = corpus.schema.parameters
    marginals = prior_marginals(arrays["theta"], [p.name for p in parameters], [p.unit for p in parameters])
    figures.append(_figure(marginals, "Histograms of the parameters drawn from the prior"))
    real = next((one for one in content.benchmarks.values() if one.forecasts.dates), None)
    if real is not None and shown in arrays:
        envelope = predictive_envelope(arrays[shown][usable], real.forecasts)
        figures.append(_figure(envelope, "Real series over the range of simulated ones, and growth of both"))
    return {
        "status": corpus.status,
        "figures": figures,
        "mechanisms": len(corpus.schema.mechanisms),
        "parameters": len(parameters),
    }


def _training(content: ReportContent) -> dict[str, Any]:
    curve = content.training.get("curve") or []
    return {
        **content.training,
        "figure": _figure(learning_curves(content.training), "Learning curve") if curve else None,
    }


def _benchmark(benchmark: Benchmark) -> dict[str, Any]:
    """Tables and figures of one benchmark."""
    document = benchmark.to_json()
    figures = [
        _figure(by_horizon(document), "Relative error by horizon"),
        _figure(over_time(document), "Error by origin"),
    ]
    if document["by_series"]:
        figures.append(_figure(by_series(document), "Relative error by series"))
    figures.append(_figure(calibration(benchmark.forecasts), "Reliability, PIT histogram and coverage by horizon"))
    fans = None
    if benchmark.forecasts.dates:
        fans = _figure(
            fan_charts(benchmark.forecasts, largest(benchmark.forecasts)),
            "Forecasts with 50, 80 and 95 % bands over what happened",
        )
    return {
        "document": document,
        "scores": _table(score_table(document)),
        "differences": _table(difference_table(document)),
        "variants": _table(variant_table(document)) if document["variants"] else None,
        "groups": _table(group_table(document)) if document["groups"] else None,
        "fans": fans,
        "figures": figures,
    }
