"""Corpora of simulated draws: recipe, digest, store, build, read, audit.

`recipe` says what to simulate, `build` makes it block by block, `reader` opens what was committed, `verify` audits it.
"""

from __future__ import annotations
