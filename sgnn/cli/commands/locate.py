"""`sgnn locate`: who began what was seen on somebody's own graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, note, one_object, show, show_table

if TYPE_CHECKING:
    from sgnn.learning.located import Located
    from sgnn.learning.model import Model

SHOWN = 10


def locate(
    model: ModelName,
    graph: Annotated[Path, typer.Argument(help="list of ties: two nodes a line, apart by a comma or white space")],
    observed: Annotated[Path, typer.Argument(help="CSV file: node,state and time; states reached, unknown, over")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write, .csv or .parquet: the posterior of every node")
    ] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="PNG file to draw the graph seen into")] = None,
    level: Annotated[float, typer.Option("--level", min=0.01, max=0.999, help="probability of the credible set")] = 0.9,
    absolute: Annotated[bool, typer.Option("--absolute", help="times count from the start of the cascade")] = False,
    trusted: Annotated[
        bool | None,
        typer.Option(
            "--trusted/--doubtful",
            help="whether no tie is missing and no report false; without: not known",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank who may have begun a cascade, from one look at who has been reached."""
    from sgnn.learning.forecast_table import write_table
    from sgnn.learning.graph_tables import read_sighting, read_ties
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import resolve

    with one_object(as_json) as answer:
        # the tables first: a mistake in them is told before anything slow is imported
        ties = read_ties(graph)
        sighting = read_sighting(observed, ties.names)
        folder = resolve(model, load_settings())
        from sgnn.learning.model import load_model

        loaded = load_model(folder)
        if ties.note:
            note(ties.note)
        found = loaded.task.locate(loaded, ties, sighting, absolute, trusted)
        table = found.table(ties.names, level)
        typicality, message = _typicality(loaded, found)
        if output is not None:
            write_table(table, output)
        if figure is not None:
            _draw(found, ties.names, table, figure)
        if as_json:
            answer.append({"model": str(folder), **_document(found, table, level, typicality, message)})
            return
        rows = [(str(one.rank), one.node, one.probability) for one in table.head(SHOWN).itertuples()]
        show_table(("rank", "node", "probability"), rows, figures=("probability",))
        show(f"{100 * level:g} % credible set: {int(table['in_set'].sum())} of {len(table)} candidates")
        show(_number(found.origins))
        likely = sorted(found.mechanisms.items(), key=lambda one: -one[1])
        show("mechanism: " + ", ".join(f"{name} {p:.0%}" for name, p in likely if p >= 0.05))
        if found.start is not None:
            show("start: {1:.4g}, 90 % between {0:.4g} and {2:.4g}".format(*found.start))
        show(message)


def _number(origins: Any) -> str:
    return "how many began: " + ", ".join(f"{number} {p:.0%}" for number, p in origins.items())


def _typicality(model: Model, found: Located) -> tuple[float | None, str]:
    """The p-value of the sighting among simulated ones, and what it says."""
    from sgnn.learning.judging import judge

    judgement = judge(model, found.shown)
    if judgement is None:
        return None, "typicality: not known, for the model does not tell what taught it"
    value = float(judgement.typicality[0])
    return value, "; ".join(part for part in (f"typicality {value:.3g}", judgement.messages()[0]) if part)


def _document(found: Located, table: Any, level: float, typicality: float | None, message: str) -> dict[str, Any]:
    return {
        "candidates": len(table),
        "level": level,
        "set": table.loc[table["in_set"], "node"].tolist(),
        "posterior": table[["node", "probability"]].to_dict("records"),
        "origins": {str(number): p for number, p in found.origins.items()},
        "mechanisms": dict(found.mechanisms),
        "start": None if found.start is None else list(found.start),
        "typicality": typicality,
        "message": message,
    }


def _draw(found: Located, names: tuple[str, ...], table: Any, path: Path) -> None:
    from sgnn.evaluation.figures.graph import graph_figure
    from sgnn.evaluation.figures.style import png

    inside = set(table.loc[table["in_set"], "node"])
    own = [names[int(node)] for node in found.nodes]
    import numpy as np

    png(graph_figure(found.ties, found.probability, own, np.array([name in inside for name in own])), path)
