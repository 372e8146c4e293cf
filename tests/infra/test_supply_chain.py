"""The bill of materials, and what is said of known faults: found, none, or nobody asked."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import sysconfig
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from packaging.utils import canonicalize_name

SITE = [sysconfig.get_paths()["purelib"]]
INFRA = Path(__file__).parents[2] / "infra"
BILL = runpy.run_path(str(INFRA / "sbom.py"))
verdict = runpy.run_path(str(INFRA / "known_faults.py"))["verdict"]


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("sbom") / "new" / "sbom.json"
    # other tests lead to packages of their own, which nobody has installed
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(INFRA / "sbom.py"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def test_the_bill_names_every_installed_package_with_its_version(bill: dict[str, Any]) -> None:
    installed = {canonicalize_name(one.metadata["Name"]): one.version for one in distributions(path=SITE)}
    named = {one["name"]: one["version"] for one in bill["components"]}
    assert {**named, "sgnn": bill["metadata"]["component"]["version"]} == installed
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    # a build such as +cpu is written with a percent sign
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{quote(one['version'])}" for one in bill["components"])


def test_the_bill_tells_licences_and_what_needs_what(bill: dict[str, Any]) -> None:
    licensed = {one["name"]: one.get("licenses") for one in bill["components"]}
    assert licensed["numpy"]
    assert sum(not found for found in licensed.values()) < 0.1 * len(licensed)
    needed = {one["ref"].partition("==")[0]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert {"numpy", "xarray", "zarr"} <= {one.partition("==")[0] for one in needed["sgnn"]}


def metadata(**fields: str) -> Message:
    made = Message()
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    return made


def test_a_licence_is_its_expression_or_its_name_and_never_its_whole_text() -> None:
    licence_of = BILL["licence_of"]
    assert licence_of(metadata(License_Expression="MIT")).id == "MIT"
    by_class = metadata(License="MIT License\nPermission is ...", Classifier="License :: OSI Approved :: MIT License")
    assert licence_of(by_class).name == "MIT License"
    assert licence_of(metadata(License="BSD-3-Clause")).name == "BSD-3-Clause"
    assert licence_of(metadata(License="x" * 500)) is None
    assert licence_of(metadata(License="UNKNOWN")) is None


def test_what_is_needed_under_other_conditions_is_not_needed_here() -> None:
    class Made(Distribution):
        requires = ["one>=1", "two; python_version < '3'", "three; extra == 'more'", "Four_4"]

        def read_text(self, filename: str) -> str | None:
            raise NotImplementedError(filename)

        def locate_file(self, path: Any) -> Any:
            raise NotImplementedError(path)

    assert BILL["needs"](Made()) == {"one", "four-4"}


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
SKIPPED = {"name": "torch", "skip_reason": "Dependency not found"}
FAULTY = {"name": "flask", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.0"], "aliases": []}]}


@pytest.mark.parametrize(
    ("text", "said", "status", "last"),
    [
        (report(SOUND, SKIPPED), "", 0, "known faults: 0 in 1 packages that were looked up, 1 are not known to it"),
        (report(SOUND, FAULTY), "", 1, "known faults: 1 in 2 packages that were looked up"),
        # it says that it found none: it looked at none
        (report(SKIPPED, SKIPPED), "No known vulnerabilities found", 0, "cannot be asked here (it knows none of the 2"),
        ("", "ERROR: ConnectionError: no route\n\n", 0, "cannot be asked here (ERROR: ConnectionError: no route)"),
        ("", "", 0, "cannot be asked here (it said nothing)"),
    ],
)
def test_what_is_said_of_known_faults(text: str, said: str, status: int, last: str) -> None:
    found = verdict(text, said)
    assert found.status == status
    assert last in found.lines[-1]
    assert len(found.lines) == 1 + status


def test_a_fault_is_named_with_the_version_that_mends_it() -> None:
    assert verdict(report(FAULTY), "").lines[0] == "flask 1.0: PYSEC-1, mended in 2.0"
