"""Building a corpus: plan what is missing, make blocks in any process and order, commit a version last."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.assembly import warm as warm_kernels
from sgnn.corpus.block import block_task, make_block
from sgnn.corpus.digest import corpus_key, digest_with_draws
from sgnn.corpus.group import GROUP_KEY, create_group, is_published, publish_group
from sgnn.corpus.layout import Layout, plan_layout
from sgnn.corpus.ledger import LAYOUT_KEY, damage, is_made, layout_of, manifest_of, record_of, versions
from sgnn.corpus.manifest import Manifest, manifest_key, plan_manifest
from sgnn.corpus.plan import Block, missing, plan_blocks
from sgnn.corpus.provenance import now, provenance
from sgnn.corpus.record import BlockRecord
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.status import CorpusStatus, committed_status, version_with
from sgnn.corpus.store import CorpusStore, corpus_store
from sgnn.errors import CorruptCorpusError, StoreError

if TYPE_CHECKING:
    from sgnn.corpus.recipe import Recipe
    from sgnn.settings import Settings


__all__ = ["BuildPlan", "commit", "make_block", "prepare", "recipe_text", "warm"]

MOST_WRITERS = 10
"""Writers that may show versions of a corpus to readers at the same time."""


@dataclass(frozen=True)
class BuildPlan:
    """What a build has to do: blocks in all, blocks still missing, and the version it starts from."""

    store: CorpusStore
    """Where the corpus is."""
    section: CorpusSection
    key: str
    recipe_digest: str
    block_draws: int
    blocks: tuple[Block, ...]
    missing: tuple[Block, ...]
    base_version: int
    committed: Mapping[int, str]
    """Digests of the missing blocks that some version already holds: made again, they must come out the same."""
    writer: str

    def to_json(self) -> str:
        """What a worker must know to make a block of it."""
        return block_task(self.store, self.section, self.key, self.committed)


def prepare(recipe: Recipe, settings: Settings) -> BuildPlan:
    """Create the corpus where it is not there yet, mend what a killed build left, and find the blocks to be made.

    Raises `RecipeError` or `UnknownNameError` for a recipe that cannot be simulated, `StoreError` for a store that
    cannot be written, `CorruptCorpusError` where the corpus there is not one.
    """
    section = recipe.corpus
    key = corpus_key(section)
    store = corpus_store(settings.store_url, section.name, key)
    store.remove_stale_staging()
    layout = _layout(store, section, key)
    blocks = plan_blocks(section.draws, layout.block_draws)
    todo = missing(blocks, {block for block in blocks if is_made(store, layout, block.index)})
    numbers = versions(store)
    _finish_commit(store, layout)
    return BuildPlan(
        store=store,
        section=section,
        key=key,
        recipe_digest=digest_with_draws(key, section.draws),
        block_draws=layout.block_draws,
        blocks=blocks,
        missing=todo,
        base_version=numbers[-1] if numbers else 0,
        committed=_committed(store, numbers, todo),
        writer=secrets.token_hex(8),
    )


def warm(plan: BuildPlan) -> None:
    """Compile and cache the kernels of the plan's simulators in this process, before workers need them."""
    warm_kernels(plan.section, plan.key)


def commit(plan: BuildPlan) -> CorpusStatus:
    """Make the plan's draws a version, and show them to readers; where a version already holds them, say which.

    Raises `StoreError` where blocks are still missing, or where another writer committed since the plan was made.
    """
    store = plan.store
    layout = _known_layout(store)
    numbers = versions(store)
    version = plan.base_version + 1
    if version in numbers:
        manifest = manifest_of(store, version)
        if manifest.writer != plan.writer:
            raise _beaten(store, version)
    else:
        held = version_with(store, plan.section.draws)
        manifest = held or _commit_new(store, layout, plan, version)
    _finish_commit(store, layout)
    return committed_status(manifest)


def _commit_new(store: CorpusStore, layout: Layout, plan: BuildPlan, version: int) -> Manifest:
    records = _records(store, layout, plan.blocks)
    manifest = plan_manifest(
        version=version,
        name=plan.section.name,
        recipe_digest=plan.recipe_digest,
        draws=plan.section.draws,
        records=records,
        recipe=recipe_text(plan.section),
        committed=now(),
        writer=plan.writer,
    )
    held = _digests(store, versions(store))
    for record in records:
        if held.get(record.block.index, record.digest) != record.digest:
            raise CorruptCorpusError(
                f"block {record.block.index} of {store.name} is not the one that an earlier version committed",
                remedy=f"`sgnn corpus verify {store.name} --repair` makes the block again",
            )
    # shards are not flushed to the disk one by one: what a power cut takes is told by size or checksum and made again
    if not store.create_exclusive(manifest_key(version), manifest.to_json()):
        raise _beaten(store, version)
    return manifest


def recipe_text(section: CorpusSection) -> str:
    """The corpus section as YAML, without what it leaves to defaults."""
    return yaml.safe_dump(section.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True)


def _layout(store: CorpusStore, section: CorpusSection, key: str) -> Layout:
    """Layout of the corpus, created with its Zarr group where there is none: the first writer decides."""
    layout = layout_of(store)
    if layout is None:
        planned = plan_layout(section, generator_of(section, key).schema, key, provenance())
        store.create_exclusive(LAYOUT_KEY, planned.to_json())
        layout = _known_layout(store)
    if layout.key != key:
        raise CorruptCorpusError(
            f"{store.url} holds another corpus (key {layout.key}; expected {key})", remedy="move it away"
        )
    if store.get(GROUP_KEY) is None:
        create_group(store, layout)
    return layout


def _known_layout(store: CorpusStore) -> Layout:
    layout = layout_of(store)
    if layout is None:
        raise StoreError(f"no corpus in {store.url}", remedy="`sgnn corpus build` makes it")
    return layout


def _finish_commit(store: CorpusStore, layout: Layout) -> None:
    """Let the arrays show the longest version: a writer killed between manifest and metadata is made good here."""
    for _ in range(MOST_WRITERS):
        manifests = [manifest_of(store, number) for number in versions(store)]
        longest = max(manifests, key=lambda one: (one.draws, one.version), default=None)
        if longest is None or is_published(store, layout, longest):
            return
        # looked at again afterwards: another writer may have shown a longer one meanwhile
        publish_group(store, layout, longest)


def _records(store: CorpusStore, layout: Layout, blocks: tuple[Block, ...]) -> list[BlockRecord]:
    """Records of all blocks. Raises `StoreError` where some are not made."""
    found = {block.index: record_of(store, layout, block.index) for block in blocks}
    records = [record for record in found.values() if record is not None and damage(store, layout, record) is None]
    if len(records) < len(blocks):
        lost = sorted(set(found) - {record.block.index for record in records})
        named = ", ".join(str(index) for index in lost[:10]) + (", ..." if len(lost) > 10 else "")
        raise StoreError(
            f"{len(lost)} of {len(blocks)} blocks of {store.name} are not made: {named}",
            remedy="`sgnn corpus build` makes them",
        )
    return records


def _digests(store: CorpusStore, numbers: tuple[int, ...]) -> dict[int, str]:
    """Digest of every block that some version holds."""
    held: dict[int, str] = {}
    for number in numbers:
        held |= {block.block.index: block.digest for block in manifest_of(store, number).blocks}
    return held


def _committed(store: CorpusStore, numbers: tuple[int, ...], blocks: tuple[Block, ...]) -> dict[int, str]:
    held = _digests(store, numbers) if blocks else {}
    return {block.index: held[block.index] for block in blocks if block.index in held}


def _beaten(store: CorpusStore, version: int) -> StoreError:
    return StoreError(
        f"version {version} of {store.name} was committed by another writer while this one was at work",
        remedy="run again: finished blocks are kept and that version is built upon",
    )
