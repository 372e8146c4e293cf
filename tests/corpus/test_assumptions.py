"""What is assumed of parameters, of a recipe that ships with the package."""

from __future__ import annotations

from sgnn.corpus.assumptions import prior_lines
from sgnn.corpus.recipe import load_recipe


def test_every_parameter_of_a_recipe_has_a_line_with_its_prior_and_meaning() -> None:
    section = load_recipe("covid").corpus
    lines = prior_lines(section)
    (population,) = [line for line in lines if line.name == "population"]
    assert population.distribution == "log-uniform(low 5e+04, high 4e+07)"
    assert population.unit == "people"
    assert population.source
    # one that mechanisms draw differently stands once for each way, with their names
    waning = [line for line in lines if line.name.startswith("with_waning (")]
    assert len(waning) == len({line.distribution for line in waning}) > 1
    assert len({line.name for line in lines}) == len(lines)


def test_the_observation_has_its_parameters_too() -> None:
    names = {line.name for line in prior_lines(load_recipe("covid").corpus)}
    assert any(name.startswith("overdispersion_deaths.") for name in names)
