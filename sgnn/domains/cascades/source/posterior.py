"""What a trained network says of snapshots: who began, how many, by which mechanism, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgnn.domains.cascades.source.network import SourceNetwork
from sgnn.domains.cascades.source.task import UNTOLD, SourceTask
from sgnn.errors import DataError

if TYPE_CHECKING:
    from sgnn.learning.model import Model

Array = NDArray[np.float64]
_MOST_NODES = 20_000


@dataclass(frozen=True)
class Posterior:
    """Answers about some snapshots.

    ``nodes`` has the log posterior (node,) of each snapshot; ``origins`` (snapshot, number - 1) and ``mechanisms``
    (snapshot, mechanism) are probabilities; ``start`` (snapshot, level) quantiles of the time of the start, counted
    from the first time told in standard deviations of those told.
    """

    nodes: tuple[Array, ...]
    origins: Array
    mechanisms: Array
    start: Array


def source_posterior(
    model: Model,
    draws: Mapping[str, NDArray[Any]],
    mechanism: str | None = None,
    alike: bool = False,
    trusted: bool | None = None,
) -> Posterior:
    """The posterior of every snapshot of arrays (draw, …) named by `SEEN`.

    ``mechanism`` is told to the model where it is known, and with it whether all ties are ``alike``; so is ``trusted``,
    whether no tie is missing and no report false. Raises `DataError` for a model of another task, or a mechanism that
    it has not learnt.
    """
    task, network = model.task, model.network
    if not isinstance(task, SourceTask) or not isinstance(network, SourceNetwork):
        raise DataError(f"a model of the task '{task.name}' names no source", remedy="use one of `cascades.source`")
    told = UNTOLD
    if mechanism is not None:
        if mechanism not in model.schema.mechanisms:
            raise DataError(
                f"the model has not learnt the mechanism '{mechanism}'", remedy=f"one of {model.schema.mechanisms}"
            )
        told = model.schema.mechanisms.index(mechanism)
    parts: list[dict[str, Any]] = []
    sizes = draws["seen_nodes"].astype(np.int64)
    for begin, end in _parts(sizes):
        some = {name: draws[name][begin:end] for name in task.seen}
        number = end - begin
        with torch.inference_mode():
            trust = UNTOLD if trusted is None else int(trusted)
            batch = task.snapshot_batch(some, *(np.full(number, one) for one in (told, int(alike), trust)))
            answer = network(batch)
        found = {name: one.numpy().astype(np.float64) for name, one in answer.items()}
        ends = np.cumsum(sizes[begin:end])[:-1]
        parts.append({**found, "nodes": np.split(found["node"], ends)})
    return Posterior(
        tuple(node for part in parts for node in part["nodes"]),
        np.exp(np.concatenate([part["origins"] for part in parts])),
        np.exp(np.concatenate([part["mechanism"] for part in parts])),
        np.concatenate([part["start"] for part in parts]),
    )


def _parts(sizes: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of snapshots with about so many nodes together, so that memory is bounded."""
    found, begin, total = [], 0, 0
    for at, size in enumerate(sizes):
        if total and total + size > _MOST_NODES:
            found.append((begin, at))
            begin, total = at, 0
        total += int(size)
    return [*found, (begin, len(sizes))]
