"""A user's graph and sightings: what is left out is said, what cannot be read is refused with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.errors import DataError
from sgnn.learning.graph_tables import OVER, REACHED, UNKNOWN, UNREACHED, read_sighting, read_ties


def written(folder: Path, text: str) -> Path:
    place = folder / "table.csv"
    place.write_text(text)
    return place


@pytest.mark.parametrize("text", ["a,b\nb,c\n", "a b\nb\tc\n", "source,target\na,b\nb,c\n", "# ties\n\na,b\nb,c\n"])
def test_ties_are_two_names_a_line(tmp_path: Path, text: str) -> None:
    found = read_ties(written(tmp_path, text))
    assert found.names == ("a", "b", "c")
    assert found.ties.tolist() == [[0, 1], [1, 2]]
    assert not found.note


def test_loops_and_repeated_ties_are_left_out_and_told(tmp_path: Path) -> None:
    found = read_ties(written(tmp_path, "x,y\ny,x\nx,x\ny,z\n"))
    assert found.ties.tolist() == [[0, 1], [1, 2]]
    assert found.note.endswith("ties left out: 1 to the node itself, 1 repeated")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x,y\nx,y,z\n", "line 2: 3 fields where two nodes are expected"),
        ("x,y\njunk\n", "line 2: 1 fields"),
        ("x,y\nx,\n", "line 2: 2 fields"),
        ("# nothing\n", "holds no tie"),
    ],
)
def test_other_lines_are_refused_with_their_number(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_ties(written(tmp_path, text))


def test_files_that_are_none_or_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no file"):
        read_ties(tmp_path)
    place = tmp_path / "table.csv"
    place.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_ties(place)


def test_a_sighting_has_states_and_times_and_the_rest_was_not_reached(tmp_path: Path) -> None:
    place = written(tmp_path, "node,state,time\nb,reached,2.5\nc,Unknown,\nd,over,\n")
    found = read_sighting(place, ("a", "b", "c", "d"))
    assert found.state.tolist() == [UNREACHED, REACHED, UNKNOWN, OVER]
    np.testing.assert_array_equal(found.time, [np.nan, 2.5, np.nan, np.nan])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("node\na\n", "no column 'state'"),
        ("node,state\nx,reached\n", "row 2: node 'x' is not in the graph"),
        ("node,state\na,reached\na,reached\n", "row 3: node 'a' comes twice"),
        ("node,state\na,ill\n", "row 2: node 'a' has the state 'ill'"),
        ("node,state,time\na,reached,soon\n", "row 2: time of node 'a' is 'soon'"),
        ("node,state,time\na,reached,inf\n", "time of node 'a' is 'inf'"),
        ("node,state,time\na,reached,\nb,unknown,3\n", "row 3: node 'b' has a time and was not reached"),
        ("node,state\na,unknown\n", "no node that was reached"),
    ],
)
def test_a_sighting_that_makes_no_sense_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_sighting(written(tmp_path, text), ("a", "b"))
