"""Negative controls: whoever takes random numbers from the wrong place is caught, and whoever does not is not."""

from __future__ import annotations

from collections.abc import Callable

from sgnn.corpus.audit import audit
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import OperatorEntry, SimulatorEntry

Wrongs = Callable[..., Corpus]


def checks(corpus: Corpus) -> dict[str, str]:
    """Messages of all findings, by check and what they are about."""
    found: dict[str, str] = {}
    for finding in audit(corpus).findings:
        name = f"{finding.check}: {finding.about}"
        found[name] = "; ".join(filter(None, [found.get(name), finding.message]))
    return found


def test_sound_simulators_stochastic_or_not_have_no_finding(wrongs: Wrongs) -> None:
    assert checks(wrongs()) == {}
    assert checks(wrongs("wrongs.still", observation=(), seed=9)) == {}


def test_what_only_one_mechanism_of_a_mixture_gives_is_not_missing_in_the_others(wrongs: Wrongs) -> None:
    entries = (SimulatorEntry(name="wrongs.sound"), SimulatorEntry(name="wrongs.still"))
    assert checks(wrongs(simulators=entries, observation=())) == {}


def test_a_clock_seed_is_caught_because_draws_differ_each_time_they_are_simulated(wrongs: Wrongs) -> None:
    found = checks(wrongs("wrongs.clock"))
    assert "differs each time" in found["replay: wrongs.clock"]


def test_seed_plus_number_with_overlapping_streams_is_caught_in_the_outputs_of_neighbours(wrongs: Wrongs) -> None:
    found = checks(wrongs("wrongs.numbered"))
    assert "1 apart" in found["neighbours: noise"]
    assert "shifted by 4 values" in found["neighbours: noise"]
    assert "in every corpus" in found["replay: wrongs.numbered"]


def test_overlapping_streams_of_the_corpus_own_key_are_caught_though_every_draw_is_reproducible(wrongs: Wrongs) -> None:
    found = checks(wrongs("wrongs.overlapping"))
    assert "shifted by 4 values" in found["neighbours: noise"]
    assert "neighbours: level" in found
    assert "share random numbers" in found["replay: neighbours of wrongs.overlapping"]


def test_a_generator_that_goes_on_from_draw_to_draw_is_caught_by_simulating_out_of_order(wrongs: Wrongs) -> None:
    assert "differs each time" in checks(wrongs("wrongs.goes_on"))["replay: wrongs.goes_on"]


def test_one_stream_for_all_draws_of_a_block_is_caught(wrongs: Wrongs) -> None:
    found = checks(wrongs("wrongs.one_stream"))
    assert "depends on its batch" in found["replay: wrongs.one_stream"]


def test_a_generator_begun_anew_in_every_worker_is_caught_by_rows_that_recur_in_other_blocks(wrongs: Wrongs) -> None:
    found = checks(wrongs("wrongs.restarted"))
    assert "to the last bit, such as draws 0 and 64" in found["duplicates: noise"]
    assert "replay: wrongs.restarted" in found


def test_an_operator_with_random_numbers_of_its_own_is_caught_by_its_name(wrongs: Wrongs) -> None:
    stale = (OperatorEntry(operator="wrongs.stale", settings={"variable": "level"}),)
    found = checks(wrongs(observation=stale))
    assert list(found) == ["replay: observation stage stale_level"]
    assert "in every corpus" in found["replay: observation stage stale_level"]


def test_a_wrong_simulator_in_a_mixture_is_named_and_the_others_are_not(wrongs: Wrongs) -> None:
    entries = (SimulatorEntry(name="wrongs.sound"), SimulatorEntry(name="wrongs.clock", weight=0.2))
    about = {finding.about for finding in audit(wrongs(simulators=entries)).findings if finding.check == "replay"}
    assert about == {"wrongs.clock"}
