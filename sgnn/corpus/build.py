"""Building a corpus: plan what is missing, make blocks in any process and order, commit a version last."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.assembly import warm as warm_kernels
from sgnn.corpus.block import block_task, make_block
from sgnn.corpus.digest import corpus_key, digest_with_draws
from sgnn.corpus.expire import finish_expiries
from sgnn.corpus.group import create_group, show_longest
from sgnn.corpus.layout import STATUSES, Layout, plan_layout
from sgnn.corpus.ledger import GROUP_KEY, LAYOUT_KEY, known_layout, last_number, layout_of, record_of, segment_of
from sgnn.corpus.manifest import Manifest, manifest_key, plan_manifest, read_manifest
from sgnn.corpus.plan import Block, Blocks
from sgnn.corpus.provenance import now, provenance
from sgnn.corpus.sealing import Sealer
from sgnn.corpus.sections import CorpusSection
from sgnn.corpus.segment import SegmentRef
from sgnn.corpus.status import CorpusStatus, committed_status, version_with
from sgnn.corpus.store import CorpusStore, corpus_store
from sgnn.corpus.survey import Survey, survey
from sgnn.errors import CorruptCorpusError, StoreError

if TYPE_CHECKING:
    from sgnn.corpus.recipe import Recipe
    from sgnn.settings import Settings


__all__ = ["BuildPlan", "commit", "make_block", "plan_build", "prepare", "recipe_text", "warm"]


@dataclass(frozen=True)
class BuildPlan:
    """What a build has to do: what is made and what is missing, and the version it starts from."""

    store: CorpusStore
    """Where the corpus is."""
    section: CorpusSection
    survey: Survey
    base_version: int
    writer: str

    @property
    def key(self) -> str:
        """The corpus's key."""
        return self.survey.layout.key

    @property
    def recipe_digest(self) -> str:
        """Digest of the recipe with its number of draws."""
        return digest_with_draws(self.key, self.section.draws)

    @property
    def blocks(self) -> Blocks:
        """All blocks of the corpus."""
        return self.survey.blocks

    @property
    def missing(self) -> Blocks:
        """Blocks still to be made, in order."""
        return self.survey.missing

    def to_json(self, blocks: Iterable[Block] | None = None) -> str:
        """What a worker must know to make these blocks of it; all that are missing where none are named.

        With the digests of those that are in a segment already: made again, they must come out the same.
        """
        sealed = {}
        for block in self.missing if blocks is None else blocks:
            ref = self.survey.sealed.get(block.index // self.survey.layout.segment_blocks)
            segment = None if ref is None else segment_of(self.store, ref)
            if segment is not None and block.index < segment.first + len(segment):
                sealed[block.index] = segment.digest_of(block.index)
        return block_task(self.store, self.section, self.key, sealed)


def prepare(recipe: Recipe, settings: Settings) -> BuildPlan:
    """Create the corpus where it is not there yet, mend what a killed build left, and find the blocks to be made.

    Raises `RecipeError` or `UnknownNameError` for a recipe that cannot be simulated, `StoreError` for a store that
    cannot be written, `CorruptCorpusError` where the corpus there is not one.
    """
    section = recipe.corpus
    return plan_build(corpus_store(settings.store_url, section.name, corpus_key(section)), section)


def plan_build(store: CorpusStore, section: CorpusSection) -> BuildPlan:
    """Plan of a build of the section's corpus in its store. Raises as `prepare` does."""
    store.remove_stale_staging()
    # one that is killed while it removes a whole corpus may have left no layout
    finish_expiries(store)
    layout = _layout(store, section, corpus_key(section))
    # asked before anything is looked at: who commits or expires in between takes the number this build will ask for
    base = last_number(store)
    finish_expiries(store)
    found = survey(store, layout, section.draws)
    show_longest(store, layout)
    return BuildPlan(store, section, found, base, secrets.token_hex(8))


def warm(plan: BuildPlan) -> None:
    """Compile and cache the kernels of the plan's simulators in this process, before workers need them."""
    warm_kernels(plan.section, plan.key)


def commit(plan: BuildPlan, sealer: Sealer | None = None) -> CorpusStatus:
    """Make the plan's draws a version, and show them to readers; where a version already holds them, say which.

    A `sealer` that took the records of the build leaves the last segment and the manifest to be written; without one
    the records are read. Raises `StoreError` where blocks are still missing, or where another writer committed since
    the plan was made.
    """
    store, version = plan.store, plan.base_version + 1
    layout = known_layout(store)
    if layout.provenance != plan.survey.layout.provenance:
        raise StoreError(f"{store.name} was expired while this build was at work", remedy="build it anew")
    taken = store.get(manifest_key(version))
    if taken is None:
        manifest = version_with(store, plan.section.draws)
        if manifest is None:
            manifest = _manifest(plan, layout, version, (sealer or Sealer(store, plan.survey)).finish())
            # shards are not flushed to the disk one by one: what a power cut takes is told by size or checksum
            if not store.create_exclusive(manifest_key(version), manifest.to_json()):
                return commit(plan, sealer)
    elif not taken:
        # an expiry took the number: what is left after it decides whether this build is done
        return commit(plan_build(store, plan.section))
    else:
        manifest = read_manifest(taken, store.place(manifest_key(version)))
        if manifest.writer != plan.writer:
            raise _beaten(store, version)
    show_longest(store, layout)
    return committed_status(manifest)


def _manifest(plan: BuildPlan, layout: Layout, version: int, segments: tuple[SegmentRef, ...]) -> Manifest:
    return plan_manifest(
        version=version,
        name=plan.section.name,
        key=plan.key,
        recipe_digest=plan.recipe_digest,
        draws=plan.section.draws,
        segments=segments,
        beyond=_beyond(plan, layout),
        recipe=recipe_text(plan.section),
        committed=now(),
        writer=plan.writer,
    )


def _beyond(plan: BuildPlan, layout: Layout) -> dict[str, int]:
    """Draws of the last block, by status, that come after those asked for."""
    last = plan.blocks[-1]
    if last.stop == plan.section.draws:
        return dict.fromkeys(STATUSES, 0)
    record = record_of(plan.store, layout, last.index)
    if record is None:
        raise StoreError(
            f"block {last.index} of {plan.store.name} lost its record", remedy="`sgnn corpus build` makes it again"
        )
    counts = record.counts(plan.section.draws)
    return {status: made - counts[status] for status, made in record.counts(last.stop).items()}


def recipe_text(section: CorpusSection) -> str:
    """The corpus section as YAML, without what it leaves to defaults."""
    return yaml.safe_dump(section.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True)


def _layout(store: CorpusStore, section: CorpusSection, key: str) -> Layout:
    """Layout of the corpus, created with its Zarr group where there is none: the first writer decides."""
    layout = layout_of(store)
    if layout is None:
        planned = plan_layout(section, generator_of(section, key).schema, key, provenance())
        store.create_exclusive(LAYOUT_KEY, planned.to_json())
        layout = known_layout(store)
    if layout.key != key:
        raise CorruptCorpusError(
            f"{store.url} holds another corpus (key {layout.key}; expected {key})", remedy="move it away"
        )
    if store.get(GROUP_KEY) is None:
        create_group(store, layout)
    return layout


def _beaten(store: CorpusStore, version: int) -> StoreError:
    return StoreError(
        f"version {version} of {store.name} was committed by another writer while this one was at work",
        remedy="run again: finished blocks are kept and that version is built upon",
    )
