"""Making one block: simulate, stage, check, publish by rename, record last. Runs in any process, in any order."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.layout import STATUSES, Layout
from sgnn.corpus.ledger import LAYOUT_KEY, damage, layout_of, record_of
from sgnn.corpus.plan import Block
from sgnn.corpus.record import ArrayRecord, BlockRecord, Problem, record_key
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.shards import stage_shards
from sgnn.corpus.store import GROUP, CorpusStore, open_store
from sgnn.errors import CorruptCorpusError, RecipeError, StoreError
from sgnn.simulation.streams import Streams

if TYPE_CHECKING:
    from sgnn.simulation.generator import DrawGenerator, Draws


def block_task(store: CorpusStore, section: CorpusSection, key: str, committed: Mapping[int, str]) -> str:
    """All that a worker must know to make blocks of a corpus, as JSON text.

    `committed` gives the digests of blocks that some version holds already: made again, they must come out the same.
    """
    task = {"store": store.url, "key": key, "committed": dict(committed)}
    return json.dumps({**task, "section": section.model_dump(mode="json")})


def ensure_block(plan_json: str, block: Block) -> BlockRecord:
    """The record of a block, which is made where nobody has made it; for tasks that a cluster may run again.

    A worker that dies takes results along that were not fetched yet, and another writer may be at work as well: what
    is finished is not simulated anew. Raises as `make_block` does.
    """
    plan = json.loads(plan_json)
    store = open_store(plan["store"])
    layout = layout_of(store)
    with suppress(CorruptCorpusError):
        record = None if layout is None else record_of(store, layout, block.index)
        if layout is not None and record is not None and damage(store, layout, record) is None:
            expected = plan["committed"].get(str(block.index), record.digest)
            if record.digest == expected:
                return record
    return make_block(plan_json, block)


def make_block(plan_json: str, block: Block, generator: DrawGenerator | None = None) -> BlockRecord:
    """Simulate a block of the plan and publish it; killed at any moment it leaves nothing that counts as made.

    The same plan and block give the same bytes in every process; a `generator` other than the plan's own must make the
    same draws. Raises `StoreError` where the store does not take it,
    `CorruptCorpusError` where a block that a version holds does not come out as it was.
    """
    began = time.perf_counter()
    plan = json.loads(plan_json)
    store = open_store(plan["store"])
    generator = generator or _generator(json.dumps(plan["section"]), plan["key"])
    draws = generator.draws(block.start, block.stop)
    # asked for at the last moment: where a disk is no longer mounted, nothing may be written in its place
    layout = layout_of(store)
    if layout is None:
        raise StoreError(
            f"{store.place(LAYOUT_KEY)} is gone",
            remedy="see that the store is there and run again: finished blocks are kept",
        )
    arrays = _arrays(layout, block, draws)
    with store.staging() as folder:
        staged = stage_shards(folder, layout, arrays)
        record = BlockRecord(
            key=layout.key,
            block=block,
            arrays={name: ArrayRecord(shard.digest, shard.bytes) for name, shard in staged.items()},
            problems=_problems(draws, block),
            kernel_seconds=draws.seconds_kernel,
            seconds=time.perf_counter() - began,
        )
        expected = plan["committed"].get(str(block.index), record.digest)
        if record.digest != expected:
            raise CorruptCorpusError(
                f"block {block.index} of {store.name}, made again, is not the one that a version holds: "
                "a simulator changed and kept its version, or does not depend on its random streams alone",
                remedy="give the simulator a new version and build a new corpus",
            )
        keys = {name: f"{GROUP}/{layout.array(name).shard(block.index)}" for name in staged}
        for name in (name for name, shard in staged.items() if shard.file is None):
            store.remove(keys[name])
        store.publish_all({keys[name]: shard.file for name, shard in staged.items() if shard.file is not None})
    store.put(record_key(block.index), record.to_json())
    return record


@lru_cache(maxsize=4)
def _generator(section: str, key: str) -> DrawGenerator:
    """The generator, kept between blocks: a worker makes many blocks of one corpus."""
    return generator_of(CorpusSection.model_validate_json(section), key)


def _arrays(layout: Layout, block: Block, draws: Draws) -> dict[str, NDArray[Any]]:
    """Values of every stored array, of the declared types and shapes."""
    seeds = Streams(layout.key, np.arange(block.start, block.stop, dtype=np.int64)).seeds()
    own = {"theta": draws.theta, "mechanism": draws.mechanism, "status": draws.status, "seed": seeds}
    arrays = {}
    for array in layout.arrays:
        values = own[array.name] if array.name in own else draws.arrays[array.name]
        values = np.ascontiguousarray(values, dtype=array.dtype)
        if values.shape != (block.draws, *array.shape):
            raise RecipeError(
                f"variable '{array.name}' has shape {values.shape}, declared is {(block.draws, *array.shape)}",
                remedy="mend the simulator's variables() or simulate()",
            )
        arrays[array.name] = values
    return arrays


def _problems(draws: Draws, block: Block) -> tuple[Problem, ...]:
    """Draws that are not ok; their numbers count from the start of the corpus."""
    return tuple(
        Problem(block.start + int(at), STATUSES[draws.status[at]], draws.errors.get(block.start + int(at), ""))
        for at in np.flatnonzero(draws.status)
    )
