"""Cascades by mechanism: SI, SIR, SEIR, independent cascade, linear threshold and Hawkes, on graphs drawn anew."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sgnn.domains.cascades.graphs.families import FAMILIES
from sgnn.domains.cascades.graphs.host import HOSTED, read_host, rows_or_none
from sgnn.domains.cascades.spread import kernel
from sgnn.simulation import (
    Categorical,
    Dimension,
    Fixed,
    LogUniform,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
)

TAUGHT = tuple(FAMILIES[:9])
"""Families that the prior draws from; blocks and geometry are kept for tests."""
_WEIGHTS = (0.12, 0.10, 0.12, 0.14, 0.10, 0.22, 0.06, 0.06, 0.08)
_WIDE = "wide"
NUMBERS, SHARES = (1.0, 2.0, 3.0), (0.88, 0.08, 0.04)
"""How many may begin a cascade, and how often so many do."""


class Cascade(Simulator):
    """A cascade on a random graph, looked at once; the graph is made again from ``graph_seed`` where it is needed.

    Settings: ``nodes``, the most nodes of a graph; ``least`` and ``most`` nodes reached, outside of which a draw is
    quarantined; ``host``, the path of a list of ties on which all cascades are, in place of random graphs. Times are in
    days, of which one is as good as any.
    """

    version = "1"
    model: ClassVar[int]

    def __init__(self, nodes: int = 2000, least: int = 10, most: int = 250, host: str = "") -> None:
        self.least, self.most = int(least), int(most)
        self.host = read_host(host) if host else None
        self.nodes = int(nodes) if self.host is None else self.host.nodes
        if self.host is not None:
            # another file is another simulator, whatever its name
            self.version = f"{type(self).version}-{self.host.digest[:12]}"

    def extra(self) -> dict[str, Parameter]:
        """Parameters of the mechanism beyond those that all have."""
        return {}

    def prior(self) -> Prior:
        """Graph, number of origins, pace, and how long it has gone on."""
        families = Categorical(tuple(float(at) for at in range(len(TAUGHT))), _WEIGHTS)
        return Prior(
            {
                "family": Parameter(families, description="number of the family of graphs", source=_WIDE),
                "nodes": Parameter(
                    LogUniform(50.0, float(self.nodes)), unit="nodes", description="nodes of the graph", source=_WIDE
                ),
                "mean_degree": Parameter(
                    LogUniform(3.0, 40.0), unit="ties", description="ties of a node, on average", source=_WIDE
                ),
                "shape": Parameter(Uniform(0.0, 1.0), description="shape of the family", source=_WIDE),
                "origins": Parameter(Categorical(NUMBERS, SHARES), unit="nodes", description="who began it"),
                "rate": Parameter(LogUniform(0.05, 5.0), unit="1/day", description="pace of the spread", source=_WIDE),
                "duration": Parameter(
                    LogUniform(1.5, 20.0),
                    unit="generations",
                    description="mean of the exponential time after which it is looked at",
                    source=_WIDE,
                ),
                "variation": Parameter(
                    Categorical((0.0, 0.5, 1.0), (0.5, 0.25, 0.25)),
                    description="coefficient of variation of the ties' rates",
                    source=_WIDE,
                ),
                **self.extra(),
            }
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        """Nodes of the graph, and places for those that began."""
        return (
            Dimension("node", self.nodes, long_name="node of the graph"),
            Dimension("origin", kernel.MOST_ORIGINS, long_name="one of those who began"),
        )

    def variables(self) -> tuple[Variable, ...]:
        """What makes the graph again, when each node was reached and left off, who began, when it was looked at."""
        words_of_family = "number of the family, -1 for a host"
        words = "nodes reached, 0 where no try came to as many as are asked for"
        return (
            Variable("graph_family", (), np.int8, "1", "latent", words_of_family, (HOSTED, len(FAMILIES) - 1)),
            Variable("graph_nodes", (), np.int32, "nodes", "latent", "nodes of the graph", (2, self.nodes)),
            Variable("graph_degree", (), np.float64, "ties", "latent", "mean degree asked for"),
            Variable("graph_shape", (), np.float64, "1", "latent", "shape of the family"),
            Variable("graph_seed", (), np.int64, "1", "seed", "draw of the graph's random stream"),
            Variable(
                "infection_time",
                ("node",),
                np.float32,
                "day",
                "latent",
                "when reached",
                size="graph_nodes",
                missing=True,
            ),
            Variable(
                "recovery_time", ("node",), np.float32, "day", "latent", "when over", size="graph_nodes", missing=True
            ),
            Variable("origin_nodes", ("origin",), np.int32, "1", "latent", "who began", size="origin_count"),
            Variable("origin_count", (), np.int8, "nodes", "target", "how many began", (1, kernel.MOST_ORIGINS)),
            Variable("reached", (), np.int32, "nodes", "latent", words, (1, self.most)),
            Variable("age", (), np.float32, "day", "target", "time from the start to the look", (0.0, np.inf)),
            Variable("alike", (), np.int8, "1", "observable", "whether all ties are known to be equal", (0, 1)),
        )

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Outputs (batch, …)."""
        batch = len(streams)
        nodes = np.round(theta["nodes"]).astype(np.int64)
        family, number = theta["family"].astype(np.int64), theta["origins"].astype(np.int64)
        if self.host is not None:
            nodes, family = np.full(batch, self.host.nodes), np.full(batch, HOSTED)
        seed = streams.seeds().view(np.int64)
        degree, shape = (np.array(theta[name]) for name in ("mean_degree", "shape"))
        none = np.zeros(batch)
        names = ("duration", "rate", "reproduction", "variation", "latency")
        law = np.stack([np.asarray(theta.get(name, none), dtype=np.float64) for name in names], axis=1)
        origins = np.zeros((batch, kernel.MOST_ORIGINS), np.int32)
        infection, recovery = np.full((2, batch, self.nodes), np.nan, np.float32)
        reached, looked = np.zeros(batch, np.int32), np.zeros(batch)
        kernel.simulate_cascades(
            self.model,
            family,
            nodes,
            degree,
            shape,
            seed,
            number,
            law,
            self.least,
            self.most,
            *rows_or_none(self.host),
            streams.key("spread"),
            streams.draws,
            origins,
            infection,
            recovery,
            reached,
            looked,
        )
        return {
            "graph_family": family.astype(np.int8),
            "graph_nodes": nodes.astype(np.int32),
            "graph_degree": degree,
            "graph_shape": shape,
            "graph_seed": seed,
            "infection_time": infection,
            "recovery_time": recovery,
            "origin_nodes": origins,
            "origin_count": number.astype(np.int8),
            "reached": reached,
            "age": looked.astype(np.float32),
            "alike": (theta["variation"] == 0.0).astype(np.int8),
        }


def _reproduction(low: float, high: float) -> dict[str, Parameter]:
    words = "nodes that one node infects where nobody else is infected"
    return {"reproduction": Parameter(LogUniform(low, high), unit="nodes", description=words, source=_WIDE)}


class SICascade(Cascade):
    """Who is reached goes on infecting for ever."""

    name = "cascades.si"
    model = kernel.SI

    def extra(self) -> dict[str, Parameter]:
        """A reproduction without end, which this mechanism does not look at."""
        return {"reproduction": Parameter(Fixed(1.0), unit="nodes", description="not looked at without recovery")}


class SIRCascade(Cascade):
    """Who is reached infects until it recovers."""

    name = "cascades.sir"
    model = kernel.SIR

    def extra(self) -> dict[str, Parameter]:
        """The reproduction number."""
        return _reproduction(1.5, 10.0)


class SEIRCascade(Cascade):
    """As SIR, with a time before a node infects others."""

    name = "cascades.seir"
    model = kernel.SEIR

    def extra(self) -> dict[str, Parameter]:
        """The reproduction number and the latency."""
        words = "mean time before a node infects, in generations without it"
        latency = Parameter(LogUniform(0.3, 5.0), unit="generations", description=words, source=_WIDE)
        return {**_reproduction(1.5, 10.0), "latency": latency}


class IndependentCascade(Cascade):
    """In steps: a node tries each neighbour once."""

    name = "cascades.independent"
    model = kernel.INDEPENDENT

    def extra(self) -> dict[str, Parameter]:
        """The reproduction number."""
        return _reproduction(1.3, 8.0)


class FaintCascade(IndependentCascade):
    """Independent cascades that hardly spread: most reach a node or a few."""

    name = "cascades.faint"

    def __init__(self, nodes: int = 2000, least: int = 1, most: int = 250, host: str = "") -> None:
        super().__init__(nodes, least, most, host)

    def extra(self) -> dict[str, Parameter]:
        """A reproduction number around 1."""
        return _reproduction(0.1, 1.5)


class ThresholdCascade(Cascade):
    """In steps: a node follows when enough of its neighbours have."""

    name = "cascades.threshold"
    model = kernel.THRESHOLD

    def extra(self) -> dict[str, Parameter]:
        """How much the share of active neighbours counts."""
        words = "factor on the share of active neighbours that a threshold is held against"
        return {"reproduction": Parameter(Uniform(1.0, 4.0), description=words, source=_WIDE)}


class HawkesCascade(Cascade):
    """Events that excite events of neighbours, again and again; a node counts from its first one."""

    name = "cascades.hawkes"
    model = kernel.HAWKES

    def extra(self) -> dict[str, Parameter]:
        """The events that one event excites."""
        return _reproduction(1.1, 4.0)
