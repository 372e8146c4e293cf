"""`sgnn corpus versions`, `tag` and `diff`: which versions there are, what they are called, how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, note, one_object, show, show_table

if TYPE_CHECKING:
    from sgnn.corpus.difference import Difference

NOISE = 3.0
"""Standard errors up to which a difference of moments is taken for sampling noise."""


def versions(corpus: CorpusName, as_json: Json = False) -> None:
    """Versions of a corpus: draws, counts, date, tags, and bytes of the shards they read."""
    from sgnn.corpus.catalog import corpora_named, find_corpus, split_ref
    from sgnn.corpus.history import history
    from sgnn.settings import load_settings

    settings = load_settings()
    store = find_corpus(corpus, settings.store_url).store
    others = [one.name for one in corpora_named(split_ref(corpus)[0], settings.store_url) if one != store]
    with one_object(as_json) as answer:
        found = history(store)
        if as_json:
            rows = [one.to_json() for one in found]
            answer.append({"corpus": store.name, "url": store.url, "versions": rows, "others": others})
            return
        columns = ("version", "draws", "ok", "failed", "quarantined", "committed", "tags", "MiB", "content")
        show_table(
            columns,
            [
                (
                    *(one.version, one.draws, one.ok, one.failed, one.quarantined, one.committed),
                    *(one.tags or None, one.bytes / 2**20, one.content_digest[:12]),
                )
                for one in found
            ],
        )
        if others:
            note(f"other corpora of this name: {', '.join(others)}")


def tag(
    corpus: CorpusName,
    name: Annotated[str, typer.Argument(metavar="TAG", help="lower-case letters, figures, dots and dashes")],
    remove: Annotated[bool, typer.Option("--remove", help="remove the tag")] = False,
    as_json: Json = False,
) -> None:
    """Give a version a name that can be moved, CORPUS@TAG; of two who move it at once, the later one has it."""
    from sgnn.corpus.catalog import find_corpus
    from sgnn.corpus.tags import remove_tag, set_tag
    from sgnn.settings import load_settings

    found = find_corpus(corpus, load_settings().store_url)
    store, version = found.store, found.manifest.version
    with one_object(as_json) as answer:
        before = remove_tag(store, name) if remove else set_tag(store, version, name)
        after = None if remove else version
        if as_json:
            answer.append({"corpus": store.name, "tag": name, "version": after, "before": before})
            return
        was = "" if before is None or before == after else f", before {store.name}@{before}"
        show(f"{name} is removed{was}" if remove else f"{name} is {store.name}@{after}{was}")


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="a corpus or a version, as CORPUS")],
    other: Annotated[str, typer.Argument(metavar="B", help="another one")],
    as_json: Json = False,
) -> None:
    """How two versions or corpora differ: recipe, counts, and each parameter's mean and standard deviation."""
    from sgnn.corpus.difference import difference
    from sgnn.corpus.reader import open_corpus
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        found = difference(open_corpus(one, settings), open_corpus(other, settings))
        if as_json:
            answer.append(found.to_json())
        else:
            _show(found)


def _show(found: Difference) -> None:
    columns = (found.one, found.other)
    if found.recipe:
        show_table(("recipe", *columns), [(one.field, one.before, one.after) for one in found.recipe])
    show_table(("draws", *columns), [(name, *pair) for name, pair in found.counts.items()])
    rows = [
        (
            *(shift.parameter, shift.unit, *shift.mean, shift.mean_z, *shift.sd, shift.sd_z),
            "differs" if _real(shift.mean_z, shift.mean) or _real(shift.sd_z, shift.sd) else "",
        )
        for shift in found.shifts
    ]
    heads = ("parameter", "unit", "mean A", "mean B", "in s.e.", "sd A", "sd B", "in s.e.", "")
    show_table(heads, rows, title=f"A {found.one}, B {found.other}; s.e.: standard errors of the difference")
    show("the same values in both" if found.same_content else "the values differ")


def _real(away: float | None, pair: tuple[float | None, float | None]) -> bool:
    """Whether a difference is no sampling noise; one side alone has no standard error, and differs."""
    return abs(away) > NOISE if away is not None else pair[0] != pair[1]
