"""What is audited: a corpus, and what its recipe says its draws come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.plan import Block
from sgnn.errors import SgnnError
from sgnn.simulation.prior import Prior

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.simulation.generator import DrawGenerator


@dataclass(frozen=True)
class Subject:
    """A version of a corpus, the blocks that are looked at, and the generator of its draws where it can be had."""

    corpus: Corpus
    blocks: Sequence[Block]
    generator: DrawGenerator | None
    missing: str
    """Why there is no generator."""

    @property
    def sampled(self) -> bool:
        """Whether only some of the blocks are looked at."""
        return len(self.blocks) < len(self.corpus.blocks)

    @cached_property
    def columns(self) -> dict[str, int]:
        """Column of θ by parameter name."""
        return {parameter.name: column for column, parameter in enumerate(self.corpus.schema.parameters)}

    @cached_property
    def priors(self) -> tuple[Prior, ...] | None:
        """Prior of each mechanism, that of the observation in it; None where the simulators cannot be had."""
        if self.generator is None:
            return None
        own, observed = self.generator.mixture.components, self.generator.observation_priors
        return tuple(one.prior.merged(seen) for one, seen in zip(own, observed, strict=True))

    @cached_property
    def given(self) -> tuple[frozenset[str], ...] | None:
        """Variables that each mechanism gives, what is observed of it among them; None where that is not known."""
        if self.generator is None:
            return None
        mixture = self.generator.mixture
        observed = {variable.name for variable in self.corpus.schema.variables} - set(mixture.variables)
        return tuple(
            frozenset({variable.name for variable in component.simulator.variables()} | observed)
            for component in mixture.components
        )


def subject_of(corpus: Corpus, blocks: Sequence[Block]) -> Subject:
    """The subject; a corpus whose simulators are not installed, or are others by now, has no generator."""
    section, key = corpus.recipe, corpus.layout.key
    try:
        if corpus_key(section) != key:
            return Subject(corpus, blocks, None, "its simulators or operators have changed since it was made")
        return Subject(corpus, blocks, generator_of(section, key), "")
    except SgnnError as error:
        return Subject(corpus, blocks, None, error.message)
