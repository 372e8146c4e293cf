"""Other ways from a Zarr group to batches of tensors: xbatcher, and a plain PyTorch loader, each at its best."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

SECONDS = 3.0
"""How long each of them is timed, once with each codec pipeline."""
Batches = Iterator[Sequence["Tensor"]]


def loader_rates(group: str, variables: Sequence[str], draws: int, batch: int, seed: int) -> dict[str, float]:
    """Draws a second of each way: by single rows and by picked rows in any order, by whole batches in shuffled order.

    Each is timed with zarr's own codecs and with the fast ones that our reader uses, and the better is taken. xbatcher
    is left out where it is not installed.
    """
    import zarr

    fast = {"codec_pipeline.path": "zarrs.ZarrsCodecPipeline", "codec_pipeline.strict": False}
    ways: dict[str, Callable[[], Batches]] = {
        "DataLoader over batches": lambda: _over_batches(group, variables, draws, batch, seed),
        "DataLoader over picked rows": lambda: _over_picks(group, variables, draws, batch, seed),
        "DataLoader over rows": lambda: _over_rows(group, variables, draws, batch, seed),
        "xbatcher": lambda: _xbatcher(group, variables, batch, seed),
    }
    rates = {}
    for name, way in ways.items():
        try:
            plain = _rate(way, batch)
            with zarr.config.set(fast):
                rates[name] = max(plain, _rate(way, batch))
        except ModuleNotFoundError:
            continue
    return rates


def _rate(way: Callable[[], Batches], batch: int) -> float:
    batches = way()
    next(batches)
    shown, began = 0, time.perf_counter()
    for _ in batches:
        shown += batch
        if time.perf_counter() - began > SECONDS:
            break
    return shown / (time.perf_counter() - began)


def _over_batches(group: str, variables: Sequence[str], draws: int, batch: int, seed: int) -> Batches:
    """Batches of neighbours, as they lie in chunks, in shuffled order: no draw ever meets another neighbour."""
    starts = np.random.default_rng(seed).permutation(draws // batch) * batch
    return _loaded(group, variables, [slice(int(start), int(start) + batch) for start in starts])


def _over_picks(group: str, variables: Sequence[str], draws: int, batch: int, seed: int) -> Batches:
    """Batches of any draws, read by one orthogonal selection each."""
    order = np.random.default_rng(seed).permutation(draws)
    rows = order[: draws // batch * batch].reshape(-1, batch)
    return _loaded(group, variables, [np.sort(row) for row in rows])


def _loaded(group: str, variables: Sequence[str], selections: Sequence[Any]) -> Batches:
    import torch
    import zarr
    from torch.utils.data import DataLoader, Dataset

    arrays = [zarr.open_array(f"{group}/{name}", mode="r") for name in variables]

    class Selections(Dataset[list[torch.Tensor]]):
        def __len__(self) -> int:
            return len(selections)

        def __getitem__(self, index: int) -> list[torch.Tensor]:
            return [torch.from_numpy(array.oindex[selections[index]]) for array in arrays]

    return iter(DataLoader(Selections(), batch_size=None))


def _over_rows(group: str, variables: Sequence[str], draws: int, batch: int, seed: int) -> Batches:
    """Batches of any draws, read one by one: what a first attempt looks like."""
    import torch
    import zarr
    from torch.utils.data import DataLoader, Dataset

    arrays = [zarr.open_array(f"{group}/{name}", mode="r") for name in variables]

    class Rows(Dataset[list[Any]]):
        def __len__(self) -> int:
            return draws

        def __getitem__(self, index: int) -> list[Any]:
            return [array[index] for array in arrays]

    chance = torch.Generator().manual_seed(seed)
    return iter(DataLoader(Rows(), batch_size=batch, shuffle=True, generator=chance))


def _xbatcher(group: str, variables: Sequence[str], batch: int, seed: int) -> Batches:
    """Batches of neighbours in shuffled order: xbatcher makes no others."""
    import torch
    import xarray as xr
    import xbatcher

    dataset = xr.open_zarr(group, consolidated=False, chunks=None)[list(variables)]
    batches = xbatcher.BatchGenerator(dataset, input_dims={"draw": batch}, preload_batch=False)
    for index in np.random.default_rng(seed).permutation(len(batches)):
        one = batches[int(index)]
        yield [torch.from_numpy(one[name].to_numpy()) for name in variables]
