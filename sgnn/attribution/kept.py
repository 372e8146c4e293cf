"""Where indices are kept, and whether the one kept is the one wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sgnn.attribution.build import build_index
from sgnn.attribution.index import Index, read_about, read_index, write_index
from sgnn.corpus.reader import Corpus
from sgnn.learning.model import Model
from sgnn.settings import Settings

_FOLDER = "attribution"


def index_folder(model: Model, corpus: Corpus, length: int | None, settings: Settings) -> Path:
    """Folder of the index of a version under a model: beside the corpus, or in the cache where that is in a bucket."""
    remote = "://" in corpus.store.url
    beside = settings.cache / _FOLDER / corpus.store.name if remote else Path(corpus.store.url) / _FOLDER
    seen = "whole" if length is None else f"first-{length}"
    return beside / f"{corpus.content_digest[:16]}-{corpus.version}-{model.digest[:16]}-{seen}"


def kept_index(
    model: Model,
    corpus: Corpus,
    length: int | None,
    settings: Settings,
    on_block: Callable[[], None] = lambda: None,
) -> Index:
    """The index of a version under a model: read where one is kept of just these, else built and kept.

    Raises as `build_index` does.
    """
    folder = index_folder(model, corpus, length, settings)
    about = read_about(folder)
    wanted = (corpus.content_digest, corpus.version, model.digest, length)
    if about is not None and (about.content_digest, about.version, about.model_digest, about.length) == wanted:
        return read_index(folder, about)
    index = build_index(model, corpus, length, on_block)
    write_index(folder, index)
    return index
