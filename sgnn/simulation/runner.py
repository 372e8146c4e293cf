"""Where a mechanism is run, and in what portions: in the process itself unless a corpus asks for more care."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sgnn.simulation.simulator import Outputs, Theta
from sgnn.simulation.streams import Streams


class DrawFailure(Exception):
    """Draws that cannot be made; its text is the reason that a draw's record keeps."""


class Runner(ABC):
    """Runs the mechanisms of a mixture for a generator, by their index."""

    @abstractmethod
    def portion(self, mechanism: int, draws: int) -> int:
        """How many of ``draws`` draws that are still to be made to run at once, at least 1."""

    @abstractmethod
    def run(self, mechanism: int, streams: Streams, theta: Theta) -> Outputs:
        """Outputs, each (batch, *dims), of a batch of one mechanism.

        Raises `DrawFailure`, or whatever the simulator raises, where some draw of the batch cannot be made, and
        `RecipeError` where a declaration is broken.
        """
