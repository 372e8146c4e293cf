"""`sgnn recipes`: what can be run by name."""

from __future__ import annotations

import typer

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, one_object, show, show_table

app = typer.Typer(help="Recipes that installed packages ship.", no_args_is_help=True)


@app.command("list")
def list_recipes(as_json: Json = False) -> None:
    """Recipes by name."""
    from sgnn.corpus.recipe import load_recipe, recipe_names

    recipes = [load_recipe(name) for name in recipe_names()]
    with one_object(as_json) as answer:
        if as_json:
            answer.append({"recipes": [{"name": r.name, "description": r.description} for r in recipes]})
        else:
            rows = [(r.name, r.corpus.draws, len(r.corpus.simulators), r.model.task, r.description) for r in recipes]
            show_table(("recipe", "draws", "mechanisms", "task", "description"), rows)


@app.command("show")
def show_recipe(
    recipe: RecipeName,
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """One recipe, with every field it was not given filled in."""
    import yaml

    from sgnn.corpus.recipe import load_recipe

    loaded = load_recipe(recipe)
    document = (loaded.tiny() if tiny else loaded).model_dump(mode="json")
    with one_object(as_json) as answer:
        if as_json:
            answer.append(document)
        else:
            show(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110).rstrip())
