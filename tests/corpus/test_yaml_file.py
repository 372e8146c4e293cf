"""Strict YAML."""

from __future__ import annotations

import pytest
import yaml

from sgnn.corpus.yaml_file import line_of, parse_yaml


@pytest.mark.parametrize("text", ["1e-3", "1E-3", "1.0e-3", "+1e-03"])
def test_every_way_to_write_a_thousandth_is_a_number(text: str) -> None:
    assert parse_yaml(f"x: {text}") == {"x": 0.001}


def test_a_key_given_twice_is_an_error() -> None:
    with pytest.raises(yaml.YAMLError, match="'a' given twice"):
        parse_yaml("a: 1\nb: {a: 2}\na: 3")


def test_a_value_knows_its_line() -> None:
    text = "a: 1\nb:\n  - c: 2\n  - c: 3\n    d: 4\n"
    assert line_of(text, ["b", 1, "d"]) == 5
    assert line_of(text, ["b", 1, "not there"]) == 4
    assert line_of(text, []) == 1
