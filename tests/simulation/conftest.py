"""The toy package of these tests, installed as a user's own package would be."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent / "atoms"


@pytest.fixture(scope="module")
def atoms() -> Iterator[Any]:
    """The package `toy_atoms`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PACKAGE))
        yield import_module("toy_atoms")
