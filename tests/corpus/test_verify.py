"""Auditing: every kind of damage is found and exactly the damaged blocks are made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest

from sgnn.corpus.build import commit, prepare
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.verify import verify
from sgnn.errors import StoreError
from sgnn.settings import Settings


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe) -> Corpus:
    return build(recipe)


def shard(corpus: Corpus, name: str, block: int) -> str:
    return str(corpus.path / corpus.layout.array(name).shard(block))


def flip(corpus: Corpus, name: str, block: int) -> None:
    with open(shard(corpus, name, block), "r+b") as file:
        file.seek(40)
        byte = file.read(1)[0]
        file.seek(40)
        file.write(bytes([byte ^ 4]))


def test_a_sound_corpus_has_no_faults(corpus: Corpus) -> None:
    done = list[int]()
    found = verify(corpus, on_block=done.append)
    assert (found.sound, found.faults, found.blocks, done) == (True, (), 4, [0, 1, 2, 3])


def test_every_kind_of_damage_is_found_and_only_damaged_blocks_are_made_again(corpus: Corpus) -> None:
    untouched = {block: (corpus.store.root / f"records/{block:06d}.json").stat().st_mtime_ns for block in (0,)}
    flip(corpus, "level", 1)
    with open(shard(corpus, "theta", 2), "r+b") as file:
        file.truncate(50)
    (corpus.store.root / "records" / "000003.json").write_text("{}")
    found = verify(corpus)
    assert [(fault.block, fault.array) for fault in found.faults] == [(1, "level"), (2, "theta"), (3, "")]
    assert not found.sound
    assert [fault.file for fault in found.faults][:2] == [shard(corpus, "level", 1), shard(corpus, "theta", 2)]
    repaired = verify(corpus, repair=True)
    assert (repaired.sound, repaired.repaired) == (True, (1, 2, 3))
    assert verify(corpus).faults == ()
    assert untouched == {0: (corpus.store.root / "records/000000.json").stat().st_mtime_ns}


def test_a_file_of_another_block_is_found_though_its_checksums_fit(corpus: Corpus) -> None:
    for name in ("seed", "level"):
        shutil.copy(shard(corpus, name, 0), shard(corpus, name, 1))
    assert {fault.block for fault in verify(corpus).faults} == {1}
    assert "seed" in {fault.array for fault in verify(corpus).faults}
    assert verify(corpus, repair=True).sound


def test_a_shard_where_all_is_fill_and_none_should_be_is_found_and_removed(corpus: Corpus) -> None:
    shutil.copy(shard(corpus, "level", 0), shard(corpus, "nothing", 0))
    assert [fault.array for fault in verify(corpus).faults] == ["nothing"]
    assert verify(corpus, repair=True).sound
    assert verify(corpus).sound


@pytest.mark.parametrize("change", ["key", "digest", "block"])
def test_a_record_of_something_else_is_found(corpus: Corpus, change: str) -> None:
    path = corpus.store.root / "records" / "000002.json"
    if change == "block":
        shutil.copy(path.with_name("000001.json"), path)
    else:
        path.write_text(json.dumps({**json.loads(path.read_text()), change: "0" * 32}))
    assert [(fault.block, fault.array) for fault in verify(corpus).faults] == [(2, "")]


def test_a_build_makes_blocks_again_whose_files_are_gone_or_cut(
    corpus: Corpus, recipe: Recipe, settings: Settings
) -> None:
    from sgnn.corpus.block import make_block

    with open(shard(corpus, "theta", 2), "r+b") as file:
        file.truncate(50)
    (corpus.store.root / "records" / "000003.json").unlink()
    plan = prepare(recipe, settings)
    assert [block.index for block in plan.missing] == [2, 3]
    for block in plan.missing:
        make_block(plan.to_json(), block)
    assert commit(plan).version == 1
    assert verify(corpus).sound


def test_a_block_whose_simulator_has_changed_is_not_replaced(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus_walks import Walk

    from sgnn.corpus import assembly

    flip(corpus, "level", 1)
    monkeypatch.setattr(Walk, "version", "2")
    assembly._identity.cache_clear()
    with pytest.raises(StoreError, match=r"block 1 .* cannot be made again: its simulators or operators have changed"):
        verify(corpus, repair=True)
    assembly._identity.cache_clear()


@pytest.mark.parametrize("how", ["missing", "flipped", "with its records"])
def test_a_damaged_segment_is_found_and_put_together_from_records(corpus: Corpus, how: str) -> None:
    (ref,) = corpus.manifest.segments
    file = corpus.store.root / ref.key
    written = file.read_bytes()
    if how == "flipped":
        file.write_bytes(written.replace(b'"failed":[', b'"failed":[1', 1))
    else:
        file.unlink()
    if how == "with its records":
        (corpus.store.root / "records" / "000002.json").unlink()
    found = verify(corpus)
    assert [(fault.block, fault.file) for fault in found.faults] == [(0, str(file))]
    assert not found.sound
    assert verify(corpus, repair=True).sound
    assert file.read_bytes() == written
    assert verify(corpus).faults == ()
