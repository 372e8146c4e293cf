"""What is shown while flows run: bars on a terminal, lines elsewhere."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table

from flows.terminal import Terminal, duration


def terminal(screen: bool) -> tuple[Terminal, StringIO]:
    said = StringIO()
    return Terminal(Console(file=said, force_terminal=screen, width=80)), said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")],
)
def test_durations_are_said_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_in_a_file_progress_is_a_line_now_and_then_with_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    shown, said = terminal(screen=False)
    with shown.meter("simulate", 100) as meter:
        for done in range(1, 41):
            now[0] = float(done)
            meter.update(done, "1 draws/s")
    assert said.getvalue().splitlines() == [
        "simulate: 15 %, 1 draws/s, 1 min 25 s left",
        "simulate: 30 %, 1 draws/s, 1 min 10 s left",
    ]


def test_on_a_screen_progress_is_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown, said = terminal(screen=True)
    with shown.meter("simulate", 4) as meter:
        meter.update(2, "17 draws/s")
    text = said.getvalue()
    assert "50 %" in text
    assert "17 draws/s" in text
    assert "\x1b[2K" in text


def test_a_table_in_a_file_keeps_its_cells_whole() -> None:
    shown, said = terminal(screen=False)
    table = Table("a heading that is quite long", "another heading that is quite long", "and one more of them, longer")
    table.add_row("1.006 [0.86, 1.20] and some more", "2.290 [1.88, 3.01] and some more", "100.0")
    shown.table(table)
    assert "2.290 [1.88, 3.01] and some more" in said.getvalue()


def test_what_is_said_is_not_taken_for_markup() -> None:
    shown, said = terminal(screen=False)
    shown.say("a path [/tmp/x] and [bold]")
    assert said.getvalue() == "a path [/tmp/x] and [bold]\n"
