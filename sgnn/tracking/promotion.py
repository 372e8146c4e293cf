"""Promotion to champion through the gates, and the way back."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sgnn.errors import GateRefused, RegistryError
from sgnn.lock import hold
from sgnn.tracking.connection import Tracking
from sgnn.tracking.gates import GateOutcome, evaluate, shortfall_text
from sgnn.tracking.moves import moves_of, overtaken
from sgnn.tracking.registry import (
    CANDIDATE,
    CHAMPION,
    DECISION_TAG,
    PREVIOUS_TAG,
    Version,
    current_champion,
    read_benchmarks,
    show_version,
)

__all__ = ["judge", "promote", "rollback"]

PATIENCE = 3
"""Times that a promotion is judged again because another host moved the champion meanwhile."""


def judge(tracking: Tracking, version: Version) -> tuple[GateOutcome, ...]:
    """Outcome of the version's gates against the champion of now, changing nothing."""
    champion = current_champion(tracking, version.name)
    reference = read_benchmarks(tracking, champion) if champion is not None else None
    return evaluate(version.gates, read_benchmarks(tracking, version), reference)


def promote(
    tracking: Tracking, name: str, which: int | str = CANDIDATE, *, why: str = "", who: str | None = None
) -> Version:
    """Make a version the champion if all gates of its recipe pass; the decision is recorded with it either way.

    Raises `GateRefused` saying which gate and by how much, `RegistryError` for a version that is unknown or incomplete.
    """
    with hold(tracking.locks / "registry"):
        version = show_version(tracking, name, which)
        _must_be_promotable(version)
        moves = moves_of(tracking.store, name)
        for _ in range(PATIENCE):
            last, champion = moves.settled(lambda: current_champion(tracking, name))
            if champion is not None and champion.number == version.number:
                return champion
            outcomes = judge(tracking, version)
            if not all(outcome.passed for outcome in outcomes):
                _decide(tracking, version, "refused", why, who, outcomes)
                raise GateRefused(
                    f"{version.ref} stays {_standing(version)}: {shortfall_text(outcomes)}",
                    remedy="improve the model, or change the gates in the recipe and train again",
                )
            # the lock keeps this home's processes apart, the claim those of other hosts
            if moves.claim(last, version.number, _name(who)):
                _crown(tracking, version, champion, why, who, outcomes)
                return show_version(tracking, name, version.number)
    raise RegistryError(f"the champion of {name} changes all the time", remedy="promote again when others are done")


def rollback(tracking: Tracking, name: str, *, why: str = "", who: str | None = None) -> Version:
    """Give the champion's place back to the version that had it before. Raises `RegistryError` where there is none."""
    with hold(tracking.locks / "registry"):
        champion = show_version(tracking, name, CHAMPION)
        if champion.previous_champion is None:
            raise RegistryError(f"{champion.ref} is the first champion of {name}: there is none to go back to")
        previous = show_version(tracking, name, champion.previous_champion)
        moves = moves_of(tracking.store, name)
        last, now = moves.settled(lambda: current_champion(tracking, name))
        if _number(now) != champion.number or not moves.claim(last, previous.number, _name(who)):
            raise overtaken(moves, name)
        _decide(tracking, champion, "rolled back", why, who, (), previous=previous.number)
        tracking.client.set_registered_model_alias(name, CHAMPION, str(previous.number))
        return show_version(tracking, name, previous.number)


def _must_be_promotable(version: Version) -> None:
    if not version.complete:
        raise RegistryError(
            f"{version.ref} is incomplete: its registration was cut off before its results were recorded",
            remedy="run its recipe again, which completes it",
        )
    if not version.gates:
        raise GateRefused(
            f"{version.ref} has no gates, so nothing says that it is good enough",
            remedy="write gates in the recipe and run it again",
        )


def _crown(
    tracking: Tracking,
    version: Version,
    champion: Version | None,
    why: str,
    who: str | None,
    outcomes: Sequence[GateOutcome],
) -> None:
    """Write what the change rests on, then move the alias: a kill between the two leaves the old champion."""
    before = "" if champion is None else str(champion.number)
    tracking.client.set_model_version_tag(version.name, str(version.number), PREVIOUS_TAG, before)
    _decide(tracking, version, "promoted", why, who, outcomes, previous=_number(champion))
    tracking.client.set_registered_model_alias(version.name, CHAMPION, str(version.number))


def _decide(
    tracking: Tracking,
    version: Version,
    decision: str,
    why: str,
    who: str | None,
    outcomes: Sequence[GateOutcome],
    previous: int | None = None,
) -> None:
    now = datetime.now(UTC)
    record: Mapping[str, Any] = {
        "when": now.isoformat(timespec="seconds"),
        "who": _name(who),
        "decision": decision,
        "why": why,
        "previous_champion": previous,
        "outcomes": [outcome.to_json() for outcome in outcomes],
    }
    key = f"{DECISION_TAG}{now.strftime('%Y%m%dT%H%M%S.%fZ')}"
    tracking.client.set_model_version_tag(version.name, str(version.number), key, json.dumps(record))


def _name(who: str | None) -> str:
    return who or getpass.getuser()


def _standing(version: Version) -> str:
    return CANDIDATE if CANDIDATE in version.aliases else "as it is"


def _number(version: Version | None) -> int | None:
    return None if version is None else version.number
