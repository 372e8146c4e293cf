"""How two versions, or two corpora, differ: in their recipes, their counts, and the parameters that were drawn."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sgnn.corpus.changes import Change, changes
from sgnn.corpus.moments import Moments

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus

LAYOUT_FIELDS = ("name", "draws", "block_draws", "chunk_draws", "keep")
"""Fields of the recipe's section that the identity of a corpus does not say in full."""


@dataclass(frozen=True)
class Shift:
    """A parameter as it was drawn in two corpora, over all draws whatever their status.

    `mean_z` and `sd_z` are differences in units of their standard errors: beyond 3 or so it is no sampling noise.
    None where a corpus does not draw the parameter.
    """

    parameter: str
    unit: str
    mean: tuple[float | None, float | None]
    sd: tuple[float | None, float | None]
    mean_z: float | None
    sd_z: float | None


@dataclass(frozen=True)
class Difference:
    """What differs between two versions; all that is not named is the same."""

    one: str
    other: str
    same_content: bool
    recipe: tuple[Change, ...]
    counts: dict[str, tuple[int, int]]
    shifts: tuple[Shift, ...]

    def to_json(self) -> dict[str, Any]:
        """Fields under their names."""
        return asdict(self)


def difference(one: Corpus, other: Corpus) -> Difference:
    """Difference of two versions of a corpus, or of two corpora. Reads all parameters of both, block by block."""
    before, after = one.status, other.status
    return Difference(
        one=f"{one.store.name}@{one.version}",
        other=f"{other.store.name}@{other.version}",
        same_content=one.content_digest == other.content_digest,
        recipe=changes(_recipe(one), _recipe(other)),
        counts={
            name: (getattr(before, name), getattr(after, name)) for name in ("asked", "ok", "failed", "quarantined")
        },
        shifts=_shifts(one, other),
    )


def shift(parameter: str, unit: str, one: Moments | None, other: Moments | None, *, nested: bool) -> Shift:
    """Shift of a parameter; of `nested` samples one is a part of the other, and their means vary together."""
    pair = (one, other)
    both = one is not None and other is not None and one.number > 1 and other.number > 1
    return Shift(
        parameter,
        unit,
        (_value(pair[0], "mean"), _value(pair[1], "mean")),
        (_value(pair[0], "sd"), _value(pair[1], "sd")),
        _z(one, other, "mean", nested) if one and other and both else None,
        _z(one, other, "sd", nested) if one and other and both else None,
    )


def _recipe(corpus: Corpus) -> dict[str, Any]:
    section = corpus.recipe.model_dump(mode="json")
    return {**corpus.layout.identity, **{name: section[name] for name in LAYOUT_FIELDS}}


def _shifts(one: Corpus, other: Corpus) -> tuple[Shift, ...]:
    before, after = _drawn(one), _drawn(other)
    units = {parameter.name: parameter.unit for corpus in (other, one) for parameter in corpus.schema.parameters}
    nested = one.layout.key == other.layout.key
    return tuple(
        shift(name, units[name], before.get(name), after.get(name), nested=nested) for name in {**before, **after}
    )


def _drawn(corpus: Corpus) -> dict[str, Moments]:
    names = [parameter.name for parameter in corpus.schema.parameters]
    found = dict.fromkeys(names, Moments())
    for block in corpus.blocks:
        theta = corpus.read(block, ("theta",))["theta"]
        for column, name in enumerate(names):
            values = theta[:, column]
            found[name] = found[name].with_values(values[~np.isnan(values)])
    return found


def _value(moments: Moments | None, name: str) -> float | None:
    value = None if moments is None or not moments.number else float(getattr(moments, name))
    return None if value is None or math.isnan(value) else value


def _z(one: Moments, other: Moments, name: str, nested: bool) -> float | None:
    variances = getattr(one, f"{name}_variance"), getattr(other, f"{name}_variance")
    variance = abs(variances[0] - variances[1]) if nested else sum(variances)
    away = getattr(other, name) - getattr(one, name)
    if variance > 0:
        return float(away / math.sqrt(variance))
    return 0.0 if away == 0 else None
