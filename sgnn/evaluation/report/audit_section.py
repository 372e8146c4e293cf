"""What an audit of the corpus says: findings, a row for each check, pictures; and a page of it alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.errors import DataError
from sgnn.evaluation.figures.audit import audit_figures
from sgnn.evaluation.figures.style import png
from sgnn.evaluation.report.blocks import Card, Part, Rows, Section, Words
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.template import Head, rendered
from sgnn.evaluation.table import Table
from sgnn.files import write_whole

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit

_CAPTIONS = {
    "mechanisms": "Draws by mechanism against the recipe's weights; a sound corpus stays within the band.",
    "prior": "The parameters that are least like their prior, as shares of draws by tenth of it. Sound bars stay "
    "within the band but for one in a thousand.",
    "losses": "Where draws are lost: the parameters whose prior bends most when lost draws are dropped.",
    "neighbours": "What draws next to each other have in common, at the distance and shift where it is surest.",
    "outputs": "Values that are missing or zero, by variable.",
}


def audit_parts(found: Audit) -> list[Part]:
    """Findings and checks in words and tables."""
    some = "" if found.blocks_seen == found.blocks else f" of {found.blocks_seen} of {found.blocks} blocks"
    number = len(found.findings)
    verdict = "has no finding" if not number else f"has {number} finding{'s' if number > 1 else ''}"
    alarms = f"a sound corpus has one by chance with a probability of at most {found.to_json()['false_alarms']:.0%}"
    parts: list[Part] = [Words(f"An audit{some} against the recipe {verdict}; {alarms}.")]
    if found.findings:
        rows = tuple((one.check, one.about, one.message, one.remedy) for one in found.findings)
        parts.append(Rows(Table(("check", "about", "what was seen", "what to do"), rows), "Findings"))
    checks = tuple(
        (one.name, one.outcome.seen, one.outcome.worst or "–", _verdict(len(one.findings))) for one in found.sections
    )
    verdicts = frozenset(row[3] for row in checks if row[3] != "ok")
    table = Table(("check", "looked at", "most noticeable", "verdict"), checks)
    return [*parts, Rows(table, "Checks of the corpus", verdicts)]


def render_audit(found: Audit) -> str:
    """The audit as one page that opens offline."""
    drawn = audit_figures(found)
    pictures: list[Part] = [
        picture(one, f"audit-{name}", _CAPTIONS[name], _CAPTIONS[name]) for name, one in drawn.items()
    ]
    notes: list[Part] = [Words(note, "aside") for section in found.sections for note in section.outcome.notes]
    title = f"{found.name} version {found.version}"
    head = Head(title, "Audit of a corpus", title, "", f"{found.draws:,} draws in {found.blocks:,} blocks.")
    cards = [
        Card(f"{len(found.findings)}", "findings"),
        Card(f"{found.blocks_seen:,} of {found.blocks:,}", "blocks looked at"),
        Card(f"{sum(len(one.outcome.tests) for one in found.sections):,}", "tests, judged together"),
    ]
    sections = [
        Section("checks", "Findings and checks", [*audit_parts(found), *notes]),
        Section("pictures", "Pictures", pictures),
    ]
    return rendered(head, sections, cards)


def write_audit(found: Audit, path: Path) -> Path:
    """Write the page where ``path`` ends in .html, else the pictures as PNG files into that folder.

    Raises `DataError` where it cannot be written.
    """
    try:
        if path.suffix == ".html":
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, render_audit(found))
        else:
            path.mkdir(parents=True, exist_ok=True)
            for name, drawn in audit_figures(found).items():
                png(drawn, path / f"{name}.png")
    except OSError as error:
        raise DataError(
            f"the audit's pictures {path} cannot be written: {error.strerror or error}",
            remedy="give a folder, or a file that ends in .html, where there is room",
        ) from error
    return path


def _verdict(findings: int) -> str:
    return "ok" if not findings else f"{findings} finding{'s' if findings > 1 else ''}"
