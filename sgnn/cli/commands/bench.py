"""`sgnn bench`: performance figures against references, as ratios."""

from __future__ import annotations

from typing import Annotated

import typer

from sgnn.cli.output import Json, note, one_object, show_table
from sgnn.errors import UnknownNameError

DRAWS = 8192
LARGEST, LEAST = 1_000_000, 12_800
SECONDS = 60.0
RUNS = 100


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="figures to measure; without: all but soak")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=64, help="draws of the corpus that is built for it")] = DRAWS,
    largest: Annotated[
        int, typer.Option("--largest", min=LEAST, help="draws of the largest corpus that scaling builds")
    ] = LARGEST,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="how long a server is under load, s")] = SECONDS,
    runs: Annotated[int, typer.Option("--runs", min=10, help="scheduled runs in a row that soak waits for")] = RUNS,
    as_json: Json = False,
) -> None:
    """Measure performance beside references. Takes minutes; nothing is kept."""
    from sgnn.cli.bench import APART, BENCHMARKS, Figure, workplace

    chosen = names or [name for name in BENCHMARKS if name not in APART]
    for name in chosen:
        if name not in BENCHMARKS:
            raise UnknownNameError(f"no benchmark named '{name}'", remedy=f"one of: {', '.join(BENCHMARKS)}")
    with one_object(as_json) as answer, workplace(draws, largest, seconds, runs) as place:
        figures: list[Figure] = []
        for name in chosen:
            note(f"measuring {name}")
            measured = BENCHMARKS[name](place)
            figures += measured if isinstance(measured, tuple) else (measured,)
        if as_json:
            answer.append({"figures": [figure.to_json() for figure in figures]})
            return
        rows = [(f.name, f.what, f.value, f.unit, f.reference, f.reference_value, f.ratio) for f in figures]
        show_table(("figure", "what", "value", "unit", "reference", "its value", "ratio"), rows)
