"""`sgnn models`: the registry of trained models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, error_console, note, one_object, show, show_fields, show_table

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


@app.command("lineage")
def lineage(model: ModelName, as_json: Json = False) -> None:
    """Where a version comes from: corpus, recipe, commit, packages, the data it was measured on, each by its digest."""
    from sgnn.settings import load_settings
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.reference import find_version
    from sgnn.tracking.trace import trace_of

    settings = load_settings()
    with one_object(as_json) as answer:
        trace = trace_of(open_tracking(settings), find_version(model, settings))
        if as_json:
            answer.append(trace.to_json())
            return
        code = f"sgnn {trace.code['version']} {trace.code['commit'] or 'not from a checkout'}"
        data = {f"{name}: {place}": digest for name, one in trace.data.items() for place, digest in one.items()}
        fields: dict[str, object] = {
            "model": f"{trace.model} {trace.digest}",
            "recipe": f"{trace.recipe['name']} {trace.recipe['digest']}",
            "corpus": f"{trace.corpus['name']}@{trace.corpus['version']} {trace.corpus['digest']}",
            "content": trace.corpus["content_digest"],
            "code": f"{code}{' with changes' if trace.code['changed'] else ''}",
            "packages": f"{trace.packages['number']} packages, sha256 {trace.packages['sha256']}"
            if trace.packages
            else "-",
            "runs": trace.runs,
        }
        show_fields({**fields, **data})


@app.command("reproduce")
def reproduce(model: ModelName, as_json: Json = False) -> None:
    """Simulate and train a version anew, apart from all that is here. The status is 1 where a byte differs."""
    from flows.reproduce import reproduce as make_again
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import find_version

    settings = load_settings()
    with one_object(as_json) as answer:
        made = make_again(find_version(model, settings), settings=settings, console=error_console())
        if as_json:
            answer.append(made.to_json())
        else:
            show(f"corpus   {'the same' if made.corpus == made.corpus_now else 'another'}   {made.corpus_now}")
            show(f"weights  {'the same' if made.weights == made.weights_now else 'others'}   {made.weights_now}")
            if not made.same_code:
                note("this is not the code that made it, or files were changed: see sgnn models lineage")
    if not made.same:
        raise typer.Exit(1)


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
