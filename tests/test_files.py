"""Files and folders that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgnn.files import whole, write_whole


def test_a_file_has_its_name_only_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with whole(path) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("a,b\n")
        assert not path.exists()
    assert path.read_text() == "a,b\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


def test_a_folder_replaces_an_older_one_with_all_that_was_in_it(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("old", "new"):
        with whole(path) as draft:
            draft.mkdir()
            (draft / name).touch()
    assert [entry.name for entry in path.iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_after_an_error_the_older_one_stands_and_nothing_is_left(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_whole(path, "as it was")
    with pytest.raises(OSError, match="disk full"), whole(path) as draft:  # noqa: PT012
        if kind == "folder":
            draft.mkdir()
        else:
            draft.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]
