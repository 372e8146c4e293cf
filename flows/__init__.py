"""Prefect flows: what people schedule, watch and retry. Each flow is the table of contents of its work.

`pipeline` runs all of them in turn; `corpus`, `pretrain`, `benchmark` and `release` run alone as well.
"""

from __future__ import annotations
