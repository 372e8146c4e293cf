"""Two toy packages of other sciences, installed as far as Python can tell, in processes started from here too."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = [str(Path(__file__).parent / name) for name in ("assays", "rumours")]


@pytest.fixture(scope="session", autouse=True)
def _toys_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for package in PACKAGES:
            patch.syspath_prepend(package)
        patch.setenv("PYTHONPATH", os.pathsep.join([*PACKAGES, os.environ.get("PYTHONPATH", "")]).strip(os.pathsep))
        importlib.invalidate_caches()
        yield
