"""A hundred scheduled runs in a row on a stack of its own: none may stick, and no service may grow.

A schedule makes a corpus grow by a block, through all services: Prefect and its worker, Dask, the object store, MLflow
and PostgreSQL. The next run is due soon after the one before. What the stack's processes take is looked at after each
run, the databases before and after all of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sgnn.cli.bench.figure import Figure
from sgnn.cli.bench.memory import MIB, growth, sampled
from sgnn.cli.output import note
from sgnn.errors import ServiceError

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.cli.stack.layout import Layout
    from sgnn.settings import Settings

NAME, BLOCK = "soak", 64
EVERY = "* * * * * */15"
"""When a run is due; one that is due while another is under way is left out."""
LONGEST_SECONDS = 600.0
"""Without a run that ended for so long, one is stuck."""
LOOK_SECONDS = 1.0
WARM = 0.2
"""Share of the runs, from the first one on, after which services have filled what they keep."""
ENDED_WELL, LEFT_OUT = "COMPLETED", "CANCELLED"
ENDED = frozenset({ENDED_WELL, LEFT_OUT, "FAILED", "CRASHED"})
DUE = """
FROM flow_run AS run JOIN deployment ON deployment.id = run.deployment_id
LEFT JOIN flow_run_state AS state ON state.id = run.state_id
WHERE deployment.name = %s AND run.expected_start_time <= now()
"""
COUNTED = f"SELECT run.state_type, count(*) {DUE} GROUP BY run.state_type"
NEWEST = f"SELECT run.state_type, state.message {DUE} AND run.state_type <> %s ORDER BY state.timestamp DESC LIMIT 1"


@dataclass
class Soaked:
    """What was seen of the runs: memory of each service after so many, MiB, and sizes of databases, bytes."""

    memory: dict[str, list[float]] = field(default_factory=dict)
    completed: list[int] = field(default_factory=list)
    states: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    restarts: int = 0
    seconds: float = 0.0

    def look(self, completed: int, memory: Mapping[str, float]) -> None:
        """Keep what services take after so many runs."""
        self.completed.append(completed)
        for name, value in memory.items():
            self.memory.setdefault(name, []).append(value)


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Runs of a schedule, growth of every service's memory, and what each run adds to the databases."""
    from sgnn.cli.bench.scaling import RECIPE
    from sgnn.cli.bench.workplace import RECIPE as BASE
    from sgnn.cli.stack.control import down, up

    recipe = place.settings.home / f"{NAME}.yaml"
    recipe.write_text(RECIPE.format(name=NAME, base=BASE, draws=BLOCK, block=BLOCK), encoding="utf-8")
    # where root starts it, PostgreSQL is another user, who must come in
    place.settings.home.chmod(0o711)
    try:
        layout = up(place.settings, note)
        return figures(_soaked(layout, str(recipe), place.runs), place.runs)
    finally:
        # one that was not started is down
        with suppress(ServiceError):
            down(place.settings)


def figures(seen: Soaked, runs: int) -> tuple[Figure, ...]:
    """What was seen as figures: growth is told for a hundred runs, with its interval, beside what is taken."""
    ended = seen.states.get(ENDED_WELL, 0)
    wrong = sum(number for state, number in seen.states.items() if state not in (ENDED_WELL, LEFT_OUT))
    told = f"runs that completed in {seen.seconds / 60:.0f} min, {seen.states.get(LEFT_OUT, 0)} due meanwhile left out"
    made = [
        Figure(NAME, told, float(ended), "", "runs wanted", float(runs)),
        Figure(NAME, "runs that failed, crashed or are stuck", float(wrong), "", "all runs", float(ended + wrong)),
        Figure(NAME, "services started again", float(seen.restarts), "", "services", float(len(seen.memory))),
    ]
    first = next(at for at, number in enumerate(seen.completed) if number >= WARM * runs)
    for name, values in seen.memory.items():
        found = growth(seen.completed[first:], values[first:])
        low, high = 100 * found.low, 100 * found.high
        told = f"growth of {name} in 100 runs, 95 % interval {low:+.1f} to {high:+.1f} MiB"
        made.append(Figure(NAME, told, 100 * found.slope, "MiB", "its memory", found.last))
    for name, size in seen.after.items():
        told = f"growth of the database {name} by a run"
        by_run = (size - seen.before[name]) / MIB / max(ended, 1)
        made.append(Figure(NAME, told, by_run, "MiB", "its size", size / MIB))
    return tuple(made)


def _soaked(layout: Layout, recipe: str, runs: int) -> Soaked:
    from flows.deployments import Deployment, deploy, pause
    from sgnn.cli.stack.control import read_state

    parameters = {"recipe": recipe, "tiny": False, "grow": BLOCK}
    schedule = Deployment("corpus-weekly", NAME, EVERY, "UTC", parameters)
    seen, began = Soaked(), time.monotonic()
    settings = _used(layout)
    deploy([schedule], settings)
    seen.before = _sizes(layout)
    for completed in _each_completed(layout, runs):
        memory = sampled(read_state(layout))
        seen.look(completed, memory)
        if completed % 10 == 0:
            taken = ", ".join(f"{name} {value:.0f}" for name, value in memory.items())
            note(f"{completed} of {runs} runs after {(time.monotonic() - began) / 60:.1f} min; MiB: {taken}")
    seen.seconds = time.monotonic() - began
    pause(schedule.full_name, settings, paused=True)
    # one more may have begun
    _until_idle(layout)
    seen.states, seen.after = _states(layout), _sizes(layout)
    seen.restarts = sum(int(one["restarts"]) for one in read_state(layout).values())
    return seen


def _each_completed(layout: Layout, runs: int) -> Iterator[int]:
    """How many runs have completed, each time that it is more, until there are enough.

    Raises `ServiceError` where none completes for long.
    """
    completed, last = 0, time.monotonic()
    while completed < runs:
        time.sleep(LOOK_SECONDS)
        found = _states(layout).get(ENDED_WELL, 0)
        if found > completed:
            completed, last = found, time.monotonic()
            yield completed
        elif time.monotonic() - last > LONGEST_SECONDS:
            newest = _rows(layout, "prefect", NEWEST, (NAME, ENDED_WELL))
            said = "; the newest other run: " + " ".join(map(str, newest[0])) if newest else ""
            raise ServiceError(
                f"no run completed in {LONGEST_SECONDS:.0f} s, {completed} did before{said}",
                remedy="try the recipe alone: `sgnn stack up`, `sgnn corpus build covid --tiny`",
            )


def _until_idle(layout: Layout) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not set(_states(layout)) <= ENDED and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def _used(layout: Layout) -> Settings:
    """Settings of somebody who uses the stack."""
    import tomllib

    from sgnn.settings import load_settings

    return load_settings(**tomllib.loads(layout.settings.read_text(encoding="utf-8")))


def _states(layout: Layout) -> dict[str, int]:
    """How many runs that were due are in each state."""
    return {str(state): int(number) for state, number in _rows(layout, "prefect", COUNTED, (NAME,))}


def _sizes(layout: Layout) -> dict[str, int]:
    """Bytes of each database."""
    names = ("prefect", "mlflow")
    return {name: int(_rows(layout, name, "SELECT pg_database_size(%s)", (name,))[0][0]) for name in names}


def _rows(layout: Layout, database: str, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Rows of a database of the stack, asked for by its owner."""
    import json

    import psycopg

    port = json.loads(layout.ports.read_text(encoding="utf-8"))["postgres"]
    password = (layout.secrets / f"postgres-{database}").read_text(encoding="utf-8")
    with psycopg.connect(host="127.0.0.1", port=port, user=database, password=password, dbname=database) as connection:
        return connection.execute(query, values).fetchall()
