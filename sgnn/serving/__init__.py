"""Registered models behind HTTP: forecasts and estimates, for whoever has a key."""
