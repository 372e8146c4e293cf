"""Kernels are compiled anew when anything they use has changed, and not otherwise."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sgnn.simulation.compiled import fingerprint

CALLED = """
import numpy as np
from sgnn.simulation.compiled import inner
FACTOR = 2.0
TABLE = np.array([1.0, 2.0])
@inner
def twice(x):
    return FACTOR * x
@inner
def looked_up(at):
    return TABLE[at]
"""
CALLING = """
from sgnn.simulation.compiled import outer
from called import looked_up, twice
@outer
def first(x):
    return second(x) + looked_up(0)
@outer
def second(x):
    return twice(x) + 1.0
@outer
def alone(x):
    return x
"""


def written(folder: Path, called: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Module `calling`, as a new process would find it after `called` was edited."""
    folder.mkdir(exist_ok=True)
    for name, text in (("called", called), ("calling", CALLING)):
        if not (folder / f"{name}.py").exists() or (folder / f"{name}.py").read_text() != text:
            (folder / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return importlib.import_module("calling")


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [("FACTOR = 2.0", "FACTOR = 3.0", 5.0), ("[1.0, 2.0]", "[7.0, 2.0]", 10.0), ("* x", "* x * x * 2.0", 6.0)],
    ids=["constant", "table", "code"],
)
def test_a_kernel_on_disk_is_compiled_anew_when_what_it_calls_has_changed(
    old: str, new: str, result: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(tmp_path, CALLED, monkeypatch)
    assert before.first(1.0) == 4.0
    after = written(tmp_path, CALLED.replace(old, new), monkeypatch)
    assert after.first(1.0) == result
    assert fingerprint(after.first.py_func) != fingerprint(before.first.py_func)
    assert fingerprint(after.alone.py_func) == fingerprint(before.alone.py_func)


def test_an_unchanged_kernel_is_read_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, CALLED, monkeypatch).first(1.0)
    again = written(tmp_path, CALLED, monkeypatch)
    assert again.first(1.0) == 4.0
    assert sum(again.first.stats.cache_hits.values()) == 1


def test_an_inner_function_changes_the_arrays_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = written(tmp_path, CALLED + "@inner\ndef fill(out):\n    out[:] = FACTOR\n", monkeypatch)
    out = np.zeros(3)
    sys.modules["called"].fill(out)
    assert out.tolist() == [2.0, 2.0, 2.0]
    assert module.alone(1.0) == 1.0
