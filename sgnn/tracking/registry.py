"""The registry of models: named, numbered versions with aliases, each with all that made it."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlflow.entities.model_registry import ModelVersion as MlflowVersion
from mlflow.exceptions import MlflowException

from sgnn.corpus.sections import Gate
from sgnn.errors import RegistryError
from sgnn.evaluation.outcome import HEADLINE
from sgnn.lock import hold
from sgnn.tracking.connection import Tracking
from sgnn.tracking.gates import figure
from sgnn.tracking.lineage import Lineage
from sgnn.tracking.logged_files import read_file
from sgnn.tracking.models import CARD, LoggedForecaster, write_benchmark

__all__ = [
    "CANDIDATE",
    "CHAMPION",
    "Version",
    "current_champion",
    "find_registered",
    "list_versions",
    "read_benchmarks",
    "record_benchmarks",
    "register",
    "show_version",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
CANDIDATE = "candidate"
CHAMPION = "champion"

DIGEST_TAG = "sgnn.digest"
GATES_TAG = "sgnn.gates"
RESULTS_TAG = "sgnn.results"
MODEL_TAG = "sgnn.model_id"
PREVIOUS_TAG = "previous_champion"
DECISION_TAG = "sgnn.decision."
"""Followed by the time: each promotion, refusal and rollback stays on record."""
LONGEST_DESCRIPTION = 5000


@dataclass(frozen=True)
class Version:
    """One version of a registered model."""

    name: str
    number: int
    aliases: tuple[str, ...]
    created: datetime
    complete: bool
    """Whether registration came to its end; an incomplete version is never promoted."""
    digest: str
    """Digest of the trained model's files."""
    model_id: str
    run_id: str
    location: str
    lineage: Lineage
    benchmarks: Mapping[str, str]
    """Digest of each benchmark's JSON, by protocol."""
    figures: Mapping[str, float]
    gates: tuple[Gate, ...]
    previous_champion: int | None
    decisions: tuple[Mapping[str, Any], ...]
    """Promotions, refusals and rollbacks, oldest first: when, who, decision, why, outcomes."""
    card: str

    @property
    def ref(self) -> str:
        """Name and number, such as `covid/3`."""
        return f"{self.name}/{self.number}"

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object, without the card."""
        fields = {name: value for name, value in vars(self).items() if name != "card"}
        return {
            **fields,
            "aliases": list(self.aliases),
            "created": self.created.isoformat(),
            "lineage": self.lineage.to_json(),
            "benchmarks": dict(self.benchmarks),
            "figures": dict(self.figures),
            "gates": [gate.model_dump(exclude_none=True) for gate in self.gates],
            "decisions": [dict(decision) for decision in self.decisions],
        }


def register(
    tracking: Tracking,
    name: str,
    logged: LoggedForecaster,
    lineage: Lineage,
    benchmarks: Mapping[str, Mapping[str, Any]],
    gates: Sequence[Gate],
    card: str = "",
) -> Version:
    """Make a logged model the next version of `name`, and its candidate.

    The same trained model is registered once: registering it again completes what a kill left undone, and adds the
    results of protocols that were not measured before.
    """
    with hold(tracking.locks / "registry"):
        _ensure_name(tracking, name)
        found = find_registered(tracking, name, logged.digest)
        if found is None:
            tags = {
                DIGEST_TAG: logged.digest,
                MODEL_TAG: logged.model_id,
                GATES_TAG: json.dumps([gate.model_dump(exclude_none=True) for gate in gates]),
                **lineage.to_tags(),
            }
            made = tracking.client.create_model_version(
                name,
                # MLflow would look up models:/ID in the database of the process, not of this client
                source=logged.location,
                run_id=logged.run_id,
                tags=tags,
                description=_shortened(card) or None,
                model_id=logged.model_id,
            )
            number = int(made.version)
            versions = json.dumps([{"name": name, "version": number}])
            tracking.client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": versions})
        else:
            number = found.number
        return _completed(tracking, show_version(tracking, name, number), benchmarks)


def record_benchmarks(tracking: Tracking, version: Version, benchmarks: Mapping[str, Mapping[str, Any]]) -> Version:
    """Add the results of protocols that the version was not measured on before; those it has are kept."""
    with hold(tracking.locks / "registry"):
        return _record(tracking, version, benchmarks)


def read_benchmarks(tracking: Tracking, version: Version) -> dict[str, dict[str, Any]]:
    """Benchmark JSON of a version by protocol. Raises `RegistryError` where a file is not the one recorded."""
    read: dict[str, dict[str, Any]] = {}
    for protocol, digest in version.benchmarks.items():
        content = read_file(tracking, version.location, f"benchmarks/{protocol}.json")
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise RegistryError(
                f"{version.ref}: benchmarks/{protocol}.json in {version.location} is not the file that was recorded",
                remedy="restore it, or train and register the model again",
            )
        read[protocol] = json.loads(content)
    return read


def find_registered(tracking: Tracking, name: str, digest: str) -> Version | None:
    """The latest version of `name` made of a trained model with this digest, if any."""
    found = [version for version in _versions(tracking, name) if version.digest == digest]
    return found[-1] if found else None


def list_versions(tracking: Tracking, name: str | None = None) -> tuple[Version, ...]:
    """All versions, or those of one name; by name and number. Raises `RegistryError` for an unknown name."""
    if name is not None:
        _must_exist(tracking, name)
        return tuple(_versions(tracking, name))
    return tuple(version for known in _names(tracking) for version in _versions(tracking, known))


def show_version(tracking: Tracking, name: str, which: int | str = CHAMPION) -> Version:
    """The version of a number or an alias. Raises `RegistryError` saying what there is instead."""
    try:
        aliases = _aliases(tracking, name)
        number = which if isinstance(which, int) else aliases[which]
        return _version(tracking.client.get_model_version(name, str(number)), aliases)
    except (MlflowException, KeyError) as error:
        raise _unknown(tracking, name, which) from error


def current_champion(tracking: Tracking, name: str) -> Version | None:
    """The champion of `name`, if it has one."""
    number = _aliases(tracking, name).get(CHAMPION)
    return None if number is None else show_version(tracking, name, number)


def _completed(tracking: Tracking, version: Version, benchmarks: Mapping[str, Mapping[str, Any]]) -> Version:
    """The version with its results recorded, and the candidate unless a later version is."""
    version = _record(tracking, version, benchmarks)
    current = _aliases(tracking, version.name).get(CANDIDATE)
    if current is None or current < version.number:
        tracking.client.set_registered_model_alias(version.name, CANDIDATE, str(version.number))
    return show_version(tracking, version.name, version.number)


def _record(tracking: Tracking, version: Version, benchmarks: Mapping[str, Mapping[str, Any]]) -> Version:
    recorded = dict(version.benchmarks)
    tags: dict[str, str] = {}
    for protocol in sorted(set(benchmarks) - set(recorded)):
        with TemporaryDirectory() as scratch:
            file = write_benchmark(Path(scratch), protocol, benchmarks[protocol])
            tracking.client.log_model_artifact(version.model_id, str(file), "benchmarks")
            recorded[protocol] = hashlib.sha256(file.read_bytes()).hexdigest()
        gated = [gate.metric.removeprefix("scores.") for gate in version.gates if gate.protocol == protocol]
        # readable beside the version: the headline, and what its gates look at
        values = {metric: figure(benchmarks[protocol], metric) for metric in (*HEADLINE, *gated)}
        tags.update({f"{protocol}.{metric}": f"{value:.4f}" for metric, value in values.items() if value is not None})
    # the results tag comes last: a version without it is incomplete, whatever else was written before a kill
    for key, value in [*tags.items(), (RESULTS_TAG, json.dumps(recorded, sort_keys=True))]:
        tracking.client.set_model_version_tag(version.name, str(version.number), key, value)
    return show_version(tracking, version.name, version.number)


def _shortened(card: str) -> str:
    """The card's beginning in whole lines, as long as a database keeps; the whole of it lies beside the model."""
    if len(card) <= LONGEST_DESCRIPTION:
        return card
    note = f"\n\nThe rest is in {CARD} beside the model.\n"
    return card[: LONGEST_DESCRIPTION - len(note)].rpartition("\n")[0] + note


def _ensure_name(tracking: Tracking, name: str) -> None:
    if name not in _names(tracking):
        try:
            tracking.client.create_registered_model(name)
        except MlflowException as error:
            # another host was faster, or the name is not allowed
            if name not in _names(tracking):
                raise RegistryError(f"a model cannot be named '{name}': {error}") from error


def _names(tracking: Tracking) -> list[str]:
    return sorted(model.name for model in _pages(tracking.client.search_registered_models))


def _versions(tracking: Tracking, name: str) -> list[Version]:
    if not NAME.fullmatch(name):
        return []
    found = _pages(tracking.client.search_model_versions, filter_string=f"name='{name}'")
    aliases = _aliases(tracking, name) if found else {}
    return sorted((_version(item, aliases) for item in found), key=lambda version: version.number)


def _aliases(tracking: Tracking, name: str) -> dict[str, int]:
    return {alias: int(number) for alias, number in tracking.client.get_registered_model(name).aliases.items()}


def _pages(search: Callable[..., Any], **arguments: Any) -> list[Any]:
    found: list[Any] = []
    page: str | None = None
    while True:
        answer = search(page_token=page, **arguments)
        found.extend(answer)
        page = answer.token
        if not page:
            return found


def _version(found: MlflowVersion, aliases: Mapping[str, int]) -> Version:
    tags: dict[str, str] = dict(found.tags)
    number = int(found.version)
    benchmarks: dict[str, str] = json.loads(tags.get(RESULTS_TAG, "{}"))
    decisions = [tags[key] for key in sorted(tags) if key.startswith(DECISION_TAG)]
    figures = {key: float(tags[key]) for key in sorted(tags) if key.partition(".")[0] in benchmarks}
    return Version(
        name=found.name,
        number=number,
        aliases=tuple(sorted(alias for alias, points_to in aliases.items() if points_to == number)),
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        complete=RESULTS_TAG in tags,
        digest=tags.get(DIGEST_TAG, ""),
        model_id=tags.get(MODEL_TAG, ""),
        run_id=found.run_id or "",
        location=found.source or "",
        lineage=Lineage.from_tags(tags),
        benchmarks=benchmarks,
        figures=figures,
        gates=tuple(Gate.model_validate(gate) for gate in json.loads(tags.get(GATES_TAG, "[]"))),
        previous_champion=int(tags[PREVIOUS_TAG]) if tags.get(PREVIOUS_TAG) else None,
        decisions=tuple(json.loads(decision) for decision in decisions),
        card=found.description or "",
    )


def _must_exist(tracking: Tracking, name: str) -> None:
    names = _names(tracking)
    if name not in names:
        near = difflib.get_close_matches(name, names) or names
        raise RegistryError(
            f"no model named '{name}' in {tracking.uri}",
            remedy=f"there is {', '.join(near)}" if near else "none is registered yet: sgnn run RECIPE makes one",
        )


def _unknown(tracking: Tracking, name: str, which: int | str) -> RegistryError:
    try:
        _must_exist(tracking, name)
    except RegistryError as error:
        return error
    numbers = ", ".join(f"{name}/{version.number}" for version in _versions(tracking, name)) or "no version yet"
    aliases = "".join(f", {name}@{alias}" for alias in sorted(_aliases(tracking, name)))
    if isinstance(which, int):
        return RegistryError(f"model {name} has no version {which}", remedy=f"there is {numbers}{aliases}")
    if which == CHAMPION:
        return RegistryError(
            f"model {name} has no champion: no version has passed the gates", remedy=f"there is {numbers}{aliases}"
        )
    return RegistryError(f"model {name} has no alias '{which}'", remedy=f"there is {numbers}{aliases}")
