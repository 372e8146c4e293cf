"""A build in a process of its own, to be killed: `python build_process.py RECIPE.json HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.recipe import Recipe
from sgnn.settings import load_settings

if __name__ == "__main__":
    recipe = Recipe.model_validate_json(Path(sys.argv[1]).read_text())
    plan = prepare(recipe, load_settings(home=sys.argv[2]))
    print("begun", flush=True)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
