"""Draws under limits: whatever a simulator does, its draw fails with a reason, and all others are as ever."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from sgnn.corpus.assembly import generator_of, unlimited_generator_of
from sgnn.corpus.recipe import Recipe, SimulatorEntry, load_recipe
from sgnn.corpus.sections import CorpusSection, Limits
from sgnn.errors import RecipeError
from sgnn.simulation.generator import FAILED, OK, QUARANTINED

if TYPE_CHECKING:
    from corpus_walks.faulty import Table

LIMITS = Limits(draw_seconds=1.0, memory="64 MiB")
TOO_LONG = "took longer than 1 s (corpus.limits.draw_seconds)"
TOO_MUCH = "needed more than 64 MiB (corpus.limits.memory)"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    from corpus_walks.faulty import FAULTS, Table

    monkeypatch.setenv(FAULTS, str(tmp_path / "faults"))
    made = Table(tmp_path / "faults")
    made.write({})
    return made


@pytest.fixture
def section() -> CorpusSection:
    return load_recipe("faulty-walks").corpus.model_copy(update={"limits": LIMITS})


@pytest.fixture
def none_left() -> Iterator[None]:
    """Fails where a process outlives the test."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    gc.collect()
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive


FAULTS: list[tuple[Mapping[int, Sequence[str]], Mapping[int, str]]] = [
    # what becomes of each try of a draw, the last for all that follow → the reason that the draw's record keeps
    ({5: ["hangs"], 6: ["raises"]}, {5: TOO_LONG, 6: "ValueError: no equilibrium"}),
    ({4: ["hangs in C"]}, {4: TOO_LONG}),
    ({6: ["starts a program that hangs"]}, {6: TOO_LONG}),
    ({5: ["eats memory"], 7: ["gives NaN"]}, {5: TOO_MUCH, 7: "'level' is nan, not a finite number"}),
    ({4: ["crashes"]}, {4: "ended the process that simulated it: SIGSEGV"}),
    ({7: ["exits"], 2: ["raises"]}, {7: "SystemExit: 3", 2: "ValueError: no equilibrium"}),
    # killed once, by somebody who looked for memory: the draw is judged alone, in a process of its own
    ({6: ["is killed", ""]}, {}),
    ({3: ["is slow"], 5: ["is slow"]}, {}),
]


@pytest.mark.parametrize(("faults", "reasons"), FAULTS)
@pytest.mark.usefixtures("none_left")
def test_a_draw_that_goes_too_far_fails_with_its_reason_and_no_other_draw_changes(
    table: Table, section: CorpusSection, faults: Mapping[int, Sequence[str]], reasons: Mapping[int, str]
) -> None:
    undisturbed = unlimited_generator_of(section, "key").draws(0, 8)
    table.write(faults)
    (table.folder / "tries").unlink()
    draws = generator_of(section, "key").draws(0, 8)
    assert draws.errors == reasons
    bad = list(reasons)
    expected = [OK if i not in bad else QUARANTINED if "nan" in reasons[i] else FAILED for i in range(8)]
    assert draws.status.tolist() == expected
    good = draws.status == OK
    assert draws.arrays["level"][good].tobytes() == undisturbed.arrays["level"][good].tobytes()
    # the parameters of a draw that failed are kept
    assert draws.theta.tobytes() == undisturbed.theta.tobytes()


@pytest.mark.usefixtures("none_left")
def test_a_simulator_that_breaks_its_declaration_stops_the_work_as_it_does_without_limits(
    table: Table, section: CorpusSection
) -> None:
    table.write({2: ["gives another shape"]})
    for generator in (unlimited_generator_of(section, "key"), generator_of(section, "key")):
        with pytest.raises(RecipeError, match=r"'level'.*shape"):
            generator.draws(0, 8)


def test_all_mechanisms_and_stages_of_observation_give_the_same_bytes_under_limits(
    recipe: Recipe, change: Callable[..., Recipe]
) -> None:
    section = change(recipe, limits=LIMITS).corpus
    within, without = generator_of(section, "key"), unlimited_generator_of(section, "key")
    for start in (0, 40):
        ours, theirs = within.draws(start, start + 40), without.draws(start, start + 40)
        assert all(ours.arrays[name].tobytes() == theirs.arrays[name].tobytes() for name in theirs.arrays)
        assert (ours.errors, ours.status.tolist()) == (theirs.errors, theirs.status.tolist())


def test_a_process_that_simulates_ends_with_its_worker_even_while_it_hangs(
    table: Table, section: CorpusSection, tmp_path: Path
) -> None:
    table.write({0: ["hangs in C"]})
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys\n"
        "from sgnn.corpus.assembly import generator_of\n"
        "from sgnn.corpus.sections import CorpusSection\n"
        "generator_of(CorpusSection.model_validate_json(sys.argv[1]), 'key').draws(0, 4)\n"
    )
    with subprocess.Popen([sys.executable, str(script), section.model_dump_json()]) as worker:
        deadline = time.monotonic() + 60
        while not table.tries():
            assert time.monotonic() < deadline, "the draw was never tried"
            time.sleep(0.02)
        below = psutil.Process(worker.pid).children(recursive=True)
        os.kill(worker.pid, signal.SIGKILL)
    assert below
    assert not psutil.wait_procs(below, timeout=20)[1]


def test_limits_are_part_of_the_key_and_their_spelling_is_not(recipe: Recipe, change: Callable[..., Recipe]) -> None:
    from sgnn.corpus.digest import corpus_key

    spelt = [Limits(memory=text) for text in ("2 GiB", "2048 MiB", 2**31)]
    keys = {corpus_key(change(recipe, limits=limits).corpus) for limits in spelt}
    assert len(keys) == 1
    assert keys != {corpus_key(recipe.corpus)}


def test_a_simulator_that_cannot_be_made_is_told_as_without_limits(section: CorpusSection) -> None:
    wrong = section.model_copy(update={"simulators": (SimulatorEntry(name="walks.faulty", settings={"moons": 1}),)})
    with pytest.raises(RecipeError, match="does not take the settings moons=1"):
        generator_of(wrong, "key")
