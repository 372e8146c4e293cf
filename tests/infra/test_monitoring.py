"""What Prometheus is told to read is there, under the names that the alerts use."""

from __future__ import annotations

import re
from pathlib import Path

import distributed
import yaml
from prometheus_client import generate_latest

from sgnn.cli.stack.container import HOSTS, PORTS
from sgnn.serving.figures import Figures

FOLDER = Path(__file__).parents[2] / "infra" / "monitoring"
SCRAPED = {
    one["job_name"]: one["static_configs"][0]["targets"]
    for one in yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
}
RULES = [rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def test_the_targets_are_services_of_the_stack() -> None:
    assert {"serve": ["serve:8000"], "scheduler": [f"{HOSTS['scheduler']}:{PORTS['dashboard']}"]} == SCRAPED


def test_alerts_ask_for_figures_that_are_told() -> None:
    figures = Figures()
    figures.requests.labels("/x", "200").inc()
    figures.seconds.labels("/x").observe(0.1)
    told = set(re.findall(r"^(\w+)", generate_latest(figures.registry).decode(), flags=re.MULTILINE))
    asked = {name for rule in RULES for name in re.findall(r"\b(sgnn_\w+|dask_\w+)", rule["expr"])}
    assert {name for name in asked if name.startswith("sgnn_")} <= told
    # `distributed` puts `dask_scheduler` before the names of its collectors
    source = (Path(distributed.__file__).parent / "http" / "scheduler" / "prometheus" / "core.py").read_text()
    for name in asked - told:
        assert f'"{name.removeprefix("dask_scheduler_")}"' in source
    jobs = {job for rule in RULES for job in re.findall(r'job="(\w+)"', rule["expr"])}
    assert jobs <= set(SCRAPED)
    assert all(rule["annotations"]["summary"] for rule in RULES)
