"""Scores of baselines, kept by what they were scored on: a second model finds them made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.sources.scores import CandidateScores
from sgnn.files import whole

_FOLDER = "sources"


def kept_scores(
    cache: Path,
    of: str,
    arrays: Mapping[str, NDArray[Any]],
    make: Callable[[], Mapping[str, CandidateScores]],
) -> dict[str, CandidateScores]:
    """Scores by method: read where they are kept of just these arrays under the name ``of``, else made and kept.

    ``of`` names the methods and their version, which are to be scored anew where they change.
    """
    place = cache / _FOLDER / f"{_digest(of, arrays)}.npz"
    if not place.is_file():
        made = make()
        place.parent.mkdir(parents=True, exist_ok=True)
        with whole(place) as draft, draft.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                **{
                    f"{name}/{one.name}": getattr(scores, one.name)
                    for name, scores in made.items()
                    for one in fields(scores)
                },
            )
    with np.load(place, allow_pickle=False) as found:
        names = list(dict.fromkeys(key.split("/")[0] for key in found.files))
        return {
            name: CandidateScores(*(found[f"{name}/{one.name}"] for one in fields(CandidateScores))) for name in names
        }


def _digest(of: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    hasher = hashlib.sha256(of.encode())
    for name, values in sorted(arrays.items()):
        hasher.update(f"{name} {values.dtype} {values.shape}".encode())
        hasher.update(np.ascontiguousarray(values).tobytes())
    return hasher.hexdigest()[:32]
