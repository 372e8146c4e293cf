from __future__ import annotations

import pickle

import pytest

from sgnn import errors
from sgnn.errors import SgnnError, StoreError


def test_an_error_is_one_line_with_its_remedy() -> None:
    error = StoreError("block 3\nis gone", remedy="build\n  it again")
    assert str(error) == "block 3 is gone; build it again"
    assert str(StoreError("no remedy is known")) == "no remedy is known"


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_comes_back_from_another_process_as_it_was_raised(name: str) -> None:
    kind = getattr(errors, name)
    back = pickle.loads(pickle.dumps(kind("what", remedy="do this")))
    assert type(back) is kind
    assert (back.message, back.remedy, back.exit_code) == ("what", "do this", 2)
    assert isinstance(back, SgnnError)
