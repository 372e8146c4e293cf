"""What is to be checked: a simulator itself, its class, its registered name, or `package.module:Name`."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any

from sgnn.errors import RecipeError, UnknownNameError
from sgnn.simulation.registry import SIMULATORS, find
from sgnn.simulation.simulator import Simulator

_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Subject:
    """A simulator and how a process of its own gets it: by name where there is one, as workers do, else by pickle."""

    simulator: Simulator
    name: str | None = None

    @property
    def registered(self) -> str | None:
        """The name it is registered under; None for one that is not."""
        return self.name if self.name is not None and ":" not in self.name else None

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "simulator": None if self.name is not None else self.simulator}

    def __setstate__(self, state: dict[str, Any]) -> None:
        simulator = state["simulator"] if state["name"] is None else found(state["name"]).simulator
        object.__setattr__(self, "simulator", simulator)
        object.__setattr__(self, "name", state["name"])


def found(subject: Simulator | type[Simulator] | str) -> Subject:
    """The subject, with its default settings where it is a class.

    Raises `UnknownNameError` where a name leads nowhere, `RecipeError` where it leads to no simulator or to one that
    needs settings.
    """
    if isinstance(subject, Simulator):
        return Subject(subject)
    if isinstance(subject, str):
        return Subject(_made(_imported(subject) if ":" in subject else find(SIMULATORS, subject), subject), subject)
    return Subject(_made(subject, subject.__qualname__))


def _imported(reference: str) -> Any:
    module, _, path = reference.partition(":")
    try:
        thing: Any = importlib.import_module(module)
        for name in path.split("."):
            thing = getattr(thing, name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownNameError(
            f"'{reference}' cannot be imported: {error}",
            remedy="give package.module:Name of an installed package, or of a file in this folder",
        ) from error
    return thing


def _made(thing: Any, what: str) -> Simulator:
    if callable(thing) and not isinstance(thing, Simulator):
        needed = [
            name
            for name, parameter in inspect.signature(thing).parameters.items()
            if parameter.default is parameter.empty and parameter.kind not in _ANY_NUMBER
        ]
        if needed:
            raise RecipeError(
                f"'{what}' needs the setting '{needed[0]}'",
                remedy="give it a default, or check an instance of it from a test: check_simulator(simulator)",
            )
        thing = thing()
    if not isinstance(thing, Simulator):
        raise RecipeError(
            f"'{what}' is {thing!r}, which is no simulator",
            remedy="derive it from sgnn.simulation.Simulator, or lift it",
        )
    return thing
