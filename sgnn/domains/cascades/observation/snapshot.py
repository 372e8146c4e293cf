"""The snapshot: one look at a cascade, of which some nodes, ties and times are not known, and some reports are false.

Nodes that were seen not to be reached say nothing of the origin beyond how many of them a node touches, for given times
of infection and recovery they factor out of the likelihood. So what is kept is the part of the graph that was reported
reached, the nodes near it of which nothing is known, and for each of these the number of neighbours not reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.graphs.host import HOSTED, read_host, rows_or_none
from sgnn.domains.cascades.observation.kernel import observe_cascades
from sgnn.errors import RecipeError
from sgnn.simulation import (
    Categorical,
    Dimension,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    Streams,
    Theta,
    Uniform,
    Variable,
)

_WIDE = "wide"


class Snapshot(ObservationOperator):
    """What is seen of a cascade, with at most ``room`` nodes and ``ties`` between them.

    Adds the nodes seen, in no order that tells of the origin: ``known`` (1 reported, 2 not known, 3 reported as over),
    ``degree``, ``unreached`` (neighbours seen not to be reached), ``time`` (NaN where not told), ``tie_counts`` and
    ``ties`` (of each node to later ones); ``clock`` (0 no times, 1 from the first one told, 2 from the start); and the
    targets ``began`` (node) and ``start``, the time of the start on that clock; ``trusted``, whether no tie is unknown
    and no report false. ``host`` is that of the simulators.
    """

    name = "cascades.snapshot"
    version = "2"

    def __init__(
        self,
        variable: str = "known",
        room: int = 384,
        ties: int = 5120,
        host: str = "",
        label: str | None = "snapshot",
    ) -> None:
        super().__init__(variable, label)
        self.host = read_host(host) if host else None
        if self.host is not None:
            self.version = f"{type(self).version}-{self.host.digest[:12]}"
        self.room, self.ties = int(room), int(ties)

    def prior(self) -> Prior:
        """How much is hidden, wrong, and told of times."""

        def share(high: float, never: float, words: str) -> dict[str, Parameter]:
            name = words.split(" ")[0]
            return {
                f"{name}_any": Parameter(
                    Categorical((0.0, 1.0), (never, 1.0 - never)), description=f"whether any are {name}", source=_WIDE
                ),
                f"{name}_share": Parameter(Uniform(0.0, high), unit="1", description=words, source=_WIDE),
            }

        return Prior(
            {
                **share(0.4, 0.5, "masked nodes of all nodes"),
                **share(0.15, 0.8, "false reports, of the number reached"),
                **share(0.3, 0.8, "unknown ties of all ties"),
                "clock": Parameter(
                    Categorical((0.0, 1.0, 2.0), (0.5, 0.3, 0.2)), description="what times mean", source=_WIDE
                ),
                "told_share": Parameter(
                    Categorical((0.1, 0.3, 0.6, 1.0), (0.15, 0.4, 0.15, 0.3)),
                    unit="1",
                    description="reports that have a time",
                    source=_WIDE,
                ),
                "noise": Parameter(
                    Categorical((0.0, 0.1, 0.3, 0.8), (0.35, 0.35, 0.2, 0.1)),
                    description="standard deviation of the times' error, in that of the times",
                    source=_WIDE,
                ),
                "shows_recovered": Parameter(
                    Categorical((0.0, 1.0), (0.7, 0.3)), description="whether recovery is seen", source=_WIDE
                ),
            }
        )

    def dimensions(self, known: Mapping[str, Dimension]) -> tuple[Dimension, ...]:
        """Nodes and ties seen."""
        return (
            Dimension("seen_node", self.room, long_name="node that is reported, or near one and not known"),
            Dimension("seen_tie", self.ties, long_name="tie between nodes seen"),
        )

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """What is seen, and the targets."""

        def node(name: str, dtype: Any, role: Any, words: str, valid: tuple[float, float]) -> Variable:
            return Variable(name, ("seen_node",), dtype, "1", role, words, valid, size="seen_nodes")

        whole = (0.0, float(np.iinfo(np.int16).max))
        return (
            Variable("seen_nodes", (), np.int16, "nodes", "observable", "nodes seen", (0, self.room)),
            Variable("seen_ties", (), np.int16, "ties", "observable", "ties between them", (0, self.ties)),
            Variable("reports", (), np.int16, "nodes", "observable", "nodes reported", (0, self.room)),
            Variable("clock", (), np.int8, "1", "observable", "what times mean", (0, 2)),
            node("known", np.int8, "observable", "what is known of it", (1, 3)),
            node("degree", np.int16, "observable", "its ties in the whole graph", whole),
            node("unreached", np.int16, "observable", "its neighbours seen not to be reached", whole),
            node("tie_counts", np.int16, "observable", "its ties to later nodes", whole),
            Variable("ties", ("seen_tie",), np.int16, "1", "observable", "far ends", (0, self.room), size="seen_ties"),
            Variable(
                "time", ("seen_node",), np.float32, "day", "observable", "when reached", size="seen_nodes", missing=True
            ),
            node("began", np.int8, "target", "whether it began", (0, 1)),
            Variable(
                "trusted", (), np.int8, "1", "observable", "whether ties and reports are known to be right", (0, 1)
            ),
            Variable("start", (), np.float32, "day", "target", "time of the start on the clock", missing=True),
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """What is seen, each (batch, …)."""
        batch = len(streams)
        shares = [theta[f"{name}_any"] * theta[f"{name}_share"] for name in ("masked", "false", "unknown")]
        told = [theta[name] for name in ("clock", "told_share", "noise", "shows_recovered")]
        seen, scalars = np.zeros((batch, self.room, 5), np.int16), np.zeros((batch, 4), np.int16)
        ties, times = np.zeros((batch, self.ties), np.int16), np.full((batch, self.room), np.nan)
        start = np.full(batch, np.nan)
        latent = [
            np.array(data[name])
            for name in (
                "graph_family",
                "graph_nodes",
                "graph_degree",
                "graph_shape",
                "graph_seed",
                "infection_time",
                "recovery_time",
                "origin_nodes",
                "origin_count",
            )
        ]
        if self.host is None and (np.asarray(data["graph_family"]) == HOSTED).any():
            raise RecipeError("cascades of a host are looked at without it", remedy="give the operator the same host")
        observe_cascades(
            latent[0].astype(np.int64),
            latent[1].astype(np.int64),
            *latent[2:],
            np.stack([*shares, *told], axis=1),
            *rows_or_none(self.host),
            streams.key("look"),
            streams.draws,
            seen,
            scalars,
            ties,
            times,
            start,
        )
        return {
            "seen_nodes": scalars[:, 0],
            "seen_ties": scalars[:, 1],
            "reports": scalars[:, 3],
            "clock": scalars[:, 2].astype(np.int8),
            "known": seen[..., 0].astype(np.int8),
            "degree": seen[..., 1],
            "unreached": seen[..., 2],
            "tie_counts": seen[..., 3],
            "ties": ties,
            "time": times.astype(np.float32),
            "began": seen[..., 4].astype(np.int8),
            "trusted": (shares[1] + shares[2] == 0.0).astype(np.int8),
            "start": start.astype(np.float32),
        }
