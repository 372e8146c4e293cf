"""The tests, as a package of its own: an installed library brings one of the same name, which would be taken for it."""
