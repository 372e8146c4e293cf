"""Backup and restore over a real PostgreSQL: rows, owners, objects and keys on an empty machine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sgnn.cli.stack.backup import _running, back_up, restore
from sgnn.cli.stack.certificates import ensure_certificates
from sgnn.cli.stack.keys import ensure_keys
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import HOST, USUAL, any_free_port, choose_ports
from sgnn.cli.stack.postgres import account, binaries, ensure_databases, initialise
from sgnn.cli.stack.services import stack_folder
from sgnn.errors import ServiceError


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter; pytest's are closed to others."""
    try:
        binaries()
    except ServiceError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    folder = Path(tempfile.mkdtemp(prefix="sgnn-backup-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def query(layout: Layout, port: int, user: str, database: str, text: str) -> list[tuple[Any, ...]]:
    password = (layout.secrets / f"postgres-{user}").read_text()
    with psycopg.connect(host=HOST, port=port, user=user, password=password, dbname=database) as connection:
        answer = connection.execute(text)
        return answer.fetchall() if answer.description else []


@pytest.fixture(scope="module")
def backed_up(root: Path) -> Path:
    """A backup of a small stack whose databases and bucket hold something."""
    layout = Layout(root / "first" / "stack")
    stack_folder(layout)
    # the usual ones may be taken by other tests between the backup and the restored stack
    layout.ports.write_text(json.dumps({name: any_free_port() for name in USUAL}))
    port = choose_ports(layout.ports, ["postgres"])["postgres"]
    keys = ensure_keys(layout)
    ensure_certificates(layout.client)
    initialise(layout, keys["postgres-admin"], account())
    with _running(layout, port):
        ensure_databases(HOST, port, keys)
        query(layout, port, "prefect", "prefect", "CREATE TABLE runs (name text); INSERT INTO runs VALUES ('weekly')")
        query(layout, port, "mlflow", "mlflow", "CREATE TABLE models (name text); INSERT INTO models VALUES ('covid')")
        for name in ("sgnn/corpora/a/manifest.json", "sgnn/mlflow/1/model.safetensors", "sgnn/corpora/a/.tmp.1"):
            file = layout.objects / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(name.encode() * 100)
        assert back_up(layout, root / "backup") > 1000
        with pytest.raises(ServiceError, match="is there already"):
            back_up(layout, root / "backup")
    with pytest.raises(ServiceError, match="PostgreSQL does not run"):
        back_up(layout, root / "another")
    assert not (root / "another").exists()
    return root / "backup"


def test_a_restored_stack_has_the_rows_owners_objects_and_keys_of_the_backed_up_one(
    backed_up: Path, root: Path
) -> None:
    first, second = Layout(root / "first" / "stack"), Layout(root / "second" / "stack")
    restore(backed_up, second)
    port = choose_ports(second.ports, ["postgres"])["postgres"]
    with _running(second, port):
        assert query(second, port, "prefect", "prefect", "SELECT name FROM runs") == [("weekly",)]
        assert query(second, port, "mlflow", "mlflow", "SELECT name FROM models") == [("covid",)]
        owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'runs'"
        assert query(second, port, "prefect", "prefect", owner) == [("prefect",)]
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            query(second, port, "prefect", "mlflow", "SELECT 1")
    for name in ("secrets", "client"):
        kept = {file.name: file.read_bytes() for file in (first.root / name).iterdir()}
        assert {file.name: file.read_bytes() for file in (second.root / name).iterdir()} == kept
        assert (second.root / name).stat().st_mode & 0o777 == 0o700
    found = {str(file.relative_to(second.objects)) for file in second.objects.rglob("*") if file.is_file()}
    # what was being written when the backup was made is nobody's yet
    assert found == {"sgnn/corpora/a/manifest.json", "sgnn/mlflow/1/model.safetensors"}
    with pytest.raises(ServiceError, match="there is a stack in"):
        restore(backed_up, second)


def test_a_backup_that_was_changed_is_refused_and_leaves_nothing(backed_up: Path, root: Path) -> None:
    target = Layout(root / "third" / "stack")
    changed = root / "changed"
    shutil.copytree(backed_up, changed)
    (changed / "objects" / "sgnn" / "corpora" / "a" / "manifest.json").write_text("other")
    with pytest.raises(ServiceError, match=r"manifest\.json is not the file that was backed up"):
        restore(changed, target)
    shutil.rmtree(changed)
    shutil.copytree(backed_up, changed)
    (changed / "objects" / "planted").write_text("x")
    with pytest.raises(ServiceError, match="planted is not part of the backup"):
        restore(changed, target)
    with pytest.raises(ServiceError, match="holds no backup"):
        restore(root / "nowhere", target)
    assert not target.root.exists()
