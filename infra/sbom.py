"""Write a bill of materials: every installed package with version, licence and what it needs, as CycloneDX 1.6 JSON.

Usage: python infra/sbom.py FILE
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageMetadata, distributions
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "sgnn"
LONGEST = 100
"""Longer texts in the field of a licence are the licence itself, not its name."""


def main() -> int:
    """Write the file; the status is 2 where none is named."""
    if len(sys.argv) != 2:
        print("usage: python infra/sbom.py FILE", file=sys.stderr)
        return 2
    made = bill(distributions())
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(JsonV1Dot6(made).output_as_string(indent=1), encoding="utf-8")
    print(f"{file}: {len(made.components)} packages")
    return 0


def bill(installed: Iterable[Distribution]) -> Bom:
    """The bill of installed packages, with this one as what it is for."""
    found = {canonicalize_name(one.metadata["Name"]): one for one in installed if one.metadata["Name"]}
    components = {name: component(name, one) for name, one in found.items()}
    made = Bom()
    made.metadata.component = components.get(ROOT)
    made.components.update(one for name, one in components.items() if name != ROOT)
    for name, one in found.items():
        needed = [components[other] for other in sorted(needs(one)) if other in components and other != name]
        made.register_dependency(components[name], needed)
    return made


def component(name: str, one: Distribution) -> Component:
    """A package as a part of the bill."""
    return Component(
        name=name,
        version=one.version,
        type=ComponentType.APPLICATION if name == ROOT else ComponentType.LIBRARY,
        bom_ref=f"{name}=={one.version}",
        purl=PackageURL("pypi", name=name, version=one.version),
        licenses=[licence] if (licence := licence_of(one.metadata)) else [],
        description=one.metadata.get("Summary"),
    )


def licence_of(metadata: PackageMetadata) -> License | None:
    """The licence that a package declares: as an expression, by name, or by its classifiers."""
    makers = LicenseFactory()
    if expression := metadata.get("License-Expression"):
        made: License = makers.make_from_string(expression)
        return made
    classifiers = [line for line in metadata.get_all("Classifier") or () if line.startswith("License ::")]
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.count("::") > 1]
    text = (metadata.get("License") or "").strip()
    short = text if text and len(text) < LONGEST and "\n" not in text else ""
    name = " or ".join(named) or short
    return makers.make_with_name(name) if name and name.upper() != "UNKNOWN" else None


def needs(one: Distribution) -> set[str]:
    """Names of the packages that a package needs here, without extras."""
    wanted = (Requirement(re.sub(r"\s+", " ", line)) for line in one.requires or ())
    return {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}


if __name__ == "__main__":
    sys.exit(main())
