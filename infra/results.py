"""Rows of the results tables and the pictures of the documentation, from what runs left.

    python infra/results.py .sgnn

prints Markdown rows for README.md and docs/benchmarks.md from the newest run of each recipe, and draws docs/images/.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sgnn.evaluation.benchmark import load_benchmark
from sgnn.evaluation.figures.fan import fan_charts, largest
from sgnn.evaluation.figures.style import png
from sgnn.evaluation.report.training_figures import learning_curves
from sgnn.evaluation.table import label

PROTOCOL = "covid-68w8h"
IMAGES = Path(__file__).parent.parent / "docs" / "images"


def newest(home: Path) -> Iterator[tuple[str, Path]]:
    """Every recipe's newest run that has a benchmark on real data: its name and its folder."""
    found: dict[str, Path] = {}
    for folder in sorted(home.glob(f"runs/*/benchmark-{PROTOCOL}"), key=lambda one: one.stat().st_mtime):
        document = json.loads((folder / "benchmark.json").read_text())
        found[document["model"]] = folder.parent
    yield from sorted(found.items())


def row(name: str, scored: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
    """One line: name, relative MAE and WIS with intervals, coverage of the four intervals in percent."""
    cells = [name]
    for score in ("relative_mae", "relative_wis"):
        low, high = intervals.get(score) or (None, None)
        cells.append(f"{scored[score]:.3f}" + (f" [{low:.2f}, {high:.2f}]" if low != high else ""))
    cells.append(" / ".join(f"{100 * scored['coverage'][level]:.1f}" for level in ("50", "80", "90", "95")))
    return f"| {' | '.join(cells)} |"


def main(home: Path) -> None:
    """Print the rows and draw the pictures."""
    for name, folder in newest(home):
        real = json.loads((folder / f"benchmark-{PROTOCOL}" / "benchmark.json").read_text())
        methods = real["intervals"]["methods"]
        print(row(f"`{name}`", real["scores"], methods["model"]))
        for variant, one in real["variants"].items():
            print(row(f"`{name}`, {label(variant)}", one["scores"], one["intervals"]["methods"]["model"]))
        if name == "covid":
            for baseline, scored in real["baselines"].items():
                print(row(label(baseline), scored, methods[baseline]))
            forecasts = load_benchmark(folder / f"benchmark-{PROTOCOL}").forecasts
            png(fan_charts(forecasts, largest(forecasts)), IMAGES / "covid-forecasts.png")
        figures = json.loads((folder / "pretrain.json").read_text())["result"]["figures"]
        if name == "covid-full":
            png(learning_curves(figures["curve"]), IMAGES / "covid-full-learning.png")
        told = ("steps", "windows", "seconds", "windows_per_second", "data_wait", "held_out_loss")
        print(f"  training of {name}: {', '.join(f'{one} {figures[one]}' for one in told)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
