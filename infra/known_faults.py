"""Ask for known faults of the locked packages. The status is 1 where there are some, and 0 where nobody could be asked.

Usage: python infra/known_faults.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
PATIENCE = 300
COMMAND = (
    *("--requirement", str(LOCK), "--no-deps", "--disable-pip", "--format", "json"),
    *("--progress-spinner", "off", "--timeout", "10"),
)


@dataclass(frozen=True)
class Verdict:
    """What is said of all packages, in lines, and the exit status."""

    lines: tuple[str, ...]
    status: int


def main() -> int:
    """Ask, say, and give the status."""
    program = Path(sys.executable).with_name("pip-audit")
    try:
        done = subprocess.run([str(program), *COMMAND], capture_output=True, text=True, timeout=PATIENCE)
        found = verdict(done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        found = not_asked(f"no answer within {PATIENCE} s")
    for line in found.lines:
        print(line)
    return found.status


def verdict(report: str, said: str) -> Verdict:
    """The verdict on a report of pip-audit, and on what it said beside it.

    Packages that the service does not know are left out of its count: it finds no faults in packages that it did not
    look at, and a mirror without advisories knows none of them.
    """
    try:
        packages: list[Mapping[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return not_asked(next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing"))
    known = [one for one in packages if "skip_reason" not in one]
    if not known:
        return not_asked(f"it knows none of the {len(packages)} packages")
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in known
        for fault in one["vulns"]
    ]
    skipped = f", {len(packages) - len(known)} are not known to it" if len(known) < len(packages) else ""
    said_of_all = f"known faults: {len(faults)} in {len(known)} packages that were looked up{skipped}"
    return Verdict((*faults, said_of_all), 1 if faults else 0)


def not_asked(why: str) -> Verdict:
    """Nobody could be asked, which is no fault of the code."""
    return Verdict((f"known faults: not looked up, for the service of advisories cannot be asked here ({why})",), 0)


if __name__ == "__main__":
    sys.exit(main())
