"""Training in pictures: the losses, and how fast the stream was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import MODEL, MUTED, OTHERS, figure, style


def learning_curves(curve: Sequence[Mapping[str, Any]]) -> Figure:
    """Left: loss of training batches and of held-out draws by windows seen. Right: windows a second, share of waiting.

    ``curve`` has an entry for each look at the held-out draws, with windows, seconds, losses and throughput.
    """
    with style():
        drawn = figure(9.9, 2.9)
        left, right = drawn.subplots(1, 2, width_ratios=(1.6, 1))
        seen = [look["windows"] / 1e6 for look in curve]
        for name, label, looks in (
            ("training_loss", "training batches", {"color": MUTED, "linewidth": 1.0}),
            ("held_out_loss", "held-out draws", {"color": MODEL, "linewidth": 2.0, "marker": "o", "markersize": 3}),
        ):
            left.plot(seen, [look.get(name, float("nan")) for look in curve], label=label, **looks)
        left.set(xlabel="million windows seen", ylabel="loss")
        left.set_title("Loss")
        left.legend(fontsize=8)
        minutes = [look["seconds"] / 60 for look in curve]
        right.plot(minutes, [look["windows_per_second"] / 1e3 for look in curve], color=MODEL, linewidth=1.6)
        right.set(xlabel="minutes", ylabel="thousand windows/s", ylim=(0, None))
        right.set_title("Speed, and waiting for data")
        wait = right.twinx()
        wait.plot(minutes, [100 * look["data_wait"] for look in curve], color=OTHERS[1], linewidth=1.2)
        wait.set_ylabel("% waiting", color=OTHERS[1])
        wait.set_ylim(0, max(5.0, 150 * max(look["data_wait"] for look in curve)))
        wait.grid(visible=False)
        wait.tick_params(axis="y", labelcolor=OTHERS[1])
    return drawn
