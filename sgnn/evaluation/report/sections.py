"""What the page says of the run, the corpus, the training, the gates, and where it all comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import yaml
from markupsafe import Markup, escape

from sgnn.corpus.audit import Audit
from sgnn.evaluation.outcome import Outcome
from sgnn.evaluation.report.audit_section import audit_parts
from sgnn.evaluation.report.blocks import Fold, Part, Rows, Section, Words
from sgnn.evaluation.report.content import ReportContent
from sgnn.evaluation.report.corpus_figures import (
    draws_by_mechanism,
    mechanism_counts,
    predictive_envelope,
    prior_marginals,
    varied,
)
from sgnn.evaluation.report.inline_svg import bars, picture
from sgnn.evaluation.report.prior_check import prior_check
from sgnn.evaluation.report.sample import CorpusSample
from sgnn.evaluation.report.training_figures import learning_curves
from sgnn.evaluation.table import Table
from sgnn.simulation.schema import ParameterInfo

_MARGINALS_SHOWN = 18
REFUSED = "refused"


def run_section(content: ReportContent) -> Section:
    """The command, the stages and how long they took, and what did not run."""
    parts: list[Part] = []
    if content.command:
        parts.append(Words(content.command, "code"))
    if content.stages:
        rows = [
            (stage.name, stage.outcome, duration(stage.seconds), stage.run[:8] or "–", stage.flow_run[:8] or "–")
            for stage in content.stages
        ]
        total = sum(stage.seconds or 0.0 for stage in content.stages)
        rows.append(("together", "", duration(total), "", ""))
        heading = ("stage", "outcome", "took", "MLflow run", "Prefect run")
        kept = [at for at in range(5) if at < 4 or any(stage.flow_run for stage in content.stages)]
        shown = tuple(tuple(row[at] for at in kept) for row in rows)
        table = Table(tuple(heading[at] for at in kept), shown, apart=frozenset({len(rows) - 1}))
        parts.append(Rows(table, "Stages, in the order they ran"))
    else:
        parts.append(Words("No stage told what it did: this page was made from what was there already.", "aside"))
    parts += [Words(f"{protocol} did not run: {why}", "aside") for protocol, why in content.missing.items()]
    recipe = content.recipe.model_dump(mode="json", exclude_defaults=True)
    written = yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    parts.append(Fold("The recipe in full", (Words(written, "text"),)))
    return Section("run", "What ran", parts)


def corpus_section(sample: CorpusSample, benchmarks: Iterable[Outcome], audit: Audit | None = None) -> Section:
    """Counts, audit, example draws, prior, and the real series over what is simulated."""
    status, schema = sample.status, sample.schema
    parts: list[Part] = [
        Words(
            f"{status.asked:,} draws were asked for: {status.ok:,} are ok, {status.failed:,} failed, "
            f"{status.quarantined:,} are quarantined. Each has one of {len(schema.mechanisms)} mechanisms and its "
            f"share of {len(schema.parameters)} parameters from the recipe's prior; it was simulated, then observed "
            "with noise."
        ),
        picture(
            mechanism_counts(sample.mechanism, sample.statuses, schema.mechanisms),
            "counts",
            f"Bar chart: number of draws by mechanism, {len(schema.mechanisms)} mechanisms.",
            "Draws by mechanism.",
        ),
    ]
    if audit is not None:
        parts += audit_parts(audit)
    parts += _example_draws(sample)
    parts += _prior(sample)
    parts += _prior_check(sample, benchmarks)
    return Section("corpus", "The corpus", parts)


def training_section(content: ReportContent) -> Section:
    """What was spent, and the learning curve."""
    told = content.training
    if not told.get("windows"):
        return Section("training", "Training", [Words("No network was trained in this run.", "aside")])
    said = (
        f"{told['steps']:,} steps and {told['windows']:,} windows in {duration(told['seconds'])}: "
        f"{told['windows_per_second']:,.0f} windows a second, {100 * told['data_wait']:.1f} % of the time waiting for "
        f"data; {told['parameters']:,} weights. Every choice was made by the loss on held-out simulated draws"
    )
    loss = told.get("held_out_loss")
    said += f", at best {loss:.4f}." if loss is not None and math.isfinite(loss) else "."
    parts: list[Part] = [Words(said)]
    curve = told.get("curve") or []
    if len(curve) > 1:
        words = f"Line charts: losses fall over {len(curve)} looks; windows a second and share of waiting over time."
        caption = (
            "Left: the loss by what was seen, of batches trained on and of draws held out. Right: the stream's speed."
        )
        parts.append(picture(learning_curves(curve), "training", words, caption))
    else:
        parts.append(Words("Training was too short for a curve: fewer than two looks at held-out draws.", "aside"))
    return Section("training", "Training", parts)


def gates_section(content: ReportContent) -> Section:
    """What the recipe's gates asked, saw, and decided."""
    if not content.gates:
        words = "The recipe has no gates, so no version of it becomes champion by itself."
        return Section("gates", "Gates", [Words(words, "aside")])
    rows = tuple((gate.name, gate.asked, gate.seen, "passed" if gate.passed else REFUSED) for gate in content.gates)
    refused = sum(not gate.passed for gate in content.gates)
    said = f"{refused} of {len(rows)} gates refused." if refused else f"All {len(rows)} gates passed."
    said += f" The version is the {content.alias} now." if content.alias else " The version has no alias now."
    table = Rows(Table(("gate", "asked", "seen", "verdict"), rows), "Gates of the recipe", frozenset({REFUSED}))
    return Section("gates", "Gates", [Words(said), table])


def provenance_section(content: ReportContent, benchmarks: Sequence[Outcome]) -> Section:
    """Digests, versions, environment, data, and how to make it again."""
    parts: list[Part] = []
    for lines, heading, caption in (
        (content.provenance, ("what", "which"), "Digests and versions"),
        (content.environment, ("what", "which"), "Environment"),
        (
            [(name, digest) for one in benchmarks for name, digest in one.data.items()],
            ("data", "digest"),
            "Data that were scored on, with their sha256 or content digest",
        ),
    ):
        if lines:
            parts.append(Rows(Table(heading, tuple(dict.fromkeys(lines))), caption))
    if not parts:
        parts.append(Words("Nothing is recorded of where this comes from.", "aside"))
    if content.command:
        parts += [Words("The same corpus, and a model like this one, again:"), Words(content.command, "code")]
    return Section("provenance", "Provenance", parts)


def duration(seconds: float | None) -> str:
    """Seconds in words of a useful size."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _example_draws(sample: CorpusSample) -> list[Part]:
    if sample.series is None:
        return [Words("The corpus holds no single series to draw; its draws are tables or graphs.", "aside")]
    label = f"time; {sample.variable}" + (f" ({sample.unit})" if sample.unit else "") + ", relative to their own peak"
    drawn = draws_by_mechanism(sample.series, sample.kinds, sample.schema.mechanisms, label)
    words = f"Small line charts: up to three draws of {sample.variable} for each mechanism."
    caption = f"The first draws of each mechanism with 50 {sample.variable} and more in all, as observed."
    return [picture(drawn, "draws", words, caption)]


def _prior(sample: CorpusSample) -> list[Part]:
    shown, parameters = varied(sample.theta), sample.schema.parameters
    if not shown:
        return [Words("No parameter varies.", "aside")]
    first = shown[:_MARGINALS_SHOWN]
    words = f"Histograms of {len(first)} parameters as drawn from the prior."
    caption = (
        f"{len(first)} of {len(shown)} parameters that vary, as drawn; those over magnitudes on a logarithmic axis."
    )
    table = Table(
        ("parameter", "unit", "as drawn", "5 %", "median", "95 %", "what it is"),
        tuple(_parameter_row(parameters[at], sample.theta[:, at]) for at in shown),
    )
    return [
        picture(prior_marginals(sample.theta, parameters, first), "prior", words, caption),
        Fold(f"All {len(shown)} parameters, with what they mean", (Rows(table, "Parameters that vary"),)),
    ]


def _parameter_row(parameter: ParameterInfo, drawn: np.ndarray) -> tuple[str, ...]:
    values = drawn[np.isfinite(drawn)]
    low, middle, high = (f"{value:.3g}" for value in np.quantile(values, [0.05, 0.5, 0.95]))
    name = escape(parameter.name).replace("_", Markup("_<wbr>")).replace(".", Markup(".<wbr>"))
    return name, parameter.unit or "–", bars(values), low, middle, high, parameter.description or "–"


def _prior_check(sample: CorpusSample, benchmarks: Iterable[Outcome]) -> list[Part]:
    real = next((one for one in benchmarks if one.real is not None), None)
    if real is None or real.real is None:
        words = "No real series were there to lay over the simulated ones: no benchmark on real data ran."
        return [Words(words, "aside")]
    check = None if sample.series is None else prior_check(sample.series, real.real)
    if check is None:
        return [Words("Too few counts, simulated or real, to lay one over the other.", "aside")]
    words = (
        "Real series over the band of simulated ones about their peaks; histograms of growth and of scatter of both."
    )
    caption = (
        f"Prior predictive check on {real.protocol}. Left: {len(check.real)} real series (thin) over the median and "
        f"the 50 and 90 % bands of simulated ones (blue), all set to their highest value; {100 * check.inside:.0f} % "
        "of the real values lie within the 90 % band. Where they leave it, the network has to extrapolate."
    )
    return [picture(predictive_envelope(check), "envelope", words, caption)]
