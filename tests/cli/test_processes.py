"""Commands that start servers and workers, as a shell starts them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

SGNN = [sys.executable, "-m", "sgnn.cli"]


def test_a_build_prints_one_object_on_standard_output_and_its_progress_elsewhere(walks: str, home: Path) -> None:
    built = subprocess.run([*SGNN, "corpus", "build", walks, "--json"], capture_output=True, text=True, timeout=240)
    assert built.returncode == 0, built.stderr
    status = json.loads(built.stdout)
    assert status["version"] == 1
    assert status["ok"] + status["failed"] + status["quarantined"] == status["asked"]
    assert "Dask dashboard" in built.stderr
    assert "Traceback" not in built.stderr
    assert list((home / "corpora").iterdir())


@pytest.mark.usefixtures("home")
def test_the_pages_answer_until_the_process_is_asked_to_end() -> None:
    pages = subprocess.Popen(
        [*SGNN, "ui", "--prefect-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert pages.stdout is not None
        addresses = [re.search(r"http://127\.0\.0\.1:\d+", pages.stdout.readline()) for _ in range(2)]
        found = [match[0] for match in addresses if match]
        assert len(found) == 2, pages.stderr.read() if pages.stderr else ""
        for address in found:
            with urllib.request.urlopen(address, timeout=20) as answer:
                assert answer.status == 200
    finally:
        pages.send_signal(signal.SIGTERM)
        _, errors = pages.communicate(timeout=60)
    assert pages.returncode == 143
    assert "Traceback" not in errors
    for address in found:
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(address, timeout=5)
