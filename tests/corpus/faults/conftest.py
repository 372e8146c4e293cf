"""A corpus whose simulator fails as a table says, and the same corpus as nobody disturbed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.status import CorpusStatus
from sgnn.corpus.verify import verify
from sgnn.settings import Settings, load_settings

if TYPE_CHECKING:
    from corpus_walks.faulty import Table

DRAWS, BLOCK = 64, 16


@pytest.fixture
def recipe() -> Recipe:
    """64 walks in four blocks."""
    return load_recipe("faulty-walks")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """What becomes of each try of a draw: nothing bad, until a test says otherwise."""
    from corpus_walks.faulty import FAULTS, Table

    monkeypatch.setenv(FAULTS, str(tmp_path / "faults"))
    made = Table(tmp_path / "faults")
    made.write({})
    return made


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> CorpusStatus:
    """Counts and content digest of the corpus that is left alone."""
    return build(load_recipe("faulty-walks"), load_settings(home=tmp_path_factory.mktemp("undisturbed")))


def build(recipe: Recipe, settings: Settings) -> CorpusStatus:
    """Make what is missing, in this process, and commit it."""
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return commit(plan)


@dataclass(frozen=True)
class Aftermath:
    """What must hold of every corpus that was finished after a fault."""

    settings: Settings
    table: Table
    undisturbed: CorpusStatus

    def check(self, *, twice: int = 0) -> Corpus:
        """The corpus is that of an undisturbed build, whole, and at most so many of its blocks were done twice."""
        corpus = open_corpus("faulty-walks", self.settings)
        assert corpus.status == self.undisturbed
        assert corpus.status.made == corpus.status.asked == DRAWS
        assert verify(corpus).faults == ()
        prepare(load_recipe("faulty-walks"), self.settings)
        assert list((self.settings.corpora_folder / corpus.store.name / "staging").iterdir()) == []
        tries = self.table.tries()
        assert set(tries) == set(range(DRAWS))
        again = [index for index in range(DRAWS // BLOCK) if any(tries[draw] > 1 for draw in draws_of(index))]
        assert len(again) <= twice, f"blocks {again} were done twice"
        return corpus


def draws_of(block: int) -> range:
    """Draws of a block."""
    return range(block * BLOCK, (block + 1) * BLOCK)


@pytest.fixture
def aftermath(settings: Settings, table: Table, undisturbed: CorpusStatus) -> Aftermath:
    """Checks the corpus that is left in the end."""
    return Aftermath(settings, table, undisturbed)


@pytest.fixture
def finish(recipe: Recipe, settings: Settings) -> Callable[[], CorpusStatus]:
    """The next build, in this process."""
    return lambda: build(recipe, settings)
