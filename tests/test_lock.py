"""Locks are freed by the kernel, whatever ends their process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sgnn.lock import is_free, take

HOLD = "import sys, time; from pathlib import Path; from sgnn.lock import take; f = take(Path(sys.argv[1])); \
print('held', flush=True); time.sleep(60)"


def test_a_lock_is_seen_as_taken_even_by_its_own_process(tmp_path: Path) -> None:
    file = take(tmp_path / "lock")
    assert file is not None
    assert take(tmp_path / "lock") is None
    assert not is_free(tmp_path / "lock")
    file.close()
    assert is_free(tmp_path / "lock")


def test_a_killed_process_leaves_its_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not is_free(path)
        holder.kill()
    assert is_free(path)
