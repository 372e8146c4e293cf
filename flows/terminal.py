"""What a person sees while flows run: calm lines, and a bar with rate and time left for what takes long.

On a terminal bars move; in a file or a pipe a line comes now and then, so that a log says as much.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

LINE_SECONDS = 15.0
"""Between two lines of progress where bars cannot move."""


@dataclass
class Meter:
    """Progress of one stage: `update` says how far it is; shown as a bar or as lines."""

    title: str
    total: float
    console: Console
    bar: Progress | None
    began: float = field(default_factory=lambda: time.monotonic())
    _said: float = field(default_factory=lambda: time.monotonic())

    def update(self, done: float, note: str = "", total: float | None = None) -> None:
        """`done` of `total`, and a note such as a rate or a loss."""
        if total is not None:
            self.total = total
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, total=self.total, note=note)
        elif time.monotonic() - self._said >= LINE_SECONDS:
            self._said = time.monotonic()
            self.console.print(self._line(done, note), highlight=False, soft_wrap=True)

    def _line(self, done: float, note: str) -> str:
        share = min(done / self.total, 1.0) if self.total > 0 else 0.0
        elapsed = time.monotonic() - self.began
        left = f", {duration(elapsed * (1 - share) / share)} left" if share > 0 else ""
        return f"{self.title}: {100 * share:.0f} %{f', {note}' if note else ''}{left}"


@dataclass(frozen=True)
class Terminal:
    """The console that flows write to; standard output stays free for results."""

    console: Console = field(default_factory=lambda: Console(stderr=True))

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, highlight=False, soft_wrap=True, markup=False)

    @contextmanager
    def meter(self, title: str, total: float) -> Iterator[Meter]:
        """A bar (or lines) for as long as the block runs."""
        if not self.console.is_terminal:
            yield Meter(title, total, self.console, None)
            return
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=self.console, transient=True) as bar:
            bar.add_task(title, total=total, note="")
            yield Meter(title, total, self.console, bar)

    @contextmanager
    def waiting(self, title: str) -> Iterator[None]:
        """Something that takes a while and cannot say how long."""
        if not self.console.is_terminal:
            self.say(f"{title} ...")
            yield
            return
        with self.console.status(title):
            yield

    def table(self, table: Table) -> None:
        """A table; where the width is not that of a screen, its cells are left whole."""
        wide = self.console if self.console.is_terminal else Console(file=self.console.file, width=200)
        wide.print(table, highlight=False)


def duration(seconds: float) -> str:
    """Seconds as people say them: 12 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
