"""Simulated early outbreaks that no corpus holds, as they are reported, with everything that is true of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.sections import CorpusSection, OperatorEntry, SimulatorEntry
from sgnn.errors import DataError

Array = NDArray[np.float64]
REPORTED, LATENT = "cases", "infections_daily"
PATHS = {"infections": LATENT, "reproduction_number": "reproduction", "susceptible_share": "susceptible"}
"""What happened on the days that are seen, by the name under which it is estimated."""
MODELS = ("sir", "sis", "seir", "sirs", "ages")
TARGETS = ("r0", "generation_interval", "attack_rate", "attack_rate_without")
FIRST_DRAW = 2**40
"""Draws of the protocols are counted from here: no corpus has so many, so that none can hold one of them."""
PRIOR_DRAWS = 4096
"""Draws before the first one that tell what the prior is."""
LEAST_CASES = 10.0
"""Nobody estimates from fewer reported cases."""
REPORTING = "report_cases.share_start"

SECTION = CorpusSection(
    name="r0-early",
    draws=1,
    seed=1854,
    settings={"days": 100},
    simulators=tuple(SimulatorEntry(name=f"epidemics.outbreak_{model}") for model in MODELS),
    observation=(
        OperatorEntry(
            operator="epidemics.report",
            settings={"variable": REPORTED, "source": LATENT},
            # the share reported stays as it is: the end of the ramp is never reached
            prior={"share_start": {"distribution": "uniform", "low": 0.05, "high": 1.0}, "ramp_day": 10_000.0},
        ),
        OperatorEntry(operator="epidemics.weekday", settings={"variable": REPORTED}),
        OperatorEntry(operator="epidemics.overdispersion", settings={"variable": REPORTED}),
        OperatorEntry(operator="epidemics.outbreak_window", settings={"variable": REPORTED, "paths": PATHS}),
    ),
)
"""The priors of the published R0 task, each mechanism as often, and the observation that the recipe trains on."""


@dataclass(frozen=True)
class OutbreakDraws:
    """Outbreaks as reported, and what is true of them.

    ``cases`` (series, day) from the first report on, NaN after the last day known; ``latent`` (series, day) the true
    infections from the first day on; ``paths`` (series, day) by name what happened on the days seen; ``truth``
    (series,) by parameter; ``interval_sd`` (series,) the standard deviation of each generation interval, days;
    ``mechanism`` (series,) an index of ``mechanisms``; ``left_out`` draws had too few cases.
    """

    draws: NDArray[np.int64]
    cases: Array
    latent: Array
    paths: dict[str, Array]
    truth: dict[str, Array]
    interval_sd: Array
    mechanism: NDArray[np.int64]
    mechanisms: tuple[str, ...]
    left_out: int
    key: str


def outbreak_draws(start: int, stop: int, section: CorpusSection = SECTION) -> OutbreakDraws:
    """Draws of these indices that have at least ten reported cases. Raises `DataError` where noise reached none."""
    key = corpus_key(section)
    generator = generator_of(section, key)
    made = generator.draws(start, stop)
    cases = made.arrays[REPORTED].astype(np.float64)
    latent = made.arrays[LATENT].astype(np.float64)
    kept = (made.status == 0) & (np.nansum(cases, axis=1) >= LEAST_CASES)
    columns = {one.name: made.theta[:, at] for at, one in enumerate(generator.schema.parameters)}
    require_noise(latent[kept], cases[kept])
    latency = np.nan_to_num(1.0 / columns["latent_rate"])
    truth = {name: made.arrays[name].astype(np.float64) for name in TARGETS}
    truth[REPORTING] = columns[REPORTING]
    return OutbreakDraws(
        draws=np.arange(start, stop)[kept],
        cases=cases[kept],
        latent=latent[kept],
        paths={name: made.arrays[name].astype(np.float64)[kept] for name in PATHS},
        truth={name: one[kept] for name, one in truth.items()},
        interval_sd=np.sqrt(columns["recovery_rate"] ** -2.0 + latency**2)[kept],
        mechanism=made.mechanism[kept].astype(np.int64),
        mechanisms=generator.schema.mechanisms,
        left_out=int((~kept).sum()),
        key=key,
    )


def require_noise(latent: Array, observed: Array) -> None:
    """Raise `DataError` where a series (series, day) that is observed is the latent one, only shorter or later.

    An observation model that hands on clean data makes every score worthless; in the published task it did.
    """
    for row, (true, seen) in enumerate(zip(latent, observed, strict=True)):
        reported = seen[: int(np.isfinite(seen).sum())]
        # a handful of cases may all be reported on their day
        if np.nansum(reported) >= 10.0 * LEAST_CASES and _holds(true, reported):
            raise DataError(
                f"observed series {row} of {len(latent)} is its latent series: the observation changes nothing",
                remedy="see that every stage of the observation names the variable that is learnt from",
            )


def _holds(series: Array, part: Array) -> bool:
    """Whether the part stands in the series, day after day."""
    return any(np.array_equal(series[first : first + len(part)], part) for first in range(len(series) - len(part) + 1))
