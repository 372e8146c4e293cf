"""Pinned files: read from the mirror, checked, and named when they are nowhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sgnn.errors import DownloadError
from sgnn.evaluation.files import MissingData, PinnedFile, fetch
from sgnn.settings import load_settings


def pinned(mirror: Path, text: str = "week,deaths\n", sha256: str = "") -> PinnedFile:
    file = PinnedFile("owner/name", "0" * 40, "data/x.csv", sha256 or hashlib.sha256(text.encode()).hexdigest())
    path = mirror / file.place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return file


def test_a_file_of_the_mirror_is_checked_and_used_in_place(tmp_path: Path) -> None:
    file = pinned(tmp_path / "mirror")
    settings = load_settings(home=tmp_path / "home", data_mirror=tmp_path / "mirror")
    assert fetch([file], settings) == [tmp_path / "mirror" / file.place]


def test_other_bytes_than_pinned_are_refused(tmp_path: Path) -> None:
    file = pinned(tmp_path, sha256="f" * 64)
    with pytest.raises(DownloadError, match="expected ffffffffffffffff"):
        fetch([file], load_settings(home=tmp_path / "home", data_mirror=tmp_path))


def test_files_that_the_mirror_lacks_are_all_named(tmp_path: Path) -> None:
    here, one, two = (
        pinned(tmp_path),
        *(PinnedFile("owner/name", "1" * 40, f"{n}.csv", "0" * 64) for n in ("one", "two")),
    )
    with pytest.raises(MissingData, match=r"2 data files .*one\.csv, .*two\.csv; set SGNN_DATA_MIRROR") as caught:
        fetch([here, one, two], load_settings(home=tmp_path / "home", data_mirror=tmp_path))
    assert "\n" not in str(caught.value)


def test_a_file_downloaded_before_needs_no_network(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    file = pinned(settings.cache / "data")
    assert settings.data_mirror is None or settings.data_mirror != tmp_path
    assert fetch([file], settings.model_copy(update={"data_mirror": None})) == [settings.cache / "data" / file.place]
