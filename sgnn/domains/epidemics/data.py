"""Real epidemic data: which files, and how they are read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from sgnn.errors import DataError
from sgnn.evaluation.files import PinnedFile, fetch
from sgnn.settings import Settings

_MANTIS = ("carsondudley1/Mantis", "1212f0b64012d949d6c6c3a743a6f61c6e19e4d6")
COVID_DEATHS = PinnedFile(
    *_MANTIS,
    "data/covid_deaths.csv",
    "96a060bed22612f6a142f0f9d3657dcd9104946968efcc0b4468159b18a7b0ba",
    "facts from JHU CSSE (CC BY 4.0)",
)
COVID_ADMISSIONS = PinnedFile(
    *_MANTIS,
    "data/covid_hospitalizations.csv",
    "989c21640d11158285809c4d84abda901073304a181e3ab5a56804118183b512",
    "facts from HHS (US public domain)",
)
FIRST_WEEK = "2020-08-01"
"""The week of row 0 ends on this Saturday; the files carry no dates."""


def covid_panel(settings: Settings) -> xr.Dataset:
    """Weekly COVID-19 deaths (``value``) and hospital ``admissions``, 52 US regions by postal code, 68 weeks.

    Raises `MissingData` or `DownloadError` where the files are not to be had, `DataError` where they are not as
    expected.
    """
    deaths, admissions = (_regions(pd.read_csv(path)) for path in fetch((COVID_DEATHS, COVID_ADMISSIONS), settings))
    if list(deaths) != list(admissions) or len(deaths) != len(admissions):
        raise DataError("the COVID-19 files for deaths and admissions have different rows or columns")
    weeks = pd.date_range(FIRST_WEEK, periods=len(deaths), freq="W-SAT")
    return xr.Dataset(
        {
            "value": (("series", "time"), deaths.to_numpy(dtype=np.float64).T),
            "admissions": (("series", "time"), admissions.to_numpy(dtype=np.float64).T),
        },
        coords={"series": [str(name).upper() for name in deaths], "time": weeks.to_numpy()},
        attrs={"frequency": "W-SAT", "source": COVID_DEATHS.place},
    )


def _regions(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of numbers, one a region, without an index column."""
    numbers = table.select_dtypes("number")
    return numbers[[name for name in numbers if not str(name).startswith("Unnamed")]]
