"""The HTTP interface: which address answers what."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

import sgnn
from sgnn.errors import SgnnError
from sgnn.serving import answers
from sgnn.serving.doors import Doors
from sgnn.serving.figures import Figures
from sgnn.serving.following import Followed, Loaded
from sgnn.serving.keys import KeyRing
from sgnn.serving.limits import Rates
from sgnn.serving.schemas import (
    EstimateAnswer,
    EstimateRequest,
    ForecastAnswer,
    ForecastRequest,
    Problem,
    ServedModel,
)

log = logging.getLogger(__name__)
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=128, description="name of the model")]
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "no key, or one that nobody has"},
    404: {"model": Problem, "description": "no such model is served, or no version of it yet"},
    413: {"model": Problem, "description": "the request is too large"},
    422: {"model": Problem, "description": "the series cannot be used, with the reason"},
    429: {"model": Problem, "description": "too many requests; `Retry-After` says when"},
}


def application(
    served: Mapping[str, Followed],
    *,
    keys: KeyRing | None,
    rates: Rates,
    largest: int,
    figures: Figures,
) -> Doors:
    """The interface over models by their names. No other site's page may ask: there are no CORS headers."""
    app = FastAPI(
        title="sgnn",
        version=sgnn.__version__,
        description="Forecasts and estimates of registered models.",
        # pages of theirs load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        dependencies=[],
    )
    if keys is not None:
        # for those who read the description; the doors look at the key
        app.router.dependencies.append(_bearer())

    def loaded(name: str) -> Loaded:
        if name not in served:
            raise HTTPException(404, f"no model '{name}' is served; there is {', '.join(sorted(served))}")
        current = served[name].current
        if current is None:
            raise HTTPException(404, f"{served[name].reference} has no version yet: it is served once there is one")
        return current

    @app.get("/health", summary="Whether the server lives")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/metrics", summary="Figures for Prometheus", response_class=Response, responses=_only(401, 429))
    def metrics() -> Response:
        return Response(figures.text(), media_type="text/plain; version=0.0.4")

    @app.get("/v1/models", summary="Models that are served, and which version answers", responses=_only(401, 429))
    def models() -> list[ServedModel]:
        return [_served(name, one) for name, one in sorted(served.items())]

    @app.post("/v1/models/{name}/forecast", summary="Quantile forecasts of series", responses=REFUSALS)
    def forecast(name: Name, asked: ForecastRequest) -> ForecastAnswer:
        return answers.forecast(loaded(name), asked)

    @app.post("/v1/models/{name}/estimate", summary="Parameters and mechanisms of series", responses=REFUSALS)
    def estimate(name: Name, asked: EstimateRequest) -> EstimateAnswer:
        return answers.estimate(loaded(name), asked)

    app.add_exception_handler(SgnnError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _fault)
    return Doors(app, keys, rates, largest, figures)


def _served(name: str, one: Followed) -> ServedModel:
    now = one.current
    if now is None:
        return ServedModel(name=name, reference=one.reference)
    return ServedModel(
        name=name, reference=one.reference, version=now.version, digest=now.digest, task=now.model.task.name
    )


def _bearer() -> Any:
    from fastapi import Depends

    return Depends(HTTPBearer(auto_error=False))


def _only(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: REFUSALS[status] for status in statuses}


async def _told(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """The first problem in words; what was sent is not sent back, for it may be anything."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"] if step != "body") or "body"
    return JSONResponse({"detail": f"{place}: {first['msg']}"}, 422)


async def _fault(_: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", exc_info=error)
    return JSONResponse({"detail": "a fault of the server; its log has the reason"}, 500)
