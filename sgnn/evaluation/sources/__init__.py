"""Posteriors over candidates (nodes, events, places) as the outcome of a protocol."""
