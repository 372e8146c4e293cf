"""Simulation as supervision: simulators in, pretrained and explained networks out."""

from __future__ import annotations

__version__ = "0.1.0"
