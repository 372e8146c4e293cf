"""Flows as the command line starts them: a Prefect server, a terminal and settings are put around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flows.prefect_client import connected
from flows.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import Console

    from flows.corpus import Built
    from sgnn.settings import Settings


def run_pipeline(recipe: str, *, settings: Settings, console: Console, tiny: bool = False) -> dict[str, Any]:
    """All stages of a recipe; gives `{"corpus", "simulated", "model", "version", "alias", "report"}`.

    A recipe that was run before, with the same data and code, is recognised: nothing is started, nothing simulated.
    """
    raise NotImplementedError


def build_corpus(
    recipe: str, *, settings: Settings, console: Console, tiny: bool = False, draws: int | None = None
) -> Built:
    """Simulate what the recipe's corpus lacks and commit it; `draws` asks for another number than the recipe's."""
    with connected(settings, Terminal(console)):
        from flows.corpus import corpus

        return corpus(recipe, tiny, draws)


def train(
    recipe: str, *, settings: Settings, console: Console, tiny: bool = False, resume: Literal["auto", "never"] = "auto"
) -> dict[str, Any]:
    """Train the recipe's model on its corpus, which is built first where it is missing."""
    raise NotImplementedError


def benchmark(model: str, protocol: str, *, settings: Settings, console: Console) -> dict[str, Any]:
    """Benchmark of a model (registry name, or folder) by one protocol, as its JSON object."""
    raise NotImplementedError
