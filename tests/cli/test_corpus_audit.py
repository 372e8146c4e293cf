from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Sgnn = Callable[..., tuple[int, str, str]]


def test_an_audit_tells_findings_first_with_what_to_do_and_ends_with_status_1(corpus: str, sgnn: Sgnn) -> None:
    status, out, _ = sgnn("corpus", "audit", corpus)
    assert status == 1
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0] == f"{corpus} version 1: 100 draws in 4 blocks, 3 findings"
    assert lines[2] == "1. losses: share of walks.jump"
    at = lines.index("3. outputs: nothing")
    assert lines[at + 1] == "all values of all 87 ok draws are zero"
    assert lines[at + 2] == "-> let the simulator fill it, or leave it out of `keep`"
    names = [line.split()[0] for line in out.splitlines() if line.rstrip().endswith((" ok", " finding", " findings"))][
        1:
    ]
    assert names == ["accounting", "mechanisms", "prior", "losses", "outputs", "duplicates", "neighbours", "replay"]


def test_the_object_has_stable_keys_and_findings_set_the_exit_status(corpus: str, sgnn: Sgnn) -> None:
    status, out, _ = sgnn("corpus", "audit", corpus, "--json")
    told: dict[str, Any] = json.loads(out)
    assert status == 1
    assert list(told) == [
        *("name", "version", "sound", "draws", "blocks", "blocks_seen", "false_alarms", "findings", "checks", "report")
    ]
    assert list(told["findings"][0]) == ["check", "about", "message", "remedy", "p_value"]
    assert {"findings", "looked_at", "worst", "tests", "notes"} <= set(told["checks"]["prior"])
    assert told["sound"] is False


def test_a_quick_audit_says_how_much_it_saw(corpus: str, sgnn: Sgnn, monkeypatch: Any) -> None:
    monkeypatch.setattr("sgnn.corpus.audit.run.QUICK_BLOCKS", 2)
    _, _, err = sgnn("corpus", "audit", corpus, "--quick")
    assert "quick: 2 of 4 blocks were looked at; without --quick all of them" in err


def test_a_corpus_that_is_not_there_is_bad_input(walks: str, home: object, sgnn: Sgnn) -> None:
    del walks, home
    status, out, err = sgnn("corpus", "audit", "nowhere")
    assert (status, out, err.count("\n")) == (2, "", 1)
