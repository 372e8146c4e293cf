"""The stream: every draw once an epoch, split over ranks, resumable to the batch, with nothing held out in it."""

from __future__ import annotations

import pickle
from itertools import islice
from typing import Any

import numpy as np
import pytest

from sgnn.corpus.reader import Corpus
from sgnn.errors import RecipeError
from sgnn.learning.stream import CorpusStream, cache, is_held_out


def stream(corpus: Corpus, **changes: object) -> CorpusStream:
    options = {"variables": ("deaths",), "batch_draws": 8, "seed": 3, **changes}
    return CorpusStream([(corpus, 1.0)], **options)  # type: ignore[arg-type]


def draws(made: CorpusStream, batches: int) -> list[list[int]]:
    return [batch["draw"].tolist() for batch in islice(made, batches)]


def test_an_epoch_shows_no_draw_twice_and_none_that_is_held_out(corpus: Corpus) -> None:
    made = stream(corpus)
    seen = np.concatenate(draws(made, made.batches_per_epoch))
    assert len(set(seen)) == len(seen)
    assert len(seen) > made.draws - 8
    assert not is_held_out(seen).any()


def test_held_out_draws_are_every_twentieth(corpus: Corpus) -> None:
    held_out = stream(corpus, part="held_out", batch_draws=1).all()["draw"]
    assert held_out.tolist() == [19, 39, 59, 79, 99, 119, 139, 159]


def test_values_belong_to_their_draws(corpus: Corpus) -> None:
    whole = np.concatenate([corpus.read(block, ["deaths"])["deaths"] for block in corpus.blocks])
    for batch in islice(stream(corpus), 4):
        np.testing.assert_array_equal(batch["deaths"], whole[batch["draw"]])


def test_blocks_read_one_by_one_give_the_same_batches_as_all_in_memory(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [batch["deaths"] for batch in islice(stream(corpus, buffer_blocks=2), 12)]
    monkeypatch.setattr(cache, "where_to_keep", lambda *_: "nowhere")
    found = [batch["deaths"] for batch in islice(stream(corpus, buffer_blocks=2), 12)]
    np.testing.assert_array_equal(np.stack(found), np.stack(expected))


def test_order_differs_between_epochs_and_seeds(corpus: Corpus) -> None:
    made = stream(corpus)
    first, second = (draws(made, made.batches_per_epoch) for _ in range(2))
    assert first != second
    assert first != draws(stream(corpus, seed=4), made.batches_per_epoch)


@pytest.mark.parametrize("world", [2, 3, 8])
def test_ranks_share_every_batch_exactly(corpus: Corpus, world: int) -> None:
    alone = draws(stream(corpus), 40)
    parts = [draws(stream(corpus, rank=rank, world=world), 40) for rank in range(world)]
    for whole, *shares in zip(alone, *parts, strict=True):
        assert [draw for share in shares for draw in share] == whole
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_an_epoch_that_is_no_multiple_of_batch_or_ranks_goes_on_into_the_next(corpus: Corpus) -> None:
    made = stream(corpus, batch_draws=7, rank=1, world=2)
    assert made.draws % 7
    assert {len(batch) for batch in draws(made, 3 * made.batches_per_epoch)} == {4}
    shown = np.concatenate(draws(stream(corpus, batch_draws=7), made.draws))
    for epoch in shown.reshape(7, made.draws):
        assert len(np.unique(epoch)) == made.draws


def test_more_ranks_than_draws_of_a_batch_are_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match="a batch of 8 draws has none for some of 9 ranks; train on fewer"):
        stream(corpus, rank=0, world=9)


def test_a_restored_stream_continues_where_the_other_was(corpus: Corpus) -> None:
    made = stream(corpus)
    draws(made, 25)
    again = stream(corpus)
    again.restore(made.state)
    assert draws(made, 5) == draws(again, 5)


@pytest.mark.parametrize("weight", [0.5, 3.0])
def test_corpora_are_mixed_by_weight_all_along(corpus: Corpus, other_corpus: Corpus, weight: float) -> None:
    def share(batches: list[dict[str, np.ndarray]]) -> float:
        return float(np.isin(np.concatenate([batch["seed"] for batch in batches]), theirs).mean())

    theirs = np.concatenate([other_corpus.read(block, ["seed"])["seed"] for block in other_corpus.blocks])
    made = CorpusStream([(corpus, 1.0), (other_corpus, weight)], ("seed",), 8, seed=3)
    epoch = list(islice(made, made.batches_per_epoch))
    half = len(epoch) // 2
    for part in (epoch, epoch[:half], epoch[half:]):
        assert share(part) == pytest.approx(weight / (1 + weight), abs=0.06)


def test_mixed_corpora_are_read_block_by_block_too(
    corpus: Corpus, other_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = [(corpus, 1.0), (other_corpus, 1.0)]
    expected = [batch["deaths"] for batch in islice(CorpusStream(mixed, ("deaths",), 8, 3, buffer_blocks=1), 20)]
    read: list[Any] = []
    whole = Corpus.read
    monkeypatch.setattr(cache, "where_to_keep", lambda *_: "nowhere")
    monkeypatch.setattr(Corpus, "read", lambda *given: read.append(given) or whole(*given))
    made = CorpusStream(mixed, ("deaths",), 8, 3, buffer_blocks=1)
    found = [batch["deaths"] for batch in islice(made, 20)]
    np.testing.assert_array_equal(np.stack(found), np.stack(expected))
    # a window of some forty draws, and one read ahead, of blocks of thirty-two
    assert len(read) < 20


def test_a_stream_continues_with_another_number_of_ranks(corpus: Corpus) -> None:
    alone = stream(corpus)
    draws(alone, 4)
    pair = [stream(corpus, rank=rank, world=2) for rank in range(2)]
    for one in pair:
        one.restore(alone.state)
    first, second = (draws(one, 3) for one in pair)
    assert [[*one, *other] for one, other in zip(first, second, strict=True)] == draws(alone, 3)


def test_a_checkpoint_of_another_seed_is_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match="seed 4"):
        stream(corpus).restore(stream(corpus, seed=4).state)


def test_too_few_draws_for_a_batch_are_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match="fewer than a batch"):
        stream(corpus, batch_draws=4096)


def test_loader_workers_share_the_batches_and_give_them_in_the_same_order(corpus: Corpus) -> None:
    alone = [number for number, _ in islice(stream(corpus).numbered(), 12)]
    workers = [[number for number, _ in islice(stream(corpus).numbered(one, 3), 4)] for one in range(3)]
    assert alone == list(range(12))
    assert [number for turn in zip(*workers, strict=True) for number in turn] == alone


def test_a_stream_goes_to_another_process_without_its_decoded_draws(corpus: Corpus) -> None:
    made = stream(corpus)
    unused = len(pickle.dumps(made))
    seen = draws(made, 3)
    content = pickle.dumps(made)
    assert len(content) - unused < corpus.read(0, ["deaths"])["deaths"].nbytes
    again = pickle.loads(content)
    assert draws(again, 2) == draws(made, 2) != seen


def test_batches_that_are_kept_do_not_change(corpus: Corpus) -> None:
    made = stream(corpus, buffer_blocks=1)
    batches = list(islice(made, 60))
    whole = np.concatenate([corpus.read(block, ["deaths"])["deaths"] for block in corpus.blocks])
    for batch in batches:
        np.testing.assert_array_equal(batch["deaths"], whole[batch["draw"]])


def test_a_mechanism_that_nobody_simulated_is_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match=r"names 'epidemics\.sri', which no corpus has; there are: .*epidemics\.seir"):
        stream(corpus, mechanisms={"epidemics.sri": 2.0})


def test_only_mechanisms_with_a_weight_are_shown(corpus: Corpus) -> None:
    names = corpus.schema.mechanisms
    made = stream(corpus, variables=("mechanism",), mechanisms=dict.fromkeys(names[1:], 0.0))
    assert {int(one) for batch in islice(made, 20) for one in batch["mechanism"]} == {0}


def test_a_checkpoint_of_another_buffer_is_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match="window"):
        stream(corpus, buffer_blocks=1).restore(stream(corpus, buffer_blocks=3).state)
