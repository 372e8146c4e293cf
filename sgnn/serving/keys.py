"""Keys of those who may ask, kept as digests: who reads the file learns no key.

A key is 256 random bits, so one round of sha256 is enough: there is nothing to guess, as there is in a password.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sgnn.errors import ServiceError
from sgnn.lock import hold
from sgnn.settings import Settings

PREFIX = "sgnn_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class KeyRing:
    """The file of keys."""

    file: Path

    def names(self) -> dict[str, str]:
        """When each key was made, by its name."""
        return {name: str(one["made"]) for name, one in self._read().items()}

    def add(self, name: str) -> str:
        """Make a key and return it; it is shown this once. Raises `ServiceError` for a name that cannot be had."""
        if not NAME.fullmatch(name):
            raise ServiceError(f"'{name}' is no name for a key", remedy="use letters, figures, dots, dashes")
        with hold(self._lock):
            known = self._read()
            if name in known:
                raise ServiceError(f"there is a key named '{name}'", remedy="remove it first, or choose another name")
            key = PREFIX + secrets.token_urlsafe(32)
            self._write(
                {**known, name: {"sha256": _digest(key), "made": datetime.now(UTC).isoformat(timespec="seconds")}}
            )
        return key

    def remove(self, name: str) -> None:
        """Let nobody in with that key any more. Raises `ServiceError` for one that is not there."""
        with hold(self._lock):
            known = self._read()
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise ServiceError(f"no key named '{name}'", remedy=f"there are: {there}")
            self._write({other: one for other, one in known.items() if other != name})

    def owner(self, key: str) -> str | None:
        """Name of a key; None for one that nobody has. Reads the file, so that a key that was removed is refused."""
        given, found = _digest(key), None
        for name, one in self._read().items():
            # all are compared, in a time that tells nothing
            if hmac.compare_digest(given, str(one["sha256"])):
                found = name
        return found

    @property
    def _lock(self) -> Path:
        return self.file.with_suffix(".lock")

    def _read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def _write(self, keys: Mapping[str, Any]) -> None:
        draft = self.file.with_name(f".{self.file.name}.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
            json.dump(keys, output, indent=1)
        os.replace(draft, self.file)


def key_ring(settings: Settings) -> KeyRing:
    """Keys of the home folder."""
    return KeyRing(settings.home / "serving" / "keys.json")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
