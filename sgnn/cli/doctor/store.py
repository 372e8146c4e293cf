"""The store of corpora: whether it can be written, and whether it lets one writer create what two want to."""

from __future__ import annotations

import secrets

from sgnn.cli.doctor.check import Check, State
from sgnn.cli.doctor.configured import hide_password
from sgnn.corpus.store import open_store
from sgnn.errors import StoreError

AREA = "reachable"


def check_remote_store(url: str, patience: float) -> Check:
    """Write an object twice, on the condition that it is not there yet, and remove it; `patience` in seconds."""
    shown = hide_password(url)
    try:
        store = open_store(f"{url.rstrip('/')}/doctor-{secrets.token_hex(8)}", patience=patience)
        created = [store.create_exclusive("probe", writer) for writer in (b"one", b"other")]
        store.remove_all("")
    except StoreError as error:
        return Check(AREA, "store", State.BROKEN, f"{shown}: {error.message}", error.remedy)
    if created != [True, False]:
        found = f"{shown} ignores If-None-Match: two writers could both commit a version"
        return Check(AREA, "store", State.BROKEN, found, "keep corpora in a store with conditional writes")
    return Check(AREA, "store", State.OK, f"{shown}, can be written, has conditional writes")
