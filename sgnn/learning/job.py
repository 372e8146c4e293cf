"""What a training process is told, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

Event = dict[str, Any]
"""What training says while it runs: one JSON object, of kind ``event``."""
RESULT = "result.json"
"""The file of a training folder that holds the `TrainingResult`; there when training is finished."""
Resume = Literal["auto", "never"] | str
"""From the last checkpoint if there is one, anew, or from the checkpoint at a path."""


@dataclass(frozen=True)
class TrainingJob:
    """What a training process is told: the recipe as JSON, where the corpus is, where to work, whether to resume.

    ``devices`` is the number of processes or GPUs, all GPUs or else one process where it is 0; a checkpoint is written
    every ``save_seconds``; ``cache`` is the folder of decoded draws, kept in memory where it is empty.
    """

    recipe: dict[str, Any]
    corpus: str
    folder: str
    resume: str = "auto"
    devices: int = 0
    save_seconds: float = 30.0
    cache: str = ""


@dataclass(frozen=True)
class TrainingResult:
    """What came of a training run.

    ``curve`` holds one entry for each look at the held-out draws; ``left_out`` counts draws that could not be observed
    anew.
    """

    model: str
    steps: int
    windows: int
    seconds: float
    windows_per_second: float
    data_wait: float
    held_out_loss: float
    parameters: int
    resumed: bool
    curve: tuple[Event, ...]
    left_out: int = 0

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps(asdict(self), indent=1)

    @staticmethod
    def from_json(text: str) -> TrainingResult:
        """From JSON text."""
        document = json.loads(text)
        return TrainingResult(**{**document, "curve": tuple(document["curve"])})
