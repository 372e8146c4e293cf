"""Errors that a user can mend: one line each that says what, where, which value, and what to do."""

from __future__ import annotations

__all__ = [
    "CorruptCorpusError",
    "DataError",
    "DownloadError",
    "GateRefused",
    "RecipeError",
    "RegistryError",
    "ServiceError",
    "SettingsError",
    "SgnnError",
    "StoreError",
    "UnknownNameError",
]


class SgnnError(Exception):
    """Base of all errors raised on purpose; `str()` is one line, whatever line breaks its parts had.

    `message` names the thing, its place and its value; `remedy` says what to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = _one_line(message)
        self.remedy = _one_line(remedy)

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # keyword-only arguments are lost by the default way, and errors cross process borders
        return _rebuild, (type(self), self.message, self.remedy)


class SettingsError(SgnnError):
    """A setting has a value that cannot be used."""


class RecipeError(SgnnError):
    """A recipe cannot be read, or asks for what cannot be done."""


class UnknownNameError(SgnnError):
    """No simulator, operator, task, protocol, recipe or corpus has this name."""


class StoreError(SgnnError):
    """The store of corpora cannot be read or written as asked."""


class CorruptCorpusError(StoreError):
    """Stored bytes are not the ones that were committed."""


class DataError(SgnnError):
    """An input table or file is not what it should be."""


class DownloadError(DataError):
    """A pinned file cannot be fetched, or is not the one that was pinned."""


class RegistryError(SgnnError):
    """The model registry has no such model, version or alias, or refuses the change."""


class GateRefused(SgnnError):
    """A gate of the recipe refused a promotion."""


class ServiceError(SgnnError):
    """A service (Prefect, MLflow, Dask) cannot be started or reached."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _rebuild(kind: type[SgnnError], message: str, remedy: str) -> SgnnError:
    return kind(message, remedy=remedy)
