"""A trial: a few blocks of a corpus, made as a build makes them, in a process and a store that are gone afterwards.

The process is a new one with one thread for each library, as a worker is, and finds its kernels compiled.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sgnn.corpus.assembly import unlimited_generator_of, warm
from sgnn.corpus.block import block_task, make_block
from sgnn.corpus.cluster.process import ONE_THREAD
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.estimate import Trial, TriedBlock, trial_size
from sgnn.corpus.group import create_group
from sgnn.corpus.layout import Layout, plan_layout
from sgnn.corpus.ledger import LAYOUT_KEY
from sgnn.corpus.limits.runner import LimitedRunner
from sgnn.corpus.plan import Block, plan_blocks
from sgnn.corpus.record import BlockRecord
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.segment import committed_block, segment_of_blocks
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.corpus.store.folder import FolderStore
from sgnn.errors import ServiceError, SgnnError
from sgnn.simulation import DrawGenerator, Outputs, Streams, Theta
from sgnn.simulation.runner import Runner

BLOCKS = 3
TRIAL_SECONDS = 12.0
"""For all blocks together; those that would take longer are made smaller."""
PACE_SECONDS = 0.5
"""A batch that takes so long tells how long a draw takes."""
REQUEST = "request.json"
START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sgnn.corpus.trial import main
main(*sys.argv[2:])
"""
"""Finds modules where this process does, those of a notebook or a script among them."""


def planned_layout(section: CorpusSection) -> Layout:
    """The layout that the section's corpus will have; nothing is written.

    Raises `RecipeError` or `UnknownNameError` for a recipe that cannot be simulated.
    """
    key = corpus_key(section)
    return plan_layout(section, unlimited_generator_of(section, key).schema, key, {})


def try_blocks(section: CorpusSection) -> Trial:
    """Make a few blocks of the section's corpus in another process. The configured store is not touched.

    Raises what making a block raises, and `ServiceError` where the process does not come to an end by itself.
    """
    with TemporaryDirectory(prefix="sgnn-trial-") as name:
        folder = Path(name)
        (folder / REQUEST).write_text(section.model_dump_json(), encoding="utf-8")
        # what compiles kernels needs more memory than a worker, which finds them on the disk
        _in_a_process("compile", section, folder)
        trial = _in_a_process("measure", section, folder)
    assert isinstance(trial, Trial)
    return trial


def main(step: str, name: str) -> None:
    """The other process: does one step of a trial, and leaves in the folder what came of it, be it an error."""
    folder = Path(name)
    answer: Trial | SgnnError | None = None
    try:
        section = CorpusSection.model_validate_json((folder / REQUEST).read_text(encoding="utf-8"))
        if step == "compile":
            warm(section, corpus_key(section))
        else:
            answer = measured(section, folder)
    except SgnnError as error:
        answer = error
    draft = folder / "draft"
    draft.write_bytes(pickle.dumps(answer))
    draft.rename(folder / f"{step}.pickle")


def measured(section: CorpusSection, folder: Path) -> Trial:
    """A trial in this process, with its store in the folder."""
    key, planned = corpus_key(section), planned_layout(section)
    warm(section, key)
    generator, runner = _timed(section, key)
    # what is imported and opened once is no part of a block
    first = _store(folder / "first", replace(planned, block_draws=1, chunk_draws=1))
    _try(first, section, generator, runner, Block(0, 0, 1))
    pace = _pace(generator, planned.block_draws)
    draws, chunk = trial_size(planned.block_draws, planned.chunk_draws, pace, TRIAL_SECONDS / BLOCKS)
    store = _store(folder / "blocks", replace(planned, block_draws=draws, chunk_draws=chunk))
    objects = sum(len(files) for _, _, files in os.walk(store.root / GROUP))
    tried = [_try(store, section, generator, runner, block) for block in plan_blocks(BLOCKS * draws, draws)]
    committed = [committed_block(record) for record, _ in tried]
    one, all_ = (len(segment_of_blocks(key, 0, committed[:number]).to_json()) for number in (1, BLOCKS))
    blocks = tuple(block for _, block in tried)
    return Trial(draws, blocks, (all_ - one) / (BLOCKS - 1), objects, _peak_bytes())


def _in_a_process(step: str, section: CorpusSection, folder: Path) -> Trial | None:
    """What a step came to. Raises as `try_blocks` does."""
    answer = folder / f"{step}.pickle"
    ended = subprocess.run(
        [sys.executable, "-c", START, json.dumps(sys.path), step, str(folder)],
        env={**os.environ, **ONE_THREAD},
        stdin=subprocess.DEVNULL,
        # what simulators print is no result
        stdout=2,
        start_new_session=True,
        check=False,
    )
    if not answer.exists():
        raise ServiceError(
            f"the process that tried blocks of '{section.name}' ended with {_how(ended.returncode)}",
            remedy="`sgnn simulators check` may find the fault; corpus.limits keeps it to the draws that have it",
        )
    came: Trial | SgnnError | None = pickle.loads(answer.read_bytes())
    if isinstance(came, SgnnError):
        raise came
    return came


class TimedRunner(Runner):
    """Runs mechanisms by another runner, or by a generator's own means, and adds up the seconds of each."""

    def __init__(self, own: DrawGenerator, limited: LimitedRunner | None) -> None:
        self._run = own.run if limited is None else limited.run
        self._limited = limited
        self.seconds: dict[int, float] = {}

    def portion(self, mechanism: int, draws: int) -> int:
        """As many as the other runner takes at once; all draws without one."""
        return draws if self._limited is None else self._limited.portion(mechanism, draws)

    def run(self, mechanism: int, streams: Streams, theta: Theta) -> Outputs:
        """As the other one does; what raises has taken its time too."""
        began = time.perf_counter()
        try:
            return self._run(mechanism, streams, theta)
        finally:
            self.seconds[mechanism] = self.seconds.get(mechanism, 0.0) + time.perf_counter() - began


def _timed(section: CorpusSection, key: str) -> tuple[DrawGenerator, TimedRunner]:
    """The generator of the section's draws, with a clock in it."""
    own = unlimited_generator_of(section, key)
    runner = TimedRunner(own, None if section.limits is None else LimitedRunner(section, key, section.limits))
    return DrawGenerator(own.mixture, own.pipeline, key, runner), runner


def _store(root: Path, layout: Layout) -> FolderStore:
    """A store with an empty corpus."""
    store = FolderStore(root)
    store.put(LAYOUT_KEY, layout.to_json())
    create_group(store, layout)
    return store


def _try(
    store: CorpusStore, section: CorpusSection, generator: DrawGenerator, runner: TimedRunner, block: Block
) -> tuple[BlockRecord, TriedBlock]:
    """Make a block as a build does, with a look at the clocks."""
    runner.seconds.clear()
    began, processor = time.perf_counter(), _processor_seconds()
    record = make_block(block_task(store, section, generator.corpus_key, {}), block, generator)
    took, processor = time.perf_counter() - began, _processor_seconds() - processor
    mechanisms = range(len(section.simulators))
    made_by = generator.mixture.mechanisms(Streams(generator.corpus_key, np.arange(block.start, block.stop)))
    return record, TriedBlock(
        seconds=took,
        processor_seconds=processor,
        kernel_seconds=record.kernel_seconds,
        mechanism_seconds=tuple(runner.seconds.get(index, 0.0) for index in mechanisms),
        mechanism_draws=tuple(int((made_by == index).sum()) for index in mechanisms),
        stored={array: one.bytes for array, one in record.arrays.items()},
        record_bytes=len(record.to_json()),
        lost=len(record.problems),
    )


def _pace(generator: DrawGenerator, most: int) -> float:
    """Seconds a draw, from a batch large enough to tell."""
    number = 4
    while True:
        number = min(number, most)
        began = time.perf_counter()
        generator.draws(0, number)
        seconds = time.perf_counter() - began
        if seconds >= PACE_SECONDS or number == most:
            return seconds / number
        number *= 4


def _processor_seconds() -> float:
    """Of this process and of the programs that it ran."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_bytes() -> int | None:
    """Highest memory so far of this process and of those that it has started and still has."""
    try:
        peaks = [_high_water(Path("/proc/self")), *(_high_water(child) for child in _children())]
    except OSError:
        return None
    return sum(peaks)


def _high_water(process: Path) -> int:
    found = re.search(r"^VmHWM:\s+(\d+) kB", (process / "status").read_text(), flags=re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _children() -> Iterator[Path]:
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            yield Path("/proc") / child


def _how(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
