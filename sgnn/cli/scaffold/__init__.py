"""A new package with a simulator of one's own: from a name to files that run."""

from __future__ import annotations

from sgnn.cli.scaffold.package import NewPackage, named, write

__all__ = ["NewPackage", "named", "write"]
