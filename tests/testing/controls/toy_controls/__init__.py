"""Simulators and operators that each break one rule, and ones that break none."""
