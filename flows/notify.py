"""Telling people elsewhere: a webhook that hears of scheduled runs that failed and of promotions that were refused."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from prefect.client.schemas.objects import FlowRun, State

from flows.surroundings import surroundings

PATIENCE = 10.0


def tell(event: str, text: str, **more: str) -> bool:
    """Send an event to the configured address as JSON; whether it was heard. Nothing fails because nobody listens."""
    address = surroundings().settings.webhook
    if address is None:
        return False
    # `text` is what chat programs show
    body = json.dumps({"event": event, "text": text, **more}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):
            return True
    except (OSError, ValueError) as error:
        surroundings().terminal.say(f"the webhook did not hear of it: {error}")
        return False


def tell_failed(flow: Any, flow_run: FlowRun, state: State[Any]) -> None:
    """A hook on failures and crashes of scheduled flows."""
    tell("failed", f"{flow.name}: {state.message or state.name}", flow=flow.name, flow_run=str(flow_run.id))
