"""Looks at an installation: what is installed, configured, reachable, and what to do about what is not."""

from __future__ import annotations

from sgnn.cli.doctor.check import Check, State
from sgnn.cli.doctor.configured import check_settings
from sgnn.cli.doctor.installed import check_packages
from sgnn.cli.doctor.machine import check_machine
from sgnn.cli.doctor.reachable import check_services
from sgnn.errors import SgnnError
from sgnn.settings import load_settings

__all__ = ["Check", "State", "examine"]


def examine() -> list[Check]:
    """All checks, in the order a reader mends things: packages, settings, machine, services."""
    checks = check_packages()
    try:
        settings = load_settings()
    except SgnnError as error:
        # what is reachable cannot be asked without knowing where to look
        return [*checks, Check("configured", "settings", State.BROKEN, error.message, error.remedy), *check_machine()]
    return [*checks, *check_settings(settings), *check_machine(), *check_services(settings)]
