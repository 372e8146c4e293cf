"""A writer in a process of its own that waits before it makes and before it commits: `RECIPE.json HOME`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sgnn.corpus import layout
from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sealing import Sealer
from sgnn.errors import StoreError
from sgnn.settings import load_settings


def say(word: str) -> None:
    """Tell the test how far this is, and wait for its word."""
    print(word, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    # the first writer's layout counts, whichever that is
    layout.SEGMENT_BLOCKS = 2
    recipe = Recipe.model_validate_json(Path(sys.argv[1]).read_text())
    plan = prepare(recipe, load_settings(home=sys.argv[2]))
    sealer = Sealer(plan.store, plan.survey)
    say("planned")
    for block in plan.missing:
        sealer.add(make_block(plan.to_json(), block))
    say("made")
    try:
        print(json.dumps(commit(plan, sealer).to_json()))
    except StoreError as error:
        print(json.dumps({"error": str(error)}))
