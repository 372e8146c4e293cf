"""`sgnn doctor`: what is installed, configured, reachable, and what to do about what is not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from sgnn.cli.output import Json, one_object, show, show_table


def doctor(as_json: Json = False) -> None:
    """Say what is missing, and what to do about it. The status is 1 where a run would fail."""
    from sgnn.cli.doctor import State, examine

    with one_object(as_json) as answer:
        checks = examine()
        problems = [check for check in checks if check.state is not State.OK]
        healthy = all(check.state is not State.BROKEN for check in checks)
        if as_json:
            answer.append({"healthy": healthy, "checks": [asdict(check) for check in checks]})
        else:
            show_table(("", "what", "state", "found"), [(c.area, c.name, c.state, c.found) for c in checks])
            for check in problems:
                show(f"{check.state}: {check.name}: {check.found}; {check.remedy}")
            show("everything that a run needs is there" if healthy else "a run would fail: mend what is broken")
    if not healthy:
        raise typer.Exit(1)
