"""What is seen of a cascade."""

from sgnn.domains.cascades.observation.snapshot import Snapshot

__all__ = ["Snapshot"]
