"""Runs whose process is gone without a word: the Prefect server calls them crashed.

It hears the heartbeats of those that began, and knows of those that a worker took. Otherwise a run that was killed with
its worker, or that a worker took and never began, would be under way for ever on the page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

NAME = "sgnn: runs without a sign of life"
NAME_UNBEGUN = "sgnn: runs that nobody began"
HEARTBEAT: dict[str, str] = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
"""Variable by which runs show a sign of life, every so many seconds."""
SILENCE = timedelta(minutes=5)
"""Long enough that a server which is started again has heard of every run that lives."""
UNBEGUN = timedelta(minutes=15)
"""From when a worker takes a run until its process works: images are fetched meanwhile."""
BEAT = "prefect.flow-run.heartbeat"
ENDS = frozenset(f"prefect.flow-run.{end}" for end in ("Completed", "Failed", "Cancelled", "Crashed"))
GOES_ON = frozenset(f"prefect.flow-run.{state}" for state in ("Running", "Retrying", "AwaitingConcurrencySlot"))


def watch_over_runs(client: SyncPrefectClient, silence: timedelta = SILENCE, unbegun: timedelta = UNBEGUN) -> None:
    """Have the server call runs crashed: those that it has heard of and then hears nothing of, those nobody begins."""
    told = f"no sign of life for {silence.total_seconds():.0f} s: its process is gone"
    _crash(client, NAME, BEAT, frozenset({BEAT}) | ENDS, silence, told)
    told = f"not begun in {unbegun.total_seconds():.0f} s: whoever took it is gone"
    _crash(client, NAME_UNBEGUN, "prefect.flow-run.Pending", GOES_ON | ENDS, unbegun, told)


def _crash(
    client: SyncPrefectClient, name: str, after: str, expected: frozenset[str], within: timedelta, message: str
) -> None:
    """Make or change the automation that calls a run crashed when nothing expected of it comes `after` an event."""
    from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
    from prefect.client.schemas.objects import StateType

    trigger = EventTrigger(
        after={after},
        expect=set(expected),
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=within,
    )
    wanted = AutomationCore(
        name=name,
        description="Calls runs crashed that were killed together with whoever would have told.",
        trigger=trigger,
        actions=[ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=message, force=False)],
    )
    known = client.read_automations_by_name(name)
    if known:
        client.update_automation(known[0].id, wanted)
    else:
        client.create_automation(wanted)
