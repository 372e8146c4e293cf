"""Two writers of one corpus at once, as processes of their own: one finishes, or is told; never a mixture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.ledger import versions
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.verify import verify
from sgnn.settings import Settings, load_settings

SCRIPT = str(Path(__file__).with_name("writer_process.py"))


def write_at_once(recipes: list[Recipe], home: Path, folder: Path) -> list[dict[str, object]]:
    """Builds of the recipes, which begin together and commit together; what each says of its end."""
    started = []
    for number, recipe in enumerate(recipes):
        path = folder / f"{number}.json"
        path.write_text(recipe.model_dump_json())
        started.append(
            subprocess.Popen(
                [sys.executable, SCRIPT, str(path), str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
    # each says when it has planned and when it is about to commit, and goes on when all have
    for _ in ("planned", "made"):
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline()
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go on\n")
            process.stdin.flush()
    return [json.loads(process.communicate(timeout=120)[0]) for process in started]


@pytest.mark.parametrize("draws", [(100, 100), (60, 100, 150)])
@pytest.mark.usefixtures("small_segments")
def test_one_of_the_writers_commits_the_others_are_told_and_running_again_finishes_all(
    recipe: Recipe, settings: Settings, tmp_path: Path, draws: tuple[int, ...]
) -> None:
    wanted = [recipe.with_draws(number) for number in draws]
    ends = write_at_once(wanted, settings.home, tmp_path)
    (winner,) = [end for end in ends if "asked" in end]
    assert winner["version"] == 1
    for end in ends:
        if end is not winner:
            assert "version 1 of walks-" in str(end["error"])
            assert "was committed by another writer while this one was at work; run again" in str(end["error"])
    for one in wanted:
        plan = prepare(one, settings)
        # nothing that a loser made is lost
        assert not plan.missing
        commit(plan)
    assert len(versions(plan.store)) == len(set(draws))
    for version in versions(plan.store):
        corpus = open_corpus(f"walks@{version}", settings)
        assert verify(corpus).sound
        assert corpus.content_digest == alone(recipe.with_draws(corpus.number), tmp_path / "alone")


def alone(recipe: Recipe, home: Path) -> str:
    """Content digest of what a writer makes that nobody disturbs."""
    settings = load_settings(home=home / str(recipe.corpus.draws))
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return str(commit(plan).content_digest)
