"""Decoded draws: kept where there is room, found again, shared, whole or not there at all."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sgnn.corpus.reader import Corpus
from sgnn.learning.stream import cache
from sgnn.learning.stream.cache import decoded_arrays, where_to_keep

NAMES = ["deaths", "status"]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every block that is read from now on."""
    seen: list[Any] = []
    whole = Corpus.read
    monkeypatch.setattr(Corpus, "read", lambda self, *given: seen.append(given) or whole(self, *given))
    return seen


def check(corpus: Corpus, arrays: dict[str, np.ndarray] | None) -> None:
    assert arrays is not None
    for name in NAMES:
        expected = np.concatenate([Corpus.read(corpus, block, [name])[name] for block in corpus.blocks])
        assert arrays[name].dtype == expected.dtype
        np.testing.assert_array_equal(arrays[name], expected)


@pytest.mark.parametrize(
    ("size", "memory", "disk", "where"),
    [
        (10, 1000, 1000, "disk"),
        (400, 1000, 1000, "disk"),
        (400, 1000, 700, "memory"),
        (700, 1000, 1000, "nowhere"),
        (700, 1000, 2000, "disk"),
        (1, 0, 0, "nowhere"),
    ],
)
def test_draws_are_kept_on_disk_else_in_memory_else_nowhere(size: int, memory: int, disk: int, where: str) -> None:
    assert where_to_keep(size, memory, disk) == where


def test_a_second_training_reads_no_block(corpus: Corpus, tmp_path: Path, reads: list[Any]) -> None:
    decoded_arrays(corpus, NAMES, tmp_path)
    assert reads
    reads.clear()
    again = decoded_arrays(corpus, NAMES, tmp_path)
    assert not reads
    check(corpus, again)


def test_another_variable_is_added_to_those_there(corpus: Corpus, tmp_path: Path, reads: list[Any]) -> None:
    decoded_arrays(corpus, ["status"], tmp_path)
    reads.clear()
    check(corpus, decoded_arrays(corpus, NAMES, tmp_path))
    assert {tuple(names) for _, names in reads[: len(corpus.blocks)]} == {("deaths",)}


@pytest.mark.parametrize("damage", ["flipped", "short", "long", "empty"])
def test_a_damaged_file_is_made_again(corpus: Corpus, tmp_path: Path, damage: str) -> None:
    decoded_arrays(corpus, NAMES, tmp_path)
    file = tmp_path / corpus.content_digest / "deaths"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes({"flipped": bytes(content), "short": content[:-9], "long": content + b"x", "empty": b""}[damage])
    check(corpus, decoded_arrays(corpus, NAMES, tmp_path))


def test_what_is_cut_off_while_it_is_written_leaves_nothing(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Corpus.read

    def fail_later(self: Corpus, block: Any, *names: Any) -> Any:
        if block == 3:
            raise OSError(28, "No space left on device")
        return whole(self, block, *names)

    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "read", fail_later)
        patch.setattr(cache, "_in_memory", lambda *_: {"in": "memory"})
        assert decoded_arrays(corpus, NAMES, tmp_path) == {"in": "memory"}
    assert not list((tmp_path / corpus.content_digest).iterdir())
    check(corpus, decoded_arrays(corpus, NAMES, tmp_path))


def test_without_room_on_disk_draws_are_kept_in_memory(corpus: Corpus, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    check(corpus, decoded_arrays(corpus, NAMES, blocked / "cache"))
    check(corpus, decoded_arrays(corpus, NAMES, None))


def test_without_any_room_nothing_is_kept(corpus: Corpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "where_to_keep", lambda *_: "nowhere")
    assert decoded_arrays(corpus, NAMES, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_what_was_used_longest_ago_makes_room(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = cache.decoded_bytes(corpus, NAMES)
    for age, name in enumerate(("newer", "older", "oldest")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "deaths").write_bytes(bytes(size))
        os.utime(tmp_path / name, (10**9 - age, 10**9 - age))
    disk = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=4 * size - cache._held(tmp_path)), rmtree=rmtree)
    monkeypatch.setattr(cache, "shutil", disk)
    check(corpus, decoded_arrays(corpus, NAMES, tmp_path))
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert left == {"newer", corpus.content_digest}


def test_several_at_once_decode_once(corpus: Corpus, tmp_path: Path, reads: list[Any]) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: decoded_arrays(corpus, NAMES, tmp_path), range(4)))
    assert len(reads) == len(corpus.blocks)
    for arrays in found:
        check(corpus, arrays)


SHARE = """
import sys
from pathlib import Path
from sgnn.corpus.reader import open_corpus
from sgnn.learning.stream.cache import decoded_arrays
arrays = decoded_arrays(open_corpus(sys.argv[1]), ["deaths", "status"], Path(sys.argv[2]))
print(sum(float(array.sum()) for array in arrays.values()), type(arrays["deaths"].base).__name__)
"""


def test_processes_that_start_together_share_one_copy(corpus: Corpus, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHARE, corpus.store.url, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {child.communicate(timeout=60)[0] for child in both}
    assert len(said) == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [corpus.content_digest]
    assert sorted(path.name for path in (tmp_path / corpus.content_digest).iterdir()) == ["deaths", "status"]
