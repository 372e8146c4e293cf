"""`sgnn corpus expire`: remove old versions, and what no other version needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.output import Json, note, one_object, show, show_table

if TYPE_CHECKING:
    from sgnn.corpus.expiry import Expiry
    from sgnn.corpus.store import CorpusStore
    from sgnn.settings import Settings


def expire(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="name, or folder or URL of one corpus")],
    version: Annotated[list[int] | None, typer.Argument(metavar="[VERSION]...", help="versions to remove")] = None,
    keep: Annotated[int | None, typer.Option("--keep", min=1, help="remove all but the newest so many")] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="remove those committed before; the newest stays")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="remove the whole corpus, finished or not; several of one name are refused")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go, and remove nothing")] = False,
    tagged: Annotated[bool, typer.Option("--tagged", help="versions with a tag too")] = False,
    used: Annotated[bool, typer.Option("--used", help="versions that registered models learnt from too")] = False,
    as_json: Json = False,
) -> None:
    """Remove versions and reclaim their space; what has a tag or was learnt from stays unless it is asked for."""
    from sgnn.corpus.expire import expire as expire_versions
    from sgnn.errors import StoreError
    from sgnn.settings import load_settings

    settings = load_settings()
    if not version and keep is None and before is None and not everything:
        raise StoreError("nothing says which versions to expire", remedy="name them, or --keep, --before or --all")
    wanted = Wanted(tuple(version or ()), keep, None if before is None else _moment(before), everything, tagged, used)
    with one_object(as_json) as answer:
        done = []
        for store in _stores(corpus, wanted, settings):
            planned, size, spared = _planned(store, wanted, settings)
            if not dry_run and (planned.versions or planned.whole):
                planned = expire_versions(store, planned.versions, tagged=tagged)
            done.append({"corpus": store.name, **asdict(planned), "bytes": size, "spared": spared})
        if as_json:
            answer.append({"dry_run": dry_run, "corpora": done})
            return
        columns = ("corpus", "versions", "blocks", "MiB", "whole corpus")
        show_table(columns, [_row(one) for one in done])
        for one in done:
            for version, why in one["spared"].items():
                note(f"{one['corpus']}@{version} stays: {', '.join(why)}")
        show("nothing was removed: a dry run" if dry_run else "removed")


@dataclass(frozen=True)
class Wanted:
    """Which versions the command line asks for."""

    numbers: tuple[int, ...]
    keep: int | None
    before: str | None
    everything: bool
    tagged: bool
    used: bool


def _stores(corpus: str, wanted: Wanted, settings: Settings) -> tuple[CorpusStore, ...]:
    """Corpora that are meant: a name may have several, one for each recipe that it had; a number is of one of them."""
    from sgnn.corpus.catalog import corpora_named, find_corpus
    from sgnn.errors import StoreError

    stores = corpora_named(corpus, settings.store_url)
    if wanted.everything and len(stores) > 1:
        names = ", ".join(store.name for store in stores)
        raise StoreError(f"several corpora have the name '{corpus}': {names}", remedy="name one of these in full")
    if wanted.numbers or not stores:
        return (find_corpus(corpus, settings.store_url).store,)
    return stores


def _planned(store: CorpusStore, wanted: Wanted, settings: Settings) -> tuple[Expiry, int, dict[int, tuple[str, ...]]]:
    """What would go, its bytes, and the versions that stay though they were asked for, with what holds them."""
    from sgnn.corpus.expire import reclaimed_bytes
    from sgnn.corpus.expiry import choose, plan_expiry, spared
    from sgnn.corpus.history import manifests
    from sgnn.errors import StoreError
    from sgnn.tracking.held import holders

    there = manifests(store)
    numbers = [one.version for one in there] if wanted.everything else wanted.numbers
    chosen = choose(there, wanted.keep, wanted.before, numbers)
    known = holders(store, there, settings, tagged=not wanted.tagged, used=not wanted.used)
    held = spared(chosen, known)
    if held and numbers:
        version, why = next(iter(held.items()))
        raise StoreError(
            f"{store.name}@{version} stays: {', '.join(why)}", remedy="--tagged or --used expire it all the same"
        )
    planned = plan_expiry(there, [version for version in chosen if version not in held], whole=wanted.everything)
    return planned, reclaimed_bytes(store, there, planned), held


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    blocks = one["stop_block"] - one["first_block"]
    return (one["corpus"], one["versions"] or None, blocks, one["bytes"] / 2**20, one["whole"])


def _moment(date: str) -> str:
    """A date or time as versions are stamped: UTC, to the second."""
    from sgnn.errors import StoreError

    try:
        read = datetime.fromisoformat(date)
    except ValueError as error:
        raise StoreError(f"--before {date} is no date", remedy="write it as 2026-01-31 or 2026-01-31T12:00") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
