"""The checks: which rules are looked at, in which order, and where there is nothing left to look at."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TypeVar

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation.observation import ObservationOperator, ObservationPipeline
from sgnn.simulation.prior import Prior
from sgnn.simulation.simulator import Outputs, Simulator, Theta
from sgnn.simulation.streams import Streams
from sgnn.testing import batched, closed, declared, failing, independent, made, repeated
from sgnn.testing.elsewhere import Job, elsewhere
from sgnn.testing.report import Finding, Notebook, Report
from sgnn.testing.rules import RULES
from sgnn.testing.subject import Subject, found
from sgnn.testing.trial import OperatorTrial, SimulatorTrial, Trial

DRAWS = 128
BLOCK = 1024
SLOW_DRAW = 10.0
PATIENCE = 30.0
FEWEST_DRAWS = 8
FRESH_DRAWS = 16

OF_SIMULATORS = tuple(rule for rule in RULES if rule != "changes")
OF_OPERATORS = tuple(rule for rule in RULES if rule not in ("settings", "process", "speed"))

T = TypeVar("T", bound=Trial)


def check_simulator(
    simulator: Simulator | type[Simulator] | str,
    *,
    draws: int = DRAWS,
    skip: Collection[str] = (),
    slow_draw: float = SLOW_DRAW,
    patience: float = PATIENCE,
) -> Report:
    """Check a simulator, its class, its registered name or `package.module:Name` against all rules but those skipped.

    So many ``draws`` are made some fifteen times over. A draw that takes more than ``slow_draw`` s is a finding, for a
    killed worker loses a chunk of them; the process that tries what may not end gets ``patience`` s beside the time
    that its draws need. Raises `UnknownNameError` or `RecipeError` where there is no such simulator.
    """
    subject, book = found(simulator), Notebook()
    with repeated.undisturbed():
        _check_simulator(subject, book, draws, skip, slow_draw, patience)
    return _report(book, subject.simulator, draws, [rule for rule in OF_SIMULATORS if rule not in skip])


def check_operator(
    operator: ObservationOperator,
    simulator: Simulator,
    after: ObservationPipeline | ObservationOperator | None = None,
    *,
    draws: int = DRAWS,
    skip: Collection[str] = (),
) -> Report:
    """Check an observation operator on what a simulator gives, seen ``after`` the stages before it.

    Raises `RecipeError` where these do not fit each other.
    """
    stages = ObservationPipeline((after,)) if isinstance(after, ObservationOperator) else after or ObservationPipeline()
    book = Notebook()
    with repeated.undisturbed():
        _check_operator(operator, simulator, stages, book, draws, skip)
    return _report(book, operator, draws, [rule for rule in OF_OPERATORS if rule not in skip])


def _report(book: Notebook, subject: Simulator | ObservationOperator, draws: int, rules: list[str]) -> Report:
    return Report(
        subject=str(getattr(subject, "name", type(subject).__name__)),
        version=str(getattr(subject, "version", "")),
        draws=draws,
        looked_at=tuple(rule for rule in rules if rule in book.looked_at),
        skipped=tuple(rule for rule in rules if rule not in book.looked_at),
        findings=tuple(finding for finding in book.findings if finding.rule in rules),
        notes=tuple(book.notes),
        measures=book.measures,
    )


def _check_simulator(
    subject: Subject, book: Notebook, draws: int, skip: Collection[str], slow_draw: float, patience: float
) -> None:
    simulator = subject.simulator
    named = book.look(["identity"], declared.identity(simulator, subject.registered))
    book.look(["settings"], declared.settings(simulator))
    if not named or not book.look(["declaration"], declared.declaration(simulator)):
        return
    dimensions, variables, prior = simulator.dimensions(), simulator.variables(), simulator.prior()
    book.look(["units"], declared.units(dimensions, variables, prior))
    streams = Streams(failing.CORPUS, np.arange(2 * draws))
    theta = _drawn(book, prior, simulator.prior(), streams)
    if theta is None:
        return
    both = SimulatorTrial(theta, streams, simulator)
    ready = _made(both.take(np.arange(draws)), book)
    if ready is None:
        return
    trial, first = ready
    by_name, sizes = {v.name: v for v in variables}, {d.name: d.size for d in dimensions}
    if not book.look(["outputs"], made.outputs(trial, first, by_name, sizes)):
        return
    book.look(["ranges"], made.ranges(trial, first, by_name, book.notes))
    if not book.look(["inputs"], made.inputs(trial)):
        return
    others = both.take(np.arange(draws, 2 * draws))
    if not _alike(trial, others, first, book):
        return
    book.look(["speed"], _speed(trial, slow_draw, book))
    if not named:
        return
    fresh = failing.Fresh(subject, tuple(map(int, trial.streams.draws[:FRESH_DRAWS])))
    wanted: dict[str, Job] = {"process": fresh, "failures": failing.Spoilt(subject)}
    wanted = {rule: job for rule, job in wanted.items() if rule not in skip}
    seconds = patience + 10 * book.measures["seconds_per_draw"] * (FRESH_DRAWS + 4 * failing.DRAWS)
    outcomes = dict(zip(wanted, elsewhere(list(wanted.values()), seconds) if wanted else [], strict=True))
    if "process" in outcomes:
        book.look(["process"], failing.fresh(fresh, outcomes["process"]))
    # a process that cannot read the simulator says nothing about its failures
    if "failures" in outcomes and getattr(outcomes["failures"], "started", True):
        book.look(["failures"], failing.spoilt(outcomes["failures"]))


def _check_operator(
    operator: ObservationOperator,
    simulator: Simulator,
    stages: ObservationPipeline,
    book: Notebook,
    draws: int,
    skip: Collection[str],
) -> None:
    known = {v.name: v for v in simulator.variables()}
    dimensions, variables = stages.outputs({d.name: d for d in simulator.dimensions()}, known)
    own = {variable.name: variable for variable in operator.variables(variables)}
    dimensions |= {dimension.name: dimension for dimension in operator.dimensions(dimensions)}
    book.look(["identity"], declared.identity(operator, None))
    if not book.look(["declaration"], declared.observed(operator, known, variables, dimensions)):
        return
    book.look(["units"], declared.units((), own.values(), operator.prior()))
    streams = Streams(failing.CORPUS, np.arange(draws))
    seen = simulator.prior().sample(streams) | stages.prior().sample(streams)
    outputs = simulator.simulate(seen, streams.scoped(simulator.name))
    data = outputs | stages.observe(outputs, seen, streams)
    theta = _drawn(book, operator.prior(), operator.prior(), streams)
    if theta is None:
        return
    whole = OperatorTrial(theta, streams, operator, data)
    ready = _made(whole, book)
    if ready is None:
        return
    trial, first = ready
    sizes = {name: dimension.size for name, dimension in dimensions.items()}
    if not book.look(["changes"], made.changes(trial, first)):
        return
    if not book.look(["outputs"], made.outputs(trial, first, own, sizes)):
        return
    book.look(["ranges"], made.ranges(trial, first, own, book.notes))
    if not book.look(["inputs"], made.inputs(trial)):
        return
    if _alike(trial, trial.take(np.arange(len(trial.streams))[::-1]), first, book) and "failures" not in skip:
        book.look(["failures"], closed.closed(trial))


def _drawn(book: Notebook, prior: Prior, again: Prior, streams: Streams) -> Theta | None:
    """Parameters of all draws; None where they cannot be drawn."""
    book.look(["prior"], declared.prior(prior, again, streams))
    try:
        return prior.sample(streams)
    except RecipeError:
        return None


def _made(trial: T, book: Notebook) -> tuple[T, Outputs] | None:
    """The trial of the draws that can be made, and their outputs; None where that is not enough to go on."""
    try:
        rows, reasons = made.makeable(trial)
        book.look(["failures"], made.failures(trial, reasons, book.notes))
        if len(rows) < FEWEST_DRAWS:
            return None
        trial = trial if len(rows) == len(trial.streams) else trial.take(rows)
        return trial, trial.run()
    except RecipeError as error:
        book.look(["outputs"], [Finding("outputs", error.message, error.remedy)])
        return None


def _alike(trial: Trial, other: Trial, first: Outputs, book: Notebook) -> bool:
    """Whether the draws come out alike again, in other batches, and are independent; else there is no more to see."""
    return (
        book.look(["determinism", "state", "globals"], repeated.repeated(trial, other))
        and book.look(["batch"], batched.batch(trial, first))
        and book.look(["streams"], independent.streams(trial.repeated(made.richest(first)), book.notes))
    )


def _speed(trial: Trial, slow_draw: float, book: Notebook) -> list[Finding]:
    began = time.perf_counter()
    trial.run()
    seconds = (time.perf_counter() - began) / len(trial.streams)
    book.measures |= {"seconds_per_draw": seconds, "seconds_per_block": BLOCK * seconds}
    if seconds <= slow_draw:
        return []
    return [
        Finding(
            "speed",
            f"a draw takes {seconds:.3g} s, a block of {BLOCK:,} {BLOCK * seconds / 3600:.3g} h",
            "simulate a batch at once with NumPy or Numba, or set corpus.chunk_draws and corpus.block_draws lower",
        )
    ]
