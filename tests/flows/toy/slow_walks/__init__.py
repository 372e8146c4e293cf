"""A package as a user would write one: a simulator, two protocols and a recipe."""
