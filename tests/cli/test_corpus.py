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


@pytest.fixture
def grown(corpus: str, home: Path) -> str:
    """Two versions, of 100 and of 150 draws."""
    from sgnn.corpus.build import commit, make_block, prepare
    from sgnn.corpus.recipe import load_recipe
    from sgnn.settings import load_settings

    del home
    plan = prepare(load_recipe(corpus).with_draws(150), load_settings())
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return commit(plan).name


def test_status_takes_the_name_of_a_corpus_as_well_as_a_recipe(
    grown: str, home: Path, sgnn_json: SgnnJson, sgnn: Sgnn
) -> None:
    (folder,) = (home / "corpora").iterdir()
    assert sgnn_json("corpus", "status", folder.name)["asked"] == 150
    assert sgnn_json("corpus", "status", f"{grown}@1")["asked"] == 100
    assert sgnn_json("corpus", "status", str(folder)) == sgnn_json("corpus", "status", folder.name)
    status, _, err = sgnn("corpus", "status", f"{grown}@9")
    assert (status, "has no version 9" in err) == (2, True)


def test_versions_are_listed_tagged_and_compared(grown: str, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    assert sgnn_json("corpus", "tag", f"{grown}@1", "paper")["before"] is None
    assert sgnn_json("corpus", "tag", grown, "paper") == {
        **{"corpus": sgnn_json("corpus", "versions", grown)["corpus"], "tag": "paper", "version": 2, "before": 1}
    }
    first, second = sgnn_json("corpus", "versions", f"{grown}@paper")["versions"]
    assert (first["draws"], first["tags"], second["draws"], second["tags"]) == (100, [], 150, ["paper"])
    assert second["bytes"] > first["bytes"] > 0
    out = sgnn("corpus", "versions", grown)[1]
    assert "paper" in out
    assert "150" in out
    different = sgnn_json("corpus", "diff", f"{grown}@1", f"{grown}@paper")
    assert [change["field"] for change in different["recipe"]] == ["draws"]
    assert "jump" in sgnn("corpus", "diff", f"{grown}@1", grown)[1]
    assert sgnn_json("corpus", "tag", grown, "paper", "--remove")["version"] is None
    assert sgnn("corpus", "tag", grown, "Paper")[0] == 2


def test_an_expiry_says_what_goes_and_a_dry_run_removes_nothing(
    grown: str, home: Path, sgnn: Sgnn, sgnn_json: SgnnJson
) -> None:
    before = {path for path in (home / "corpora").rglob("*") if path.is_file()}
    dry = sgnn_json("corpus", "expire", grown, "--keep", "1", "--dry-run")
    assert (dry["dry_run"], dry["corpora"][0]["versions"]) == (True, [1])
    assert {path for path in (home / "corpora").rglob("*") if path.is_file()} == before
    sgnn("corpus", "tag", f"{grown}@1", "paper")
    spared = sgnn_json("corpus", "expire", grown, "--keep", "1")["corpora"][0]
    assert (spared["versions"], spared["spared"]) == ([], {"1": ["tag 'paper'"]})
    status, out, err = sgnn("corpus", "expire", grown, "1")
    assert (status, out) == (2, "")
    assert "@1 stays: tag 'paper'; --tagged or --used" in err
    assert sgnn_json("corpus", "expire", grown, "1", "--tagged")["corpora"][0]["versions"] == [1]
    assert [one["version"] for one in sgnn_json("corpus", "versions", grown)["versions"]] == [2]
    assert sgnn_json("corpus", "expire", grown, "--all")["corpora"][0]["whole"] is True
    assert sgnn_json("corpus", "list")["corpora"] == []


def test_a_version_that_a_registered_model_learnt_from_stays(
    grown: str, sgnn_json: SgnnJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    from sgnn.tracking import held

    content = sgnn_json("corpus", "versions", grown)["versions"][0]["content_digest"]
    model = SimpleNamespace(ref="walks/3", lineage=SimpleNamespace(corpus_content_digest=content))
    monkeypatch.setattr(held, "registered_versions", lambda *_: (model,))
    kept = sgnn_json("corpus", "expire", grown, "--before", "2999-01-01")["corpora"][0]
    assert (kept["versions"], kept["spared"]) == ([], {"1": ["model walks/3"]})
    assert sgnn_json("corpus", "expire", grown, "1", "--used")["corpora"][0]["versions"] == [1]


def test_failures_are_shown_and_written(corpus: str, tmp_path: Path, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    import csv

    status = sgnn_json("corpus", "status", corpus)
    found = sgnn_json("corpus", "failures", corpus)["failures"]
    assert len(found) == status["failed"] + status["quarantined"] > 0
    table = tmp_path / "failures.csv"
    assert sgnn("corpus", "failures", corpus, "--csv", str(table))[0] == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["draw"]), row["reason"]) for row in rows] == [(one["draw"], one["reason"]) for one in found]
    assert float(rows[0]["theta.scale"]) == found[0]["theta"]["scale"]
    out = sgnn("corpus", "failures", corpus)[1]
    assert found[0]["reason"][:30] in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["expire", "walks"], "nothing says which versions to expire"),
        (["expire", "walks", "7"], "no version 7 to expire; versions there: 1"),
        (["expire", "walks", "--before", "yesterday"], "--before yesterday is no date"),
        (["grow", "walks", "--to", "50"], "has 100 draws in version 1 and cannot shrink to 50"),
        (["tag", "walks@3", "paper"], "has no version 3"),
        (["diff", "walks", "walks@paper"], "has no tag 'paper'"),
        (["failures", "walks", "--csv", "nowhere/at/all.csv"], "cannot write nowhere/at/all.csv"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(corpus: str, sgnn: Sgnn, arguments: list[str], said: str) -> None:
    del corpus
    status, out, err = sgnn("corpus", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_corpus_in_an_older_format_does_not_hide_the_others(
    corpus: str, home: Path, sgnn: Sgnn, sgnn_json: SgnnJson
) -> None:
    old = home / "corpora" / "old-0123456789ab"
    (old / "versions").mkdir(parents=True)
    (old / "layout.json").write_text('{"format": 1}')
    (old / "versions" / "000001.json").write_text('{"blocks": []}')
    listed = sgnn_json("corpus", "list")
    assert [one["name"] for one in listed["corpora"]] == [corpus]
    assert "is in storage format 1" in listed["unreadable"][0]
    assert "is in storage format 1" in sgnn("corpus", "list")[2]
