"""What may be asked and what is answered, as types; everything else is refused before any work is done."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LONGEST = 5_000
MOST_SERIES = 1_000
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
RESERVED = frozenset({"series", "date", "value", "location", "target_end_date", "observation"})

Number = Annotated[float, Field(ge=-1e15, le=1e15)] | None
"""A value, or null where nothing was observed."""
ColumnName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]


class Part(BaseModel):
    """A part of a question or an answer; a field that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Series(Part):
    """One series of counts at even intervals."""

    name: str = Field(min_length=1, max_length=200, description="name, repeated in the answer")
    dates: tuple[date, ...] = Field(min_length=1, max_length=LONGEST, description="one for each value, rising")
    values: tuple[Number, ...] = Field(min_length=1, max_length=LONGEST)
    covariates: dict[ColumnName, tuple[Number, ...]] = Field(
        default_factory=dict, max_length=32, description="further columns, one value for each date"
    )

    @field_validator("name")
    @classmethod
    def _says_something(cls, name: str) -> str:
        if not name.strip() or name != name.strip() or not name.isprintable():
            raise ValueError("must be printable, without blanks at its ends")
        return name

    @field_validator("dates")
    @classmethod
    def _within_reason(cls, dates: tuple[date, ...]) -> tuple[date, ...]:
        if min(dates) < FIRST_DATE or max(dates) > LAST_DATE:
            raise ValueError(f"must lie between {FIRST_DATE} and {LAST_DATE}")
        return dates

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        for name, column in {"values": self.values, **self.covariates}.items():
            if len(column) != len(self.dates):
                raise ValueError(f"{len(self.dates)} dates, but {len(column)} {name}")
        reserved = sorted(RESERVED & set(self.covariates))
        if reserved:
            raise ValueError(f"a covariate cannot be named {reserved[0]}")
        return self


class EstimateRequest(Part):
    """Series to estimate parameters and mechanisms of."""

    series: tuple[Series, ...] = Field(min_length=1, max_length=MOST_SERIES)


class ForecastRequest(EstimateRequest):
    """Series to forecast from their last date."""

    horizon: int = Field(default=4, ge=1, le=52, description="steps ahead")


class Forecast(Part):
    """One step ahead of one series."""

    series: str
    origin: date
    horizon: int
    date: date
    quantiles: dict[str, float]


class ForecastAnswer(Part):
    """Forecasts, and which version made them."""

    model: str
    digest: str
    note: str | None
    unused: tuple[str, ...]
    """Covariates that the model does not know."""
    forecasts: tuple[Forecast, ...]


class EstimateAnswer(Part):
    """Estimates by series, as `sgnn estimate --json` gives them."""

    model: str
    digest: str
    note: str | None
    series: tuple[dict[str, Any], ...]


class ServedModel(Part):
    """A model that is served; the rest is null while it has no version yet."""

    name: str
    reference: str
    version: str | None = None
    digest: str | None = None
    task: str | None = None


class Problem(Part):
    """Why a question was not answered."""

    detail: str
