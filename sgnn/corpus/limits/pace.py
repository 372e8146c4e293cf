"""How many draws to run at once under a time limit, and how long to wait for them. Pure decisions.

A batch has no more time than one draw. So a draw that takes longer than the limit comes back in no batch, and whether
it fails does not depend on its companions; a batch that is given up early costs time and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SHARE = 0.25
"""Share of the limit that a batch is meant to take."""

PATIENCE = 20.0
"""Times the expected duration after which a batch is given up, to find the draw that holds it up."""

LEAST_SECONDS = 1.0
"""A batch is not given up earlier, for a busy machine may hold it up as well."""


@dataclass(frozen=True)
class Pace:
    """What is known of one mechanism: how many draws to try at once, and how long one of them takes."""

    most: int = 1
    seconds: float | None = None

    def patience(self, draws: int, limit: float | None) -> float | None:
        """How long to wait for a batch, s; None where there is no limit."""
        if limit is None or draws == 1 or self.seconds is None:
            return limit
        return min(limit, max(LEAST_SECONDS, PATIENCE * draws * self.seconds))

    def made(self, draws: int, seconds: float, limit: float | None) -> Pace:
        """The pace after a batch that took so many seconds."""
        if limit is not None and seconds > SHARE * limit:
            return Pace(max(int(draws * SHARE * limit / seconds), 1), seconds / draws)
        return Pace(max(self.most, 2 * draws), seconds / draws)

    def exceeded(self, draws: int) -> Pace:
        """The pace after a batch that went beyond a limit."""
        return replace(self, most=max(draws // 2, 1))
