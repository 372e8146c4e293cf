from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sgnn.cli.output import one_object, show_fields, show_table


def test_one_object_keeps_the_noise_of_libraries_and_children_off_standard_output(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with one_object(True) as answer:
        print("from this process")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        answer.append({"value": 1.5})
    captured = capfd.readouterr()
    assert json.loads(captured.out) == {"value": 1.5}
    assert "from this process" in captured.err
    assert "from a child" in captured.err


def test_an_error_prints_no_object(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with one_object(True):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert capfd.readouterr().out == ""


def test_an_object_with_a_number_that_json_does_not_know_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    def print_nan() -> None:
        with one_object(True) as answer:
            answer.append({"value": float("nan")})

    with pytest.raises(ValueError, match="not JSON compliant"):
        print_nan()
    assert capfd.readouterr().out == ""


def test_without_json_output_is_left_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with one_object(False):
        print("for people")
    assert capfd.readouterr().out == "for people\n"


def test_a_table_that_is_no_terminal_keeps_its_cells_whole(capfd: pytest.CaptureFixture[str]) -> None:
    long = "x" * 150
    show_table(("name", "value"), [(long, 1234567), ("[bold]", 0.123456)])
    printed = capfd.readouterr().out
    assert long in printed
    assert "1,234,567" in printed
    assert "[bold]" in printed
    assert "0.1235" in printed


def test_fields_stand_under_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    show_fields({"a": None, "long name": True, "list": (1, "b")})
    assert capfd.readouterr().out == "a          -\nlong name  yes\nlist       1, b\n"
