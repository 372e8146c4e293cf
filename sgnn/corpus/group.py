"""The Zarr group as plain xarray sees it: coordinates once, metadata anew at every commit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.layout import Layout
from sgnn.corpus.ledger import GROUP_KEY, longest_version
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.corpus.store.errors import told
from sgnn.simulation.simulator import Dimension

COORDINATES = "mechanism status seed parameter_unit"
MOST_WRITERS = 10
"""Writers that may show versions of a corpus to readers at the same time."""


def create_group(store: CorpusStore, layout: Layout) -> None:
    """Write the coordinates and the metadata of a corpus without draws; the group's own metadata last."""
    import zarr

    schema = layout.schema
    with store.staging() as folder, told(f"cannot write {store.place(GROUP)}"):
        group = zarr.open_group(folder / GROUP, mode="w", zarr_format=3)
        for dimension in schema.dimensions:
            attributes = {"units": dimension.unit or "1", "long_name": dimension.long_name or dimension.name}
            _write(group, dimension.name, dimension.name, coordinate(dimension), attributes)
        names = np.array([parameter.name for parameter in schema.parameters], dtype=object)
        units = np.array([parameter.unit for parameter in schema.parameters], dtype=object)
        _write(group, "parameter", "parameter", names, {"long_name": "name of the parameter"})
        _write(group, "parameter_unit", "parameter", units, {"long_name": "unit of the parameter"})
        for file in sorted((folder / GROUP).rglob("*")):
            key = file.relative_to(folder).as_posix()
            if file.is_file() and key != GROUP_KEY:
                store.publish(file, key)
    publish_group(store, layout, None)


def publish_group(store: CorpusStore, layout: Layout, manifest: Manifest | None) -> None:
    """Let the arrays show the draws of a committed version (none without one), and the group its attributes."""
    draws = 0 if manifest is None else manifest.draws
    for array in layout.arrays:
        document = layout.document(array.name, draws)
        store.put(f"{GROUP}/{array.name}/zarr.json", json.dumps(document, indent=1).encode())
    group = {**group_document(layout, manifest), "consolidated_metadata": _consolidated(store)}
    store.put(GROUP_KEY, json.dumps(group, indent=1).encode())


def show_longest(store: CorpusStore, layout: Layout) -> None:
    """Let the arrays show the longest version: a writer killed between manifest and metadata is made good here."""
    for _ in range(MOST_WRITERS):
        longest = longest_version(store)
        if longest is None or is_published(store, layout, longest):
            return
        # looked at again afterwards: another writer may have shown a longer one meanwhile
        publish_group(store, layout, longest)


def group_document(layout: Layout, manifest: Manifest | None) -> dict[str, Any]:
    """The group's Zarr v3 metadata: recipe, digests, counts and provenance as attributes."""
    attributes: dict[str, Any] = {
        "Conventions": "CF-1.11",
        "title": layout.name,
        "coordinates": COORDINATES,
        "corpus_key": layout.key,
        **{name: value for name, value in layout.provenance.items() if value is not None},
    }
    if manifest is not None:
        counts = {"asked": manifest.draws, "ok": manifest.ok, "failed": manifest.failed}
        attributes |= {
            "recipe": manifest.recipe,
            "recipe_digest": manifest.recipe_digest,
            "content_digest": manifest.content_digest,
            "version": manifest.version,
            "committed": manifest.committed,
            **counts,
            "quarantined": manifest.quarantined,
        }
    return {"zarr_format": 3, "node_type": "group", "attributes": attributes}


def is_published(store: CorpusStore, layout: Layout, manifest: Manifest) -> bool:
    """Whether all metadata on disk are those of the version."""
    wanted = {f"{GROUP}/{array.name}/zarr.json": layout.document(array.name, manifest.draws) for array in layout.arrays}
    found = {key: _document(text) for key, text in store.get_all([*wanted, GROUP_KEY]).items()}
    if any(found[key] != document for key, document in wanted.items()):
        return False
    return bool(found[GROUP_KEY].get("attributes") == group_document(layout, manifest)["attributes"])


def _document(text: bytes | None) -> dict[str, Any]:
    try:
        document = json.loads(text or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _consolidated(store: CorpusStore) -> dict[str, Any]:
    """All arrays' metadata in one object: who reads this sees a commit at once, never some arrays of it."""
    arrays = [name for name in store.names(GROUP) if name != "zarr.json"]
    texts = store.get_all(f"{GROUP}/{name}/zarr.json" for name in arrays)
    metadata = {name: json.loads(text) for name, text in zip(arrays, texts.values(), strict=True) if text is not None}
    return {"kind": "inline", "must_understand": False, "metadata": metadata}


def coordinate(dimension: Dimension) -> NDArray[Any]:
    """Coordinate values of a dimension: [dimension]."""
    steps = np.arange(dimension.size)
    values = dimension.start + dimension.step * steps
    whole = float(dimension.start).is_integer() and float(dimension.step).is_integer()
    return values.astype(np.int64) if whole else values


def _write(group: Any, name: str, dim: str, values: NDArray[Any], attributes: dict[str, Any]) -> None:
    dtype = str if values.dtype == object else values.dtype
    array = group.create_array(
        name, shape=values.shape, dtype=dtype, chunks=values.shape, dimension_names=(dim,), attributes=attributes
    )
    array[...] = values
