"""Decoded megabytes a second of whole-block reads, beside zarr's default codecs on the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgnn.cli.bench.figure import Figure, best_seconds

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace

MEGABYTE = 1e6


def measure(place: Workplace) -> Figure:
    """Every array of every block, through the reader and through plain zarr."""
    import zarr

    corpus = place.corpus
    names = corpus.variables
    blocks = corpus.blocks
    size = sum(values.nbytes for block in blocks for values in corpus.read(block).values()) / MEGABYTE

    def plain() -> None:
        arrays = [zarr.open_array(corpus.path / name, mode="r") for name in names]
        for block in blocks:
            for array in arrays:
                array[block.start : block.stop]

    fast = best_seconds(lambda: [corpus.read(block) for block in blocks], repeats=3)
    slow = best_seconds(plain, repeats=3)
    return Figure(
        name="read",
        what=f"whole blocks, {size:,.0f} MB decoded",
        value=size / fast,
        unit="MB/s",
        reference="zarr's default codecs",
        reference_value=size / slow,
    )
