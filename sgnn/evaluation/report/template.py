"""The template of all pages: a head, cards, sections; styles and figures inside, no request to anywhere, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sgnn.evaluation.report.blocks import Card, Section

_TEMPLATE, _STYLES = "report.html.j2", "report.css"


@dataclass(frozen=True)
class Head:
    """What stands at the top of a page, and in the title of its window."""

    window: str
    over: str
    title: str
    badge: str = ""
    lead: str = ""


def rendered(head: Head, sections: Sequence[Section], cards: Sequence[Card]) -> str:
    """The page as HTML text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_resource(_TEMPLATE))
    return template.render(head=head, sections=sections, cards=cards, styles=Markup(_resource(_STYLES)))


def _resource(name: str) -> str:
    return files("sgnn.evaluation.report").joinpath(name).read_text(encoding="utf-8")
