"""The model and its baselines on the same snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.baselines import centralities as by
from sgnn.domains.cascades.snapshots import Seen, single_snapshots
from sgnn.evaluation.sources.outcome import MODEL
from sgnn.evaluation.sources.scores import CandidateScores, collected, score_case

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray[Any]]
Rule = Callable[[Seen], Array]
CENTRALITIES: dict[str, Rule] = {
    "earliest": by.earliest,
    "degree": by.degree,
    "closeness": by.closeness,
    "jordan": by.jordan,
    "rumor_tree": by.rumor_tree,
    "rumor_full": by.rumor_full,
    "netsleuth": by.netsleuth,
}
"""Rules that need nothing but the snapshot."""
RUMOR = ("rumor_tree", "rumor_full")
SHARPNESS = tuple(float(one) for one in np.geomspace(0.01, 30.0, 36))
"""Factors on a score that are tried, to make probabilities of it."""


def log_softmax(scores: Array) -> Array:
    """Log probabilities (node,) in proportion to the exponential of scores."""
    shifted = scores - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))


def sharpness(scores: Sequence[Array], truths: Sequence[NDArray[np.bool_]]) -> float:
    """The factor on scores whose softmax has the best mean log score: a baseline's probabilities, at their best.

    To be found on other snapshots than those it is scored on.
    """
    best, least = SHARPNESS[0], -np.inf
    for factor in SHARPNESS:
        found = np.mean([_log_score(factor * one, truth) for one, truth in zip(scores, truths, strict=True)])
        if found > least:
            best, least = factor, float(found)
    return best


def calibrated(rules: Mapping[str, Rule], draws: Draws) -> dict[str, float]:
    """Sharpness of every rule on some snapshots, on those of which who began is seen."""
    cases = [seen for seen in single_snapshots(draws) if seen.began.any()]
    truths = [seen.began for seen in cases]
    return {name: sharpness([rule(seen) for seen in cases], truths) for name, rule in rules.items()}


def compared(
    draws: Draws, rules: Mapping[str, Rule], factors: Mapping[str, float], posterior: Sequence[Array] | None = None
) -> dict[str, CandidateScores]:
    """Scores of the model where its ``posterior`` is given, of chance (every node seen alike) and of the rules."""
    methods = ((MODEL,) if posterior is not None else ()) + ("chance", *rules)
    cases: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    for row, seen in enumerate(single_snapshots(draws)):
        hops = seen.hops()
        if posterior is not None:
            cases[MODEL].append(score_case(posterior[row], seen.began, hops))
        cases["chance"].append(score_case(log_softmax(np.zeros(seen.nodes)), seen.began, hops))
        for name, rule in rules.items():
            cases[name].append(score_case(log_softmax(factors[name] * rule(seen)), seen.began, hops))
    return {name: collected(one) for name, one in cases.items()}


def with_rumor_centrality(methods: Mapping[str, CandidateScores], better: str) -> dict[str, CandidateScores]:
    """The same with ``rumor_centrality``: of its two forms the one that was better on other snapshots."""
    return {**methods, "rumor_centrality": methods[better]}


def better_rumor(draws: Draws, factors: Mapping[str, float]) -> str:
    """The form of rumor centrality that has the better mean log score on some snapshots."""
    cases = [seen for seen in single_snapshots(draws) if seen.began.any()]
    scores = {
        name: np.mean([_log_score(factors[name] * CENTRALITIES[name](seen), seen.began) for seen in cases])
        for name in RUMOR
    }
    return max(scores, key=lambda name: float(scores[name]))


def joined(parts: Sequence[Mapping[str, CandidateScores]]) -> dict[str, CandidateScores]:
    """Scores of several sets of cases, one after the other."""
    from dataclasses import fields

    return {
        name: CandidateScores(
            *(np.concatenate([getattr(part[name], one.name) for part in parts]) for one in fields(CandidateScores))
        )
        for name in parts[0]
    }


def _log_score(scores: Array, truth: NDArray[np.bool_]) -> float:
    return float(np.logaddexp.reduce(log_softmax(scores)[truth]) - np.log(truth.sum()))
