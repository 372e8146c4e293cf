"""Fresh observations: the same latent draw seen anew in every epoch, or not at all."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.errors import RecipeError, SgnnError
from sgnn.learning.stream import CorpusStream
from sgnn.learning.stream.fresh import FreshObservation
from sgnn.settings import Settings
from sgnn.simulation import ObservationPipeline, Streams
from tests.learning.conftest import built

SEEN = ("deaths", "admissions")


def stream(corpus: Corpus, **changes: Any) -> CorpusStream:
    options = {"variables": SEEN, "batch_draws": 8, "seed": 3, "fresh": True, **changes}
    return CorpusStream([(corpus, 1.0)], **options)


def by_draw(made: CorpusStream, batches: int | None = None) -> dict[int, np.ndarray]:
    """Deaths of each draw shown in so many batches, an epoch of them where not given."""
    shown = islice(made, made.batches_per_epoch if batches is None else batches)
    return {int(draw): row for batch in shown for draw, row in zip(batch["draw"], batch["deaths"].copy(), strict=True)}


def without(corpus: Corpus, name: str) -> Corpus:
    """The corpus as it were, had it not kept a latent."""
    arrays = tuple(array for array in corpus.layout.arrays if array.name != name)
    return replace(corpus, layout=replace(corpus.layout, arrays=arrays))


def test_every_epoch_shows_the_same_draws_with_other_noise(corpus: Corpus) -> None:
    made = stream(corpus, batch_draws=4)
    first, second = by_draw(made), by_draw(made)
    stored = by_draw(stream(corpus, batch_draws=4, fresh=False))
    again = first.keys() & second.keys() & stored.keys()
    assert len(again) > 100
    for one, other in ((first, second), (first, stored), (second, stored)):
        different = [draw for draw in again if not np.array_equal(one[draw], other[draw], equal_nan=True)]
        # a small outbreak may be seen alike twice
        assert len(different) > 0.8 * len(again)
    totals = np.array([[np.nansum(one[draw]) for draw in sorted(again)] for one in (first, stored)])
    # noise is fresh, the epidemic behind it is the same
    assert np.corrcoef(np.log1p(totals))[0, 1] > 0.95


def test_an_observation_depends_on_seed_epoch_and_draw_alone(corpus: Corpus) -> None:
    one = by_draw(stream(corpus, batch_draws=8, buffer_blocks=4), 12)
    other = by_draw(stream(corpus, batch_draws=2, buffer_blocks=1), 40)
    same = one.keys() & other.keys()
    assert len(same) > 30
    for draw in same:
        np.testing.assert_array_equal(one[draw], other[draw])
    seeded = by_draw(stream(corpus, seed=4))
    assert any(not np.array_equal(one[draw], seeded[draw], equal_nan=True) for draw in one.keys() & seeded.keys())


def test_a_restored_stream_sees_what_the_other_would_have(corpus: Corpus) -> None:
    made, again = stream(corpus), stream(corpus)
    by_draw(made, 23)
    again.restore({**made.state, "position": 23})
    expected, found = by_draw(made, 4), by_draw(again, 4)
    assert expected.keys() == found.keys()
    for draw, row in expected.items():
        np.testing.assert_array_equal(found[draw], row)


def test_parameters_of_the_observation_come_anew_from_their_priors(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[np.ndarray] = []
    whole = ObservationPipeline.observe

    def observe(self: ObservationPipeline, outputs: Any, theta: Any, streams: Streams) -> Any:
        given.append(theta["report_deaths.share_start"])
        return whole(self, outputs, theta, streams)

    monkeypatch.setattr(ObservationPipeline, "observe", observe)
    made = stream(corpus)
    by_draw(made, 30)
    shares = np.concatenate(given)
    assert len(np.unique(shares)) > 200
    assert 0.6 <= shares.min() < 0.65 < 0.95 < shares.max() <= 1.0


def test_the_parameters_that_are_read_are_those_that_made_the_observation(corpus: Corpus) -> None:
    column = {parameter.name: at for at, parameter in enumerate(corpus.schema.parameters)}
    stored = np.concatenate([corpus.read(block, ["theta"])["theta"] for block in corpus.blocks])
    made = stream(corpus, variables=(*SEEN, "theta"))
    shown = [{name: batch[name].copy() for name in ("draw", "theta")} for batch in islice(made, 30)]
    draws, theta = (np.concatenate([batch[name] for batch in shown]) for name in ("draw", "theta"))
    of_simulator = [at for name, at in column.items() if "." not in name]
    share = column["report_deaths.share_start"]
    assert not np.isclose(theta[:, share], stored[draws, share], rtol=1e-9).any()
    np.testing.assert_array_equal(theta[:, of_simulator], stored[draws][:, of_simulator])


def test_a_mechanism_is_seen_anew_in_its_own_way(recipe: Recipe, settings: Settings) -> None:
    first, *rest = recipe.corpus.simulators
    own = first.model_copy(update={"observation": {"report_deaths.share_start": 0.77}})
    changes = {"name": "own-way", "draws": 64, "simulators": (own, *rest)}
    corpus = built(recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update=changes)}), settings)
    share = [parameter.name for parameter in corpus.schema.parameters].index("report_deaths.share_start")
    made = stream(corpus, variables=(*SEEN, "theta", "mechanism"))
    shown = [(batch["mechanism"].copy(), batch["theta"][:, share].copy()) for batch in islice(made, 20)]
    mechanism, shares = (np.concatenate(one) for one in zip(*shown, strict=True))
    assert (mechanism == 0).any()
    np.testing.assert_array_equal(shares == 0.77, mechanism == 0)


def test_held_out_draws_keep_their_stored_observations(corpus: Corpus) -> None:
    whole = np.concatenate([corpus.read(block, ["deaths"])["deaths"] for block in corpus.blocks])
    held_out = CorpusStream([(corpus, 1.0)], SEEN, 1, 3, "held_out").all()
    np.testing.assert_array_equal(held_out["deaths"], whole[held_out["draw"]])


def broken(monkeypatch: pytest.MonkeyPatch, raises: set[int], negative: set[int] = frozenset()) -> None:  # type: ignore[assignment]
    """An observation that raises for some draws and gives nonsense for others."""
    whole = ObservationPipeline.observe

    def observe(self: ObservationPipeline, outputs: Any, theta: Any, streams: Streams) -> Any:
        if raises & set(streams.draws.tolist()):
            raise ValueError("the registry burnt down")
        made = whole(self, outputs, theta, streams)
        wrong = np.isin(streams.draws, list(negative))
        return {**made, "deaths": np.where(wrong[:, None], -1.0, made["deaths"])}

    monkeypatch.setattr(ObservationPipeline, "observe", observe)


def test_a_draw_that_cannot_be_observed_is_left_out_of_its_batch(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(islice(stream(corpus).numbered(), 19))
    broken(monkeypatch, raises={5, 70}, negative={33, 140})
    found = list(islice(stream(corpus).numbered(), 19))
    bad, missing = {5, 70, 33, 140}, 0
    for (number, whole), (same, part) in zip(expected, found, strict=True):
        assert number == same
        left = ~np.isin(whole["draw"], list(bad))
        missing += int((~left).sum())
        np.testing.assert_array_equal(part["draw"], whole["draw"][left])
        np.testing.assert_array_equal(part["deaths"], whole["deaths"][left].astype(part["deaths"].dtype))
    assert missing >= 3


def test_a_batch_without_any_draw_ends_training(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    made = stream(corpus)
    broken(monkeypatch, raises=set(range(corpus.number)))
    with pytest.raises(SgnnError, match="none of the 8 draws of a batch could be observed anew; mend the observation"):
        next(iter(made))


@pytest.mark.parametrize("latent", ["deaths_daily", "admissions_daily"])
def test_a_latent_that_was_not_kept_is_named(corpus: Corpus, latent: str) -> None:
    with pytest.raises(
        RecipeError, match=rf"covid-tiny did not keep .*'{latent}'.*; name it in corpus\.keep"
    ) as caught:
        stream(without(corpus, latent))
    assert "\n" not in str(caught.value)


def test_a_latent_that_the_observation_does_not_read_need_not_be_kept(corpus: Corpus) -> None:
    assert by_draw(stream(without(corpus, "susceptible")), 1).keys() == by_draw(stream(corpus), 1).keys()


def test_a_task_that_reads_nothing_observed_is_refused(corpus: Corpus) -> None:
    with pytest.raises(RecipeError, match="observes none of reproduction"):
        FreshObservation(corpus, ("reproduction",), 0)


def test_what_is_not_observed_comes_as_it_is_stored(corpus: Corpus) -> None:
    latent = np.concatenate([corpus.read(block, ["reproduction"])["reproduction"] for block in corpus.blocks])
    batch = next(iter(stream(corpus, variables=("deaths", "reproduction"))))
    assert set(batch) == {"deaths", "reproduction", "draw"}
    np.testing.assert_array_equal(batch["reproduction"], latent[batch["draw"]])
