"""Mechanisms of spread over a graph, in continuous time and in steps."""
