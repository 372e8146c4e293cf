"""Neural posterior estimation of R0 by the library `sbi`, where it is installed."""

from __future__ import annotations

import importlib.util
import warnings
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_DRAWS = 1000
_PART = 100
_MOST_EPOCHS = 40


def is_installed() -> bool:
    """Whether `sbi` is there."""
    return importlib.util.find_spec("sbi") is not None


def neural_posterior(
    observed: Array, simulated: Array, parameter: Array, levels: Array, epochs: int = _MOST_EPOCHS
) -> Array:
    """Quantiles (series, level) of a positive parameter (draw,) given summaries (series, summary) of each series.

    A masked autoregressive flow learns the log of the parameter given summaries (draw, summary), standardised, with the
    defaults of the library (NPE-C, Greenberg et al. 2019, one round; Tejero-Cantero et al. 2020 for `sbi`).
    """
    import torch
    from sbi.inference import NPE
    from sbi.utils.tracking import TensorBoardTracker
    from torch.utils.tensorboard import SummaryWriter

    centre, spread = simulated.mean(axis=0), np.maximum(simulated.std(axis=0), 1e-6)
    own, theirs = (torch.from_numpy(((one - centre) / spread).astype(np.float32)) for one in (observed, simulated))
    logs = torch.from_numpy(np.log(parameter).astype(np.float32)).unsqueeze(1)
    # the library would write its records into the working folder
    with TemporaryDirectory() as records, torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        inference = NPE(tracker=TensorBoardTracker(SummaryWriter(records)), show_progress_bars=False)
        flow = inference.append_simulations(logs, theirs).train(training_batch_size=500, max_num_epochs=epochs)
        with torch.no_grad():
            parts = [flow.sample((_DRAWS,), condition=own[at : at + _PART])[..., 0] for at in range(0, len(own), _PART)]
    draws = torch.cat(parts, dim=1).exp().numpy().astype(np.float64)
    return np.asarray(np.quantile(draws, levels, axis=0).T)
