"""Any history of builds, crashes, growth, expiry, repair: readers see committed draws, and draw i keeps its bytes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.expire import expire
from sgnn.corpus.expiry import expiring
from sgnn.corpus.ledger import manifest_of, versions
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.store.folder import FolderStore
from sgnn.corpus.verify import verify
from sgnn.settings import load_settings
from sgnn.simulation.generator import DrawGenerator

MOST_DRAWS = 48
OPERATIONS = ("get", "sizes", "put", "create_exclusive", "publish", "remove")


class Killed(BaseException):
    """The process is no more."""


@contextmanager
def killed_at(operation: int) -> Iterator[None]:
    """A process that dies at its n-th operation on a store, and leaves what it staged as a kill −9 does."""
    left = operation

    def dying(original: Any) -> Any:
        def called(store: FolderStore, *arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                staged = store.root / "staging"
                if staged.exists():
                    # out of reach of the clean-up that a killed process does not do
                    staged.rename(store.root / "left")
                raise Killed
            return original(store, *arguments)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(FolderStore, name, dying(getattr(FolderStore, name)))
        yield


class CorpusHistory(RuleBasedStateMachine):
    """One corpus of a toy simulator in a fresh folder, and what its readers may rely on."""

    truth: dict[str, np.ndarray] = {}

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.settings = load_settings(home=self.folder)
        self.pinned: dict[int, tuple[Corpus, str]] = {}
        self.recipe = small(8)

    def teardown(self) -> None:
        """Nothing is left of the folder."""
        shutil.rmtree(self.folder)

    @rule(draws=st.integers(1, MOST_DRAWS))
    def build(self, draws: int) -> None:
        """A build that ends."""
        self.recipe = small(draws)
        status = make(self.recipe, self.settings)
        assert status.made == status.asked == draws
        store = prepare(self.recipe, self.settings).store
        assert isinstance(store, FolderStore)
        assert list((store.root / "staging").iterdir()) == []

    @rule(draws=st.integers(1, MOST_DRAWS), operation=st.integers(1, 60))
    def build_killed(self, draws: int, operation: int) -> None:
        """A build that is killed at some operation, or ends before."""
        self.recipe = small(draws)
        try:
            with killed_at(operation):
                make(self.recipe, self.settings)
        except Killed:
            self.put_back_what_was_staged()

    @precondition(lambda self: len(self.numbers()) > 1)
    @rule(choice=st.randoms(use_true_random=False), operation=st.integers(1, 80))
    def expire_killed(self, choice: Any, operation: int) -> None:
        """An expiry of some versions that is killed at some operation, or ends before."""
        store = open_corpus(f"faulty-walks@{self.numbers()[0]}", self.settings).store
        # an expiry that was killed before is finished by this one
        numbers = sorted(set(self.numbers()) - expiring(store))
        if len(numbers) < 2:
            return
        going = choice.sample(numbers, choice.randrange(1, len(numbers)))
        left = max(manifest_of(store, number).draws for number in set(numbers) - set(going))
        # who reads draws that no version is to hold any more is told so, and stops
        self.pinned = {number: one for number, one in self.pinned.items() if one[0].number <= left}
        try:
            with killed_at(operation):
                expire(store, going)
        except Killed:
            self.put_back_what_was_staged()
        assert set(self.numbers()) >= set(numbers) - set(going)

    @precondition(lambda self: self.numbers())
    @rule(choice=st.randoms(use_true_random=False))
    def pin(self, choice: Any) -> None:
        """A reader that keeps a version open from now on."""
        number = choice.choice(self.numbers())
        corpus = open_corpus(f"faulty-walks@{number}", self.settings)
        self.pinned[number] = (corpus, corpus.content_digest)

    @precondition(lambda self: self.numbers())
    @rule(choice=st.randoms(use_true_random=False), kind=st.sampled_from(["flip", "cut", "lose"]))
    def damage_and_repair(self, choice: Any, kind: str) -> None:
        """A file that goes bad is found and made again, whatever version is looked at."""
        corpus = open_corpus(f"faulty-walks@{self.numbers()[-1]}", self.settings)
        block = choice.randrange(len(corpus.blocks))
        array = corpus.layout.array(choice.choice(["level", "theta"]))
        file = Path(corpus.store.place(f"corpus.zarr/{array.shard(block)}"))
        data = file.read_bytes()
        if kind == "lose":
            file.unlink()
        else:
            middle = len(data) // 2
            file.write_bytes(data[:middle] + (b"" if kind == "cut" else bytes([data[middle] ^ 1]) + data[middle + 1 :]))
        assert verify(corpus).damaged == (block,)
        found = verify(corpus, repair=True)
        assert found.sound
        assert found.repaired == (block,)

    @invariant()
    def readers_see_committed_draws_only_and_draw_i_has_its_bytes(self) -> None:
        """Every version is a prefix of one endless corpus."""
        for number in self.numbers():
            corpus = open_corpus(f"faulty-walks@{number}", self.settings)
            status = corpus.status
            assert status.asked == corpus.number == status.ok + status.failed + status.quarantined
            assert_prefix(corpus)

    @invariant()
    def what_is_pinned_does_not_change(self) -> None:
        """A version that was opened once reads as it did then."""
        for corpus, digest in self.pinned.values():
            assert corpus.content_digest == digest
            assert_prefix(corpus)

    def put_back_what_was_staged(self) -> None:
        """As a kill −9 leaves it."""
        for left in self.settings.corpora_folder.glob("*/left"):
            shutil.rmtree(left.with_name("staging"), ignore_errors=True)
            left.rename(left.with_name("staging"))

    def numbers(self) -> tuple[int, ...]:
        """Committed versions."""
        roots = list(self.settings.corpora_folder.glob("*")) if self.settings.corpora_folder.exists() else []
        return versions(FolderStore(roots[0])) if roots else ()


def small(draws: int) -> Recipe:
    """The toy recipe with so many draws in blocks of eight."""
    recipe = load_recipe("faulty-walks")
    section = recipe.corpus.model_copy(update={"draws": draws, "block_draws": 8, "chunk_draws": 4})
    return recipe.model_copy(update={"corpus": section})


def make(recipe: Recipe, where: Any) -> Any:
    """Build in this process."""
    plan = prepare(recipe, where)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return commit(plan)


def assert_prefix(corpus: Corpus) -> None:
    """The corpus holds the first draws of what its generator makes."""
    from sgnn.corpus.assembly import generator_of

    if not CorpusHistory.truth:
        generator: DrawGenerator = generator_of(corpus.recipe, corpus.layout.key)
        draws = generator.draws(0, MOST_DRAWS + 8)
        CorpusHistory.truth = {"level": draws.arrays["level"], "theta": draws.theta}
    for block in corpus.blocks:
        values = corpus.read(block, ["level", "theta"])
        for name, wanted in CorpusHistory.truth.items():
            assert values[name].tobytes() == wanted[block.start : block.stop].tobytes()


CorpusHistory.TestCase.settings = settings(
    max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCorpusHistory = CorpusHistory.TestCase
