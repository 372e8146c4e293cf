"""How a corpus lies on disk: its arrays with their shapes, types, fill values, codecs and attributes. Pure.

Fixed when the corpus is created and kept in `layout.json`; all Zarr metadata follow from it and the number of draws.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sgnn.corpus.assembly import identity
from sgnn.corpus.plan import choose_layout
from sgnn.corpus.sections import CorpusSection
from sgnn.errors import CorruptCorpusError, RecipeError, StoreError
from sgnn.simulation.generator import Schema
from sgnn.simulation.simulator import Variable

FORMAT = 2
"""Of layouts and manifests: it goes up when what is written can no longer be read by what is installed elsewhere."""

SEGMENT_BLOCKS = 1024
"""Blocks that versions name together, in one object."""

STATUSES = ("ok", "failed", "quarantined")
RESERVED = ("draw", "parameter", "parameter_unit", "theta", "mechanism", "status", "seed")
KINDS = "fiub"


@dataclass(frozen=True)
class ArrayLayout:
    """One stored array; its first dimension is `draw`, the others are whole in every chunk."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    attributes: dict[str, Any]

    @property
    def fill(self) -> float | int | bool:
        """What stands where nothing was written: no value that could be taken for a result, if the type has one."""
        kind = np.dtype(self.dtype).kind
        if kind == "f":
            return float("nan")
        return False if kind == "b" else -1 if self.name in ("status", "mechanism") else 0

    @property
    def bytes_per_draw(self) -> int:
        """Decoded bytes of one draw."""
        return int(np.dtype(self.dtype).itemsize * np.prod(self.shape, dtype=np.int64))

    def document(self, draws: int, block_draws: int, chunk_draws: int) -> dict[str, Any]:
        """The array's Zarr v3 metadata: chunks in shards, blosc-lz4 with byte shuffle, CRC32C of chunk and index."""
        size = np.dtype(self.dtype).itemsize
        little = {"name": "bytes", "configuration": {"endian": "little"}}
        blosc = {"typesize": size, "cname": "lz4", "clevel": 5, "shuffle": "shuffle", "blocksize": 0}
        sharding = {
            "chunk_shape": [chunk_draws, *self.shape],
            "codecs": [
                little if size > 1 else {"name": "bytes"},
                {"name": "blosc", "configuration": blosc},
                {"name": "crc32c"},
            ],
            "index_codecs": [little, {"name": "crc32c"}],
            "index_location": "end",
        }
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": [draws, *self.shape],
            "data_type": self.dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [block_draws, *self.shape]}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
            "fill_value": "NaN" if self.fill != self.fill else self.fill,
            "codecs": [{"name": "sharding_indexed", "configuration": sharding}],
            "attributes": self.attributes,
            "dimension_names": list(self.dims),
        }

    def shard(self, block: int) -> str:
        """Name of the file that holds a block of this array, inside the Zarr group."""
        return f"{self.name}/" + ".".join(["c", str(block), *["0"] * len(self.shape)])


@dataclass(frozen=True)
class Layout:
    """The arrays of one corpus, how many draws go into a block and a chunk, and what makes the corpus itself."""

    key: str
    name: str
    block_draws: int
    chunk_draws: int
    segment_blocks: int
    schema: Schema
    arrays: tuple[ArrayLayout, ...]
    provenance: dict[str, Any]
    identity: dict[str, Any]
    """What the key is the digest of: simulators and operators with their versions, settings and priors, the seed."""

    def segments(self, blocks: int) -> int:
        """Number of segments that hold so many blocks."""
        return -(-blocks // self.segment_blocks)

    def array(self, name: str) -> ArrayLayout:
        """The array of that name. Raises `KeyError`."""
        return {array.name: array for array in self.arrays}[name]

    def document(self, name: str, draws: int) -> dict[str, Any]:
        """Zarr v3 metadata of one array holding `draws` draws."""
        return self.array(name).document(draws, self.block_draws, self.chunk_draws)

    def to_json(self) -> bytes:
        """All of it as JSON text."""
        document = {"format": FORMAT, **asdict(self), "schema": self.schema.to_json()}
        return json.dumps(document, indent=1).encode()


def plan_layout(section: CorpusSection, schema: Schema, key: str, provenance: dict[str, Any]) -> Layout:
    """Layout of a new corpus. Raises `RecipeError` where the recipe keeps what is not there or a name is taken."""
    kept = _kept(section, schema)
    arrays = tuple(_variable_array(variable, schema) for variable in kept.variables) + _own_arrays(kept)
    per_draw = sum(array.bytes_per_draw for array in arrays)
    block, chunk = choose_layout(per_draw, section.draws, section.chunk_draws, section.block_draws)
    return Layout(
        key=key,
        name=section.name,
        block_draws=block,
        chunk_draws=chunk,
        segment_blocks=SEGMENT_BLOCKS,
        schema=kept,
        arrays=arrays,
        provenance=provenance,
        identity=identity(section),
    )


def read_layout(text: bytes, place: str) -> Layout:
    """Layout from JSON text; `place` names it in errors. Raises `CorruptCorpusError`."""
    try:
        document = json.loads(text)
        written = document.pop("format")
        if written != FORMAT:
            raise other_format(place, written)
        schema = Schema.from_json(document.pop("schema"))
        arrays = [{**one, "dims": tuple(one["dims"]), "shape": tuple(one["shape"])} for one in document.pop("arrays")]
        return Layout(**document, schema=schema, arrays=tuple(ArrayLayout(**one) for one in arrays))
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptCorpusError(
            f"{place}: not the layout of a corpus ({type(error).__name__}: {error})",
            remedy="remove the corpus folder and build it anew",
        ) from error


def other_format(place: str, written: object) -> StoreError:
    """The error for an object that another sgnn wrote in another format."""
    return StoreError(
        f"{place} is in storage format {written}, and this sgnn reads and writes format {FORMAT}",
        remedy="move the corpus away and build it anew: its draws will be the same",
    )


def _kept(section: CorpusSection, schema: Schema) -> Schema:
    """The schema without the latents that the recipe does not keep."""
    if section.keep is None:
        return schema
    latents = [variable.name for variable in schema.variables if variable.role == "latent"]
    unknown = [name for name in section.keep if name not in {variable.name for variable in schema.variables}]
    if unknown:
        raise RecipeError(
            f"corpus.keep of '{section.name}' names '{unknown[0]}', which nothing simulates",
            remedy=f"latents are: {', '.join(latents) or 'none'}",
        )
    variables = tuple(one for one in schema.variables if one.role != "latent" or one.name in section.keep)
    return schema.with_variables(variables)


def _variable_array(variable: Variable, schema: Schema) -> ArrayLayout:
    dtype = np.dtype(variable.dtype)
    if variable.name in RESERVED or dtype.kind not in KINDS:
        what = f"the type {dtype}" if dtype.kind not in KINDS else "a name that every corpus has itself"
        raise RecipeError(f"variable '{variable.name}' has {what}", remedy="change it in the simulator's variables()")
    sizes = {dimension.name: dimension.size for dimension in schema.dimensions}
    attributes: dict[str, Any] = {
        "units": variable.unit or "1",
        "long_name": variable.long_name or variable.name,
        "role": variable.role,
    }
    if variable.size:
        attributes["size_variable"] = variable.size
    if all(np.isfinite(variable.valid_range)):
        attributes["valid_range"] = list(variable.valid_range)
    shape = tuple(sizes[dim] for dim in variable.dims)
    return ArrayLayout(variable.name, ("draw", *variable.dims), shape, dtype.newbyteorder("=").name, attributes)


def _own_arrays(schema: Schema) -> tuple[ArrayLayout, ...]:
    """Arrays that every corpus has: parameters, mechanism, status and seed of each draw."""
    theta = {"long_name": "parameters of the draw; missing where its mechanism has no such parameter"}
    mechanism = {
        "long_name": "mechanism that made the draw",
        "flag_values": list(range(len(schema.mechanisms))),
        "flag_meanings": " ".join(schema.mechanisms),
    }
    status = {
        "long_name": "status of the draw",
        "flag_values": list(range(len(STATUSES))),
        "flag_meanings": " ".join(STATUSES),
    }
    seed = {"long_name": "identity of the draw's random streams"}
    return (
        ArrayLayout("theta", ("draw", "parameter"), (len(schema.parameters),), "float64", theta),
        ArrayLayout("mechanism", ("draw",), (), "int16", mechanism),
        ArrayLayout("status", ("draw",), (), "int8", status),
        ArrayLayout("seed", ("draw",), (), "uint64", seed),
    )
