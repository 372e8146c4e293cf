"""CSV files as people save them: what is read, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgnn.errors import DataError
from sgnn.learning import csv_file
from sgnn.learning.csv_file import read_csv_file


def write(folder: Path, content: str | bytes) -> Path:
    place = folder / "t.csv"
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x y\n,2\n",
        "\ufeffa,b\r\n1,x y\r\n,2\r\n",
        ' a , b\n"1", "x y"\n,2\n\n',
    ],
)
def test_byte_order_marks_line_ends_quotes_and_spaces_do_not_matter(tmp_path: Path, content: str) -> None:
    table = read_csv_file(write(tmp_path, content))
    assert list(table) == ["a", "b"]
    assert table.to_numpy().tolist() == [["1", "x y"], ["", "2"]]


def test_rows_keep_the_line_they_have_in_the_file(tmp_path: Path) -> None:
    table = read_csv_file(write(tmp_path, "a,b\n1,2\n\n,,\n3,4\n".replace(",,", ",")))
    assert list(table.index) == [2, 5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "t.csv is not a readable CSV table: it is empty"),
        ("\n,\n", "it is empty"),
        (b"a,b\n\xff\xfe,1\n", "is not UTF-8 text"),
        (b"a,b\n1\x00,2\n", "row 2 holds a zero byte"),
        ('a,b\n1,"2\n', "row 2: unexpected end of data"),
        ("a;b\n1;2\n", "its heading is 'a;b'; save it as comma-separated text"),
        ("a\tb\n1\t2\n", "save it as comma-separated text"),
        ("a,b\n1,2\n1,2,3\n", "row 3 has 3 fields, the heading has 2"),
        ("a,b\n1\n", "row 2 has 1 fields, the heading has 2"),
        (",b\n1,2\n", "row 1: column 1 has no name"),
        ("a,b,a\n1,2,3\n", "row 1: column 'a' comes twice"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_csv_file(write(tmp_path, content))
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_place_without_a_file_is_refused(tmp_path: Path) -> None:
    for name, words in (("none.csv", "does not exist"), (".", "is a folder")):
        with pytest.raises(DataError, match=words):
            read_csv_file(tmp_path / name)
    with pytest.raises(DataError, match="is no file"):
        read_csv_file("/dev/null")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    with place.open("wb") as file:
        file.truncate(csv_file.MOST_BYTES + 1)
    with pytest.raises(DataError, match="has 200 MB, at most 200 are read"):
        read_csv_file(place)
