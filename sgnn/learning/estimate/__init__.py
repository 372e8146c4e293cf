"""The task `estimate`: what made a series, read off the series."""
