"""Workers started ahead of time: while the Prefect server and MLflow start, which take as long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sgnn.corpus.cluster import Ahead, cluster_ahead
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.ledger import longest_version
from sgnn.corpus.store import corpus_store
from sgnn.errors import SgnnError

if TYPE_CHECKING:
    from sgnn.corpus.recipe import CorpusSection
    from sgnn.settings import Settings


@contextmanager
def workers_ahead(section: CorpusSection | None, settings: Settings) -> Iterator[Ahead | None]:
    """Workers for a corpus that is about to be built, where it lacks draws; None where none are started ahead."""
    if section is None or not _lacks_draws(section, settings):
        yield None
        return
    with cluster_ahead(settings) as ahead:
        yield ahead


def _lacks_draws(section: CorpusSection, settings: Settings) -> bool:
    """Whether no version holds as many draws as the section asks for. Writes nothing."""
    try:
        longest = longest_version(corpus_store(settings.store_url, section.name, corpus_key(section)))
    except SgnnError:
        # the flow meets it too, and says it where people look
        return False
    return longest is None or longest.draws < section.draws
