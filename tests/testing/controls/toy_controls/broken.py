"""One simulator for each way to break a rule; its ``breaks`` is the rule that must catch it, and no other."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation import Dimension, Normal, Outputs, Parameter, Prior, Streams, Theta, Uniform, Variable
from toy_controls.sound import STEPS, Sound

MODULE_GENERATOR = np.random.default_rng(7)


class ClockSeed(Sound):
    """A seed from the clock."""

    breaks = "determinism"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng(time.time_ns())


class SystemSeed(Sound):
    """A seed from the operating system."""

    breaks = "determinism"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng()


class SeedPlusIndex(Sound):
    """`seed + i`: every corpus gets the same random numbers."""

    breaks = "streams"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng(1234 + int(streams.draws[row]))


class OverlappingStreams(Sound):
    """`seed + i` of another kind: draw i starts at the i-th number of one long stream."""

    breaks = "streams"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        generator = np.random.Generator(np.random.PCG64(int(streams.key("steps"))))
        generator.normal(size=int(streams.draws[row]))
        return generator


class PairedSeeds(Sound):
    """Two draws to a seed."""

    breaks = "streams"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng([int(streams.key("steps")), int(streams.draws[row]) // 2])


class SharedGenerator(Sound):
    """One generator for all draws of an instance."""

    breaks = "state"

    def __init__(self) -> None:
        self.chance = np.random.default_rng(7)

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return self.chance


class ModuleGenerator(Sound):
    """One generator for all of a module."""

    breaks = "state"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return MODULE_GENERATOR


class HiddenState(Sound):
    """Remembers the first parameters that it saw."""

    breaks = "state"

    def __init__(self) -> None:
        self.reference: dict[int, float] = {}

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made = super().simulate(theta, streams)
        if int(streams.draws[0]) in self.reference:
            made["height"] += self.reference.get(-1, 0.0)
        self.reference[int(streams.draws[0])] = 1.0
        if len(self.reference) > 1:
            self.reference[-1] = 1.0
        return made


class ClassAttribute(Sound):
    """Counts its runs in an attribute of the class."""

    breaks = "state"
    runs = 0

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        type(self).runs += 1
        return super().simulate(theta, streams)


class ReusedArray(Sound):
    """Gives the same array again and again."""

    breaks = "state"

    def __init__(self) -> None:
        self.buffer = np.empty((10_000, STEPS))

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        view = self.buffer[: len(streams)]
        view[:] = super().simulate(theta, streams)["height"]
        return {"height": view}


class GlobalNumpy(Sound):
    """The generator of `np.random`."""

    breaks = "globals"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made = super().simulate(theta, streams)
        return {"height": made["height"] + np.random.random(made["height"].shape)}  # noqa: NPY002


class ReseededGlobal(Sound):
    """Seeds the shared generator itself, for every draw: its own numbers are right, those of others no more."""

    breaks = "globals"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        np.random.seed(int(streams.draws[0]))  # noqa: NPY002
        return super().simulate(theta, streams)


class Normalised(Sound):
    """Scaled by the mean over the batch."""

    breaks = "batch"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made = super().simulate(theta, streams)["height"]
        return {"height": made - made.mean(axis=0)}


class BatchGenerator(Sound):
    """One generator a batch, seeded by its first draw."""

    breaks = "batch"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        if not np.isfinite(theta["drift"]).all():
            raise ValueError("drift is not a number")
        return {"height": streams.generator(0, "steps").normal(size=(len(streams), STEPS))}


class WrongShape(Sound):
    """One step too many."""

    breaks = "outputs"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        return {"height": np.pad(super().simulate(theta, streams)["height"], ((0, 0), (0, 1)))}


class WrongType(Sound):
    """Fractions where whole numbers are declared."""

    breaks = "outputs"

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("height", ("day",), np.int32, "m", "observable"),)


class WrongName(Sound):
    """Another name than the declared one."""

    breaks = "outputs"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        return {"hight": super().simulate(theta, streams)["height"]}


class NotANumber(Sound):
    """NaN where the drift is downward."""

    breaks = "ranges"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made = super().simulate(theta, streams)
        made["height"][theta["drift"] < 0] = np.nan
        return made


class OutOfRange(Sound):
    """A range that most walks leave."""

    breaks = "ranges"

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("height", ("day",), np.float64, "m", "observable", valid_range=(0.0, 1.0)),)


class WritesParameters(Sound):
    """Changes its parameters in place."""

    breaks = "inputs"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        drift: Any = theta["drift"]
        drift *= 2.0
        return super().simulate(theta, streams)


class OftenFails(Sound):
    """Raises for half of its own prior."""

    breaks = "failures"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        if (theta["drift"] < 0).any():
            raise ValueError("drift is negative")
        return super().simulate(theta, streams)


class CleanFromNothing(Sound):
    """Catches what went wrong, and makes up a walk."""

    breaks = "failures"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        try:
            return super().simulate(theta, streams)
        except ValueError:
            return super().simulate({"drift": np.zeros(len(streams))}, streams)


class EndsTheWork(Sound):
    """Raises what ends the whole corpus for one bad draw."""

    breaks = "failures"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        try:
            return super().simulate(theta, streams)
        except ValueError as error:
            raise RecipeError(str(error)) from error


class EndsTheProcess(Sound):
    """Takes the process along."""

    breaks = "failures"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        if not np.isfinite(theta["drift"]).all():
            os._exit(3)
        return super().simulate(theta, streams)


class Hangs(Sound):
    """Waits for a number to grow that never does."""

    breaks = "failures"

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        while not (theta["drift"] < 10.0).all():
            time.sleep(0.01)
        return super().simulate(theta, streams)


class HashSeed(Sound):
    """A seed from `hash`, which is another in every process."""

    breaks = "process"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng([hash(streams.corpus_key) & 0xFFFF, int(streams.draws[row])])


class ThisFolder(Sound):
    """A file of the folder in which it was made."""

    breaks = "process"

    def __init__(self) -> None:
        self.table = os.path.relpath(__file__)

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        with open(self.table) as table:
            table.read()
        return super().simulate(theta, streams)


class Slow(Sound):
    """Takes its time."""

    breaks = "speed"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        time.sleep(0.004)
        return super().generator(streams, row)


class NoVersion(Sound):
    """A version that is a number."""

    breaks = "identity"
    version = 1  # type: ignore[assignment]


class NoJson(Sound):
    """A setting that no recipe can hold."""

    breaks = "settings"

    def __init__(self, days: frozenset[int] = frozenset({1, 2})) -> None:
        self.days = days


class OddResources(Sound):
    """Resources without an amount."""

    breaks = "settings"
    resources = {"GPU": 0}


class NoDimension(Sound):
    """A dimension that is not declared."""

    breaks = "declaration"

    def dimensions(self) -> tuple[Dimension, ...]:
        return ()


class Fickle(Sound):
    """Declares something else every time."""

    breaks = "declaration"

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("day", STEPS, "day", start=time.perf_counter()),)


class NoUnit(Sound):
    """An output without a unit."""

    breaks = "units"

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("height", ("day",), np.float64, "", "observable"),)


class OddUnit(Sound):
    """A unit that others spell otherwise."""

    breaks = "units"

    def prior(self) -> Prior:
        return Prior({"drift": Parameter(Uniform(-0.5, 0.5), "m per days", "mean of a step")})


class Boundless(Sound):
    """A parameter that may be anything."""

    breaks = "prior"

    def prior(self) -> Prior:
        return Prior({"drift": Parameter(Normal(0.0, 0.3), "m/day", "mean of a step")})
