"""The process in which a benchmark builds a corpus, so that its memory and processor time are those of the build.

Started as a companion, `python -m sgnn.cli.bench.build_process`.
"""

from __future__ import annotations

from typing import Any

from flows.companion import serve


def build(question: dict[str, Any]) -> dict[str, Any]:
    """Build the corpus of a recipe through the flow that everybody uses; gives what making it took."""
    from flows.run import build_corpus
    from sgnn.cli.output import error_console
    from sgnn.settings import load_settings

    built = build_corpus(question["recipe"], settings=load_settings(), console=error_console(), draws=question["draws"])
    return {
        "simulated": built.simulated,
        "seconds": built.seconds,
        "block_seconds": built.block_seconds,
        "commit_seconds": built.commit_seconds,
        "workers": built.workers,
    }


if __name__ == "__main__":
    serve(build)
