"""Limits of time and memory: draws simulated in a process that can be ended, so that no draw can stop a build."""
