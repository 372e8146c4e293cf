"""`sgnn corpus plan`: what a corpus will take, before anything of it is made."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, error_console, note, one_object, show, show_table

if TYPE_CHECKING:
    from sgnn.corpus.estimate import Estimate, Spread

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
DAY = 86400


def plan(
    recipe: RecipeName,
    draws: Annotated[
        int | None, typer.Option("--draws", min=1, help="another number of draws than the recipe's")
    ] = None,
    tiny: Tiny = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="another number of workers than the setting's")
    ] = None,
    price_core_hour: Annotated[
        float | None, typer.Option("--price-core-hour", min=0, help="dollars for an hour of one core")
    ] = None,
    price_gb_month: Annotated[
        float | None, typer.Option("--price-gb-month", min=0, help="dollars for keeping 10^9 bytes for a month")
    ] = None,
    as_json: Json = False,
) -> None:
    """What the corpus of a recipe will take: blocks, bytes, core-hours, dollars, from a few blocks that are tried."""
    from sgnn.corpus.estimate import Prices, cautions, estimate
    from sgnn.corpus.recipe import load_recipe
    from sgnn.corpus.trial import planned_layout, try_blocks
    from sgnn.settings import load_settings

    prices = Prices(
        _finite("--price-core-hour", price_core_hour),
        _finite("--price-gb-month", price_gb_month),
    )
    settings, loaded = load_settings(), load_recipe(recipe)
    loaded = loaded.tiny() if tiny else loaded
    section = (loaded if draws is None else loaded.with_draws(draws)).corpus
    layout = planned_layout(section)
    with one_object(as_json) as answer:
        with error_console().status(f"trying a few blocks of {section.name} in one process of this machine"):
            trial = try_blocks(section)
        found = estimate(section, layout, trial, workers or settings.workers, prices)
        lines = cautions(
            found,
            limited=section.limits is not None,
            worker_memory=settings.worker_memory,
            free_bytes=None if "://" in settings.store_url else _free(Path(settings.store_url)),
        )
        if as_json:
            answer.append({"recipe": loaded.name, **found.to_json(), "cautions": list(lines)})
            return
        show_plan(found)
        for line in lines:
            note(line)


def show_plan(found: Estimate) -> None:
    """Counts first, then what they take, then the mechanisms, with the spread over the blocks that were tried."""
    show(f"{found.corpus}: {found.draws:,} draws in {found.blocks:,} blocks of {found.block_draws:,}")
    show_table(("what", "estimate", "spread"), list(_rows(found)), figures=("estimate", "spread"))
    columns = ("share", "draws tried", "ms a draw", "spread")
    mechanisms = [
        (one.name, f"{one.share:.1%}", one.draws_tried, *_pair(one.seconds_per_draw, _milliseconds))
        for one in found.mechanisms
    ]
    show_table(("mechanism", *columns), mechanisms, figures=columns)
    seconds = ", ".join(f"{block.seconds:.2f}" for block in found.trial.blocks)
    note(
        f"from {len(found.trial.blocks)} blocks of {found.trial.block_draws:,} draws, made in {seconds} s; "
        "a spread is what it would be if all blocks were like the least or the most of them"
    )


def _rows(found: Estimate) -> Iterator[tuple[object, ...]]:
    size, requests = found.size, found.requests
    yield "segments", found.segments, ""
    yield "objects in the store", found.objects, ""
    yield "decoded", _bytes(size.raw), ""
    yield "decoded, a draw", f"{size.raw_per_draw:,} B", ""
    yield "stored", *_pair(size.stored, _bytes)
    yield "stored, a draw", f"{size.stored_per_draw:,.0f} B", ""
    yield "records and segments", _bytes(size.ledger), ""
    yield "core-hours", *_pair(found.core_hours, _figure)
    yield f"wall time on {found.workers:,} worker{'s' if found.workers > 1 else ''}", *_pair(found.wall_seconds, _time)
    memory = found.memory_per_worker
    yield "memory of a worker", None if memory is None else _bytes(memory), ""
    yield "requests, in a bucket", f"{requests.put:,} PUT", ""
    yield "", f"{requests.get:,} GET", ""
    if requests.delete:
        yield "", f"{requests.delete:,} DELETE", ""
    if found.dollars.computing is not None:
        yield "computing", *_pair(found.dollars.computing, _dollars)
    if found.dollars.storage_month is not None:
        yield "storage, a month", *_pair(found.dollars.storage_month, _dollars)


def _pair(spread: Spread | None, told: Callable[[float], str]) -> tuple[str | None, str]:
    """A figure, and its spread where that can be told from it."""
    if spread is None:
        return None, ""
    low, high = told(spread.low), told(spread.high)
    return told(spread.mean), "" if low == high else f"{low} to {high}"


def _bytes(number: float) -> str:
    """Bytes in the largest decimal unit of which there is one, for prices are by these."""
    power = 0
    while number >= 1000 and power < len(UNITS) - 1:
        number, power = number / 1000, power + 1
    return f"{_figure(number)} {UNITS[power]}" if power else f"{number:.0f} B"


def _time(seconds: float) -> str:
    from flows.terminal import duration

    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds) if seconds < 2 * DAY else f"{seconds / DAY:.1f} d"


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:#.3g}"


def _milliseconds(seconds: float) -> str:
    return _figure(seconds * 1000)


def _dollars(number: float) -> str:
    return f"${number:,.2f}" if number >= 0.01 or not number else "under $0.01"


def _finite(option: str, price: float | None) -> float | None:
    if price is not None and not math.isfinite(price):
        raise typer.BadParameter(f"{price} is no price", param_hint=option)
    return price


def _free(folder: Path) -> int:
    """Free bytes of the disk that holds a folder, or will when it is made."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free
