"""What a calibration is fitted to: draws kept from training, without those that test a model."""

from __future__ import annotations

import numpy as np
from torch import nn

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.learning.calibrating import make_calibration
from sgnn.learning.calibration import Calibration
from sgnn.learning.forecast.task import ForecastTask
from sgnn.learning.model import Model
from sgnn.learning.stream import is_held_out, judges
from sgnn.learning.task import Arrays


class Noting(ForecastTask):
    """A forecaster that notes by which draws it is calibrated."""

    def __init__(self, calibrates: bool) -> None:
        super().__init__(target="deaths", width=8, depth=1)
        self.asked, self.noted = calibrates, list[int]()

    @property
    def calibrates(self) -> bool:
        return self.asked

    def calibration(self, network: nn.Module, draws: Arrays, generator: np.random.Generator) -> Calibration | None:
        self.noted += draws["draw"].tolist()
        return Calibration({}, {"unknown": len(draws["draw"])})


def test_half_of_the_draws_kept_from_training_are_looked_at(recipe: Recipe, corpus: Corpus) -> None:
    task = Noting(calibrates=True)
    task.inputs(corpus.schema)
    found = make_calibration(Model(task, nn.Identity(), corpus.schema, {}), [(corpus, 1.0)], recipe.training)
    every = np.arange(corpus.number)
    assert found is not None
    assert sorted(task.noted) == every[judges(every)].tolist()
    assert is_held_out(np.array(task.noted)).all()
    # as many are left to test a model
    assert abs(2 * len(task.noted) - is_held_out(every).sum()) <= 1


def test_nothing_is_read_for_a_task_that_does_not_calibrate(recipe: Recipe, corpus: Corpus) -> None:
    task = Noting(calibrates=False)
    assert make_calibration(Model(task, nn.Identity(), corpus.schema, {}), [(corpus, 1.0)], recipe.training) is None
    assert not task.noted
