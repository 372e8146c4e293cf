"""`sgnn explain`: the simulations that look like somebody's data, what they say of it, and one of them made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.explained import require_own_folder, show_explanation, write_explanation
from sgnn.cli.output import Json, note, one_object, progress, show
from sgnn.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sgnn.corpus.reader import Corpus
    from sgnn.learning.model import Model
    from sgnn.settings import Settings


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
    graph: Annotated[
        Path | None,
        typer.Option("--graph", help="list of ties, for a model of cascades; DATA is then node,state and time"),
    ] = None,
    absolute: Annotated[bool, typer.Option("--absolute", help="times count from the start of the cascade")] = False,
    replay: Annotated[int | None, typer.Option("--replay", metavar="DRAW", help="simulate this draw again")] = None,
    as_json: Json = False,
) -> None:
    """Show the simulations nearest to the series of a table, or to a cascade seen on a graph, or make one again."""
    if replay is not None:
        _replay(model, data, corpus, replay, as_json)
        return
    if model is None or data is None:
        raise DataError("`sgnn explain` needs a model and a table", remedy="write: sgnn explain MODEL DATA")
    query = _series_query(data) if graph is None else _graph_query(graph, data, absolute)
    _explain(model, query, number, threshold, output, corpus, as_json)


@dataclass(frozen=True)
class _Query:
    """What is asked about: names (query,), arrays (query, …) as the network sees them, steps that draws are cut to."""

    names: list[str]
    shown: dict[str, NDArray[Any]]
    length: int | None


def _explain(
    ref: str,
    read: Callable[[Model], _Query],
    number: int,
    threshold: float,
    output: Path | None,
    corpus_ref: str | None,
    as_json: bool,
) -> None:
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        require_own_folder(output)
        settings = load_settings()
        model, folder = _loaded(ref, settings)
        from sgnn.attribution.document import documents, provenance
        from sgnn.attribution.explain import explain as explained
        from sgnn.attribution.explain import hidden_series
        from sgnn.attribution.kept import kept_index

        query = read(model)
        hidden = hidden_series(model, query.shown)
        if hidden:
            note(f"draws are compared without {', '.join(hidden)}, which the table lacks")
        corpus = _corpus(model, corpus_ref, settings)
        if number >= corpus.number:
            raise DataError(
                f"{number} neighbours asked for of {corpus.number} draws", remedy="ask for fewer, or grow the corpus"
            )
        with progress(f"index of {corpus.name}@{corpus.version}", len(corpus.blocks)) as step:
            index = kept_index(model, corpus, query.length, settings, step, hidden)
        judges = len(index.typicality.reference)
        if 1.0 / (1 + judges) >= threshold > 0.0:
            note(f"typicality is judged by {judges} held-out draws, too few to fall below {threshold:g}")
        found = explained(model, index, query.shown, number, threshold)
        document = {"model": str(folder), **provenance(index.about), "threshold": threshold}
        document |= {"neighbours": number, "series": documents(found, query.names)}
        if output is not None:
            write_explanation(output, document, found, query.names, query.shown, model, corpus, index)
        if as_json:
            answer.append(document)
            return
        for one in document["series"]:
            show_explanation(one, model.task.seen)
        if output is not None:
            show(f"{output}: explanation.json, neighbours.csv, paths.parquet and figures of {len(query.names)} queries")


def _series_query(data: Path) -> Callable[[Model], _Query]:
    """The series of a table; it is read at once, so that a mistake in it is told before anything slow is imported."""
    from sgnn.learning.table import read_panel

    panel = read_panel(data)

    def query(model: Model) -> _Query:
        import pandas as pd

        from sgnn.attribution.explain import as_seen

        prepared = model.prepared(panel, pd.Timestamp.now().normalize())
        shown, length, cut_note = as_seen(model, model.task.shown(prepared))
        for line in (prepared.attrs.get("note", ""), cut_note):
            if line:
                note(line)
        return _Query([str(name) for name in prepared["series"].to_numpy()], shown, length)

    return query


def _graph_query(graph: Path, data: Path, absolute: bool) -> Callable[[Model], _Query]:
    """What was seen on a graph; both tables are read at once."""
    from sgnn.learning.graph_tables import read_sighting, read_ties

    ties = read_ties(graph)
    sighting = read_sighting(data, ties.names)

    def query(model: Model) -> _Query:
        if ties.note:
            note(ties.note)
        return _Query([data.stem], model.task.sighted(ties, sighting, absolute), None)

    return query


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
