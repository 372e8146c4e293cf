"""Streams: one per corpus, draw and purpose; never two the same, and none that depends on its neighbours."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sgnn.simulation import Streams
from sgnn.simulation.samplers import uniforms

MILLION = 1_000_000


def test_a_million_draws_have_a_million_streams() -> None:
    streams = Streams("corpus", np.arange(MILLION))
    assert len(np.unique(uniforms(streams.key("simulate"), streams.draws))) == MILLION
    assert len(np.unique(streams.seeds())) == MILLION


def test_neighbouring_draws_are_independent_of_each_other() -> None:
    streams = Streams("corpus", np.arange(200_000))
    numbers = uniforms(streams.key("simulate"), streams.draws)
    assert stats.kstest(numbers, "uniform").pvalue > 1e-4
    cells = np.floor(numbers * 10).astype(int)
    for apart in (1, 2, 64, 1024):
        table = np.bincount(cells[:-apart] * 10 + cells[apart:], minlength=100)
        assert stats.chisquare(table).pvalue > 1e-4


def test_purposes_scopes_and_corpora_have_streams_of_their_own() -> None:
    draws = np.arange(3)
    one, other = Streams("corpus", draws), Streams("another corpus", draws)
    keys = [
        one.key("a"),
        one.key("b"),
        other.key("a"),
        one.scoped("s").key("a"),
        one.scoped("s").scoped("t").key("a"),
        one.scoped("t").key("a"),
    ]
    assert len({int(key) for key in keys}) == len(keys)
    assert not set(one.seeds().tolist()) & set(other.seeds().tolist())


def test_scope_and_purpose_cannot_be_mistaken_for_one_another() -> None:
    draws = np.arange(1)
    assert Streams("corpus", draws, "a").key("b") != Streams("corpus", draws).key("ab")
    assert Streams("corpus", draws, "a").key("b") != Streams("corpusa", draws).key("b")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=20, unique=True), st.randoms())
def test_a_draw_has_the_same_streams_in_every_batch_and_order(draws: list[int], chance: object) -> None:
    streams = Streams("corpus", np.array(draws))
    order = np.array(sorted(range(len(draws)), key=lambda _: chance.random()), dtype=np.intp)  # type: ignore[attr-defined]
    shuffled = streams.take(order)
    assert shuffled.key("x") == streams.key("x")
    np.testing.assert_array_equal(shuffled.draws, streams.draws[order])
    np.testing.assert_array_equal(shuffled.seeds(), streams.seeds()[order])
    numbers = uniforms(streams.key("x"), streams.draws)
    np.testing.assert_array_equal(uniforms(shuffled.key("x"), shuffled.draws), numbers[order])
    for position, old in enumerate(order):
        alone = Streams("corpus", streams.draws[old : old + 1]).generator(0, "x").random(3)
        np.testing.assert_array_equal(shuffled.generator(position, "x").random(3), alone)


def test_generators_of_draws_purposes_and_corpora_differ() -> None:
    streams = Streams("corpus", np.arange(2))
    made = [
        streams.generator(0, "x"),
        streams.generator(1, "x"),
        streams.generator(0, "y"),
        streams.scoped("s").generator(0, "x"),
        Streams("another", np.arange(1)).generator(0, "x"),
    ]
    assert len({generator.random() for generator in made}) == len(made)


def test_a_generator_that_jumps_ahead_lands_in_no_other_draw() -> None:
    streams = Streams("corpus", np.arange(4))
    bits = streams.generator(0, "x").bit_generator
    assert isinstance(bits, np.random.Philox)
    ahead = {np.random.Generator(bits.jumped(jumps)).random() for jumps in range(1, 5)}
    assert not ahead & {streams.generator(position, "x").random() for position in range(4)}
