"""Fitting the calibration of a trained network to draws that it was not taught by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.sections import TrainingSection
    from sgnn.learning.calibration import Calibration
    from sgnn.learning.model import Model

_SEED = 1879
_MOST = 40_000
"""Draws read, of which half are looked at: of more the factors would hardly be better."""


def make_calibration(
    model: Model, corpora: Sequence[tuple[Corpus, float]], training: TrainingSection
) -> Calibration | None:
    """What `Task.calibration` makes of half of the draws kept from training, weighed as in training.

    The other half, by which a model is tested, is not looked at. None where that leaves none, and for a task that does
    not calibrate.
    """
    if not model.task.calibrates:
        return None
    from sgnn.learning.stream import CorpusStream, judges

    names = model.task.inputs(model.schema)
    stream = CorpusStream(corpora, names, 1, training.seed, "held_out", mechanisms=training.mechanisms)
    draws = stream.sample(_MOST)
    rows = np.flatnonzero(judges(draws["draw"]))
    if not len(rows):
        return None
    halved = {name: array[rows] for name, array in draws.items()}
    return model.task.calibration(model.network, halved, np.random.default_rng([_SEED, training.seed]))
