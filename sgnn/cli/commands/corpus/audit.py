"""`sgnn corpus audit`: can the draws of a corpus be trusted to be what its recipe says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, note, one_object, progress, result_console, show, show_table

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit


def audit(
    corpus: CorpusName,
    quick: Annotated[bool, typer.Option("--quick", help="look at a few blocks only, spread over the corpus")] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="PATH", help="write pictures: a page for FILE.html, PNG files for a folder"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check draws against the recipe: prior, losses, duplicates, streams, outputs, counts; status 1 on a finding."""
    from sgnn.corpus.audit import audit as audit_corpus
    from sgnn.corpus.audit.run import QUICK_BLOCKS
    from sgnn.corpus.reader import open_corpus
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        blocks = min(len(opened.blocks), QUICK_BLOCKS) if quick else len(opened.blocks)
        with progress("auditing", blocks) as advance:
            found = audit_corpus(opened, quick=quick, on_block=lambda _: advance())
        if report is not None:
            from sgnn.evaluation.report.audit_section import write_audit

            write_audit(found, report)
        if as_json:
            answer.append({**found.to_json(), "report": None if report is None else str(report)})
        else:
            show_audit(found)
            if report is not None:
                note(f"pictures are in {report}")
    if not found.sound:
        raise typer.Exit(1)


def show_audit(found: Audit) -> None:
    """Findings first, each with what to do; then a row for each check, and the mechanisms."""
    number = len(found.findings)
    verdict = "no finding" if not number else f"{number} finding{'s' if number > 1 else ''}"
    show(f"{found.name} version {found.version}: {found.draws:,} draws in {found.blocks:,} blocks, {verdict}")
    if found.findings:
        _show_findings(found)
    rows = [(one.name, one.outcome.seen, one.outcome.worst, _verdict(len(one.findings))) for one in found.sections]
    show_table(("check", "looked at", "most noticeable", "verdict"), rows)
    mechanisms = list(_mechanisms(found))
    if len(mechanisms) > 1:
        counts = ("draws", "expected", "failed", "quarantined", "lost")
        show_table(("mechanism", *counts), mechanisms, figures=counts)
    for line in _notes(found):
        note(line)


def _show_findings(found: Audit) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1), pad_edge=True)
    for number, finding in enumerate(found.findings, 1):
        chance = "" if finding.p_value is None else f" (in a sound corpus {_chance(finding.p_value)})"
        text = Text(f"{finding.check}: {finding.about}", style="bold")
        text.append(f"\n{finding.message}{chance}", style="not bold")
        text.append(f"\n-> {finding.remedy}", style="not bold dim")
        grid.add_row("")
        grid.add_row(f"{number}.", text)
    result_console().print(grid)


def _mechanisms(found: Audit) -> Iterator[tuple[object, ...]]:
    for row in found.section("mechanisms").outcome.figures["mechanisms"]:
        lost = row["failed"] + row["quarantined"]
        expected = None if row["expected"] is None else round(row["expected"])
        share = f"{lost / row['draws']:.2%}" if row["draws"] else "-"
        yield row["mechanism"], row["draws"], expected, row["failed"], row["quarantined"], share


def _notes(found: Audit) -> Iterator[str]:
    if found.blocks_seen < found.blocks:
        yield f"quick: {found.blocks_seen} of {found.blocks:,} blocks were looked at; without --quick all of them"
    for section in found.sections:
        yield from section.outcome.notes


def _verdict(findings: int) -> str:
    return "ok" if not findings else f"{findings} finding{'s' if findings > 1 else ''}"


def _chance(p_value: float) -> str:
    return "less than once in a billion" if p_value < 1e-9 else f"once in {1 / p_value:,.0f}"
