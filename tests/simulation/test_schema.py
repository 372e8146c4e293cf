"""The schema of a corpus: found by name, narrowed to what is kept, the same after JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sgnn.simulation import Schema


def test_the_json_form_makes_the_same_schema_again(atoms: Any) -> None:
    schema = atoms.generator().schema
    document = json.loads(json.dumps(schema.to_json(), allow_nan=False))
    assert Schema.from_json(document) == schema


def test_a_schema_of_some_variables_has_only_their_dimensions(atoms: Any) -> None:
    schema = atoms.generator().schema
    narrowed = schema.with_variables(tuple(v for v in schema.variables if v.name == "seen"))
    assert [variable.name for variable in narrowed.variables] == ["seen"]
    assert [dimension.name for dimension in narrowed.dimensions] == ["day"]
    assert schema.with_variables(()).dimensions == ()


def test_variables_and_dimensions_are_found_by_name(atoms: Any) -> None:
    schema = atoms.generator().schema
    assert schema.variable("left").unit == "atoms"
    assert schema.dimension("day").size == atoms.DAYS
    with pytest.raises(KeyError):
        schema.variable("right")
