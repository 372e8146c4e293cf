"""What flows leave in the page of Prefect."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from flows import page


def test_a_table_is_left_as_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    left = dict[str, Any]()
    monkeypatch.setattr(page, "create_markdown_artifact", lambda text, **about: left.update(about, text=text))
    page.publish("Model of Ours", "Model", [("draws", 12000), ("a|b", "c|d")], "More.")
    assert left["key"] == "model-of-ours"
    assert left["text"].splitlines()[0] == "## Model"
    assert "| draws | 12,000 |" in left["text"]
    assert "c\\|d" in left["text"]


def test_a_server_that_fails_once_ends_no_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object, **__: object) -> None:
        request = httpx.Request("POST", "http://127.0.0.1/api/artifacts/")
        raise httpx.HTTPStatusError("500 Internal Server Error", request=request, response=httpx.Response(500))

    monkeypatch.setattr(page, "create_markdown_artifact", failing)
    page.publish("model", "Model of ours")
    assert "the page of Prefect lacks 'Model of ours': 500" in capsys.readouterr().err
