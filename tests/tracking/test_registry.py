"""The registry on a real database: registration, promotion through gates, the way back, and kills in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from sgnn.corpus.sections import Gate
from sgnn.errors import GateRefused, RegistryError
from sgnn.settings import Settings, load_settings
from sgnn.tracking import promotion
from sgnn.tracking.connection import Tracking, open_tracking
from sgnn.tracking.gates import GateOutcome
from sgnn.tracking.lineage import Lineage
from sgnn.tracking.models import folder_digest, log_forecaster
from sgnn.tracking.promotion import judge, promote, rollback
from sgnn.tracking.reference import find_version, parse_reference, registered_versions, resolve
from sgnn.tracking.registry import (
    MODEL_TAG,
    Version,
    list_versions,
    read_benchmarks,
    record_benchmarks,
    register,
    show_version,
)
from sgnn.tracking.runs import attach_run
from sgnn.tracking.trace import trace_of

Results = Mapping[str, Mapping[str, Any]]
Benchmark = Callable[..., dict[str, Any]]
Release = Callable[..., Version]


@pytest.fixture
def release(tracking: Tracking, weights: Callable[[int], Path], lineage: Lineage, gates: tuple[Gate, ...]) -> Release:
    """Logs the model of a seed and registers it with results."""

    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)

    def make(seed: int, results: Results, name: str = "covid", gates: tuple[Gate, ...] = gates) -> Version:
        logged = log_forecaster(run, weights(seed), name, "# card")
        return register(tracking, name, logged, lineage, results, gates, "# card")

    return make


def test_a_version_carries_its_lineage_results_gates_and_card(
    release: Release, benchmark: Benchmark, lineage: Lineage, gates: tuple[Gate, ...], tracking: Tracking
) -> None:
    version = release(0, {"real": benchmark(0.6)})
    assert version.ref == "covid/1"
    assert version.complete
    assert version.aliases == ("candidate",)
    assert version.lineage == lineage
    assert version.gates == gates
    assert version.card == "# card"
    assert dict(version.figures) == {"real.relative_mae": 0.6, "real.relative_wis": 0.55, "real.coverage.90": 0.9}
    assert read_benchmarks(tracking, version) == {"real": benchmark(0.6)}
    assert version == show_version(tracking, "covid", "candidate") == list_versions(tracking, "covid")[0]


def test_figures_that_gates_look_at_stand_beside_the_version(release: Release, benchmark: Benchmark) -> None:
    gate = Gate(name="alone", protocol="real", metric="variants.alone.scores.relative_mae", comparison="<=", value=0.9)
    version = release(0, {"real": benchmark(0.6)}, gates=(gate,))
    assert version.figures["real.variants.alone.scores.relative_mae"] == 0.7


def test_each_new_version_becomes_the_candidate(release: Release, benchmark: Benchmark, tracking: Tracking) -> None:
    release(0, {"real": benchmark(0.6)})
    release(1, {"real": benchmark(0.5)})
    assert [(version.number, version.aliases) for version in list_versions(tracking)] == [(1, ()), (2, ("candidate",))]


def test_the_same_trained_model_is_registered_once(release: Release, benchmark: Benchmark, tracking: Tracking) -> None:
    first = release(0, {"real": benchmark(0.6)})
    assert release(0, {"real": benchmark(0.6)}) == first
    assert len(list_versions(tracking, "covid")) == 1


def test_results_measured_later_are_added_and_earlier_ones_kept(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    version = release(0, {})
    assert version.complete
    version = record_benchmarks(tracking, version, {"real": benchmark(0.6)})
    version = record_benchmarks(tracking, version, {"real": benchmark(0.1), "other": benchmark(0.7, protocol="other")})
    read = read_benchmarks(tracking, version)
    assert read["real"]["scores"]["relative_mae"] == 0.6
    assert read["other"]["scores"]["relative_mae"] == 0.7


def test_a_version_that_passes_its_gates_becomes_champion(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    release(0, {"real": benchmark(0.6)})
    champion = promote(tracking, "covid", why="first", who="me")
    assert champion.aliases == ("candidate", "champion")
    assert champion.previous_champion is None
    (decision,) = champion.decisions
    assert (decision["decision"], decision["who"], decision["why"]) == ("promoted", "me", "first")
    assert all(outcome["passed"] for outcome in decision["outcomes"])
    assert decision["outcomes"][0]["value"] == 0.6
    # doing it again changes nothing
    assert promote(tracking, "covid") == champion


def test_a_refusal_names_gate_and_distance_and_is_recorded(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    version = release(0, {"real": benchmark(0.95, coverage=0.6)})
    with pytest.raises(GateRefused) as refused:
        promote(tracking, "covid")
    said = str(refused.value)
    assert "covid/1 stays candidate" in said
    assert "gate 'beats last value': real relative_mae is 0.95, expected <= 0.9, short by 0.05" in said
    assert "gate 'calibrated'" in said
    assert "short by 0.25" in said
    version = show_version(tracking, "covid", version.number)
    assert version.aliases == ("candidate",)
    assert [decision["decision"] for decision in version.decisions] == ["refused"]


def test_a_model_without_real_results_stays_candidate(release: Release, tracking: Tracking) -> None:
    release(0, {})
    with pytest.raises(GateRefused, match="not measured"):
        promote(tracking, "covid")
    with pytest.raises(RegistryError, match="has no champion"):
        show_version(tracking, "covid")


def test_a_model_without_gates_is_never_promoted(release: Release, benchmark: Benchmark, tracking: Tracking) -> None:
    release(0, {"real": benchmark(0.1)}, gates=())
    with pytest.raises(GateRefused, match="has no gates"):
        promote(tracking, "covid")


def test_a_version_worse_than_the_champion_is_refused_by_the_margin(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    release(0, {"real": benchmark(0.60)})
    promote(tracking, "covid")
    release(1, {"real": benchmark(0.61)})
    assert all(outcome.passed for outcome in judge(tracking, show_version(tracking, "covid", 2)))
    release(2, {"real": benchmark(0.65)})
    with pytest.raises(GateRefused, match=r"champion 0\.6\), short by 0\.03"):
        promote(tracking, "covid", 3)


def test_rollback_goes_one_step_back_and_then_another(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    for seed, error in enumerate((0.6, 0.5, 0.4)):
        release(seed, {"real": benchmark(error)})
        promote(tracking, "covid")
    assert show_version(tracking, "covid").previous_champion == 2
    started = time.perf_counter()
    assert rollback(tracking, "covid", why="bad week").number == 2
    assert time.perf_counter() - started < 5
    assert show_version(tracking, "covid").number == 2
    assert show_version(tracking, "covid", 3).decisions[-1]["why"] == "bad week"
    assert rollback(tracking, "covid").number == 1
    with pytest.raises(RegistryError, match="first champion"):
        rollback(tracking, "covid")


def test_of_two_promotions_at_once_the_later_is_judged_against_the_earlier(
    release: Release, benchmark: Benchmark, tracking: Tracking, settings: Settings
) -> None:
    release(0, {"real": benchmark(0.5)})
    release(1, {"real": benchmark(0.7)})
    outcomes: dict[int, str] = {}

    def attempt(number: int) -> None:
        try:
            promote(open_tracking(settings), "covid", number)
            outcomes[number] = "promoted"
        except GateRefused:
            outcomes[number] = "refused"

    threads = [threading.Thread(target=attempt, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # the better one wins whoever comes first
    assert show_version(tracking, "covid").number == 1
    assert outcomes[1] == "promoted"


def test_two_hosts_that_move_the_champion_at_once_are_kept_apart_by_the_store(
    release: Release,
    benchmark: Benchmark,
    tracking: Tracking,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release(0, {"real": benchmark(0.5)})
    release(1, {"real": benchmark(0.7)})
    # another host: the same server and store, locks of its own
    shared = {"mlflow_tracking_uri": settings.mlflow_tracking_uri, "store": settings.store_url}
    other = open_tracking(load_settings(home=tmp_path / "other", **shared))
    assert other.locks != tracking.locks
    judged = promotion.judge

    def while_the_other_is_faster(own: Tracking, version: Version) -> tuple[GateOutcome, ...]:
        outcomes = judged(own, version)
        if own is tracking:
            promote(other, "covid", 1, who="her")
        return outcomes

    monkeypatch.setattr(promotion, "judge", while_the_other_is_faster)
    with pytest.raises(GateRefused, match=r"champion 0\.5"):
        promote(tracking, "covid", 2)
    assert show_version(tracking, "covid").number == 1


def test_one_who_rolls_back_what_another_host_has_rolled_back_is_told(
    release: Release,
    benchmark: Benchmark,
    tracking: Tracking,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for seed, error in enumerate((0.6, 0.5, 0.4)):
        release(seed, {"real": benchmark(error)})
        promote(tracking, "covid")
    shared = {"mlflow_tracking_uri": settings.mlflow_tracking_uri, "store": settings.store_url}
    other = open_tracking(load_settings(home=tmp_path / "other", **shared))
    shown, moved = promotion.show_version, list[bool]()

    def while_the_other_is_faster(one: Tracking, name: str, which: int | str) -> Version:
        found = shown(one, name, which)
        if one is tracking and not moved:
            moved.append(True)
            rollback(other, "covid", who="her")
        return found

    monkeypatch.setattr(promotion, "show_version", while_the_other_is_faster)
    with pytest.raises(RegistryError, match="her has moved the champion of covid"):
        rollback(tracking, "covid")
    assert shown(tracking, "covid", "champion").number == 2


class Cut(BaseException):
    """Stands for a kill: nothing catches it on the way."""


@pytest.mark.parametrize(("call", "complete"), [("set_model_version_tag", False), ("set_registered_model_alias", True)])
def test_a_registration_cut_off_is_completed_by_the_next(
    call: str,
    complete: bool,
    release: Release,
    benchmark: Benchmark,
    tracking: Tracking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, call, cut)
        with pytest.raises(Cut):
            release(0, {"real": benchmark(0.6)})
    (half,) = list_versions(tracking, "covid")
    assert half.complete is complete
    assert half.aliases == ()
    if not complete:
        with pytest.raises(RegistryError, match="incomplete"):
            promote(tracking, "covid", 1)
    whole = release(0, {"real": benchmark(0.6)})
    assert (whole.number, whole.complete, whole.aliases) == (1, True, ("candidate",))


def test_a_promotion_cut_off_leaves_the_old_champion_and_can_be_repeated(
    release: Release, benchmark: Benchmark, tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(0, {"real": benchmark(0.6)})
    promote(tracking, "covid")
    release(1, {"real": benchmark(0.5)})

    def cut(*_: object, **__: object) -> None:
        raise Cut

    for call in ("set_model_version_tag", "set_registered_model_alias"):
        with monkeypatch.context() as patch:
            patch.setattr(MlflowClient, call, cut)
            with pytest.raises(Cut):
                promote(tracking, "covid")
        assert show_version(tracking, "covid").number == 1
    assert promote(tracking, "covid").number == 2
    assert rollback(tracking, "covid").number == 1


def test_results_changed_after_registration_are_not_judged(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    version = release(0, {"real": benchmark(0.95)})
    file = Path(version.location) / "benchmarks" / "real.json"
    file.write_text(file.read_text(encoding="utf-8").replace("0.95", "0.15"), encoding="utf-8")
    with pytest.raises(RegistryError, match="not the file that was recorded"):
        promote(tracking, "covid")


def test_references_find_champions_aliases_numbers_and_folders(
    release: Release, benchmark: Benchmark, tracking: Tracking, settings: Settings, weights: Callable[[int], Path]
) -> None:
    release(0, {"real": benchmark(0.6)})
    promote(tracking, "covid")
    release(1, {"real": benchmark(0.7)})
    for ref, seed in (("covid", 0), ("covid@candidate", 1), ("covid/1", 0), ("covid@champion", 0), (weights(3), 3)):
        assert folder_digest(resolve(ref, settings)) == folder_digest(weights(seed))


def test_an_unknown_reference_is_told_what_there_is(release: Release, settings: Settings) -> None:
    release(0, {})
    for ref, said in (
        ("covd", "no model named 'covd'.*there is covid"),
        ("covid", "has no champion.*there is covid/1, covid@candidate"),
        ("covid/7", "no version 7.*there is covid/1"),
        ("covid@best", "no alias 'best'.*covid@candidate"),
        ("./nowhere/model", "neither a folder"),
        ("covid/x", "neither a folder"),
        ("it's", "neither a folder"),
    ):
        with pytest.raises(RegistryError, match=said):
            resolve(ref, settings)


def test_weights_changed_after_registration_are_not_used(release: Release, settings: Settings) -> None:
    version = release(0, {})
    (Path(version.location) / "artifacts" / "model" / "model.safetensors").write_bytes(b"other")
    with pytest.raises(RegistryError, match="not the ones that were registered"):
        resolve("covid/1", settings)


def test_an_identity_that_would_lead_out_of_the_home_is_refused(
    release: Release, tracking: Tracking, settings: Settings
) -> None:
    version = release(0, {})
    tracking.client.set_model_version_tag("covid", str(version.number), MODEL_TAG, "../../elsewhere")
    with pytest.raises(RegistryError, match="which MLflow gives to no model"):
        resolve("covid/1", settings)


def test_a_trace_names_what_made_a_version_and_what_it_was_measured_on(
    release: Release, benchmark: Benchmark, tracking: Tracking
) -> None:
    measured = {**benchmark(0.6), "data": {"cases.csv": "5e" * 32}}
    version = release(0, {"real": measured})
    attach_run(tracking, version.run_id).log_environment()
    trace = trace_of(tracking, version)
    assert trace.data == {"real": {"cases.csv": "5e" * 32}}
    assert trace.recipe == {"name": "covid", "digest": "a1" * 16}
    assert trace.corpus["content_digest"] == "c3" * 16
    assert trace.code == {"version": "0.1.0", "commit": "d4" * 20, "changed": True}
    assert trace.digest == version.digest
    assert trace.packages["number"] > 50
    # a run that people removed is no reason to fail
    tracking.client.delete_run(version.run_id)
    assert trace_of(tracking, replace(version, run_id="0" * 32)).packages == {}


def test_looking_up_in_an_empty_home_makes_nothing(tmp_path: Path) -> None:
    from sgnn.settings import load_settings

    empty = load_settings(home=tmp_path / "empty")
    assert registered_versions(empty) == ()
    with pytest.raises(RegistryError, match="none is registered"):
        find_version("covid", empty)
    assert not empty.home.exists()


def test_a_reference_is_read_from_its_text() -> None:
    assert parse_reference("covid").which == "champion"
    assert parse_reference("covid@candidate").which == "candidate"
    assert parse_reference("covid-full/12").which == 12


def test_a_version_says_all_it_knows_as_json(release: Release, benchmark: Benchmark) -> None:
    import json

    said = json.loads(json.dumps(release(0, {"real": benchmark(0.6)}).to_json()))
    assert said["lineage"]["corpus_digest"] == "b2" * 16
    assert said["figures"]["real.relative_mae"] == 0.6
    assert said["benchmarks"].keys() == {"real"}
