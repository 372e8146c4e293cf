"""What a corpus will take, from a few blocks of it that were tried: objects, bytes, time, money, memory. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sgnn.corpus.layout import Layout
from sgnn.corpus.plan import plan_blocks
from sgnn.corpus.sections import CorpusSection

HOUR = 3600.0
GIGABYTE = 1e9
BUSY = 0.8
"""Share of a block's time on the processor below which it is said: the simulator waits, or others are at work."""
GETS = 3
"""GETs of a block that a build makes in a bucket: the layout, the record that is not there, the layout again."""


@dataclass(frozen=True)
class TriedBlock:
    """What one block took when it was made for a trial."""

    seconds: float
    processor_seconds: float
    kernel_seconds: float
    """In drawing parameters, simulating and observing."""
    mechanism_seconds: tuple[float, ...]
    """In simulating and observing, by mechanism."""
    mechanism_draws: tuple[int, ...]
    stored: Mapping[str, int | None]
    """Bytes of each array's file; None where all is fill and there is none."""
    record_bytes: int
    lost: int
    """Draws that failed or were quarantined."""


@dataclass(frozen=True)
class Trial:
    """Some blocks of a corpus, made on one core of one machine, one after the other in one process."""

    block_draws: int
    """Of each; fewer than the corpus has where such a block would take too long."""
    blocks: tuple[TriedBlock, ...]
    segment_bytes: float
    """By which a segment grows with each block."""
    group_objects: int
    """Of the Zarr group without draws."""
    peak_bytes: int | None
    """Highest memory of the process, and of one in which it simulates under limits; None where the system is silent."""

    @property
    def draws(self) -> int:
        """Draws that were made."""
        return self.block_draws * len(self.blocks)


@dataclass(frozen=True)
class Prices:
    """In dollars; None where they were not given."""

    core_hour: float | None = None
    gb_month: float | None = None


@dataclass(frozen=True)
class Spread:
    """A figure, and what it would be if all blocks were like the least and the most of those tried."""

    mean: float
    low: float
    high: float

    def times(self, factor: float) -> Spread:
        """All three, so many times."""
        return Spread(self.mean * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Mechanism:
    """One simulator of the mixture; its seconds a draw are None where no draw of the trial had it."""

    name: str
    share: float
    draws_tried: int
    seconds_per_draw: Spread | None


@dataclass(frozen=True)
class Size:
    """Bytes: of arrays decoded and as files, and of records, segments and manifest beside them."""

    raw: float
    stored: Spread
    ledger: float
    raw_per_draw: int
    stored_per_draw: float


@dataclass(frozen=True)
class Requests:
    """Of a store in a bucket, for one build without restarts; planning and committing read some dozens more."""

    put: int
    get: int
    delete: int


@dataclass(frozen=True)
class Dollars:
    """None where no price was given."""

    computing: Spread | None
    storage_month: Spread | None


@dataclass(frozen=True)
class Estimate:
    """What a corpus will take. A corpus is made of whole blocks: `made` draws, of which `draws` count."""

    corpus: str
    draws: int
    made: int
    block_draws: int
    blocks: int
    segments: int
    objects: int
    mechanisms: tuple[Mechanism, ...]
    size: Size
    core_hours: Spread
    workers: int
    wall_seconds: Spread
    dollars: Dollars
    memory_per_worker: int | None
    requests: Requests
    lost_share: float
    trial: Trial

    @property
    def whole_blocks(self) -> bool:
        """Whether the blocks of the trial were as large as those of the corpus."""
        return self.trial.block_draws == self.block_draws

    @property
    def busy(self) -> float:
        """Share of the trial's time in which its blocks had a processor."""
        blocks = self.trial.blocks
        return sum(block.processor_seconds for block in blocks) / sum(block.seconds for block in blocks)

    def to_json(self) -> dict[str, Any]:
        """All of it as one object."""
        document = asdict(self)
        trial = document.pop("trial")
        tried = {"block_draws": trial["block_draws"], "whole_blocks": self.whole_blocks, "busy": self.busy}
        seconds = {name: [block[name] for block in trial["blocks"]] for name in ("seconds", "kernel_seconds")}
        return {**document, "trial": {"blocks": len(trial["blocks"]), **tried, **seconds}}


def estimate(section: CorpusSection, layout: Layout, trial: Trial, workers: int, prices: Prices) -> Estimate:
    """What the section's corpus in this layout takes on so many workers, each as fast as the process of the trial."""
    blocks = len(plan_blocks(section.draws, layout.block_draws))
    segments, made = layout.segments(blocks), blocks * layout.block_draws
    files = _files(trial)
    seconds = _a_draw(trial, lambda block: block.seconds).times(layout.block_draws)
    core_hours = seconds.times(blocks / HOUR)
    size = _size(layout, trial, blocks)
    rows, fixed = -(-blocks // workers), 1 + trial.group_objects
    return Estimate(
        corpus=section.name,
        draws=section.draws,
        made=made,
        block_draws=layout.block_draws,
        blocks=blocks,
        segments=segments,
        objects=fixed + blocks * (files + 1) + segments + 1,
        mechanisms=_mechanisms(section, layout, trial),
        size=size,
        core_hours=core_hours,
        workers=workers,
        wall_seconds=seconds.times(rows),
        dollars=Dollars(
            None if prices.core_hour is None else core_hours.times(prices.core_hour),
            None if prices.gb_month is None else _monthly(size, prices.gb_month),
        ),
        memory_per_worker=trial.peak_bytes,
        requests=Requests(
            # the metadata of the arrays and of the group are written again when a version is shown to readers
            put=fixed + blocks * (files + 1) + segments + 1 + len(layout.arrays) + 1,
            get=GETS * blocks,
            delete=blocks * (len(layout.arrays) - files),
        ),
        lost_share=sum(block.lost for block in trial.blocks) / trial.draws,
        trial=trial,
    )


def cautions(found: Estimate, *, limited: bool, worker_memory: int | None, free_bytes: int | None) -> tuple[str, ...]:
    """What to know before the figures are believed or the build is started, a line each.

    `limited` where draws are simulated in a process beside the worker, whose processor time is not known here;
    `free_bytes` of the disk that holds the store, None for another kind of store.
    """
    lines = []
    if not found.whole_blocks:
        lines.append(
            f"blocks of {found.trial.block_draws:,} draws were tried, for whole ones of {found.block_draws:,} take "
            "too long: whole ones need more memory, and may take less time and fewer bytes a draw"
        )
    if found.busy < BUSY and not limited:
        lines.append(
            f"the blocks had a processor for {found.busy:.0%} of their time: the simulators wait for something, or "
            "this machine is busy with other work, and core-hours are nearer to "
            f"{found.core_hours.mean * found.busy:.3g}"
        )
    if found.lost_share > 0:
        lines.append(f"{found.lost_share:.2%} of the draws tried failed or were quarantined; they count as made")
    peak = found.memory_per_worker
    if worker_memory is not None and peak is not None and peak > worker_memory:
        lines.append(f"a worker needs {peak / 2**20:,.0f} MiB, and SGNN_WORKER_MEMORY gives it {_mib(worker_memory)}")
    needed = found.size.stored.mean + found.size.ledger
    if free_bytes is not None and needed > free_bytes:
        lines.append(f"the disk of the store has {_mib(free_bytes)} free, and the corpus needs {_mib(needed)}")
    return tuple(lines)


def trial_size(block_draws: int, chunk_draws: int, seconds_per_draw: float, seconds: float) -> tuple[int, int]:
    """Draws of a block and of a chunk for a trial in which a block may take so many seconds.

    The corpus's own where these fit, else fewer, still whole chunks, and at least one draw.
    """
    affordable = int(min(seconds / max(seconds_per_draw, 1e-9), block_draws))
    if affordable >= chunk_draws:
        return affordable // chunk_draws * chunk_draws, chunk_draws
    return max(affordable, 1), max(affordable, 1)


def _a_draw(trial: Trial, of: Callable[[TriedBlock], float]) -> Spread:
    """A figure of blocks, a draw."""
    values = [of(block) / trial.block_draws for block in trial.blocks]
    return _spread(values, sum(values) / len(values))


def _spread(values: Sequence[float], mean: float) -> Spread:
    return Spread(mean, min(values), max(values))


def _files(trial: Trial) -> int:
    """Arrays that have a file: an array without a value other than fill has none."""
    return sum(any(block.stored[name] is not None for block in trial.blocks) for name in trial.blocks[0].stored)


def _size(layout: Layout, trial: Trial, blocks: int) -> Size:
    raw = sum(array.bytes_per_draw for array in layout.arrays)
    stored = _a_draw(trial, lambda block: sum(size or 0 for size in block.stored.values()))
    record = sum(block.record_bytes for block in trial.blocks) / len(trial.blocks)
    made = blocks * layout.block_draws
    return Size(raw * made, stored.times(made), blocks * (record + trial.segment_bytes), raw, stored.mean)


def _mechanisms(section: CorpusSection, layout: Layout, trial: Trial) -> tuple[Mechanism, ...]:
    total = sum(entry.weight for entry in section.simulators)
    named = zip(layout.schema.mechanisms, section.simulators, strict=True)
    return tuple(
        Mechanism(name, entry.weight / total, _draws_tried(trial, at), _pace(trial, at))
        for at, (name, entry) in enumerate(named)
    )


def _draws_tried(trial: Trial, at: int) -> int:
    return sum(block.mechanism_draws[at] for block in trial.blocks)


def _pace(trial: Trial, at: int) -> Spread | None:
    """Seconds a draw of a mechanism, over the blocks that have draws of it."""
    pairs = [(block.mechanism_seconds[at], block.mechanism_draws[at]) for block in trial.blocks]
    pairs = [(seconds, draws) for seconds, draws in pairs if draws]
    if not pairs:
        return None
    mean = sum(seconds for seconds, _ in pairs) / sum(draws for _, draws in pairs)
    return _spread([seconds / draws for seconds, draws in pairs], mean)


def _monthly(size: Size, gb_month: float) -> Spread:
    stored, factor = size.stored, gb_month / GIGABYTE
    whole = Spread(stored.mean + size.ledger, stored.low + size.ledger, stored.high + size.ledger)
    return whole.times(factor)


def _mib(bytes_: float) -> str:
    return f"{bytes_ / 2**20:,.0f} MiB"
