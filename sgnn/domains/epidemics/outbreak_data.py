"""Real outbreaks: daily incidence and serial intervals of eight, and COVID-19 by country."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.evaluation.files import PinnedFile, fetch
from sgnn.settings import Settings

Array = NDArray[np.float64]
_EPIESTIM = ("mrc-ide/EpiEstim", "402982637562690073884b58100c80d98b6a8538")
_LICENCE = "data of the R package EpiEstim (GPL >= 2), read and not passed on"


def _outbreak(name: str, sha256: str) -> PinnedFile:
    return PinnedFile(*_EPIESTIM, f"data/{name}.rda", sha256, _LICENCE)


OUTBREAK_FILES: Mapping[str, PinnedFile] = {
    "influenza 1918, Baltimore": _outbreak(
        "Flu1918", "4316c44384d118b3dab580a79375abc707c86aa3cff1812f10a816c8b0af0e2e"
    ),
    "influenza 2009, Pennsylvania school": _outbreak(
        "Flu2009", "0f546c5b37c785e3eaec3cfe1236d55341169c94307b0cc32365ac83d05f466c"
    ),
    "measles 1861, Hagelloch": _outbreak(
        "Measles1861", "1a0c6fb65e660f83ccd3ded6d28a1a38440e529cfffadf26f801393d8f47509f"
    ),
    "SARS 2003, Hong Kong": _outbreak("SARS2003", "31336aac3cf09b919888e6e0f8a201ad8f07ed5a3b6f55016ec13ec7289d453c"),
    "smallpox 1972, Kosovo": _outbreak(
        "Smallpox1972", "79691c4a8d1f08d8231e49e41eceafa0c188b0182fe2cff3530028865e096fea"
    ),
    "MERS 2014, Saudi Arabia": _outbreak(
        "mers_2014_15", "d037d7fde612fe44b271b7eaf937b70e8279adce7322131a588e8995f0d1735f"
    ),
    "COVID-19 deaths 2020, United Kingdom": _outbreak(
        "covid_deaths_2020_uk", "e0e6f9de4138449547fe154bd9cc4533a2f9059fc442cfbd5db1aa41d2701072"
    ),
    "influenza 2009, New York school": _outbreak(
        "flu_2009_NYC_school", "a759ff4aa4cd19a4d31d78fa029844433b182a9fcf967aeb422f865301f8ae8c"
    ),
}
COVID_CASES = PinnedFile(
    "scc-usc/covid19-forecast-bench",
    "61a34744a9f082c76f66db98c16552ba1b95de68",
    "historical-data/2021-06-23/time_series_covid19_confirmed_global.csv",
    "f35528e7048ae7e46d6dfe23233054de7f90e43898beb007341c5ed7a2e7d8c7",
    "JHU CSSE CC BY 4.0",
)


@dataclass(frozen=True)
class RealOutbreak:
    """Daily ``counts`` (day,) and mean and standard deviation of the serial interval, days."""

    name: str
    counts: Array
    interval_mean: float
    interval_sd: float


def real_outbreaks(settings: Settings) -> list[RealOutbreak]:
    """The eight outbreaks, whole. Raises `MissingData`, `DownloadError`, or `DataError` for a file of another form."""
    paths = fetch(tuple(OUTBREAK_FILES.values()), settings)
    read = [(name, _read(path)) for name, path in zip(OUTBREAK_FILES, paths, strict=True)]
    intervals = {name: found for name, data in read if (found := _interval(data)) is not None}
    # no distribution comes with the school's file, and both schools had the same virus that spring
    same = intervals["influenza 2009, Pennsylvania school"]
    return [RealOutbreak(name, _counts(data, name), *intervals.get(name, same)) for name, data in read]


def country_cases(settings: Settings) -> pd.DataFrame:
    """New confirmed cases of COVID-19 by day (row) and country (column); NaN where the total was revised down.

    Raises `MissingData` or `DownloadError`.
    """
    (path,) = fetch((COVID_CASES,), settings)
    table = pd.read_csv(path)
    totals = table.drop(columns=["Province/State", "Lat", "Long"]).groupby("Country/Region").sum().T
    totals.index = pd.to_datetime(totals.index, format="%m/%d/%y")
    new = totals.diff().fillna(totals).astype(float)
    return new.where(new >= 0.0)


def _read(path: Path) -> Any:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (data,) = rdata.read_rda(path).values()
    return data


def _counts(data: Any, name: str) -> Array:
    table = data.get("incidence")
    if isinstance(table, pd.DataFrame):
        ordered = table.sort_values(table.columns[0])
        return np.asarray(ordered[ordered.columns[1:]].sum(axis=1), dtype=np.float64)
    if table is None:
        raise DataError(f"the file of {name} holds no incidence")
    return np.asarray(table, dtype=np.float64)


def _interval(data: Any) -> tuple[float, float] | None:
    """Mean and standard deviation of the serial interval, days; None where the file gives no distribution."""
    if "si" in data:
        return float(data["si"]["mean_si"][0]), float(data["si"]["std_si"][0])
    if "si_distr" not in data:
        return None
    mass = np.asarray(data["si_distr"], dtype=np.float64)
    days = np.arange(len(mass))
    mean = float(mass @ days / mass.sum())
    return mean, float(np.sqrt(mass @ (days - mean) ** 2 / mass.sum()))
