"""Message passing over the ties of many graphs at once, and a score for every node that may have begun."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of the time of the start."""


class TieSum(torch.autograd.Function):
    """Sums over neighbours, ``ties @ hidden``; the table of ties is symmetric, and so its own transpose."""

    @staticmethod
    def forward(context: torch.autograd.function.FunctionCtx, ties: Tensor, hidden: Tensor) -> Tensor:
        """Sums (node, feature)."""
        context.ties = ties  # type: ignore[attr-defined]
        # there is no sparse product in bfloat16
        with torch.autocast(hidden.device.type, enabled=False):
            return ties @ hidden.to(ties.dtype)

    @staticmethod
    def backward(context: torch.autograd.function.FunctionCtx, *grads: Tensor) -> tuple[None, Tensor]:
        """Gradient of what was summed."""
        return None, context.ties @ grads[0].to(torch.float32).contiguous()  # type: ignore[attr-defined]


def tie_matrix(offsets: Tensor, neighbours: Tensor) -> Tensor:
    """The symmetric table of ties (node, node), each 1, in compressed rows."""
    size = len(offsets) - 1
    values = torch.ones(len(neighbours), dtype=torch.float32, device=neighbours.device)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(offsets, neighbours, values, (size, size), check_invariants=False)


def graph_sum(values: Tensor, owner: Tensor, graphs: int) -> Tensor:
    """Sums (graph, feature) of the nodes of each graph."""
    return values.new_zeros((graphs, values.shape[1])).index_add_(0, owner, values)


def graph_log_softmax(scores: Tensor, owner: Tensor, graphs: int) -> Tensor:
    """Log probabilities (node,) that add up to 1 within each graph."""
    highest = scores.new_full((graphs,), -torch.inf).scatter_reduce(0, owner, scores.detach(), "amax")
    shifted = scores - highest.index_select(0, owner)
    total = scores.new_zeros(graphs).index_add(0, owner, shifted.exp())
    return shifted - total.log().index_select(0, owner)


class Round(nn.Module):
    """One round: each node looks at itself, at its neighbours' sum over the root of their number, and at its graph."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.whole = nn.Linear(width, width)
        self.own = nn.Linear(width, 2 * width)
        self.around = nn.Linear(width, 2 * width, bias=False)
        self.leave = nn.Linear(2 * width, width)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, hidden: Tensor, ties: Tensor, scale: Tensor, owner: Tensor, sizes: Tensor) -> Tensor:
        """Hidden states (node, width); ``scale`` (node, 1) is what sums over neighbours are multiplied by."""
        own = self.norm(hidden)
        around = TieSum.apply(ties, own) * scale  # type: ignore[no-untyped-call]
        mean = graph_sum(own.to(sizes.dtype), owner, len(sizes)) / sizes
        own = own + self.whole(mean).index_select(0, owner)
        out: Tensor = hidden + self.leave(nn.functional.silu(self.own(own) + self.around(around)))
        return out


class SourceNetwork(nn.Module):
    """The posterior over nodes, and over how many began, the mechanism, and when.

    Nodes and graphs come with their features; weights are shared by all nodes, so that a graph of any size fits.
    """

    def __init__(self, nodes: int, graphs: int, width: int, rounds: int, origins: int, mechanisms: int) -> None:
        super().__init__()
        self.enter = nn.Linear(nodes, width)
        self.about = nn.Linear(graphs, width)
        # place 0 where it is not told
        self.told = nn.Embedding(mechanisms + 1, width)
        self.alike = nn.Embedding(3, width)
        self.trusted = nn.Embedding(3, width)
        self.rounds = nn.ModuleList(Round(width) for _ in range(rounds))
        self.norm = nn.LayerNorm(width)
        self.score = nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), nn.Linear(width, 1))
        self.pool = nn.Sequential(nn.Linear(3 * width, width), nn.SiLU(), nn.Linear(width, width))
        self.origins = nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), nn.Linear(width, origins))
        self.mechanisms = nn.Linear(width, mechanisms)
        self.start = nn.Linear(width, len(LEVELS))

    def hidden(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """States (node, width), their means (graph, width), and the number of nodes (graph, 1)."""
        owner, graphs = batch["owner"], len(batch["graphs"])
        ties = tie_matrix(batch["offsets"], batch["neighbours"])
        degree = (batch["offsets"][1:] - batch["offsets"][:-1]).to(torch.float32)[:, None]
        scale = degree.clamp(min=1.0).rsqrt()
        sizes = graph_sum(torch.ones_like(degree), owner, graphs).clamp(min=1.0)
        about = self.known_of_all(batch)
        hidden = (self.enter(batch["nodes"]) + about.index_select(0, owner)).to(torch.float32)
        for one in self.rounds:
            hidden = one(hidden, ties, scale, owner, sizes)
        hidden = self.norm(hidden).to(torch.float32)
        return hidden, graph_sum(hidden, owner, graphs) / sizes, sizes

    def known_of_all(self, batch: dict[str, Tensor]) -> Tensor:
        """What is known of each graph as a whole (graph, width), and what is told of it."""
        told = self.told(batch["told"]) + self.alike(batch["alike"]) + self.trusted(batch["trusted"])
        about: Tensor = self.about(batch["graphs"]) + told
        return about

    def embedding(self, batch: dict[str, Tensor]) -> Tensor:
        """Embeddings (graph, width)."""
        return self.forward(batch)["embedding"]

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Log probabilities by ``node``, by number of ``origins`` and by ``mechanism``; quantiles of the ``start``."""
        hidden, mean, sizes = self.hidden(batch)
        owner, graphs = batch["owner"], len(batch["graphs"])
        scores = self.score(torch.cat([hidden, mean.index_select(0, owner)], dim=1)).squeeze(1).to(torch.float32)
        log_posterior = graph_log_softmax(scores, owner, graphs)
        likely = graph_sum(hidden * log_posterior.detach().exp()[:, None], owner, graphs)
        square = graph_sum(hidden * hidden, owner, graphs) / sizes
        embedding = self.pool(torch.cat([mean, likely, square.clamp(min=1e-6).sqrt()], dim=1))
        both = torch.cat([embedding, nn.functional.silu(self.known_of_all(batch)).to(embedding.dtype)], dim=1)
        quantiles = self.start(embedding).to(torch.float32)
        steps = torch.cat([quantiles[:, :1], nn.functional.softplus(quantiles[:, 1:])], dim=1)
        return {
            "node": log_posterior,
            "embedding": embedding,
            "origins": torch.log_softmax(self.origins(both).to(torch.float32), dim=1),
            "mechanism": torch.log_softmax(self.mechanisms(embedding).to(torch.float32), dim=1),
            "start": torch.cumsum(steps, dim=1),
        }
