"""The registry: what packages offer by entry points, and near names for a wrong one."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from sgnn.errors import UnknownNameError
from sgnn.simulation import ObservationOperator, Simulator, registry
from sgnn.simulation.registry import OBSERVATIONS, SIMULATORS, entry, find, names


def test_a_users_own_package_plugs_in_as_the_domains_here_do(atoms: Any) -> None:
    assert {"atoms.decay", "epidemics.seir"} <= set(names(SIMULATORS))
    assert find(SIMULATORS, "atoms.decay") is atoms.Decay
    assert find(OBSERVATIONS, "atoms.dead") is atoms.Dead
    assert names(SIMULATORS) == tuple(sorted(names(SIMULATORS)))


@pytest.mark.parametrize(
    "name", [name for name in (*names(SIMULATORS), *names(OBSERVATIONS)) if name.startswith("epidemics.")]
)
def test_what_is_registered_here_loads_and_has_the_name_it_is_registered_under(name: str) -> None:
    group, kind = (SIMULATORS, Simulator) if name in names(SIMULATORS) else (OBSERVATIONS, ObservationOperator)
    found = find(group, name)
    assert issubclass(found, kind)
    assert found.name == name
    assert found.version


@pytest.mark.usefixtures("atoms")
def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"no simulator named 'atoms.decy'; one of: atoms.decay"):
        find(SIMULATORS, "atoms.decy")
    with pytest.raises(UnknownNameError, match=r"no observation named 'zzzz'; one of: .*atoms.dead"):
        entry(OBSERVATIONS, "zzzz")


@pytest.mark.usefixtures("atoms")
@pytest.mark.parametrize(("name", "said"), [("atoms.lost", "Lost"), ("atoms.uninstalled", "toy_molecules")])
def test_what_is_registered_but_not_there_is_said_to_be_so(name: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=f"'{name}' is registered as .*{said}.* but cannot be imported"):
        find(SIMULATORS, name)


def test_packages_are_looked_through_once_and_one_installed_meanwhile_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert "late.walk" not in names(SIMULATORS)
    looked: list[Path] = []
    monkeypatch.setattr(registry, "entry_points", lambda: looked.append(tmp_path) or entry_points())
    for _ in range(3):
        find(SIMULATORS, "epidemics.seir")
    assert not looked

    installed = tmp_path / "late-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[sgnn.simulators]\nlate.walk = late:Walk\n")
    assert entry(SIMULATORS, "late.walk").value == "late:Walk"
    assert looked == [tmp_path]
