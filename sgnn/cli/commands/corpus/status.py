"""`sgnn corpus status` and `list`: how far corpora are, and which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, note, one_object, show_fields, show_table

if TYPE_CHECKING:
    from sgnn.corpus.status import CorpusStatus


def status(recipe: RecipeName, tiny: Tiny = False, as_json: Json = False) -> None:
    """How far the corpus of a recipe is."""
    from sgnn.corpus.recipe import load_recipe
    from sgnn.corpus.status import status as corpus_status
    from sgnn.settings import load_settings

    loaded = load_recipe(recipe)
    with one_object(as_json) as answer:
        found = corpus_status(loaded.tiny() if tiny else loaded, load_settings())
        if as_json:
            answer.append(found.to_json())
        else:
            show_status(found)


def list_corpora(as_json: Json = False) -> None:
    """Corpora of the store, with their newest versions."""
    from sgnn.corpus.catalog import all_corpora
    from sgnn.corpus.ledger import manifest_of, versions
    from sgnn.corpus.status import committed_status
    from sgnn.settings import load_settings

    settings = load_settings()
    newest = [(store, versions(store)) for store in all_corpora(settings.store_url)]
    found = [(store, committed_status(manifest_of(store, numbers[-1]))) for store, numbers in newest if numbers]
    unfinished = [store.name for store, numbers in newest if not numbers]
    with one_object(as_json) as answer:
        if as_json:
            rows = [{**one.to_json(), "url": store.url} for store, one in found]
            answer.append({"store": settings.store_url, "corpora": rows, "unfinished": unfinished})
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


def show_status(found: CorpusStatus) -> None:
    """Counts of one corpus, for people."""
    fields = dict(found.to_json())
    fields["version"] = found.version or "none committed yet"
    show_fields(fields)
