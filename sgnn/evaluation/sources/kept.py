"""Scores of baselines, kept by what they were scored on: a second model finds them made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sgnn.evaluation.kept import kept
from sgnn.evaluation.sources.scores import CandidateScores


def kept_scores(
    cache: Path,
    of: str,
    arrays: Mapping[str, NDArray[Any]],
    make: Callable[[], Mapping[str, CandidateScores]],
) -> dict[str, CandidateScores]:
    """Scores by method: read where they are kept of just these arrays under the name ``of``, else made and kept.

    ``of`` names the methods and their version, which are to be scored anew where they change.
    """
    parts = tuple(one.name for one in fields(CandidateScores))

    def made() -> dict[str, NDArray[Any]]:
        return {f"{name}/{part}": getattr(scores, part) for name, scores in make().items() for part in parts}

    names = sorted(arrays)
    found = kept(cache, "sources", f"{of} {' '.join(names)}", [arrays[name] for name in names], made)
    methods = dict.fromkeys(key.split("/")[0] for key in found)
    return {name: CandidateScores(*(found[f"{name}/{part}"] for part in parts)) for name in methods}
