"""Packages: installed at all, in the versions that the lock names, and in versions that go together."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

import sgnn
from sgnn.cli.doctor.check import Check, State

AREA = "installed"
MEND = "run make setup"


def check_packages() -> list[Check]:
    """Python, and each package that this one asks for."""
    pins = read_lock(Path(sgnn.__file__).parents[1] / "requirements.lock")
    wanted = [Requirement(line) for line in requires("sgnn") or ()]
    checks = [
        check_package(need, _version(need.name), pins.get(need.name.lower())) for need in wanted if not need.marker
    ]
    return [_check_python(), *checks, *_check_dask()]


def check_package(need: Requirement, found: str | None, pin: str | None) -> Check:
    """One package: the version found, against the range asked for and the exact version of the lock."""
    if found is None:
        return Check(AREA, need.name, State.BROKEN, "missing", MEND)
    if not need.specifier.contains(found, prereleases=True):
        return Check(AREA, need.name, State.BROKEN, f"{found}, needs {need.specifier}", MEND)
    # a local part names a build (2.13.0+cpu), not another version
    if pin is not None and Version(found).public != pin:
        return Check(
            AREA, need.name, State.NOTE, f"{found}, the lock has {pin}", f"{MEND}; other versions are untested"
        )
    return Check(AREA, need.name, State.OK, found)


def read_lock(path: Path) -> dict[str, str]:
    """Package to exact version; empty where there is no lock, as in an installed wheel."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))
    return {name.lower(): pin.split(";")[0].strip() for name, pin in pairs}


def _check_python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check(AREA, "python", State.OK, found)


def _check_dask() -> list[Check]:
    one, other = _version("dask"), _version("distributed")
    if one == other:
        return []
    found = f"dask {one} and distributed {other} do not go together"
    return [Check(AREA, "dask and distributed", State.BROKEN, found, MEND)]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
