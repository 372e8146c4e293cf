"""A read-only Zarr store in which every array has the length that one version gives it, whatever is published now."""

from __future__ import annotations

import json
from typing import Any

from zarr.abc.store import Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import WrapperStore

from sgnn.corpus.group import group_document
from sgnn.corpus.layout import Layout
from sgnn.corpus.manifest import Manifest


class PinnedStore(WrapperStore[Store]):
    """The group's objects, but for the metadata, which follow from layout and manifest."""

    def __init__(self, layout: Layout, manifest: Manifest, group: Store) -> None:
        super().__init__(group)
        self._documents = {"zarr.json": group_document(layout, manifest)}
        for array in layout.arrays:
            self._documents[f"{array.name}/zarr.json"] = layout.document(array.name, manifest.draws)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: Any = None) -> Buffer | None:
        """The object's bytes."""
        if key in self._documents:
            return prototype.buffer.from_bytes(json.dumps(self._documents[key]).encode())
        return await super().get(key, prototype, byte_range)
