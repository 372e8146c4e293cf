"""Baselines fitted ahead of time, beside simulation and training: they take minutes and need no model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from flows.companion import companion
from flows.kept import run_folder
from flows.surroundings import surroundings, within
from sgnn.corpus.recipe import Recipe
from sgnn.errors import ServiceError


@contextmanager
def baselines_ahead(wanted: Recipe, tiny: bool) -> Iterator[None]:
    """Fit the baselines of protocols that were never run, beside the block's work and with the lowest priority."""
    around = surroundings()
    kept = run_folder(wanted, around.settings)
    protocols = [protocol for protocol in wanted.benchmarks if kept.told(f"benchmark-{protocol}") is None]
    if not protocols:
        yield
        return
    question = {"prepare": {"protocols": protocols, "tiny": tiny}}
    with (
        companion("flows.scoring", question, around.settings, kept.path / "baselines.log") as process,
        within(replace(around, baselines=process)),
    ):
        yield


def await_baselines() -> None:
    """Let the process that fits baselines ahead finish: two that fit the same ones would take twice as long."""
    around = surroundings()
    if around.baselines is not None:
        # one that was killed is no loss: the protocol fits what is not there yet
        with around.terminal.waiting("baselines"), suppress(ServiceError):
            around.baselines.answer()
