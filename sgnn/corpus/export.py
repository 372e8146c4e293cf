"""A committed corpus as one file or folder for other programs: Zarr or NetCDF, readable by xarray alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sgnn.corpus.store import explain
from sgnn.errors import CorruptCorpusError, StoreError
from sgnn.files import whole

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.corpus.reader import Corpus

Format = Literal["zarr", "netcdf"]
ENDINGS: dict[str, Format] = {".zarr": "zarr", ".nc": "netcdf", ".nc4": "netcdf", ".netcdf": "netcdf"}


def export(corpus: Corpus, path: Path, format: Format | None = None) -> Path:
    """Write all draws of the corpus to `path`, whole or not at all; the format follows from its ending where not given.

    Mechanism and status are words in it. Raises `StoreError` where `path` exists, cannot be written or has no format,
    `CorruptCorpusError` where the corpus is damaged.
    """
    kind = format or ENDINGS.get(path.suffix)
    if kind is None:
        raise StoreError(f"{path}: its ending names no format", remedy=f"one of {', '.join(ENDINGS)}, or --format")
    if path.exists():
        raise StoreError(f"{path} is already there", remedy="choose another path or remove it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as draft:
            _WRITERS[kind](corpus.dataset(), draft)
    except OSError as error:
        reason, remedy = explain(error)
        raise StoreError(f"cannot write {path}: {reason}", remedy=remedy) from error
    except (RuntimeError, ValueError) as error:
        raise CorruptCorpusError(
            f"{corpus.name}@{corpus.version} cannot be read: {error}",
            remedy=f"`sgnn corpus verify {corpus.name}` says which block is damaged",
        ) from error
    return path


def _write_zarr(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_zarr(path, mode="w", zarr_format=3, consolidated=False)


def _write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    if find_spec("h5netcdf") is None or find_spec("h5py") is None:
        raise StoreError("NetCDF needs the packages h5netcdf and h5py", remedy="install sgnn[netcdf]")
    texts = {name: one.astype(object) for name, one in dataset.coords.items() if one.dtype.kind == "T"}
    plain = dataset.assign_coords(texts).drop_encoding()
    encoding = {name: {"zlib": True, "complevel": 1} for name, one in plain.data_vars.items() if one.ndim > 1}
    plain.to_netcdf(path, engine="h5netcdf", encoding=encoding)


_WRITERS: dict[Format, Callable[[Any, Path], None]] = {"zarr": _write_zarr, "netcdf": _write_netcdf}
