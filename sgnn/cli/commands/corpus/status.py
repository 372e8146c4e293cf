"""`sgnn corpus status` and `list`: how far corpora are, and which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import Tiny
from sgnn.cli.output import Json, note, one_object, show_fields, show_table

if TYPE_CHECKING:
    from sgnn.corpus.status import CorpusStatus


def status(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE|CORPUS", help="a recipe, or a corpus that is there")],
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """How far the corpus of a recipe is, or what a committed corpus holds."""
    with one_object(as_json) as answer:
        found = _status(recipe, tiny)
        if as_json:
            answer.append(found.to_json())
        else:
            show_status(found)


def _status(name: str, tiny: bool) -> CorpusStatus:
    """Status by a recipe's name or path; where there is no such recipe, by the name of a corpus."""
    from sgnn.corpus.catalog import find_corpus
    from sgnn.corpus.recipe import load_recipe
    from sgnn.corpus.status import committed_status
    from sgnn.corpus.status import status as corpus_status
    from sgnn.errors import SgnnError, UnknownNameError
    from sgnn.settings import load_settings

    settings = load_settings()
    try:
        loaded = load_recipe(name)
    except SgnnError as error:
        if name.endswith((".yaml", ".yml")):
            raise
        try:
            return committed_status(find_corpus(name, settings.store_url).manifest)
        except UnknownNameError:
            raise error from None
    return corpus_status(loaded.tiny() if tiny else loaded, settings)


def list_corpora(as_json: Json = False) -> None:
    """Corpora of the store, with their newest versions."""
    from sgnn.corpus.catalog import all_corpora
    from sgnn.corpus.ledger import manifest_of, versions
    from sgnn.corpus.status import committed_status
    from sgnn.errors import StoreError
    from sgnn.settings import load_settings

    settings = load_settings()
    found, unfinished, unreadable = [], [], []
    for store in all_corpora(settings.store_url):
        numbers = versions(store)
        try:
            found += [(store, committed_status(manifest_of(store, number))) for number in numbers[-1:]]
        except StoreError as error:
            unreadable.append(error.message)
        if not numbers:
            unfinished.append(store.name)
    with one_object(as_json) as answer:
        if as_json:
            rows = [{**one.to_json(), "url": store.url} for store, one in found]
            broken = {"unfinished": unfinished, "unreadable": unreadable}
            answer.append({"store": settings.store_url, "corpora": rows, **broken})
            return
        columns = ("corpus", "version", "asked", "ok", "failed", "quarantined", "digest", "place")
        show_table(
            columns,
            [
                (s.name, s.version, s.asked, s.ok, s.failed, s.quarantined, s.recipe_digest, store.name)
                for store, s in found
            ],
        )
        for name in unfinished:
            note(f"{name}: nothing committed yet; sgnn corpus build goes on with it")
        for message in unreadable:
            note(message)


def show_status(found: CorpusStatus) -> None:
    """Counts of one corpus, for people."""
    fields = dict(found.to_json())
    fields["version"] = found.version or "none committed yet"
    show_fields(fields)
