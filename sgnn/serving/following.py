"""A model that is served: the version that a reference means, exchanged for another when the reference moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgnn.errors import RegistryError, SgnnError
from sgnn.learning.model import Model, load_model
from sgnn.settings import Settings
from sgnn.tracking.reference import fetch, find_version, parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sgnn.tracking.registry import Version

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """A version in memory; a request works with one from its beginning to its end."""

    version: str
    """Name and number, such as `covid/3`."""
    digest: str
    model: Model


class Followed:
    """What one reference means now. Safe to share between threads: exchanging is one assignment."""

    def __init__(
        self,
        reference: str,
        settings: Settings,
        changed: Callable[[Loaded], None] = lambda _: None,
        wait: bool = False,
    ) -> None:
        """Load the version that is meant now. Raises `RegistryError` where there is none, unless one is waited for."""
        self.reference, self.settings, self.changed = reference, settings, changed
        self.name = parse_reference(reference).name
        self.current: Loaded | None = None
        try:
            self.look()
        except RegistryError:
            if not wait:
                raise

    def look(self) -> bool:
        """Exchange the version if the reference has moved; whether it had. What serves goes on serving on an error.

        Raises `RegistryError` where the reference means nothing.
        """
        version = find_version(self.reference, self.settings)
        if self.current is not None and version.ref == self.current.version:
            return False
        # loaded before it is exchanged: nobody waits, nobody fails
        loaded = self._load(version)
        self.current = loaded
        self.changed(loaded)
        return True

    def _load(self, version: Version) -> Loaded:
        return Loaded(version.ref, version.digest, load_model(fetch(version, self.settings)))


@contextmanager
def looking(followed: Sequence[Followed], seconds: float) -> Iterator[None]:
    """While the block runs, each is looked after every so many seconds."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(seconds):
            for one in followed:
                try:
                    one.look()
                except (SgnnError, OSError) as error:
                    if one.current is not None:
                        log.warning("%s stays %s: %s", one.reference, one.current.version, error)

    thread = threading.Thread(target=look, name="following", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=60)
