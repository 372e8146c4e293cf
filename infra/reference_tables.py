"""Write the tables of settings and of recipe fields into docs/reference, from the types that read them.

Usage: python infra/reference_tables.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from sgnn.corpus import sections
from sgnn.corpus.recipe import Recipe
from sgnn.learning.estimate.targets import Target
from sgnn.learning.estimate.task import EstimateSettings
from sgnn.learning.forecast.task import ForecastSettings
from sgnn.settings import Settings, environment_name

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
SECTIONS: dict[str, type[BaseModel]] = {
    "recipe": Recipe,
    "corpus": sections.CorpusSection,
    "corpus.simulators": sections.SimulatorEntry,
    "corpus.observation": sections.OperatorEntry,
    "corpus.limits": sections.Limits,
    "model": sections.ModelSection,
    "training": sections.TrainingSection,
    "training.corpora": sections.MixedCorpus,
    "gates": sections.Gate,
    "schedule": sections.Schedule,
    "forecast": ForecastSettings,
    "estimate": EstimateSettings,
    "estimate.targets": Target,
}
PLACE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def main() -> None:
    """Rewrite the pages in place."""
    for name in ("settings", "recipe"):
        page = REFERENCE / f"{name}.md"
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


def filled(page: str) -> str:
    """The page with each marked table as the types have it now."""
    tables: dict[str, Callable[[], str]] = {"settings": settings_table}

    def table(match: re.Match[str]) -> str:
        name = match[2]
        text = tables[name]() if name in tables else section_table(SECTIONS[name])
        return f"{match[1]}\n{text}\n\n{match[3]}"

    return PLACE.sub(table, page)


def settings_table() -> str:
    """A row for each setting."""
    rows = ["| variable | key in `sgnn.toml` | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{environment_name(name)}` | `{name}` | {field.description} |")
    return "\n".join(rows)


def section_table(section: type[BaseModel]) -> str:
    """A row for each field of a section of the recipe."""
    rows = ["| field | default | meaning |", "| --- | --- | --- |"]
    for name, field in section.model_fields.items():
        default = "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
        rows.append(f"| `{name}` | {default} | {field.description or 'see its section'} |")
    return "\n".join(rows)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return "empty" if isinstance(value, tuple | dict | str) and not value else f"`{value}`"


if __name__ == "__main__":
    main()
