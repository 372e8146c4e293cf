"""The draws of a corpus block by block: those that are sought among, and those that distances are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.learning.stream.part import is_held_out, judges
from sgnn.learning.task import Task
from sgnn.simulation import Schema, Variable
from sgnn.simulation.generator import OK

Arrays = dict[str, NDArray[Any]]
Use = Literal["index", "reference", "test"]


@dataclass(frozen=True)
class Drawn:
    """Draws by their indices, and their arrays (draw, …)."""

    draws: NDArray[np.int64]
    arrays: Arrays

    def __len__(self) -> int:
        return len(self.draws)


def used_for(draws: NDArray[np.int64], use: Use) -> NDArray[np.bool_]:
    """Which draws are for what: those of training make the index; of the others every second judges or tests it."""
    held_out = is_held_out(draws)
    if use == "index":
        return ~held_out
    return judges(draws) if use == "reference" else np.asarray(held_out & ~judges(draws))


def drawn(
    corpus: Corpus, names: Sequence[str], use: Use, most: int | None = None, task: Task | None = None
) -> Iterator[Drawn]:
    """The usable draws of a version for one use, a block at a time, at most ``most``, which are its first ones.

    Where a ``task`` is given, those alone that it can be asked about.
    """
    left = corpus.number if most is None else most
    seen = () if task is None else task.seen
    wanted = tuple(dict.fromkeys((*names, *seen, "status")))
    for block in corpus.blocks:
        if left <= 0:
            return
        draws = np.arange(block.start, block.stop, dtype=np.int64)
        arrays = corpus.read(block.index, wanted)
        usable = used_for(draws, use) & (arrays["status"] == OK)
        if task is not None:
            usable &= task.answerable({name: arrays[name] for name in seen})
        rows = np.flatnonzero(usable)[:left]
        left -= len(rows)
        yield Drawn(draws[rows], {name: arrays[name][rows] for name in wanted})


def gathered(parts: Iterator[Drawn]) -> Drawn:
    """All of them in one."""
    found = list(parts)
    names = found[0].arrays if found else {}
    return Drawn(
        np.concatenate([np.empty(0, dtype=np.int64), *(part.draws for part in found)]),
        {name: np.concatenate([part.arrays[name] for part in found]) for name in names},
    )


def at(corpus: Corpus, draws: Sequence[int], names: Sequence[str]) -> Arrays:
    """Values (draw, …) of some draws by their indices; each block is read once."""
    size, found = corpus.layout.block_draws, dict[int, Mapping[str, NDArray[Any]]]()
    for draw in draws:
        if draw // size not in found:
            found[draw // size] = corpus.read(draw // size, names)
    return {name: np.stack([found[draw // size][name][draw % size] for draw in draws]) for name in names}


def _scalars(schema: Schema) -> list[Variable]:
    """Variables without dimensions that say something of a draw, which seeds do not."""
    return [one for one in schema.variables if not one.dims and one.role != "seed"]


def quantity_names(schema: Schema) -> tuple[str, ...]:
    """What a draw has one number of: its parameters, then variables without dimensions, seeds left out."""
    return (
        *(parameter.name for parameter in schema.parameters),
        *(variable.name for variable in _scalars(schema)),
    )


def quantity_units(schema: Schema) -> tuple[str, ...]:
    """Their units."""
    return (
        *(parameter.unit for parameter in schema.parameters),
        *(variable.unit for variable in _scalars(schema)),
    )


def quantity_arrays(schema: Schema) -> tuple[str, ...]:
    """The arrays that hold them."""
    return ("theta", *(variable.name for variable in _scalars(schema)))


def quantities(arrays: Mapping[str, NDArray[Any]], schema: Schema) -> NDArray[np.float64]:
    """Their values (draw, quantity), NaN where a mechanism has no such parameter."""
    columns = [arrays[one.name].astype(np.float64)[:, None] for one in _scalars(schema)]
    return np.concatenate([arrays["theta"].astype(np.float64), *columns], axis=1)


def cut(
    arrays: Mapping[str, NDArray[Any]], names: Sequence[str], length: int | None, hidden: Sequence[str] = ()
) -> Arrays:
    """What a network sees of draws, no more than the first ``length`` steps of series; all where that is None.

    Of those ``hidden`` it sees nothing: NaN.
    """
    if hidden:
        empty = {name: np.full(arrays[name].shape, np.nan, dtype=np.float32) for name in hidden}
        return cut({**arrays, **empty}, names, length)
    if length is None:
        return {name: arrays[name] for name in names}
    return {name: arrays[name][:, :length] if arrays[name].ndim == 2 else arrays[name] for name in names}
