"""What was asked, what the truth is, and what every method answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MODEL = "model"


@dataclass(frozen=True)
class Estimates:
    """Answers of a model and its baselines about series whose truth is known.

    ``truth`` is (series,) by parameter, the first of which is the headline; ``methods`` (series, quantile) by method
    and parameter, NaN where a method has no answer or no such quantile; ``values`` (series, time) is what all of them
    saw, NaN beyond the end of each. ``mechanism`` (series,) is an index of ``mechanisms``, ``probabilities`` (series,
    mechanism) by method; both are empty where nobody is asked for the mechanism.
    """

    truth: Mapping[str, Array]
    methods: Mapping[str, Mapping[str, Array]]
    levels: Array
    values: Array
    units: Mapping[str, str] = field(default_factory=dict)
    mechanisms: tuple[str, ...] = ()
    mechanism: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    probabilities: Mapping[str, Array] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """The parameter whose scores stand for all."""
        return next(iter(self.truth))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps (series,) up to the last one observed."""
        seen = np.isfinite(self.values)
        steps = self.values.shape[1] - np.argmax(seen[:, ::-1], axis=1)
        return np.asarray(np.where(seen.any(axis=1), steps, 0), dtype=np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name; `estimates_of` reads them."""
        found: dict[str, NDArray[Any]] = {"levels": self.levels, "values": self.values, "mechanism": self.mechanism}
        found |= {f"truth/{name}": one for name, one in self.truth.items()}
        found |= {
            f"methods/{method}/{name}": one for method, all_ in self.methods.items() for name, one in all_.items()
        }
        return found | {f"probabilities/{method}": one for method, one in self.probabilities.items()}


def estimates_of(
    arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str], mechanisms: tuple[str, ...]
) -> Estimates:
    """What `Estimates.arrays` gave."""
    truth, probabilities = (
        {key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)}
        for prefix in ("truth/", "probabilities/")
    )
    methods: dict[str, dict[str, Array]] = {}
    for key in arrays:
        if key.startswith("methods/"):
            _, method, name = key.split("/")
            methods.setdefault(method, {})[name] = arrays[key]
    return Estimates(
        truth=truth,
        methods=methods,
        levels=arrays["levels"],
        values=arrays["values"],
        units=units,
        mechanisms=mechanisms,
        mechanism=arrays["mechanism"],
        probabilities=probabilities,
    )
