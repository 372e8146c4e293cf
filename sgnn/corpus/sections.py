"""The typed sections of a recipe: what may be written in its YAML file, field by field."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ByteSize, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A frozen part of a recipe; a field it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SimulatorEntry(Section):
    """One mechanism of the mixture."""

    name: str = Field(description="registered name of the simulator")
    weight: float = Field(default=1.0, gt=0, description="share of the draws, relative to the other entries")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings of this simulator alone")
    prior: dict[str, Any] = Field(default_factory=dict, description="changes to its prior, by parameter name")
    observation: dict[str, Any] = Field(
        default_factory=dict,
        description="changes to the prior of the observation in its draws, by `stage.parameter`",
    )


class OperatorEntry(Section):
    """One stage of the observation pipeline, applied in the order written."""

    operator: str = Field(description="registered name of the observation operator")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings of the operator")
    prior: dict[str, Any] = Field(default_factory=dict, description="changes to its prior, by parameter name")


class Limits(Section):
    """What one draw may take; one that takes more fails, with its reason, and the build goes on."""

    draw_seconds: float | None = Field(default=None, gt=0, description="longest time of a draw, s")
    memory: ByteSize | None = Field(
        default=None, gt=0, description="most memory that simulating may add to its process: 512 MiB, 2 GiB"
    )

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.draw_seconds is None and self.memory is None:
            raise ValueError("one of draw_seconds and memory must be given")
        return self


class CorpusSection(Section):
    """What is simulated, how often, and how it is laid out on disk."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="name of the corpus, part of its folder's name")
    draws: int = Field(gt=0, description="number of draws")
    seed: int = Field(default=0, ge=0, description="seed of every random stream")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings given to every simulator")
    simulators: tuple[SimulatorEntry, ...] = Field(min_length=1, description="the mechanisms, with weights")
    observation: tuple[OperatorEntry, ...] = Field(default=(), description="latent to observed, stage by stage")
    keep: tuple[str, ...] | None = Field(default=None, description="latent variables to store; all where not given")
    limits: Limits | None = Field(default=None, description="time and memory of a draw; see its section")
    block_draws: int | None = Field(
        default=None, gt=0, description="draws of a block, the unit of work; chosen from bytes where not given"
    )
    chunk_draws: int = Field(default=64, gt=0, description="draws of a chunk, the unit of compression inside a block")

    @model_validator(mode="after")
    def _blocks_hold_whole_chunks(self) -> Self:
        if self.block_draws is not None and self.block_draws % self.chunk_draws:
            raise ValueError(f"block_draws {self.block_draws} is no multiple of chunk_draws {self.chunk_draws}")
        return self


class ModelSection(Section):
    """Which task is learnt, and the settings of its network."""

    task: str = Field(description="registered name of the task")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings of the task and its network")


class MixedCorpus(Section):
    """Another committed corpus that is learnt from beside the recipe's own, whose weight is 1."""

    corpus: str = Field(
        pattern=r"^[^@]+@\d+$", description="its name and version, `flu@3`; a folder or URL may stand for the name"
    )
    weight: float = Field(default=1.0, gt=0, description="draws shown of it for each one of the recipe's own corpus")


class TrainingSection(Section):
    """How long and how the network is trained; the run ends at whichever of seconds, steps or patience comes first."""

    seconds: float | None = Field(default=None, gt=0, description="wall-clock budget, s")
    steps: int | None = Field(default=None, gt=0, description="optimiser steps")
    batch_draws: int = Field(default=64, gt=0, description="simulated draws a step, whatever the number of processes")
    learning_rate: float = Field(default=1e-3, gt=0, description="peak learning rate, before its cosine decay to zero")
    warmup: float = Field(default=0.02, ge=0, lt=1, description="share of the run in which the learning rate rises")
    weight_decay: float = Field(default=0.01, ge=0, description="decoupled weight decay (AdamW)")
    gradient_clip: float = Field(default=1.0, ge=0, description="largest norm of a gradient; 0 clips nothing")
    ema: float = Field(
        default=0.999, ge=0, lt=1, description="decay a step of the averaged weights; 0 averages nothing"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto: bfloat16 where the hardware multiplies it"
    )
    validation_every: int = Field(default=500, gt=0, description="steps between two looks at the held-out draws")
    patience: int | None = Field(default=None, gt=0, description="looks without an improvement before stopping")
    seed: int = Field(default=0, ge=0, description="seed of the weights and of the order of the draws")
    buffer_blocks: int = Field(default=4, gt=0, description="blocks mixed in the shuffle buffer")
    threads: int | None = Field(default=None, gt=0, description="CPU threads; all where not given")
    loader_workers: int | None = Field(
        default=None, gt=0, description="processes that make batches; the one that trains where not given"
    )
    mechanisms: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="how often draws of a mechanism are shown, 1 where not named"
    )
    corpora: tuple[MixedCorpus, ...] = Field(default=(), description="other corpora mixed in")
    fresh_observations: bool | None = Field(
        default=None, description="observe every draw anew in each epoch, from its stored latents"
    )

    @model_validator(mode="after")
    def _must_end(self) -> Self:
        if self.seconds is None and self.steps is None:
            raise ValueError("one of seconds and steps must say when training ends")
        return self


class Gate(Section):
    """A condition that a model version must meet before it becomes champion."""

    name: str = Field(description="name of the gate in tables and refusals")
    protocol: str = Field(description="benchmark protocol whose scores are looked at")
    metric: str = Field(description="score, as in the benchmark's JSON: relative_mae, coverage.90, ...")
    comparison: Literal["<=", ">=", "within", "not_worse_than_champion"]
    value: float | None = Field(default=None, description="bound of <= and >=")
    low: float | None = Field(default=None, description="lower bound of within")
    high: float | None = Field(default=None, description="upper bound of within")
    margin: float = Field(default=0.0, ge=0, description="how much worse than the champion is still allowed")
    minimum_sample: int | None = Field(
        default=None, gt=0, description="fewest forecasts (or series, for estimates) that the score must rest on"
    )

    @model_validator(mode="after")
    def _has_its_bounds(self) -> Self:
        if self.comparison in ("<=", ">=") and self.value is None:
            raise ValueError(f"comparison {self.comparison} needs value")
        if self.comparison == "within" and (self.low is None or self.high is None or self.low > self.high):
            raise ValueError("comparison within needs low and high, low not above high")
        return self


class Schedule(Section):
    """When the recipe is run again by itself."""

    cron: str = Field(description="five cron fields")
    timezone: str = Field(default="UTC", description="time zone of the cron fields")
    grow: int = Field(default=0, ge=0, description="draws added to the corpus at each run")
