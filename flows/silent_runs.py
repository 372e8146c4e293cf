"""Runs whose process is gone without a word: the Prefect server hears their heartbeats, and calls them crashed without.

Otherwise a run that was killed with its worker would be under way for ever on the page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

NAME = "sgnn: runs without a sign of life"
HEARTBEAT: dict[str, str] = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
"""Variable by which runs show a sign of life, every so many seconds."""
SILENCE = timedelta(minutes=5)
"""Long enough that a server which is started again has heard of every run that lives."""
BEAT = "prefect.flow-run.heartbeat"
ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


def watch_over_runs(client: SyncPrefectClient, silence: timedelta = SILENCE) -> None:
    """Have the server call every run crashed that it has heard of and then hears nothing of for so long."""
    from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
    from prefect.client.schemas.objects import StateType

    trigger = EventTrigger(
        after={BEAT},
        expect={BEAT, *(f"prefect.flow-run.{end}" for end in ENDS)},
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=silence,
    )
    told = f"no sign of life for {silence.total_seconds():.0f} s: its process is gone"
    wanted = AutomationCore(
        name=NAME,
        description="Calls runs crashed that were killed together with whoever would have told.",
        trigger=trigger,
        actions=[ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=told, force=False)],
    )
    known = client.read_automations_by_name(NAME)
    if known:
        client.update_automation(known[0].id, wanted)
    else:
        client.create_automation(wanted)
