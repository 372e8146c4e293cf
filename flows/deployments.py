"""Deployments: which flow runs when, with which parameters; `prefect.yaml` says the same of the recipe `covid`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sgnn.credentials import credentials
from sgnn.errors import ServiceError

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.responses import DeploymentResponse

    from sgnn.corpus.recipe import Recipe
    from sgnn.settings import Settings

POOL = "sgnn"
TAG = "sgnn"
CRON: Mapping[str, str] = {
    "corpus-weekly": "0 1 * * 0",
    "pretrain-weekly": "0 3 * * 0",
    "forecast-weekly": "0 6 * * 1",
    "benchmark-nightly": "30 2 * * *",
    "housekeeping": "0 5 * * *",
}
"""Minute, hour, day, month, day of the week. A corpus is there before the network learns from it."""


@dataclass(frozen=True)
class Deployment:
    """One flow on a schedule."""

    flow: str
    """Name of the flow, and of the schedule's kind."""
    name: str
    """Which recipe or model it is for."""
    cron: str
    timezone: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entrypoint(self) -> str:
        """Where a worker finds the flow."""
        return f"flows.scheduled.{self.flow.replace('-', '_')}"

    @property
    def full_name(self) -> str:
        """Name on the Prefect page: flow and deployment."""
        return f"{self.flow}/{self.name}"


def deployments(recipe: Recipe, written: str, *, tiny: bool = False, data: str = "") -> tuple[Deployment, ...]:
    """Deployments of a recipe; `written` is its name or path as flows are told it.

    The recipe's `schedule` goes before the usual times of its corpus and its network. The forecast is there where
    `data` names the table that is fresh every week.
    """
    own = recipe.schedule
    timezone = "UTC" if own is None else own.timezone

    def made(flow: str, parameters: Mapping[str, Any], name: str = recipe.name, cron: str = "") -> Deployment:
        return Deployment(flow, name, cron or CRON[flow], timezone, parameters)

    cron = "" if own is None else own.cron
    recipes = {"recipe": written, "tiny": tiny}
    chosen = [
        made("corpus-weekly", {**recipes, "grow": 0 if own is None else own.grow}, cron=cron),
        made("pretrain-weekly", recipes, cron=cron),
        *(
            made("benchmark-nightly", {"model": recipe.name, "protocol": one}, f"{recipe.name}-{one}")
            for one in recipe.benchmarks
        ),
        Deployment("housekeeping", "all", CRON["housekeeping"], timezone, {"keep": 3}),
    ]
    if data:
        chosen.append(made("forecast-weekly", {"model": recipe.name, "data": data}))
    return tuple(chosen)


def deploy(chosen: Sequence[Deployment], settings: Settings) -> None:
    """Make or change deployments on the configured Prefect server. Raises `ServiceError` where there is none.

    Of each only one run is under way at a time; what becomes due meanwhile is left out, so that after a time in which
    nothing ran what was missed is done once. A run that shows no sign of life is called crashed, and holds up nobody.
    """
    from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
    from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.flows import load_flow_from_entrypoint

    from flows.silent_runs import watch_over_runs

    with server(settings) as client:
        watch_over_runs(client)
        # one that is there may have limits of its own
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        for one in chosen:
            flow: Flow[..., Any] = load_flow_from_entrypoint(one.entrypoint)
            schedule = CronSchedule(cron=one.cron, timezone=one.timezone)
            client.create_deployment(
                client.create_flow_from_name(one.flow),
                one.name,
                schedules=[DeploymentScheduleCreate(schedule=schedule, active=True, slug=one.flow)],
                concurrency_limit=1,
                concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
                parameters=dict(one.parameters),
                description=flow.description,
                work_pool_name=POOL,
                entrypoint=one.entrypoint,
                tags=[TAG],
                # the page asks for each parameter by its type
                parameter_openapi_schema=flow.parameters.model_dump_for_openapi(),
                enforce_parameter_schema=True,
            )


def deployed(settings: Settings) -> list[DeploymentResponse]:
    """Our deployments on the configured Prefect server, by name."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

    with server(settings) as client:
        ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
        return sorted(client.read_deployments(deployment_filter=ours, limit=200), key=lambda one: one.name)


@dataclass(frozen=True)
class LastAndNext:
    """A deployment with the last run that began and the time at which it is due next."""

    deployment: DeploymentResponse
    last: FlowRun | None
    due: datetime | None

    @property
    def full_name(self) -> str:
        """Flow and deployment, as people name it."""
        return shown_name(self.deployment)


def last_and_next(settings: Settings) -> list[LastAndNext]:
    """Our deployments with their last and next runs, by full name."""
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterStartTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    began = FlowRunFilterStartTime(is_null_=False)
    waiting = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    found = []
    ours = deployed(settings)
    with server(settings) as client:
        for one in ours:
            its = FlowRunFilterDeploymentId(any_=[one.id])
            last = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(deployment_id=its, start_time=began),
                sort=FlowRunSort.START_TIME_DESC,
                limit=1,
            )
            due = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(deployment_id=its, state=waiting),
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
                limit=1,
            )
            found.append(LastAndNext(one, next(iter(last), None), due[0].expected_start_time if due else None))
    return sorted(found, key=lambda one: one.full_name)


def shown_name(deployment: DeploymentResponse) -> str:
    """Full name of a deployment as the server knows it."""
    return f"{str(deployment.entrypoint).rpartition('.')[2].replace('_', '-')}/{deployment.name}"


def pause(full_name: str, settings: Settings, *, paused: bool) -> None:
    """Pause or resume a deployment by its full name. Raises `ServiceError` for one that is not there."""
    from prefect.exceptions import ObjectNotFound

    with server(settings) as client:
        try:
            found = client.read_deployment_by_name(full_name)
        except (ObjectNotFound, ValueError) as error:
            raise ServiceError(
                f"no schedule '{full_name}' on {settings.prefect_api_url}", remedy="`sgnn schedules list` shows them"
            ) from error
        if paused:
            client.pause_deployment(found.id)
        else:
            client.resume_deployment(found.id)


@contextmanager
def server(settings: Settings) -> Iterator[SyncPrefectClient]:
    """A client of the configured Prefect server. Raises `ServiceError` where none is configured or none answers."""
    if settings.prefect_api_url is None:
        raise ServiceError(
            "schedules need a Prefect server that is there all the time, and none is configured",
            remedy="`sgnn stack up` starts one; set PREFECT_API_URL, or SGNN_SETTINGS to the file that it names",
        )
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    values: dict[Any, str] = {PREFECT_API_URL: settings.prefect_api_url}
    shown = credentials(settings).get("PREFECT_API_AUTH_STRING")
    if shown is not None:
        values[PREFECT_API_AUTH_STRING] = shown
    try:
        with temporary_settings(values), get_client(sync_client=True) as client:
            yield client
    except httpx.HTTPError as error:
        raise ServiceError(
            f"the Prefect server at {settings.prefect_api_url} did not do as asked: {error}",
            remedy="see whether it runs (sgnn doctor), and whether it wants a password (SGNN_SECRETS)",
        ) from error
