"""`sgnn models`: the registry of trained models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, one_object, show, show_fields, show_table

if TYPE_CHECKING:
    from sgnn.tracking.registry import Version

app = typer.Typer(help="Registered models: versions, aliases, promotion through gates.", no_args_is_help=True)

Why = Annotated[str, typer.Option("--why", help="reason, kept with the decision")]


@app.command("list")
def list_models(
    name: Annotated[str | None, typer.Argument(help="one model only")] = None, as_json: Json = False
) -> None:
    """Versions with their aliases and scores."""
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import registered_versions

    with one_object(as_json) as answer:
        versions = registered_versions(load_settings(), name)
        if as_json:
            answer.append({"models": [version.to_json() for version in versions]})
        elif not versions:
            show("no model is registered yet; sgnn run RECIPE makes one")
        else:
            show_table(("model", "aliases", "made", "corpus", "code", "scores"), [_row(one) for one in versions])


@app.command("show")
def show_model(model: ModelName, as_json: Json = False) -> None:
    """One version: what it was made from, its scores, its gates, the decisions about it, its card."""
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import find_version

    with one_object(as_json) as answer:
        version = find_version(model, load_settings())
        if as_json:
            answer.append({**version.to_json(), "card": version.card})
            return
        fields = version.to_json()
        lineage = fields.pop("lineage")
        decisions = [f"{one['when']} {one['decision']} by {one['who']}" for one in fields.pop("decisions")]
        fields["gates"] = [gate["name"] for gate in fields["gates"]]
        flat = {**fields, **{key: lineage[key] for key in sorted(lineage) if key != "recipe"}}
        show_fields({**flat, "decisions": decisions})
        if version.card:
            show(f"\n{version.card}")


@app.command("promote")
def promote(model: ModelName, why: Why = "", as_json: Json = False) -> None:
    """Make a version the champion if it passes the gates of its recipe; a bare name means its candidate."""
    from sgnn.settings import load_settings
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.promotion import promote as promote_version
    from sgnn.tracking.reference import find_version, parse_reference
    from sgnn.tracking.registry import CANDIDATE

    settings = load_settings()
    with one_object(as_json) as answer:
        named = parse_reference(model)
        bare = model == named.name
        version = find_version(f"{named.name}@{CANDIDATE}" if bare else model, settings)
        promoted = promote_version(open_tracking(settings), version.name, version.number, why=why)
        _tell(answer, as_json, promoted)


@app.command("rollback")
def rollback(
    name: Annotated[str, typer.Argument(help="name of the model")], why: Why = "", as_json: Json = False
) -> None:
    """Give the champion's place back to the version that had it before."""
    from sgnn.settings import load_settings
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.promotion import rollback as roll_back
    from sgnn.tracking.reference import find_version

    settings = load_settings()
    with one_object(as_json) as answer:
        champion = find_version(name, settings)
        _tell(answer, as_json, roll_back(open_tracking(settings), champion.name, why=why))


def _tell(answer: list[Mapping[str, Any]], as_json: bool, version: Version) -> None:
    if as_json:
        answer.append(version.to_json())
    else:
        show(f"{version.ref} is the champion of {version.name}")


def _row(version: Version) -> tuple[object, ...]:
    scores = [f"{name} {value:.3f}" for name, value in version.figures.items()]
    lineage = version.lineage
    corpus = f"{lineage.corpus_name}@{lineage.corpus_version} {lineage.corpus_digest[:12]}"
    return (version.ref, version.aliases, f"{version.created:%Y-%m-%d %H:%M}", corpus, lineage.code, scores)
