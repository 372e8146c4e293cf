"""`sgnn corpus datasheet`: what a corpus is, how it came about, what it may be used for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, note, one_object, progress, show
from sgnn.errors import DataError


def datasheet(
    corpus: CorpusName,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write; without: standard output")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="audit every block, not a few spread over the corpus")] = False,
    as_json: Json = False,
) -> None:
    """The datasheet of a version, as Markdown, with the figures of an audit made for it."""
    from sgnn.corpus.audit import audit
    from sgnn.corpus.audit.run import QUICK_BLOCKS
    from sgnn.corpus.datasheet import datasheet as sheet
    from sgnn.corpus.datasheet import datasheet_facts
    from sgnn.corpus.reader import open_corpus
    from sgnn.files import write_whole
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        blocks = len(opened.blocks) if whole else min(len(opened.blocks), QUICK_BLOCKS)
        with progress("auditing", blocks) as advance:
            found = audit(opened, quick=not whole, on_block=lambda _: advance())
        text = sheet(datasheet_facts(opened, found))
        if output is not None:
            try:
                write_whole(output, text)
            except OSError as error:
                raise DataError(
                    f"--output {output}: {error.strerror or error}", remedy="name a file in a folder"
                ) from error
        if as_json:
            fields = {"name": opened.name, "version": opened.version, "sound": found.sound}
            answer.append({**fields, "file": None if output is None else str(output), "datasheet": text})
        elif output is None:
            show(text)
        else:
            note(f"the datasheet is in {output}")
