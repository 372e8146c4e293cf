from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
FIELDS = ["name", "recipe_digest", "content_digest", "version", "asked", "ok", "failed", "quarantined"]


def damage(home: Path) -> Path:
    """Flip a byte in the largest stored file."""
    shards = [file for file in (home / "corpora").rglob("c.*") if file.is_file()]
    shard = max(shards, key=lambda file: file.stat().st_size)
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0xFF
    shard.write_bytes(content)
    return shard


def test_status_counts_draws_before_and_after_a_build(
    walks: str, home: Path, sgnn_json: SgnnJson, request: pytest.FixtureRequest
) -> None:
    before = sgnn_json("corpus", "status", walks)
    assert list(before) == FIELDS
    assert (before["version"], before["ok"], before["content_digest"]) == (0, 0, None)
    assert not home.exists()
    request.getfixturevalue("corpus")
    after = sgnn_json("corpus", "status", walks)
    assert after["version"] == 1
    assert after["ok"] + after["failed"] + after["quarantined"] == after["asked"] == before["asked"]


def test_the_list_names_each_corpus_with_its_folder(corpus: str, home: Path, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    (only,) = sgnn_json("corpus", "list")["corpora"]
    assert only["name"] == corpus
    assert Path(only["url"]).parent == home / "corpora"
    assert corpus in sgnn("corpus", "list")[1]


def test_a_sound_corpus_verifies(corpus: str, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    assert sgnn_json("corpus", "verify", corpus)["sound"] is True
    status, out, err = sgnn("corpus", "verify", corpus)
    assert (status, out) == (0, "")
    assert "blocks as they were committed" in err


def test_a_flipped_byte_is_found_named_and_repaired(corpus: str, home: Path, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    shard = damage(home)
    good = sgnn_json("corpus", "status", corpus)["content_digest"]
    status, out, err = sgnn("corpus", "verify", corpus)
    assert status == 1
    assert str(shard) in out
    assert err.startswith("error: damaged blocks of ")
    assert f"sgnn corpus verify {corpus} --repair" in err
    status, out, _ = sgnn("corpus", "verify", corpus, "--json")
    assert (status, json.loads(out)["sound"]) == (1, False)
    repaired = sgnn_json("corpus", "verify", corpus, "--repair")
    assert repaired["sound"] is True
    assert len(repaired["repaired"]) == 1
    assert sgnn("corpus", "verify", corpus)[0] == 0
    assert sgnn_json("corpus", "status", corpus)["content_digest"] == good


@pytest.mark.parametrize(("file", "engine"), [("walks.zarr", "zarr"), ("walks.nc", "h5netcdf")])
def test_an_export_opens_with_plain_xarray(
    corpus: str, tmp_path: Path, sgnn: Sgnn, sgnn_json: SgnnJson, file: str, engine: str
) -> None:
    target = tmp_path / file
    answer = sgnn_json("corpus", "export", corpus, str(target))
    assert answer["path"] == str(target)
    arguments = {"consolidated": False} if engine == "zarr" else {}
    with xr.open_dataset(target, engine=engine, **arguments) as dataset:
        assert dataset.sizes["draw"] == sgnn_json("corpus", "status", corpus)["asked"]
    status, _, err = sgnn("corpus", "export", corpus, str(target))
    assert status == 2
    assert err.startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "no-such-recipe"], "no recipe named 'no-such-recipe'"),
        (["verify", "no-such-corpus"], "no corpus 'no-such-corpus'"),
        (["verify", "walks@9"], "9"),
        (["export", "walks", "walks.txt"], "walks.txt"),
    ],
)
def test_a_wrong_name_is_one_line_and_status_2(corpus: str, sgnn: Sgnn, arguments: list[str], said: str) -> None:
    del corpus
    status, out, err = sgnn("corpus", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
