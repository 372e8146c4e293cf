"""Memory for batches is used again only when nobody holds a batch over it."""

from __future__ import annotations

import numpy as np
import torch

from sgnn.learning.stream.buffers import Buffers


def test_an_array_that_nobody_holds_is_handed_out_again() -> None:
    buffers = Buffers()
    first = id(buffers.empty((8, 2), "float32"))
    assert id(buffers.empty((8, 2), "float32")) == first


def test_a_slice_or_a_tensor_of_an_array_keeps_it() -> None:
    buffers = Buffers()
    part = buffers.empty((8, 2), "float32")[2:4]
    tensor = torch.from_numpy(buffers.empty((8, 2), "float32")[:3])
    part[:], tensor[:] = 1.0, 2.0
    for _ in range(3):
        buffers.empty((8, 2), "float32")[:] = 7.0
    assert (part == 1.0).all()
    assert bool((tensor == 2.0).all())
    del part
    assert np.isin(buffers.empty((8, 2), "float32")[2:4], [1.0, 7.0]).all()


def test_memory_does_not_grow_where_batches_are_let_go() -> None:
    buffers = Buffers()
    for rows in range(1, 50):
        buffers.empty((rows, 2), "float32")
    assert len(buffers._arrays) == 1
