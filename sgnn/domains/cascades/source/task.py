"""The task: the source of a snapshot, scored by the logarithm of the posterior probability of those who began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sgnn.domains.cascades.observation.kernel import RECOVERED, REPORTED
from sgnn.domains.cascades.source.graph_features import GRAPH_FEATURES
from sgnn.domains.cascades.source.inputs import SEEN, snapshot_inputs
from sgnn.domains.cascades.source.network import LEVELS, SourceNetwork
from sgnn.domains.cascades.source.node_features import NODE_FEATURES
from sgnn.errors import RecipeError
from sgnn.learning.portrait import Portrait
from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    from sgnn.learning.graph_tables import Sighting, Ties
    from sgnn.learning.located import Located
    from sgnn.learning.model import Model

_TARGETS = ("began", "origin_count", "start", "alike", "trusted", "mechanism")
UNTOLD = -1
"""Where the mechanism is not told, or whether ties and reports are to be trusted."""
NUMBER, OTHERS = 0.3, 0.1
"""What losses count beside that of the origin: of the number; of mechanism and start each."""


class SourceTask(Task):
    """Who began, how many, by which mechanism and when, from one snapshot.

    The loss is the logarithmic score of the posterior over nodes (over each of those who began alike), whose minimum is
    the calibrated answer. That of the number counts three tenths, that of the mechanism and the pinball loss of the
    start a tenth each. Half of the snapshots are shown with their mechanism told, so that what is known of it can be
    told to the model; then, too, whether all ties are alike. Of half, whether ties and reports are right is told.
    Settings: ``width`` and ``rounds`` of the network, ``told`` that half.
    """

    name = "cascades.source"

    def __init__(self, width: int = 96, rounds: int = 6, told: float = 0.5) -> None:
        if width < 1 or rounds < 1 or not 0.0 <= told <= 1.0:
            raise ValueError(f"width {width}, rounds {rounds}, told {told}")
        self.width, self.rounds, self.told = int(width), int(rounds), float(told)

    @property
    def settings(self) -> dict[str, Any]:
        """Size of the network, and how often it is told the mechanism."""
        return {"width": self.width, "rounds": self.rounds, "told": self.told}

    @property
    def seen(self) -> tuple[str, ...]:
        """Variables of a snapshot."""
        return SEEN

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        """Variables of a snapshot and the targets."""
        known = {variable.name for variable in schema.variables}
        wanted = [name for name in (*SEEN, *_TARGETS) if name != "mechanism"]
        missing = [name for name in wanted if name not in known]
        if missing:
            raise RecipeError(
                f"task '{self.name}' needs '{missing[0]}', which the corpus lacks",
                remedy="let its observation end with cascades.snapshot, and corpus.keep name graph_nodes",
            )
        return (*SEEN, *_TARGETS)

    def network(self, schema: Schema) -> SourceNetwork:
        """A network with fresh weights, for the mechanisms of the corpus."""
        mechanisms = len(schema.mechanisms)
        origins = schema.dimension("origin").size if "origin" in {one.name for one in schema.dimensions} else 3
        return SourceNetwork(NODE_FEATURES, GRAPH_FEATURES, self.width, self.rounds, origins, mechanisms)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        """One graph of all snapshots that may be learnt from, with targets."""
        told, told_trust = generator.random((2, len(draws["known"]))) < self.told
        answered = draws["began"].sum(axis=1) > 0
        if not answered.any():
            raise RecipeError("no snapshot of a batch shows who began", remedy="hide less in the observation")
        draws = {name: values[answered] for name, values in draws.items()}
        mechanism = draws["mechanism"].astype(np.int64)
        found = self.snapshot_batch(
            draws,
            np.where(told[answered], mechanism, UNTOLD),
            draws["alike"].astype(np.int64),
            np.where(told_trust[answered], draws["trusted"].astype(np.int64), UNTOLD),
        )
        return {
            **found,
            "share": share_of_origins(draws),
            "mechanism": torch.from_numpy(mechanism),
            "origins": torch.from_numpy(draws["origin_count"].astype(np.int64) - 1),
            "start": torch.from_numpy(start_in_units(draws)),
        }

    def snapshot_batch(
        self, draws: Arrays, told: NDArray[np.int64], alike: NDArray[np.int64], trusted: NDArray[np.int64]
    ) -> Batch:
        """What the network takes of some snapshots; ``told`` (draw,) is a mechanism or `UNTOLD`.

        ``alike`` (draw,) says whether all ties are equal, which counts only where the mechanism is told; ``trusted``
        (draw,) whether ties and reports are right, or `UNTOLD`.
        """
        made = snapshot_inputs(draws)
        return {
            "graphs": torch.from_numpy(made["graphs"]),
            "told": torch.from_numpy(told + 1),
            "alike": torch.from_numpy(np.where(told >= 0, alike + 1, 0)),
            "trusted": torch.from_numpy(trusted + 1),
            "nodes": torch.from_numpy(made["nodes"]),
            "owner": torch.from_numpy(made["owner"]),
            "offsets": torch.from_numpy(made["offsets"]),
            "neighbours": torch.from_numpy(made["neighbours"]),
        }

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean over snapshots."""
        answers = network(batch)
        nodes = origin_loss(answers["node"], batch)
        number = nn.functional.nll_loss(answers["origins"], batch["origins"])
        mechanism = nn.functional.nll_loss(answers["mechanism"], batch["mechanism"])
        others = mechanism + _pinball(answers["start"], batch["start"])
        return nodes + NUMBER * number + OTHERS * others

    def embedding(self, network: nn.Module, shown: Arrays) -> Tensor:
        """Embeddings (draw, width) of snapshots of which nothing more is told."""
        untold = np.full(len(shown["known"]), UNTOLD)
        assert isinstance(network, SourceNetwork)
        return network.embedding(self.snapshot_batch(shown, untold, np.zeros_like(untold), untold))

    def sighted(self, ties: Ties, sighting: Sighting, absolute: bool) -> dict[str, NDArray[Any]]:
        """A snapshot of the user's graph."""
        from sgnn.domains.cascades.source.locate import sighted

        shown, _ = sighted(ties, sighting, absolute)
        return {name: shown[name] for name in SEEN}

    def portrait(self, arrays: Arrays, row: int) -> Portrait:
        """The nodes reported and those near them of which nothing is known."""
        nodes = int(arrays["seen_nodes"][row])
        ends = np.repeat(np.arange(nodes), arrays["tie_counts"][row, :nodes].astype(np.int64))
        far = arrays["ties"][row, : len(ends)].astype(np.int64)
        known = arrays["known"][row, :nodes]
        began = arrays["began"][row, :nodes] > 0 if "began" in arrays else None
        return Portrait(np.stack([ends, far], axis=1), (known == REPORTED) | (known == RECOVERED), began)

    def summaries(self, schema: Schema, shown: Arrays) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """How many are reported, how they hang together, and how many ties they have."""
        from sgnn.domains.cascades.source.summaries import SUMMARIES, snapshot_summaries

        return SUMMARIES, snapshot_summaries(shown)

    def locate(
        self, model: Model, ties: Ties, sighting: Sighting, absolute: bool, trusted: bool | None = None
    ) -> Located:
        """The posterior over all nodes reached, and those near them of which nothing is known."""
        from sgnn.domains.cascades.source.locate import locate

        return locate(model, ties, sighting, absolute, trusted)

    def windows(self, batch: Batch) -> int:
        """Number of snapshots."""
        return len(batch["graphs"])


def share_of_origins(draws: Arrays) -> Tensor:
    """Share (node,) of each node of some snapshots (draw, …) in who began, those who did alike."""
    inside = np.arange(draws["began"].shape[1]) < draws["seen_nodes"].astype(np.int64)[:, None]
    began = draws["began"].astype(np.float32)
    return torch.from_numpy((began / began.sum(axis=1, keepdims=True))[inside])


def origin_loss(nodes: Tensor, batch: Batch) -> Tensor:
    """Mean logarithmic score over snapshots of those who began, from log posteriors (node,)."""
    return -(nodes * batch["share"]).sum() / len(batch["graphs"])


def start_in_units(draws: Arrays) -> NDArray[np.float32]:
    """Time (draw,) of the start before the first time told, in standard deviations of those told; NaN without any."""
    time = draws["time"].astype(np.float64)
    told = np.isfinite(time)
    number = np.maximum(told.sum(axis=1), 1)
    first = np.where(told, time, np.inf).min(axis=1)
    mean = np.where(told, time, 0.0).sum(axis=1) / number
    deviation = np.sqrt((np.where(told, time - mean[:, None], 0.0) ** 2).sum(axis=1) / number)
    usable = told.any(axis=1) & (deviation > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(usable, (draws["start"] - first) / deviation, np.nan).astype(np.float32)


def _pinball(quantiles: Tensor, truth: Tensor) -> Tensor:
    """Mean pinball loss where there is a truth; 0 where there is none."""
    known = torch.isfinite(truth)
    error = torch.where(known, truth, torch.zeros_like(truth))[:, None] - quantiles
    levels = quantiles.new_tensor(LEVELS)
    loss = torch.maximum(levels * error, (levels - 1.0) * error).mean(dim=1)
    out: Tensor = (loss * known).sum() / known.sum().clamp(min=1)
    return out
