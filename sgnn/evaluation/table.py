"""Benchmark tables: one description, shown on a terminal, in Markdown or in HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

Document = Mapping[str, Any]
Breakdown = Literal["horizon", "series", "origin"]
"""Along what scores are broken down."""

LABELS = {
    "model": "this model",
    "last_value": "last value",
    "damped_drift": "damped drift",
    "auto_ets": "AutoETS",
    "auto_arima": "AutoARIMA",
    "theta": "Theta",
    "deaths_only": "from the target alone",
    "four_weeks": "four weeks ahead",
    "four_weeks_deaths_only": "four weeks ahead, target alone",
    "mle": "maximum likelihood",
    "mle_told": "maximum likelihood told",
    "model_told": "this model told",
    "recalibrated_width": "widths recalibrated online",
    "recalibrated_adaptive": "adaptive conformal, online",
    "r0": "R0",
    "head": "the network's own answer",
    "untrained": "an untrained network",
    "abc_summaries": "ABC by summaries",
    "exact": "exact posterior",
    "jordan": "Jordan centre",
    "netsleuth": "NetSleuth",
    "dmp": "dynamic message passing",
    "dmp_told": "dynamic message passing told",
    "soft_margin": "soft margin",
    "earliest": "earliest observed",
}


def label(name: str) -> str:
    """A method's or variant's name in words."""
    return LABELS.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Table:
    """A table of text; ``best`` marks the best cell (row, column), ``apart`` rows that are not measured here.

    ``below`` are remarks to be read with it.
    """

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[int] = frozenset()
    below: tuple[str, ...] = ()

    def to_markdown(self, numeric: Sequence[bool] = ()) -> str:
        """As Markdown: names to the left, figures to the right, the best in bold.

        ``numeric`` says which columns hold figures; without, all but the first.
        """
        right = tuple(numeric) or (False, *[True] * (len(self.heading) - 1))
        lines = [self.heading, tuple("---:" if one else "---" for one in right)]
        for number, row in enumerate(self.rows):
            cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
            lines.append(tuple(f"**{cell}**" if (number, at) in self.best else cell for at, cell in enumerate(cells)))
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return "\n\n".join([table, *(f"*{line}*" for line in self.below)])

    def to_html(self) -> str:
        """As an HTML table."""
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in self.heading)
        body = []
        for number, row in enumerate(self.rows):
            cells = [f'<th scope="row">{escape(row[0])}</th>']
            for at, cell in enumerate(row[1:], 1):
                best = ' class="best"' if (number, at) in self.best else ""
                cells.append(f"<td{best}>{escape(cell)}</td>")
            body.append(
                f"<tr{' class=' + chr(34) + 'apart' + chr(34) if number in self.apart else ''}>{''.join(cells)}</tr>"
            )
        below = "".join(f"<p>{escape(line)}</p>" for line in self.below)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{below}"

    def to_rich(self, title: str = "") -> Any:
        """As a rich table for the terminal."""
        from rich.markup import escape as escape_markup
        from rich.table import Table as Rich

        table = Rich(title=title or None, title_justify="left", caption_justify="left")
        table.caption = "\n".join(escape_markup(line) for line in self.below) or None
        for at, name in enumerate(self.heading):
            table.add_column(name, justify="left" if at == 0 else "right")
        for number, row in enumerate(self.rows):
            plain = [escape_markup(cell) for cell in row]
            cells = [f"[bold]{cell}[/]" if (number, at) in self.best else cell for at, cell in enumerate(plain)]
            table.add_row(*cells, style="dim" if number in self.apart else None)
        return table


def score_table(document: Document) -> Table:
    """Methods by score: relative MAE and WIS with 90 % intervals, skill, WIS, coverage; published figures apart."""
    intervals = document["intervals"]["methods"]
    methods = {"model": document["scores"], **document["baselines"]}
    rows = [
        (
            label(name),
            with_interval(scores["relative_mae"], intervals.get(name, {}).get("relative_mae")),
            with_interval(scores["relative_wis"], intervals.get(name, {}).get("relative_wis")),
            figure(scores["skill"], 1),
            figure(scores["wis"], 2),
            *(percent(scores["coverage"].get(level)) for level in ("50", "80", "90", "95")),
        )
        for name, scores in methods.items()
    ]
    best = {
        (least([scores[score] for scores in methods.values()]), column)
        for column, score in ((1, "relative_mae"), (2, "relative_wis"), (4, "wis"))
    }
    published = [
        (f"{one['method']} (published)", figure(one["relative_mae"]), *[""] * 7) for one in document["published"]
    ]
    heading = ("method", "relative MAE [90 %]", "relative WIS [90 %]", "skill %", "WIS", "cov. 50", "80", "90", "95")
    apart = frozenset(range(len(rows), len(rows) + len(published)))
    cautions = tuple(f"{one['method']}: {one['caution']}" for one in document["published"] if one["caution"])
    return Table(heading, (*rows, *published), frozenset(best), apart, cautions)


def variant_table(document: Document) -> Table:
    """The model's scores under each variant of the protocol."""
    variants = {"as stated": document, **document["variants"]}
    rows = []
    for name, one in variants.items():
        interval = one["intervals"]["methods"]["model"]
        scores = one["scores"]
        rows.append(
            (
                label(name),
                with_interval(scores["relative_mae"], interval["relative_mae"]),
                with_interval(scores["relative_wis"], interval["relative_wis"]),
                percent(scores["coverage"].get("90")),
                figure(one["baselines"]["last_value"]["mae"], 2),
                f"{scores['forecasts']:,}",
            )
        )
    return Table(
        ("variant", "relative MAE [90 %]", "relative WIS [90 %]", "cov. 90", "last value MAE", "forecasts"), tuple(rows)
    )


def group_table(document: Document) -> Table:
    """The model's scores by group (mechanism)."""
    rows = [
        (
            name,
            str(len(group["series"])),
            figure(group["scores"]["relative_mae"]),
            figure(group["scores"]["relative_wis"]),
            percent(group["scores"]["coverage"].get("50")),
            percent(group["scores"]["coverage"].get("90")),
        )
        for name, group in document["groups"].items()
    ]
    return Table(("mechanism", "series", "relative MAE", "relative WIS", "cov. 50", "90"), tuple(rows))


def calibration_table(document: Document) -> Table:
    """How far the model's quantiles are from the shares that they promise, over all steps ahead and at each."""
    told = document["calibration"]
    lines = [("all", told), *((str(one["horizon"]), one) for one in told["by_horizon"])]
    rows = [
        (
            name,
            percent(one["largest_gap"]),
            percent(one["mean_gap"]),
            percent(one["expected_coverage_gap"]),
            str(one["answers"]),
        )
        for name, one in lines
        if "largest_gap" in one
    ]
    return Table(("steps ahead", "largest gap %", "mean gap %", "expected coverage gap %", "forecasts"), tuple(rows))


def breakdown_table(document: Document, by: Breakdown) -> Table:
    """The model's scores by steps ahead, by series, or by origin (its date where known)."""
    keys = {"horizon": ("horizon",), "series": ("series",), "origin": ("date", "origin")}[by]
    names = {"horizon": "steps ahead", "series": "series", "origin": "forecast from"}
    rows = [
        (
            str(next(row[key] for key in keys if row.get(key))),
            figure(row["mae"], 2),
            figure(row["relative_mae"]),
            figure(row["relative_wis"]),
            *(percent(row["coverage"].get(level)) for level in ("50", "80", "90", "95")),
        )
        for row in document[f"by_{by}"]
    ]
    return Table((names[by], "MAE", "relative MAE", "relative WIS", "cov. 50", "80", "90", "95"), tuple(rows))


def difference_table(document: Document) -> Table:
    """The model's relative MAE less that of each baseline, with what is not resolvable said so."""
    rows = []
    for name, one in document["intervals"]["differences"].items():
        own, its = document["scores"]["relative_mae"], document["baselines"][name]["relative_mae"]
        difference = None if own is None or its is None else own - its
        interval = one["relative_mae"]
        rows.append((label(name), with_interval(difference, interval), _verdict(difference, interval)))
    return Table(("model less", "difference in relative MAE [90 %]", "verdict"), tuple(rows))


def _verdict(difference: float | None, interval: Sequence[float] | None) -> str:
    from sgnn.evaluation.bootstrap import NOT_RESOLVABLE

    if difference is None or interval is None or abs(difference) < NOT_RESOLVABLE or interval[0] < 0 < interval[1]:
        return "not resolvable"
    return "model better" if difference < 0 else "model worse"


def least(values: Sequence[float | None]) -> int:
    """Index of the smallest value; one that is missing is never it."""
    return min(range(len(values)), key=lambda at: float("inf") if (value := values[at]) is None else value)


def with_interval(value: float | None, interval: Sequence[float] | None, digits: int = 3) -> str:
    """A figure with its interval in brackets, where it has one that is not a point."""
    if value is None:
        return "–"
    inside = max(digits - 1, 1)
    return f"{value:.{digits}f}" + (
        f" [{interval[0]:.{inside}f}, {interval[1]:.{inside}f}]" if interval and interval[0] != interval[1] else ""
    )


def figure(value: float | None, digits: int = 3) -> str:
    """A figure with that many decimals, a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    """A share in percent, a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f}"
