"""Figures for Prometheus: who asks, how long it takes, what is refused, which version answers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("sgnn_requests_total", "requests answered", ("route", "status"), registry=self.registry)
        self.seconds = Histogram(
            "sgnn_request_seconds", "time to an answer, s", ("route",), buckets=SECONDS, registry=self.registry
        )
        self.under_way = Gauge("sgnn_requests_under_way", "requests that wait for an answer", registry=self.registry)
        self.version = Gauge("sgnn_model_version", "number of the version served", ("model",), registry=self.registry)
        self.changes = Counter(
            "sgnn_model_changes_total", "times that another version was taken up", ("model",), registry=self.registry
        )

    def text(self) -> bytes:
        """All figures in the format that Prometheus reads."""
        return generate_latest(self.registry)
