"""Cascades: spread over graphs, seen in part, and who started it."""
