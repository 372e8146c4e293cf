"""A datasheet as Markdown, with the questions of Gebru et al., *Datasheets for Datasets*, CACM 64 (12), 2021.

What they ask about people is answered once: nobody's data are in a simulated corpus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sgnn.corpus.datasheet.facts import DatasheetFacts
from sgnn.corpus.markdown import bullets, table
from sgnn.simulation.simulator import Variable


def datasheet(facts: DatasheetFacts) -> str:
    """The datasheet as Markdown."""
    sections = (
        ("Motivation", _motivation(facts)),
        ("Composition", _composition(facts)),
        ("Collection", _collection(facts)),
        ("Preprocessing", _preprocessing(facts)),
        ("Uses", _uses()),
        ("Limits", _limits(facts)),
        ("Distribution", _distribution(facts)),
        ("Maintenance", _maintenance(facts)),
        # the longest comes last
        ("Priors", table(("parameter", "prior", "unit", "meaning", "source"), _priors(facts))),
    )
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections)
    return f"# Datasheet of the corpus {facts.name}, version {facts.version}\n\n{body}\n"


def _motivation(facts: DatasheetFacts) -> str:
    said = (
        "Made to teach networks what mechanistic simulators can do, so that they answer for real data that they were "
        "never taught."
    )
    return f"{said} Its recipe says: {facts.purpose}" if facts.purpose else said


def _composition(facts: DatasheetFacts) -> str:
    status = facts.status
    counts = [
        ("asked for", f"{status.asked:,}"),
        ("ok", f"{status.ok:,}"),
        ("failed, kept with their errors", f"{status.failed:,}"),
        ("quarantined: not finite, or outside of a variable's valid range", f"{status.quarantined:,}"),
    ]
    mechanisms: list[tuple[str, ...]] = [
        (one.name, one.version, f"{one.share:.2%}", _number(one.draws), _number(one.failed), _number(one.quarantined))
        for one in facts.mechanisms
    ]
    audited = "" if facts.audit is None else f" (of {facts.audit.blocks_seen:,} of {facts.audit.blocks:,} blocks)"
    heading: tuple[str, ...] = ("mechanism", "version", "share", f"draws{audited}", "failed", "quarantined")
    if facts.audit is None:
        heading, mechanisms = heading[:3], [row[:3] for row in mechanisms]
    dimensions = [
        (f"`{one.name}`", f"{one.size:,}", one.unit, one.long_name or one.name) for one in facts.schema.dimensions
    ]
    return "\n\n".join(
        (
            "An instance is a draw: the parameters and the mechanism that were drawn, what then happened (latent), and "
            "what was observed of it. Draws are independent of each other. No draw is about a person, and nothing is "
            "confidential.",
            table(("draws", "number"), counts),
            table(heading, mechanisms),
            table(("variable", "dimensions", "type", "unit", "role", "range", "meaning"), _variables(facts)),
            table(("dimension", "length", "unit", "meaning"), dimensions),
            "Learn from targets and observables; latents are what no observer has. There is no fixed split: whoever "
            "trains holds out whole blocks of draws.",
        )
    )


def _variables(facts: DatasheetFacts) -> Sequence[Sequence[str]]:
    return [
        (
            f"`{one.name}`",
            ", ".join(("draw", *one.dims)),
            f"{one.dtype}, may be missing" if one.missing else str(one.dtype),
            one.unit,
            one.role,
            _range(one),
            one.long_name,
        )
        for one in facts.schema.variables
    ]


def _collection(facts: DatasheetFacts) -> str:
    what = [f"`{one.name}` {one.version}: {one.summary}" for one in facts.mechanisms]
    return "\n\n".join(
        (
            "Nothing was collected: every value was computed by the simulators below, with parameters from the priors "
            f"at the end, under seed {facts.section.seed}. Each draw has random numbers of its own, made from the "
            "corpus's key and the draw's number, so that it has the same values whoever makes it, wherever and in "
            f"whatever order. Committed {facts.committed}.",
            bullets(what),
            *(f"**Not made by what is installed now:** {one}." for one in facts.now_differs),
        )
    )


def _preprocessing(facts: DatasheetFacts) -> str:
    stages = [f"`{name}` {version}{f': {told}' if told else ''}" for name, version, told in facts.observation]
    kept = [f"`{one.name}`" for one in facts.schema.variables if one.role == "latent"]
    observed = (
        "What happened was observed by these stages, in this order, each with parameters drawn anew for every draw:\n\n"
        + bullets(stages)
        if stages
        else "What happened is what was observed: the recipe has no observation stages."
    )
    raw = (
        f"What happened is kept beside it ({', '.join(kept)}), so it can be observed anew."
        if kept
        else "What happened before it was observed is not kept."
    )
    return f"{observed}\n\n{raw} Nothing was cleaned, smoothed or imputed; draws that are not ok keep their place."


def _uses() -> str:
    return bullets(
        (
            "To train networks, to calibrate them, to check methods against known truth.",
            "To look up which simulations resemble a real series.",
            "Not as evidence of what happened anywhere, and not to estimate how common a mechanism or a parameter is: "
            "shares and priors are choices, not findings.",
            "Not for decisions about persons.",
        )
    )


def _limits(facts: DatasheetFacts) -> str:
    lines = [
        "It holds what these mechanisms can do under these priors, and nothing else: what is unlike all of it is not "
        "in it, however real.",
        "Whether it resembles real data is told by the reports and by the typicality of models taught by it, not here.",
    ]
    return f"{bullets(lines)}\n\n{_audited(facts)}"


def _audited(facts: DatasheetFacts) -> str:
    found = facts.audit
    if found is None:
        return "No audit was made for this sheet: `sgnn corpus audit` holds draws against the recipe."
    looked = f"An audit looked at {found.blocks_seen:,} of {found.blocks:,} blocks"
    rows = [(one.name, one.outcome.seen, one.outcome.worst, _findings(len(one.findings))) for one in found.sections]
    checks = table(("check", "looked at", "most noticeable", "verdict"), rows)
    if found.sound:
        return f"{looked} and found nothing wrong.\n\n{checks}"
    wrong = bullets([f"**{one.check}: {one.about}**: {one.message}. {one.remedy}" for one in found.findings])
    return f"{looked} and found what is wrong:\n\n{wrong}\n\n{checks}"


def _distribution(facts: DatasheetFacts) -> str:
    rows = [
        ("form", "one Zarr v3 group, which plain `xarray.open_zarr` opens"),
        ("size", f"{facts.bytes / 2**20:,.1f} MiB"),
        ("key", f"`{facts.key}`"),
        ("content digest", f"`{facts.content_digest}`"),
        ("tags", ", ".join(facts.tags) or "none"),
        ("licence", "what its owner says; values that Apache-2.0 code computes are under no licence by themselves"),
    ]
    return table(("", ""), rows)


def _maintenance(facts: DatasheetFacts) -> str:
    ref = f"{facts.name}@{facts.version}"
    return bullets(
        (
            f"Versions only append: a later one has these draws first. `sgnn corpus grow {facts.name} --to N` makes "
            "one.",
            f"`sgnn corpus verify {ref}` decodes every block and compares it with its digest; with `--repair` it "
            "makes damaged ones again, to the same bytes.",
            "Another recipe, prior, seed or version of a simulator is another corpus, under another key; this one "
            "does not change.",
            "A version goes when it is expired, which one that a tag or a registered model holds is not.",
        )
    )


def _priors(facts: DatasheetFacts) -> Sequence[Sequence[str]]:
    return [(f"`{one.name}`", one.distribution, one.unit, one.description, one.source) for one in facts.priors]


def _range(one: Variable) -> str:
    low, high = one.valid_range
    if math.isinf(low) and math.isinf(high):
        return "any"
    return f"{'-inf' if math.isinf(low) else f'{low:g}'} to {'inf' if math.isinf(high) else f'{high:g}'}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _findings(number: int) -> str:
    return "ok" if not number else f"{number} findings"
