"""Pinned files: read from the mirror, checked, downloaded once, and named when they are nowhere."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sgnn.errors import DownloadError
from sgnn.evaluation import files
from sgnn.evaluation.files import MissingData, PinnedFile, fetch
from sgnn.settings import Settings, load_settings


def pinned(folder: Path, text: str = "week,deaths\n", sha256: str = "", path: str = "data/x.csv") -> PinnedFile:
    file = PinnedFile("owner/name", "0" * 40, path, sha256 or hashlib.sha256(text.encode()).hexdigest())
    place = folder / file.place
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return file


def without_mirror(home: Path) -> Settings:
    return load_settings(home=home).model_copy(update={"data_mirror": None})


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and keeps the paths that were asked for."""

    asked: list[str] = []

    def log_message(self, *_: object) -> None:
        """Say nothing."""
        self.asked.append(self.path)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is served as the public host."""
    folder = tmp_path / "served"
    folder.mkdir()
    monkeypatch.setattr(Quiet, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(files, "_HOST", f"http://127.0.0.1:{server.server_port}")
        yield folder
        server.shutdown()


def test_a_file_of_the_mirror_is_checked_and_used_in_place(tmp_path: Path) -> None:
    file = pinned(tmp_path / "mirror")
    settings = load_settings(home=tmp_path / "home", data_mirror=tmp_path / "mirror")
    assert fetch([file], settings) == [tmp_path / "mirror" / file.place]
    assert not (tmp_path / "home").exists()


def test_other_bytes_than_pinned_are_refused_with_both_digests(tmp_path: Path) -> None:
    file = pinned(tmp_path, text="other", sha256="f" * 64)
    with pytest.raises(DownloadError, match=f"x.csv has sha256 {hashlib.sha256(b'other').hexdigest()}") as caught:
        fetch([file], load_settings(home=tmp_path / "home", data_mirror=tmp_path))
    assert "expected " + "f" * 64 + "; put the pinned file there" in str(caught.value)


def test_files_that_the_mirror_lacks_are_all_named(tmp_path: Path) -> None:
    here = pinned(tmp_path)
    gone = [PinnedFile("owner/name", "1" * 40, f"{name}.csv", "0" * 64) for name in ("one", "two")]
    with pytest.raises(MissingData, match=r"2 data files are not in the mirror .*one\.csv, .*two\.csv") as caught:
        fetch([here, *gone], load_settings(home=tmp_path / "home", data_mirror=tmp_path))
    assert "\n" not in str(caught.value)


def test_a_file_is_downloaded_once_and_kept(host: Path, tmp_path: Path) -> None:
    file = pinned(host)
    settings = without_mirror(tmp_path / "home")
    (path,) = fetch([file], settings)
    assert path.read_text() == "week,deaths\n"
    assert fetch([file], settings) == [path]
    assert Quiet.asked == [f"/{file.place}"]


def test_a_kept_file_that_was_damaged_is_fetched_anew(host: Path, tmp_path: Path) -> None:
    file = pinned(host)
    settings = without_mirror(tmp_path / "home")
    (path,) = fetch([file], settings)
    path.write_text("week,de")
    assert fetch([file], settings)[0].read_text() == "week,deaths\n"


def test_a_download_of_other_bytes_is_refused_and_not_kept(host: Path, tmp_path: Path) -> None:
    file = pinned(host, sha256="f" * 64)
    settings = without_mirror(tmp_path / "home")
    found = hashlib.sha256(b"week,deaths\n").hexdigest()
    with pytest.raises(DownloadError, match=f"has sha256 {found}, expected {'f' * 64}; look whether"):
        fetch([file], settings)
    assert not list((settings.cache / "data").rglob("x.csv"))


def test_files_that_the_host_lacks_are_named_and_the_others_kept(host: Path, tmp_path: Path) -> None:
    here, gone = pinned(host), PinnedFile("owner/name", "1" * 40, "gone.csv", "0" * 64)
    settings = without_mirror(tmp_path / "home")
    with pytest.raises(MissingData, match=r"1 data file is not to be had from the network \(404.*gone\.csv") as caught:
        fetch([gone, here], settings)
    assert "x.csv" not in str(caught.value)
    assert (settings.cache / "data" / here.place).exists()


def test_without_a_network_all_files_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_HOST", "http://127.0.0.1:9")
    gone = [PinnedFile("owner/name", "1" * 40, f"{name}.csv", "0" * 64) for name in ("one", "two")]
    began = time.monotonic()
    with pytest.raises(MissingData, match=r"one\.csv, .*two\.csv; run once with network access, or set SGNN_DATA") as e:
        fetch(gone, without_mirror(tmp_path / "home"))
    assert time.monotonic() - began < 3 * files.CONNECT_SECONDS
    assert len(str(e.value)) < 500
