"""Growing a corpus: more draws in a new version, from the recipe that the corpus itself keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgnn.corpus.assembly import identity
from sgnn.corpus.changes import changes
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.ledger import longest_version
from sgnn.corpus.sections import CorpusSection
from sgnn.errors import StoreError

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus

MOST_TOLD = 3


def grown(corpus: Corpus, draws: int) -> CorpusSection:
    """The corpus's own recipe asking for `draws` draws in all.

    Raises `StoreError` where it has more draws already, or where today's simulators or operators would make others,
    saying what changed; `UnknownNameError` or `RecipeError` where they are not there any more.
    """
    longest = longest_version(corpus.store)
    if longest is not None and draws < longest.draws:
        raise StoreError(
            f"{corpus.store.name} has {longest.draws:,} draws in version {longest.version} and cannot shrink to "
            f"{draws:,}: versions only append",
            remedy="`sgnn corpus expire` removes versions",
        )
    section = corpus.recipe.model_copy(update={"draws": draws})
    if corpus_key(section) != corpus.layout.key:
        found = changes(corpus.layout.identity, identity(section))
        told = "; ".join(str(change) for change in found[:MOST_TOLD])
        more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        raise StoreError(
            f"{corpus.store.name} cannot grow, for its new draws would not be made as the old ones were: {told}{more}",
            remedy="`sgnn corpus build` makes a new corpus with today's code",
        )
    return section
