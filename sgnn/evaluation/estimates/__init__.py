"""Estimates as the outcome of a protocol: parameters and mechanisms, their truths, and how good the answers are."""
