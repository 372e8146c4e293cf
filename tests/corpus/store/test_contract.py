"""What every kind of store does alike."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sgnn.corpus.store import CorpusStore, corpora, open_store


def test_what_was_put_is_read_back_and_what_was_not_is_none(store: CorpusStore) -> None:
    assert store.get("records/000001.json") is None
    assert store.size("records/000001.json") is None
    store.put("records/000001.json", b"one")
    assert store.get("records/000001.json") == b"one"
    assert store.size("records/000001.json") == 3
    store.put("records/000001.json", b"")
    assert store.get("records/000001.json") == b""
    assert store.get_all(["records/000001.json", "records/000002.json"]) == {
        "records/000001.json": b"",
        "records/000002.json": None,
    }


def test_names_are_those_directly_under_a_prefix(store: CorpusStore) -> None:
    assert store.names("") == []
    assert store.names("corpus.zarr") == []
    for key in ("corpus.zarr/zarr.json", "corpus.zarr/level/zarr.json", "corpus.zarr/level/c.0.0", "corpus.zarrs/x"):
        store.put(key, key.encode())
    assert store.names("corpus.zarr") == ["level", "zarr.json"]
    assert store.sizes("corpus.zarr") == {"zarr.json": 21}
    assert store.sizes("corpus.zarr/level") == {"c.0.0": 23, "zarr.json": 27}
    assert store.sizes("nothing") == {}
    assert set(store.names("")) >= {"corpus.zarr", "corpus.zarrs"}


def test_more_names_than_one_listing_holds_are_all_found(store: CorpusStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda index: store.put(f"records/{index:06d}.json", b"1"), range(1100)))
    assert store.names("records") == [f"{index:06d}.json" for index in range(1100)]
    assert sum(store.sizes("records").values()) == 1100
    store.remove_all("records")
    assert store.names("records") == []


def test_an_object_is_created_once(store: CorpusStore) -> None:
    assert store.create_exclusive("versions/000001.json", b"mine")
    assert not store.create_exclusive("versions/000001.json", b"yours")
    assert not store.create_exclusive("versions/000001.json", b"mine")
    assert store.get("versions/000001.json") == b"mine"


def test_of_many_writers_at_once_one_creates(store: CorpusStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(lambda one: store.create_exclusive("versions/000001.json", b"%d" % one), range(8)))
    assert sum(created) == 1
    assert store.get("versions/000001.json") == b"%d" % created.index(True)


def test_a_staged_file_is_not_there_until_it_is_published(store: CorpusStore) -> None:
    with store.staging() as folder:
        assert list(folder.iterdir()) == []
        (folder / "one").write_bytes(b"1")
        (folder / "two").write_bytes(b"22")
        assert store.names("corpus.zarr") == []
        store.publish_all({"corpus.zarr/a/c.0": folder / "one", "corpus.zarr/b/c.0": folder / "two"})
        (folder / "three").write_bytes(b"333")
        store.publish(folder / "three", "corpus.zarr/a/c.0")
    assert not folder.exists()
    assert store.get_all(["corpus.zarr/a/c.0", "corpus.zarr/b/c.0"]) == {
        "corpus.zarr/a/c.0": b"333",
        "corpus.zarr/b/c.0": b"22",
    }
    assert store.remove_stale_staging() == 0


def test_a_file_of_several_parts_arrives_whole(store: CorpusStore) -> None:
    data = bytes(range(256)) * (40 * 2**20 // 256)
    with store.staging() as folder:
        (folder / "large").write_bytes(data)
        store.publish(folder / "large", "corpus.zarr/level/c.0")
    assert store.size("corpus.zarr/level/c.0") == len(data)
    with store.fetched(["corpus.zarr/level/c.0"]) as folder:
        assert (folder / "corpus.zarr/level/c.0").read_bytes() == data


def test_fetched_objects_lie_under_their_keys_and_absent_ones_do_not(store: CorpusStore) -> None:
    store.put("corpus.zarr/a/c.0", b"1")
    store.put("corpus.zarr/b/c.0", b"22")
    with store.fetched(["corpus.zarr/a/c.0", "corpus.zarr/b/c.0", "corpus.zarr/c/c.0"]) as folder:
        assert (folder / "corpus.zarr/a/c.0").read_bytes() == b"1"
        assert (folder / "corpus.zarr/b/c.0").read_bytes() == b"22"
        assert not (folder / "corpus.zarr/c").exists()


def test_what_is_removed_is_gone_and_its_neighbours_stay(store: CorpusStore) -> None:
    for key in ("a/one", "a/deep/two", "ab/three", "four"):
        store.put(key, b"1")
    store.remove("a/nothing")
    store.remove("a/one")
    assert store.get("a/one") is None
    store.remove_all("a")
    store.remove_all("a")
    assert store.get("a/deep/two") is None
    assert store.get("ab/three") == b"1"
    store.remove_all("")
    assert store.get("four") is None


def test_a_store_opens_from_its_url_in_another_process(store: CorpusStore) -> None:
    store.put("layout.json", b"{}")
    assert open_store(store.url) == store
    assert open_store(store.url).get("layout.json") == b"{}"
    assert pickle.loads(pickle.dumps(store)).get("layout.json") == b"{}"
    assert store.name == "walks-0123"
    assert store.place("layout.json") == f"{store.url}/layout.json"


def test_corpora_of_a_store_are_those_with_a_layout(url: str) -> None:
    assert corpora(url, "layout.json") == ()
    for name in ("walks-1", "walks-2", "other"):
        open_store(f"{url}/{name}").put("layout.json" if name != "other" else "notes.txt", b"{}")
    open_store(url).put("README", b"not a corpus")
    assert [store.name for store in corpora(url, "layout.json")] == ["walks-1", "walks-2"]


def test_a_staging_folder_on_a_disk_that_cannot_be_written_is_told_in_one_line(
    store: CorpusStore, tmp_path: Path
) -> None:
    from dataclasses import replace

    from sgnn.errors import StoreError

    (tmp_path / "file").write_text("in the way")
    broken = replace(store, **{"local" if "s3" in store.url else "root": tmp_path / "file" / "below"})
    with pytest.raises(StoreError, match=r"cannot write .*/file/below"), broken.staging():
        pass
