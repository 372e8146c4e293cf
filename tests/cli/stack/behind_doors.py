"""The supervisor of a stack some of whose services are reached through doors: their addresses are in `DOORS`.

`objects`: what everybody takes for the object store; `scheduler`: what workers take for the Dask scheduler.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from functools import cached_property

from sgnn.cli.stack import supervisor
from sgnn.cli.stack.service import Service
from sgnn.cli.stack.services import Stack


class BehindDoors(Stack):
    """The stack, with other addresses."""

    @cached_property
    def doors(self) -> dict[str, str]:
        """Addresses of the doors."""
        found: dict[str, str] = json.loads(os.environ["DOORS"])
        return found

    def address(self, service: str) -> str:
        """A service's address, or that of the door before it."""
        return self.doors["objects"] if service == "objects" else super().address(service)

    def workers(self) -> Service:
        """Workers that come to the scheduler through its door."""
        made = super().workers()
        door = [self.doors["scheduler"] if part == self.scheduler else part for part in made.command]
        return replace(made, command=door)


if __name__ == "__main__":
    supervisor.Stack = BehindDoors  # type: ignore[misc]
    sys.exit(supervisor.main())
