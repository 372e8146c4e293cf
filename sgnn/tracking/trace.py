"""The trace of a registered model: back to corpus, recipe, commit, packages and data, each by its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlflow.exceptions import MlflowException

from sgnn.tracking.connection import Tracking
from sgnn.tracking.logged_files import read_file
from sgnn.tracking.registry import Version, read_benchmarks
from sgnn.tracking.runs import PACKAGES, PARENT_TAG

__all__ = ["Trace", "trace_of"]


@dataclass(frozen=True)
class Trace:
    """What made a model version and what it was measured on."""

    model: str
    digest: str
    """Digest of the trained model's files."""
    recipe: Mapping[str, Any]
    """Name and digest of the recipe."""
    corpus: Mapping[str, Any]
    """Name, version, digest of what was asked, digest of what was stored."""
    code: Mapping[str, Any]
    """Version, commit, and whether files differed from it."""
    packages: Mapping[str, Any]
    """How many packages were installed, and the sha256 of their list; empty where the run kept none."""
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By protocol: what it was measured on, with the sha256 of files and the digests of corpora."""
    runs: tuple[str, ...] = ()
    """MLflow runs: the one that registered it, and the pipeline that this was part of."""

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return dict(vars(self))


def trace_of(tracking: Tracking, version: Version) -> Trace:
    """Trace of a version. Raises `RegistryError` where its benchmarks are not the ones that were recorded."""
    lineage = version.lineage
    runs = _runs(tracking, version.run_id)
    listed = _packages(tracking, runs)
    return Trace(
        model=version.ref,
        digest=version.digest,
        recipe={"name": lineage.recipe_name, "digest": lineage.recipe_digest},
        corpus={
            "name": lineage.corpus_name,
            "version": lineage.corpus_version,
            "digest": lineage.corpus_digest,
            "content_digest": lineage.corpus_content_digest,
        },
        code={"version": lineage.code, "commit": lineage.git_commit, "changed": lineage.git_dirty},
        packages={}
        if listed is None
        else {"number": len(listed.splitlines()), "sha256": hashlib.sha256(listed).hexdigest()},
        data={name: dict(one.get("data", {})) for name, one in read_benchmarks(tracking, version).items()},
        runs=runs,
    )


def _runs(tracking: Tracking, run_id: str) -> tuple[str, ...]:
    """A run and those above it; as far as they are still there."""
    found: list[str] = []
    while run_id:
        try:
            run = tracking.client.get_run(run_id)
        except MlflowException:
            break
        found.append(run_id)
        run_id = run.data.tags.get(PARENT_TAG, "")
    return tuple(found)


def _packages(tracking: Tracking, runs: tuple[str, ...]) -> bytes | None:
    """The list of installed packages that the topmost run kept."""
    if not runs:
        return None
    return read_file(tracking, str(tracking.client.get_run(runs[-1]).info.artifact_uri), PACKAGES)
