"""Where indices are kept, and whether the one kept is the one wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sgnn.attribution.build import build_index
from sgnn.attribution.index import Index, read_about, read_index, write_index
from sgnn.corpus.reader import Corpus
from sgnn.learning.model import Model
from sgnn.settings import Settings

_FOLDER = "attribution"


def index_folder(
    model: Model, corpus: Corpus, length: int | None, settings: Settings, hidden: Sequence[str] = ()
) -> Path:
    """Folder of the index of a version under a model: beside the corpus, or in the cache where that is in a bucket."""
    remote = "://" in corpus.store.url
    beside = settings.cache / _FOLDER / corpus.store.name if remote else Path(corpus.store.url) / _FOLDER
    seen = ("whole" if length is None else f"first-{length}") + "".join(f"-no-{name}" for name in hidden)
    return beside / f"{corpus.content_digest[:16]}-{corpus.version}-{model.digest[:16]}-{seen}"


def kept_index(
    model: Model,
    corpus: Corpus,
    length: int | None,
    settings: Settings,
    on_block: Callable[[], None] = lambda: None,
    hidden: Sequence[str] = (),
) -> Index:
    """The index of a version under a model, of whose draws it does not see series ``hidden``.

    Read where one is kept of just these, else built and kept.

    Raises as `build_index` does.
    """
    folder = index_folder(model, corpus, length, settings, hidden)
    about = read_about(folder)
    wanted = (corpus.content_digest, corpus.version, model.digest, length, tuple(hidden))
    found = about and (about.content_digest, about.version, about.model_digest, about.length, about.hidden)
    if about is not None and found == wanted:
        return read_index(folder, about)
    index = build_index(model, corpus, length, on_block, hidden)
    write_index(folder, index)
    return index
