"""Strict reading of a YAML file: safe types only, no key twice, `1e-3` is a number, and values know their line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

import yaml


class StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader without its two traps: `1e-3` read as text, and a key given twice read without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key.value}' given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def parse_yaml(text: str) -> Any:
    """The document's value. Raises `yaml.YAMLError`."""
    # SafeLoader underneath: builds plain Python values only
    return yaml.load(text, Loader=StrictLoader)


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Line, counted from 1, of the value at `path`, or of the deepest part of `path` that is there."""
    node = yaml.compose(text, Loader=StrictLoader)
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
