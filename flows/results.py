"""What stages made of a recipe, found again where nothing that they read has changed: data, recipe, code.

Nothing here starts anything, nor needs Prefect: a recipe that was run before is recognised in a moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.kept import Told, code_digest, package_of, run_folder
from sgnn.corpus.digest import corpus_key, digest_of
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import status
from sgnn.corpus.store import corpus_url
from sgnn.errors import StoreError
from sgnn.settings import Settings
from sgnn.simulation.registry import PROTOCOLS, TASKS

MISSING = "missing"
"""In place of the key of a benchmark that could not be made."""


@dataclass(frozen=True)
class Trained:
    """A trained model, the corpus it learnt from, and what training took."""

    folder: str
    digest: str
    """Digest of the model's files."""
    corpus_digest: str
    corpus_version: int
    figures: Mapping[str, Any]
    """Steps, windows, seconds, held-out loss and the like, and the learning curve."""


@dataclass(frozen=True)
class Scored:
    """Benchmarks of a model as JSON objects, by protocol, and why protocols were left out."""

    benchmarks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Released:
    """A registered version, where it stands, what the gates said, and the report about it."""

    model: str
    version: int
    alias: str
    refused: str
    """Which gates refused the promotion and by how much; empty where none did."""
    report: str


def committed_corpus(wanted: Recipe, settings: Settings) -> Corpus:
    """The version of the corpus that holds what the recipe asks for. Raises `StoreError` where there is none."""
    found = status(wanted, settings)
    if found.version == 0:
        raise StoreError(
            f"the corpus of recipe '{wanted.name}' is not complete: {found.made:,} of {found.asked:,} draws are made",
            remedy=f"`sgnn corpus build {wanted.name}` makes the others",
        )
    # by its place: corpora of other recipes may have the same name
    url = corpus_url(settings.store_url, wanted.corpus.name, corpus_key(wanted.corpus))
    return open_corpus(f"{url}@{found.version}", settings)


def trained_model(wanted: Recipe, settings: Settings) -> Trained:
    """The recipe's model on its committed corpus. Raises `StoreError` where the corpus or the model is missing."""
    found = trained_before(wanted, committed_corpus(wanted, settings), settings)
    if found is None:
        remedy = f"`sgnn train {wanted.name}` makes it"
        raise StoreError(f"recipe '{wanted.name}' has no trained model yet", remedy=remedy)
    return found


def trained_before(wanted: Recipe, corpus: Corpus, settings: Settings) -> Trained | None:
    """The model that this recipe made of this corpus with this code, if it is there."""
    found = run_folder(wanted, settings).find("pretrain", training_key(wanted, corpus, settings))
    return None if found is None else Trained(**found)


def keep_trained(trained: Trained, wanted: Recipe, corpus: Corpus, settings: Settings, told: Told) -> None:
    """Remember the model."""
    key = training_key(wanted, corpus, settings)
    run_folder(wanted, settings).keep("pretrain", key, asdict(trained), told=told, files=[Path(trained.folder)])


def training_key(wanted: Recipe, corpus: Corpus, settings: Settings) -> str:
    """Digest of all that training reads: the corpora's values, the recipe's parts about it, the code.

    Raises `UnknownNameError`, `StoreError` where a corpus that is mixed in is not there.
    """
    return digest_of(
        {
            "corpus": corpus.content_digest,
            "mixed": [open_corpus(one.corpus, settings).content_digest for one in wanted.training.corpora],
            "model": wanted.model.model_dump(mode="json"),
            "training": wanted.training.model_dump(mode="json"),
            "code": code_digest("sgnn.learning", package_of(TASKS, wanted.model.task)),
        }
    )


def with_places(wanted: Recipe, settings: Settings) -> Recipe:
    """The recipe with the corpora that are mixed in named by their places, which mean the same in any process."""
    found = [(open_corpus(one.corpus, settings), one) for one in wanted.training.corpora]
    mixed = [one.model_copy(update={"corpus": f"{corpus.store.url}@{corpus.version}"}) for corpus, one in found]
    return wanted.model_copy(update={"training": wanted.training.model_copy(update={"corpora": tuple(mixed)})})


def scored_by(wanted: Recipe, trained: Trained, settings: Settings) -> Scored:
    """All benchmarks that this model has, by the protocols of the recipe."""
    found = {protocol: scored_before(wanted, trained, protocol, settings) for protocol in wanted.benchmarks}
    kept = run_folder(wanted, settings)
    missing = {
        protocol: (kept.find(f"benchmark-{protocol}", MISSING) or {"missing": "not run"})["missing"]
        for protocol, scored in found.items()
        if scored is None
    }
    return Scored({protocol: scored for protocol, scored in found.items() if scored is not None}, missing)


def scored_before(wanted: Recipe, trained: Trained, protocol: str, settings: Settings) -> dict[str, Any] | None:
    """The benchmark of this model by this protocol and code, if it was made."""
    return run_folder(wanted, settings).find(f"benchmark-{protocol}", scoring_key(trained, protocol))


def keep_scored(
    scored: Mapping[str, Any], wanted: Recipe, trained: Trained, protocol: str, settings: Settings, told: Told
) -> None:
    """Remember the benchmark."""
    folder = benchmark_folder(wanted, protocol, settings)
    key = scoring_key(trained, protocol)
    run_folder(wanted, settings).keep(f"benchmark-{protocol}", key, scored, told=told, files=[folder])


def keep_missing(reason: str, wanted: Recipe, protocol: str, settings: Settings) -> None:
    """Remember, for the report, why a protocol could not be run; it is tried again all the same."""
    run_folder(wanted, settings).keep(f"benchmark-{protocol}", MISSING, {"missing": reason})


def benchmark_folder(wanted: Recipe, protocol: str, settings: Settings) -> Path:
    """Where the forecasts of a benchmark are kept, beside its scores."""
    return run_folder(wanted, settings).path / f"benchmark-{protocol}"


def scoring_key(trained: Trained, protocol: str) -> str:
    """Digest of all that a benchmark reads: the model, and the code of protocol and scores."""
    code = code_digest("sgnn.evaluation", "sgnn.learning", package_of(PROTOCOLS, protocol))
    return digest_of({"model": trained.digest, "protocol": protocol, "code": code})


def released_before(wanted: Recipe, trained: Trained, scored: Scored, settings: Settings) -> Released | None:
    """The version made of this model and these benchmarks, with the alias that it has today."""
    found = run_folder(wanted, settings).find("release", release_key(wanted, trained, scored, settings))
    if found is None:
        return None
    released = Released(**found)
    from sgnn.tracking.reference import registered_versions

    # people promote and roll back between two runs, and a database may be gone
    versions = [one for one in registered_versions(settings) if one.ref == f"{released.model}/{released.version}"]
    return replace(released, alias=standing(versions[0].aliases)) if versions else None


def standing(aliases: Sequence[str]) -> str:
    """Champion or candidate; empty for a version that is neither any longer."""
    return next((alias for alias in ("champion", "candidate") if alias in aliases), "")


def keep_released(released: Released, wanted: Recipe, trained: Trained, scored: Scored, settings: Settings) -> None:
    """Remember the release."""
    key = release_key(wanted, trained, scored, settings)
    run_folder(wanted, settings).keep("release", key, asdict(released), files=[Path(released.report)])


def release_key(wanted: Recipe, trained: Trained, scored: Scored, settings: Settings) -> str:
    """Digest of all that a release reads: model, benchmarks, gates, where it goes, the code of registry and report."""
    return digest_of(
        {
            "model": trained.digest,
            "benchmarks": {name: digest_of(one) for name, one in scored.benchmarks.items()},
            "gates": [gate.model_dump(mode="json") for gate in wanted.gates],
            "registry": settings.mlflow_tracking_uri,
            "code": code_digest("sgnn.tracking", "sgnn.evaluation"),
        }
    )


def finished(wanted: Recipe, settings: Settings) -> tuple[Corpus, Released] | None:
    """Corpus and release of a recipe of which every stage is done, with the same data and code; None otherwise."""
    if status(wanted, settings).version == 0:
        return None
    corpus = committed_corpus(wanted, settings)
    trained = trained_before(wanted, corpus, settings)
    if trained is None:
        return None
    scored = scored_by(wanted, trained, settings)
    released = released_before(wanted, trained, scored, settings)
    return None if released is None or scored.missing else (corpus, released)


def outcome(corpus_digest: str, simulated: int, released: Released) -> dict[str, Any]:
    """What a run ends with, as `sgnn run --json` prints it."""
    return {
        "corpus": corpus_digest,
        "simulated": simulated,
        "model": released.model,
        "version": released.version,
        "alias": released.alias,
        "report": released.report,
    }
