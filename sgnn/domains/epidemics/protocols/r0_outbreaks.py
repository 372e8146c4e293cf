"""The protocol `r0-outbreaks`: R0 of eight real outbreaks, beside what was published about them."""

from __future__ import annotations

import numpy as np

from sgnn.domains.epidemics.outbreak_data import OUTBREAK_FILES, real_outbreaks
from sgnn.domains.epidemics.protocols.published_r0 import OUTBREAK_RANGES
from sgnn.domains.epidemics.protocols.real_series import answers_of, early, side_by_side
from sgnn.evaluation.estimates.answers import Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings


class R0Outbreaks(Protocol):
    """Each outbreak from its first case to the peak of its first 100 days, 14 of them at least: the phase that
    classical methods are made for.

    The model knows nothing but the counts; ``model_told`` and the classical methods are told the mean serial interval.
    The centre of a published range stands for the truth in the errors; what counts is whether intervals meet ranges.
    """

    name = "r0-outbreaks"
    files = tuple(OUTBREAK_FILES.values())

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """R0 by every method. Raises `MissingData`, or `DataError` for a model that does not estimate R0."""
        outbreaks = real_outbreaks(settings)
        names = [one.name for one in outbreaks]
        assert names == [one.series for one in OUTBREAK_RANGES]
        cases = side_by_side([early(one.counts) for one in outbreaks])
        means, sds = (
            np.array([getattr(one, of) for one in outbreaks], dtype=np.float64)
            for of in ("interval_mean", "interval_sd")
        )
        centres = np.array([0.5 * (one.low + one.high) for one in OUTBREAK_RANGES])
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={"r0": centres},
                methods=answers_of(model, cases, names, means, sds, settings),
                levels=np.array(LEVELS),
                values=cases,
                units={"r0": "1"},
            ),
            informed=("model_told",),
            ranges=OUTBREAK_RANGES,
            data={file.place: file.sha256 for file in self.files},
            notes=(
                "each outbreak from its first case to the highest weekly mean of its first 100 days, at least 14 days",
                "the centre of each published range stands for the truth in the errors; published ranges are of the "
                "disease where none is of the very outbreak, and none of them is the truth",
                "classical methods and model_told are told the serial interval that comes with the data",
            ),
            is_real=True,
        )
