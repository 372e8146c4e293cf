"""Answers of baselines, kept once they are made: they change with the data and with the method alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.files import whole

Array = NDArray[Any]


def kept(
    cache: Path, name: str, revision: int | str, inputs: Sequence[Array], make: Callable[[], Mapping[str, Array]]
) -> dict[str, Array]:
    """What ``make`` gives, read where it was made before from the same ``inputs``.

    ``revision`` is to be raised with any change of what is made: it is made anew then.
    """
    digest = hashlib.sha256(f"{revision}".encode())
    for one in inputs:
        digest.update(f" {one.dtype} {one.shape} ".encode())
        digest.update(np.ascontiguousarray(one).tobytes())
    file = cache / "baselines" / f"{name}-{digest.hexdigest()[:24]}.npz"
    if not file.exists():
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as draft, draft.open("wb") as opened:
            np.savez(opened, allow_pickle=False, **made)
    with np.load(file, allow_pickle=False) as found:
        return dict(found)
