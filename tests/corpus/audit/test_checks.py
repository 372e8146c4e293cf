"""Each check sees what it is for: corpora are tampered with, or blocks are shown to it that nobody simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sgnn.corpus.audit import Batch, audit
from sgnn.corpus.audit.ranks import Ranker
from sgnn.corpus.audit.run import checks_of, judged
from sgnn.corpus.audit.subject import Subject, subject_of
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import SimulatorEntry
from sgnn.errors import UnknownNameError

Wrongs = Callable[..., Corpus]
Change = Callable[[dict[str, np.ndarray], int], Mapping[str, np.ndarray]]
COLUMNS = ("scale", "drift", "pull", "start", "share", "waiting", "longer", "kind", "gravity")


@pytest.fixture
def seen(wrongs: Wrongs) -> Callable[..., dict[str, str]]:
    """Findings of one check on a sound corpus whose blocks are changed on their way to it."""

    def found(check: str, change: Change, **changes: Any) -> dict[str, str]:
        corpus = wrongs(**changes)
        subject = subject_of(corpus, corpus.blocks)
        ranker = Ranker(subject)
        one = next(one for one in checks_of(subject, ranker) if one.name == check)
        for block in corpus.blocks:
            arrays = corpus.read(block)
            arrays |= change({name: values.copy() for name, values in arrays.items()}, block.index)
            one.see(Batch(block, arrays, ranker.ranks(arrays["theta"], arrays["mechanism"])))
        (section,) = judged({check: one.close()})
        messages: dict[str, list[str]] = {}
        for finding in section.findings:
            messages.setdefault(finding.about, []).append(finding.message)
        return {about: "; ".join(several) for about, several in messages.items()}

    return found


def theta(arrays: dict[str, np.ndarray], column: str, values: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    at = COLUMNS.index(column)
    arrays["theta"][:, at] = values(arrays["theta"][:, at])
    return {"theta": arrays["theta"]}


@pytest.mark.parametrize(
    ("column", "moved", "message"),
    [
        ("scale", lambda x: x**0.5, " prior"),
        ("drift", lambda x: x * 2, " prior"),
        ("start", lambda x: np.minimum(x, 14.0), " prior"),
        ("share", lambda x: x[::-1] ** 2, " prior"),
        ("waiting", lambda x: x + 0.7, " prior"),
        ("kind", lambda x: np.where(x == 5.0, 1.0, x), "have the value"),
        ("scale", lambda x: x + 1.0, "are outside, first draw"),
        ("longer", lambda x: np.full_like(x, 30.0), "are outside, first draw 0: 30 is not in ["),
        ("kind", lambda x: np.full_like(x, 3.0), "are outside, first draw 0: 3"),
        ("gravity", lambda x: x + 0.01, "are outside, first draw 0: 9.82 is not in [9.81, 9.81]"),
        ("share", lambda x: np.full_like(x, np.nan), "400 draws are missing, first draw 0"),
    ],
)
def test_parameters_that_are_not_from_the_prior_are_found(
    seen: Callable[..., dict[str, str]], column: str, moved: Callable[..., np.ndarray], message: str
) -> None:
    found = seen("prior", lambda arrays, _: theta(arrays, column, moved))
    assert message in found[f"{column} of wrongs.sound"]


def test_two_parameters_made_of_one_random_number_are_found(
    seen: Callable[..., dict[str, str]],
) -> None:
    def tied(arrays: dict[str, np.ndarray], _: int) -> dict[str, Any]:
        scale = arrays["theta"][:, COLUMNS.index("scale")]
        ranks = np.log(scale / 0.5) / np.log(4.0)
        waiting = arrays["theta"][:, COLUMNS.index("waiting")]
        return theta(arrays, "longer", lambda _: waiting + ranks * (20.0 - waiting))

    assert "scale and longer are correlated by +1" in seen("prior", tied)["wrongs.sound"]


def test_mechanisms_that_occur_otherwise_than_their_weights_say_are_found(seen: Callable[..., dict[str, str]]) -> None:
    entries = (SimulatorEntry(name="wrongs.sound"), SimulatorEntry(name="wrongs.still"))
    found = seen(
        "mechanisms", lambda arrays, _: {"mechanism": arrays["mechanism"] * 0}, simulators=entries, observation=()
    )
    assert "400 of 400 draws" in found["wrongs.sound"]


def test_outputs_that_say_nothing_are_found_each_with_its_reason(wrongs: Wrongs) -> None:
    found = {one.about: one.message for one in audit(wrongs("wrongs.dull")).section("outputs").findings}
    assert sorted(found) == ["absent", "clipped", "dead", "frozen"]
    assert "are zero" in found["dead"]
    assert "the same values" in found["frozen"]
    assert "end of its type uint8" in found["clipped"]
    assert "are missing" in found["absent"]


def test_an_ok_draw_out_of_its_range_is_found(seen: Callable[..., dict[str, str]]) -> None:
    found = seen("outputs", lambda arrays, block: {"level": arrays["level"] + (2e4 if block == 2 else 0.0)})
    assert found["level"].startswith("64 draws that are ok should be quarantined, draw 128 the first: 'level' is")


def test_equal_draws_and_foreign_stream_identities_are_found(seen: Callable[..., dict[str, str]]) -> None:
    first: dict[str, np.ndarray] = {}

    def copied(arrays: dict[str, np.ndarray], block: int) -> dict[str, np.ndarray]:
        first.update(arrays if block == 0 else {})
        return first if block == 3 else arrays

    found = seen("duplicates", copied)
    assert found["parameters"].startswith("128 draws have the same parameters")
    assert "such as draws 0 and 192" in found["all outputs"]
    assert "draw 192" in found


def test_statuses_that_no_record_knows_are_found(seen: Callable[..., dict[str, str]]) -> None:
    found = seen("accounting", lambda arrays, block: {"status": arrays["status"] + (block == 1)})
    assert found["draw 64"] == "is failed, but no record says why"
    assert found["other draws"] == "and 56 more of this kind"


def test_a_corpus_whose_simulators_are_gone_is_audited_as_far_as_it_goes(
    wrongs: Wrongs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise UnknownNameError("no simulator named 'wrongs.sound'")

    corpus = wrongs()
    monkeypatch.setattr("sgnn.corpus.audit.subject.corpus_key", gone)
    found = audit(corpus)
    assert found.findings == ()
    notes = [note for section in found.sections for note in section.outcome.notes]
    assert "no draw was simulated again: no simulator named 'wrongs.sound'" in notes
    assert any(note.startswith("the prior was not looked at") for note in notes)


def test_memory_for_equal_things_is_bounded_and_pairs_are_kept_whole() -> None:
    from sgnn.corpus.audit.twins import Twins, hashes_of

    twins = Twins(capacity=1000)
    rows = np.arange(20_000, dtype=np.int64)
    for part in np.split(rows, 20):
        twins.see(hashes_of([part]), part)
    twins.see(hashes_of([rows]), rows + 20_000)
    assert twins.kept <= 1000
    groups = twins.groups()
    assert len(groups) == twins.kept / 2 > 100
    assert all(other - one == 20_000 for one, other in groups)


def test_a_sampled_subject_says_so(wrongs: Wrongs) -> None:
    corpus = wrongs()
    assert Subject(corpus, corpus.blocks[:2], None, "").sampled
    assert not Subject(corpus, corpus.blocks, None, "").sampled
