"""`sgnn explain`: the simulations that look like somebody's data, what they say of it, and one of them made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.output import Json, note, one_object, progress, show, show_table
from sgnn.errors import DataError

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.learning.model import Model
    from sgnn.settings import Settings

NEAREST_SHOWN = 5


def explain(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="name (its champion), name@alias, name/number, or folder of a model"),
    ] = None,
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="CSV file: series,date,value and covariates; or wide")
    ] = None,
    number: Annotated[int, typer.Option("--neighbours", "-k", min=1, help="nearest draws that are asked")] = 50,
    threshold: Annotated[
        float, typer.Option("--threshold", min=0.0, max=1.0, help="typicality below which nothing looks like the data")
    ] = 0.05,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="folder for the object, tables of neighbours, and figures")
    ] = None,
    corpus: Annotated[
        str | None, typer.Option("--corpus", help="corpus to look among; without: the one that taught the model")
    ] = None,
    replay: Annotated[int | None, typer.Option("--replay", metavar="DRAW", help="simulate this draw again")] = None,
    as_json: Json = False,
) -> None:
    """Show the simulations nearest to the series of a table, or make one of them again."""
    if replay is not None:
        _replay(model, data, corpus, replay, as_json)
        return
    if model is None or data is None:
        raise DataError("`sgnn explain` needs a model and a table", remedy="write: sgnn explain MODEL DATA")
    _explain(model, data, number, threshold, output, corpus, as_json)


def _explain(
    ref: str, data: Path, number: int, threshold: float, output: Path | None, corpus_ref: str | None, as_json: bool
) -> None:
    import pandas as pd

    from sgnn.learning.table import read_panel
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        # the table first: a mistake in it is told before anything slow is imported
        panel = read_panel(data)
        if output is not None and output.exists() and not (output / "explanation.json").is_file():
            raise DataError(f"{output} exists and is no folder of an explanation", remedy="name another folder")
        settings = load_settings()
        model, folder = _loaded(ref, settings)
        from sgnn.attribution.document import documents, provenance
        from sgnn.attribution.explain import as_seen, hidden_series
        from sgnn.attribution.explain import explain as explained
        from sgnn.attribution.kept import kept_index

        panel = model.prepared(panel, pd.Timestamp.now().normalize())
        shown, length, cut_note = as_seen(model, model.task.shown(panel))
        for line in (panel.attrs.get("note", ""), cut_note):
            if line:
                note(line)
        hidden = hidden_series(model, shown)
        if hidden:
            note(f"draws are compared without {', '.join(hidden)}, which the table lacks")
        corpus = _corpus(model, corpus_ref, settings)
        if number >= corpus.number:
            raise DataError(
                f"{number} neighbours asked for of {corpus.number} draws", remedy="ask for fewer, or grow the corpus"
            )
        with progress(f"index of {corpus.name}@{corpus.version}", len(corpus.blocks)) as step:
            index = kept_index(model, corpus, length, settings, step, hidden)
        judges = len(index.typicality.reference)
        if 1.0 / (1 + judges) >= threshold > 0.0:
            note(f"typicality is judged by {judges} held-out draws, too few to fall below {threshold:g}")
        found = explained(model, index, shown, number, threshold)
        names = [str(name) for name in panel["series"].to_numpy()]
        document = {"model": str(folder), **provenance(index.about), "threshold": threshold}
        document |= {"neighbours": number, "series": documents(found, names)}
        if output is not None:
            _write(output, document, found, names, shown, corpus, index)
        if as_json:
            answer.append(document)
            return
        for one in document["series"]:
            _show(one)
        if output is not None:
            show(f"{output}: explanation.json, neighbours.csv, paths.parquet and figures of {len(names)} series")


def _show(one: dict[str, Any]) -> None:
    """One series as tables."""
    show(f"\n{one['series']}: typicality {one['typicality']:.3g}" + (f"; {one['message']}" if one["message"] else ""))
    odd = {name: p for name, p in one["checks"].items() if p is not None and p < 0.05}
    if odd:
        show("unlike the simulated: " + ", ".join(f"{name} (p = {p:.2g})" for name, p in odd.items()))
    likely = [(name, p) for name, p in one["mechanisms"].items() if p >= 0.01]
    show("mechanism: " + ", ".join(f"{name} {p:.0%}" for name, p in likely))
    show(f"the neighbours amount to {one['effective_neighbours']:.0f} of equal weight")
    rows = [
        (p["parameter"], p["unit"], p["quantiles"]["0.5"], p["quantiles"]["0.05"], p["quantiles"]["0.95"])
        for p in one["parameters"]
        if p["presence"] >= 0.5
    ]
    show_table(("parameter", "unit", "median", "5 %", "95 %"), rows, figures=("median", "5 %", "95 %"))
    nearest = [
        (str(near["draw"]), near["mechanism"], near["distance"], near["weight"])
        for near in one["neighbours"][:NEAREST_SHOWN]
    ]
    show_table(("nearest draw", "mechanism", "distance", "weight"), nearest, figures=("distance", "weight"))


def _write(
    output: Path, document: dict[str, Any], found: Any, names: list[str], shown: Any, corpus: Corpus, index: Any
) -> None:
    """All of it in a folder, whole or not at all."""
    import json
    import re

    from sgnn.attribution.document import neighbour_table, path_table
    from sgnn.attribution.drawn import at
    from sgnn.attribution.pictures import clouds_figure, neighbours_figure
    from sgnn.evaluation.figures.style import png
    from sgnn.files import whole

    output.parent.mkdir(parents=True, exist_ok=True)
    first = next((name for name, array in shown.items() if array.ndim == 2), None)
    with whole(output) as draft:
        draft.mkdir()
        (draft / "explanation.json").write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")
        neighbour_table(found, names).to_csv(draft / "neighbours.csv", index=False)
        path_table(found, names, corpus).to_parquet(draft / "paths.parquet", index=False)
        for row, name in enumerate(names):
            stem = f"{row + 1:03d}-{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}"
            if first is not None:
                paths = at(corpus, found.draws[row].tolist(), [first])[first]
                png(neighbours_figure(found, row, name, shown[first][row], paths), draft / f"{stem}-neighbours.png")
            clouds = clouds_figure(found, row, name, index)
            if clouds is not None:
                png(clouds, draft / f"{stem}-parameters.png")


def _replay(ref: str | None, data: Path | None, corpus_ref: str | None, draw: int, as_json: bool) -> None:
    """Simulate a draw again; exit status 1 where it is not what is stored."""
    from sgnn.settings import load_settings

    if data is not None:
        raise DataError("--replay makes a draw again and needs no table", remedy="leave DATA out")
    if ref is None and corpus_ref is None:
        raise DataError("whose draw is not said", remedy="name a model, or a corpus by --corpus")
    with one_object(as_json) as answer:
        settings = load_settings()
        from sgnn.attribution.replay import replay
        from sgnn.corpus.reader import open_corpus

        if corpus_ref is not None:
            corpus = open_corpus(corpus_ref, settings)
        else:
            corpus = _corpus(_loaded(str(ref), settings)[0], None, settings)
        found = replay(corpus, draw)
        if as_json:
            about = {"corpus": corpus.name, "content_digest": corpus.content_digest, "version": corpus.version}
            arrays = {"digests": dict(found.stored), "different": list(found.different)}
            answer.append({**about, "draw": draw, "mechanism": found.mechanism, "same": found.same, **arrays})
        elif found.same:
            show(f"draw {draw} of {corpus.name}@{corpus.version} ({found.mechanism}): the same bytes in all arrays")
        else:
            why = "; the simulators or operators have changed since" if found.changed else ""
            show(f"draw {draw} of {corpus.name}@{corpus.version} differs in {', '.join(found.different)}{why}")
    if not found.same:
        raise typer.Exit(1)


def _loaded(ref: str, settings: Settings) -> tuple[Model, Path]:
    """The model of a reference, and its folder."""
    from sgnn.tracking.reference import resolve

    folder = resolve(ref, settings)
    from sgnn.learning.model import load_model

    return load_model(folder), folder


def _corpus(model: Model, ref: str | None, settings: Settings) -> Corpus:
    """The corpus that is named, or else the version that taught the model. Raises `DataError` where none is known."""
    from sgnn.corpus.reader import open_corpus

    known = ref or model.provenance.get("corpus_content_digest")
    if not known:
        raise DataError("the model does not say which corpus taught it", remedy="name one by --corpus")
    return open_corpus(str(known), settings)
