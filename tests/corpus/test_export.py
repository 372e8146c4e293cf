"""Exports: one Zarr or NetCDF that xarray opens alone, whole or not there."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.corpus.export import export
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.errors import CorruptCorpusError, StoreError


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe) -> Corpus:
    return build(recipe)


def test_zarr_holds_what_the_corpus_holds(corpus: Corpus, tmp_path: Path) -> None:
    path = export(corpus, tmp_path / "walks.zarr")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xr.open_zarr(path, consolidated=False, chunks=None)
    xr.testing.assert_identical(found.load(), corpus.dataset().load())


def test_netcdf_holds_what_the_corpus_holds(corpus: Corpus, tmp_path: Path) -> None:
    path = export(corpus, tmp_path / "walks.nc")
    with xr.open_dataset(path, engine="h5netcdf") as found:
        dataset = corpus.dataset()
        assert found.attrs == dataset.attrs
        for name in dataset.variables:
            np.testing.assert_array_equal(found[name], dataset[name].astype(found[name].dtype))
            assert {key: np.asarray(value).tolist() for key, value in found[name].attrs.items()} == dataset[name].attrs


@pytest.mark.parametrize(
    ("name", "message"),
    [("walks.csv", "names no format; one of .zarr, .nc"), ("there.nc", "is already there; choose another path")],
)
def test_a_path_that_cannot_be_used_is_refused(corpus: Corpus, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "there.nc").touch()
    with pytest.raises(StoreError, match=message):
        export(corpus, tmp_path / name)


@pytest.mark.parametrize("ending", ["zarr", "nc"])
def test_a_damaged_corpus_is_not_exported_and_leaves_nothing_behind(
    corpus: Corpus, tmp_path: Path, ending: str
) -> None:
    shard = corpus.path / "level" / "c.1.0"
    data = bytearray(shard.read_bytes())
    data[40] ^= 1
    shard.write_bytes(data)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(CorruptCorpusError, match="verify"):
        export(corpus, target / f"walks.{ending}")
    assert list(target.iterdir()) == []
