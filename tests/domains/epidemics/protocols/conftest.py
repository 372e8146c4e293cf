"""Tests on real data run where `SGNN_DATA_MIRROR` names a folder of it, and are named where they do not."""

from __future__ import annotations

import os

import pytest

MARKER = "real_data"
_left_out = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}: needs real data, from the folder that SGNN_DATA_MIRROR names")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("SGNN_DATA_MIRROR"):
        return
    left_out = [item for item in items if item.get_closest_marker(MARKER)]
    config.stash[_left_out] = len(left_out)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    number = config.stash.get(_left_out, 0)
    if number:
        terminalreporter.write_line(
            f"{number} tests on real data did not run: set SGNN_DATA_MIRROR to a folder that has the data", yellow=True
        )
