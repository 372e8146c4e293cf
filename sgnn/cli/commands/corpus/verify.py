"""`sgnn corpus verify`: every block held against its digest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, note, one_object, progress, show_table


def verify(
    corpus: CorpusName,
    repair: Annotated[bool, typer.Option("--repair", help="make damaged blocks again, from their seeds")] = False,
    as_json: Json = False,
) -> None:
    """Decode every block and compare it with its digest; status 1 if a block is damaged and not repaired."""
    from sgnn.corpus.reader import open_corpus
    from sgnn.corpus.verify import verify as verify_corpus
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        with progress("verifying", len(opened.blocks)) as advance:
            found = verify_corpus(opened, repair=repair, on_block=lambda _: advance())
        if as_json:
            answer.append({**asdict(found), "sound": found.sound})
        elif found.faults:
            rows = [(fault.block, fault.array or "record", fault.reason, fault.file) for fault in found.faults]
            show_table(("block", "array", "fault", "file"), rows)
        if found.sound:
            mended = f", {len(found.repaired)} of them made again" if found.repaired else ""
            note(f"{found.name} version {found.version}: {found.blocks} blocks as they were committed{mended}")
            return
    damaged = ", ".join(str(index) for index in found.damaged)
    note(f"error: damaged blocks of {found.name}: {damaged}; sgnn corpus verify {corpus} --repair makes them again")
    raise typer.Exit(1)
