"""What `sgnn explain` found, as tables on the terminal and as a folder of files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgnn.cli.output import show, show_table
from sgnn.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sgnn.attribution.explain import Explanation
    from sgnn.attribution.index import Index
    from sgnn.corpus.reader import Corpus
    from sgnn.learning.model import Model

_NEAREST = 5
_PARAMETERS = 12
_DOCUMENT = "explanation.json"


def require_own_folder(output: Path | None) -> None:
    """Raises `DataError` where something stands that is no folder of an explanation, which would be lost."""
    if output is not None and output.exists() and not (output / _DOCUMENT).is_file():
        raise DataError(f"{output} exists and is no folder of an explanation", remedy="name another folder")


def show_explanation(one: Mapping[str, Any], seen: Collection[str]) -> None:
    """What was found of one query as tables; of numbers that were ``seen`` neighbours have nothing to tell."""
    show(f"\n{one['series']}: typicality {one['typicality']:.3g}" + (f"; {one['message']}" if one["message"] else ""))
    odd = {name: p for name, p in one["checks"].items() if p is not None and p < 0.05}
    if odd:
        show("unlike the simulated: " + ", ".join(f"{name} (p = {p:.2g})" for name, p in odd.items()))
    likely = [(name, p) for name, p in one["mechanisms"].items() if p >= 0.01]
    show("mechanism: " + ", ".join(f"{name} {p:.0%}" for name, p in likely))
    show(f"the neighbours amount to {one['effective_neighbours']:.0f} of equal weight")
    hidden = [p for p in one["parameters"] if p["parameter"] not in seen]
    common = [p for p in hidden if p["presence"] >= 0.5 and p["spread"] is not None]
    common.sort(key=lambda p: float(p["spread"]))
    rows = [
        (p["parameter"], p["unit"], *(p["quantiles"][level] for level in ("0.5", "0.05", "0.95")), p["spread"])
        for p in common[:_PARAMETERS]
    ]
    figures = ("median", "5 %", "95 %", "spread / prior's")
    show_table(("parameter", "unit", *figures), rows, figures=figures)
    if len(common) > _PARAMETERS:
        show(f"{len(common) - _PARAMETERS} more parameters, about which the neighbours say less: see -o or --json\n")
    nearest = [
        (str(near["draw"]), near["mechanism"], near["distance"], near["weight"])
        for near in one["neighbours"][:_NEAREST]
    ]
    show_table(("nearest draw", "mechanism", "distance", "weight"), nearest, figures=("distance", "weight"))


def write_explanation(
    output: Path,
    document: Mapping[str, Any],
    found: Explanation,
    names: Sequence[str],
    shown: Mapping[str, NDArray[Any]],
    model: Model,
    corpus: Corpus,
    index: Index,
) -> None:
    """All of it in a folder, whole or not at all."""
    from sgnn.attribution.document import neighbour_table, path_table
    from sgnn.attribution.pictures import clouds_figure
    from sgnn.evaluation.figures.style import png
    from sgnn.files import whole

    output.parent.mkdir(parents=True, exist_ok=True)
    with whole(output) as draft:
        draft.mkdir()
        (draft / _DOCUMENT).write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")
        neighbour_table(found, names).to_csv(draft / "neighbours.csv", index=False)
        path_table(found, names, corpus).to_parquet(draft / "paths.parquet", index=False)
        for row, name in enumerate(names):
            stem = f"{row + 1:03d}-{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}"
            beside = _beside_neighbours(found, row, name, shown, model, corpus)
            clouds = clouds_figure(found, row, name, index)
            for what, drawn in (("neighbours", beside), ("parameters", clouds)):
                if drawn is not None:
                    png(drawn, draft / f"{stem}-{what}.png")


def _beside_neighbours(
    found: Explanation, row: int, name: str, shown: Mapping[str, NDArray[Any]], model: Model, corpus: Corpus
) -> Figure | None:
    """The query with its nearest draws: series over each other, graphs side by side; None for what is neither."""
    from sgnn.attribution.drawn import at
    from sgnn.attribution.pictures import neighbours_figure, portraits_of_neighbours

    series = model.task.series(model.schema)
    if series:
        paths = at(corpus, found.draws[row].tolist(), series[:1])[series[0]]
        return neighbours_figure(found, row, name, shown[series[0]][row], paths)
    own = model.task.portrait(shown, row)
    return None if own is None else portraits_of_neighbours(found, row, name, own, model.task, corpus)
