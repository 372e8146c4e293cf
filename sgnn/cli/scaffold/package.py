"""The files of a new package, and how they get into their folder: all of them, or none."""

from __future__ import annotations

import keyword
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from sgnn.corpus.recipe import recipe_names
from sgnn.errors import RecipeError, StoreError

_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
# template by the file it becomes
_FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "{module}/__init__.py": "package.py.txt",
    "{module}/simulator.py": "simulator.py.txt",
    "{module}/recipe.yaml": "recipe.yaml.txt",
    "tests/test_simulator.py": "test_simulator.py.txt",
}


@dataclass(frozen=True)
class NewPackage:
    """A package to be, by the name it is installed under."""

    name: str

    @property
    def module(self) -> str:
        """Name it is imported by, which its simulator has too."""
        return self.name.replace("-", "_")

    @property
    def kind(self) -> str:
        """Name of the simulator's class."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    def files(self) -> dict[str, str]:
        """Text of every file by its path in the package's folder."""
        words = {"name": self.name, "module": self.module, "kind": self.kind}
        templates = files("sgnn.cli.scaffold") / "template"
        return {
            path.format(module=self.module): Template((templates / template).read_text("utf-8")).substitute(words)
            for path, template in _FILES.items()
        }


def named(name: str) -> NewPackage:
    """A package of that name. Raises `RecipeError` where it cannot be one, or is one already."""
    package = NewPackage(name)
    if not _NAME.match(name):
        raise RecipeError(
            f"'{name}' is no name of a package",
            remedy="use lower-case letters, digits and single dashes, a letter first, such as my-simulator",
        )
    if keyword.iskeyword(package.module) or package.module in sys.stdlib_module_names:
        raise RecipeError(f"'{package.module}' is a name of Python itself", remedy="choose another one")
    if find_spec(package.module) is not None or _installed(name) or name in recipe_names():
        raise RecipeError(f"'{name}' is there already: a package or recipe has this name", remedy="choose another one")
    return package


def write(package: NewPackage, folder: Path) -> tuple[Path, ...]:
    """Write the package's files into a folder that is not there yet, or is empty; their paths.

    Raises `StoreError`, with nothing written, where the folder holds something or cannot be made.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise StoreError(f"{folder} is there already", remedy="give --folder another place, or remove it")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{package.name}-") as name:
            staged = Path(name) / "package"
            written = package.files()
            for path, text in written.items():
                (staged / path).parent.mkdir(parents=True, exist_ok=True)
                (staged / path).write_text(text, encoding="utf-8")
            if folder.exists():
                folder.rmdir()
            os.rename(staged, folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}", remedy="give --folder another place") from error
    return tuple(folder / path for path in written)


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
