"""Settings: each with its value and where it came from."""

from __future__ import annotations

import difflib
import os
import tomllib
from urllib.parse import urlsplit, urlunsplit

from sgnn.cli.doctor.check import Check, State
from sgnn.settings import FILE_VARIABLE, Settings, environment_name, settings_file

AREA = "configured"
# read where the program starts, before there are settings
OTHER_NAMES = frozenset({"SGNN_DEBUG", FILE_VARIABLE})


def check_settings(settings: Settings) -> list[Check]:
    """One line a setting, and one for each variable that looks like a setting and is none."""
    file = settings_file()
    file_keys = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    lines = []
    for field in type(settings).model_fields:
        value = getattr(settings, field)
        found = f"{'-' if value is None else hide_password(str(value))}   ({_origin(field, file_keys)})"
        lines.append(Check(AREA, field, State.OK, found))
    return [*lines, *_unknown_variables()]


def hide_password(value: str) -> str:
    """The value, without the password of a URL that has one."""
    try:
        parts = urlsplit(value)
        password = parts.password
    except ValueError:
        return value
    if password is None:
        return value
    user_and_host = f"{parts.username or ''}:***@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=user_and_host))


def _origin(field: str, file_keys: dict[str, object]) -> str:
    name = environment_name(field)
    if os.environ.get(name):
        return name
    return str(settings_file()) if field in file_keys else "default"


def _unknown_variables() -> list[Check]:
    known = {environment_name(field) for field in Settings.model_fields} | OTHER_NAMES
    unknown = sorted(name for name in os.environ if name.startswith("SGNN_") and name not in known)
    return [Check(AREA, name, State.NOTE, "no setting has this name", _advice(name, sorted(known))) for name in unknown]


def _advice(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "unset it"
