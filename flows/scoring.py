"""Scoring a model by a protocol, in a process of its own: `python -m flows.scoring QUESTION`, see `flows.companion`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.companion import serve


def prepare(protocols: list[str], tiny: bool) -> None:
    """Fit the baselines of protocols ahead of time, with what the machine has left over; missing data do not matter."""
    from sgnn.evaluation.files import MissingData
    from sgnn.settings import load_settings

    os.nice(19)
    settings = load_settings()
    for name in protocols:
        try:
            protocol_of(name, tiny).prepare(settings)
        except MissingData:
            continue


def score(protocol: str, tiny: bool, model: str, name: str, folder: str) -> dict[str, Any]:
    """Benchmark of the model in a folder, kept in another; `{"missing": why}` where its data are not there."""
    from sgnn.evaluation.files import MissingData
    from sgnn.learning.model import load_model
    from sgnn.settings import load_settings

    try:
        scored = protocol_of(protocol, tiny).run(load_model(model), load_settings(), name)
    except MissingData as error:
        return {"missing": str(error)}
    scored.save(Path(folder))
    document: dict[str, Any] = finite(scored.to_json())
    return document


def finite(value: Any) -> Any:
    """The same JSON value with null for what is no number: JSON knows no NaN, and a digest takes none."""
    if isinstance(value, Mapping):
        return {name: finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def protocol_of(name: str, tiny: bool) -> Any:
    """The registered protocol of that name, or its tiny version."""
    from sgnn.evaluation.protocol import find_protocol

    protocol = find_protocol(name)
    return protocol.tiny() if tiny else protocol


def work(question: dict[str, Any]) -> Any:
    """Prepare or score, as asked."""
    return score(**question["score"]) if "score" in question else prepare(**question["prepare"])


if __name__ == "__main__":
    serve(work)
