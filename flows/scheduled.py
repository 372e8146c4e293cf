"""The flows that run by themselves: each does nothing, and says so, where there is nothing to do.

Each run is a process of its own, so a flow imports what it needs when it runs: PyTorch alone takes seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow
from prefect.states import Completed

from flows.cancellation import say_cancelled
from flows.notify import tell, tell_failed
from flows.page import publish
from flows.surroundings import read_recipe, surroundings

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from sgnn.evaluation.live import Band

HOOKS: dict[str, Any] = {"on_failure": [tell_failed], "on_crashed": [say_cancelled, tell_failed]}


@flow(name="corpus-weekly", flow_run_name="corpus-weekly {recipe}", **HOOKS)
def corpus_weekly(recipe: str, tiny: bool = False, grow: int = 0) -> State[Any]:
    """Simulate what the recipe's corpus lacks: all of it where recipe, prior or a simulator's version changed.

    `grow`: draws added each time.
    """
    from flows.corpus import corpus
    from sgnn.corpus.digest import corpus_key
    from sgnn.corpus.ledger import longest_version
    from sgnn.corpus.store import corpus_store

    wanted = read_recipe(recipe, tiny)
    store = corpus_store(surroundings().settings.store_url, wanted.corpus.name, corpus_key(wanted.corpus))
    longest = longest_version(store)
    draws = draws_to_make(wanted.corpus.draws, 0 if longest is None else longest.draws, grow)
    if draws is None:
        said = f"nothing to do: recipe, prior and simulators are those of {store.name}, which has all its draws"
        publish(f"corpus-weekly-{recipe}", "Nothing to do", text=said)
        return Completed(message=said)
    built = corpus(recipe, tiny, draws)
    return Completed(message=f"{built.status.name}@{built.status.version}: {built.simulated:,} draws simulated")


def draws_to_make(asked: int, there: int, grow: int) -> int | None:
    """How many draws the corpus should have now; None where it has them."""
    wanted = max(asked, there + grow) if there else asked
    return wanted if wanted > there else None


@flow(name="pretrain-weekly", flow_run_name="pretrain-weekly {recipe}", **HOOKS)
def pretrain_weekly(recipe: str, tiny: bool = False) -> State[Any]:
    """The whole recipe: what was done with the same data and code is not done again; gates decide on the model."""
    from flows.dashboard import refresh
    from flows.pipeline import pipeline
    from flows.results import finished

    wanted = read_recipe(recipe, tiny)
    if finished(wanted, surroundings().settings) is not None:
        return Completed(message="nothing to do: this recipe was run before with the same data and code")
    done = pipeline(recipe, tiny)
    refresh(surroundings().settings)
    model = f"{done['model']}/{done['version']}"
    if done["alias"] != "champion":
        tell("refused", f"{model} was not promoted", model=model)
    return Completed(message=f"{model} is {done['alias'] or 'registered'}")


@flow(name="forecast-weekly", flow_run_name="forecast-weekly {model}", **HOOKS)
def forecast_weekly(
    model: str,
    data: str,
    folder: str = "",
    horizon: int = 4,
    target: str = "wk inc death",
    coverage_low: float = 0.75,
    relative_wis: float = 1.2,
    minimum_sample: int = 30,
    untypical: float = 0.25,
) -> State[Any]:
    """Forecast from the last date of a table, write a hub file, and score the files of earlier weeks.

    `data`: the table, fresh; `folder`: where hub files go, without: `forecasts/MODEL` of the home folder. Where live
    scores leave their band, or more than a share `untypical` of the series look like nothing simulated, the run says so
    and proposes a new corpus.
    """
    import numpy as np
    import pandas as pd

    from flows.dashboard import refresh
    from sgnn.evaluation.live import Band, drift, estrangement, live_scores
    from sgnn.learning.judging import judge_origins
    from sgnn.learning.model import load_model
    from sgnn.learning.table import choose_origins, hub_table, read_panel, write_table
    from sgnn.tracking.reference import resolve

    settings = surroundings().settings
    place = Path(folder) if folder else settings.home / "forecasts" / model.replace("/", "-").replace("@", "-")
    place.mkdir(parents=True, exist_ok=True)
    loaded = load_model(resolve(model, settings))
    panel = loaded.in_steps(read_panel(Path(data)))
    last = choose_origins(panel, "last")
    table = hub_table(loaded.predict(panel, last, horizon), target)
    origin = str(table["origin_date"].iloc[0])
    # by their names files are in the order of their weeks
    earlier = [file for file in sorted(place.glob("*.csv")) if file.stem < origin]
    written = write_table(table, place / f"{origin}.csv")
    scores = live_scores([pd.read_csv(file, dtype={"location": str}) for file in earlier], panel)
    judged = judge_origins(loaded, panel, last)
    # a model that does not know what taught it says nothing
    typicality = judged[-1].typicality.tolist() if judged else []
    band = Band(coverage_low, relative_wis=relative_wis, minimum_sample=minimum_sample, untypical=untypical)
    found = (*drift(scores, band), *estrangement(typicality, band))
    if typicality:
        scores["typicality"] = float(np.nanmedian(typicality))
    log_live(model, origin, scores, band, found)
    rows: list[tuple[str, object]] = [("hub file", f"`{written}`"), ("earlier files scored", len(earlier))]
    rows += [(name.replace("_", " "), value) for name, value in scores.items() if name != "coverage"]
    rows += [(f"coverage of {level} % intervals", value) for level, value in scores.get("coverage", {}).items()]
    publish(f"forecast-weekly-{model}", f"Forecast from {origin}", rows, proposal(model, found) if found else "")
    refresh(settings)
    if found:
        tell("drift", f"{model}: {'; '.join(found)}", model=model)
        return Completed(name="Drifted", message="; ".join(found))
    return Completed(message=f"{written.name}: {len(table):,} rows; {scores['forecasts']:,} earlier forecasts scored")


def proposal(model: str, found: tuple[str, ...]) -> str:
    """What people should look at when live scores leave their band."""
    lines = [f"- {one}" for one in found]
    asked = (
        f"Look at `sgnn explain {model} DATA`: where nothing simulated resembles the data, widen the recipe's prior."
    )
    return "\n".join([*lines, "", "**A new corpus is proposed.** " + asked, "Then `corpus-weekly` makes it."])


def log_live(model: str, origin: str, scores: dict[str, Any], band: Band, found: tuple[str, ...]) -> None:
    """Live scores as the metrics of a run of its own, which says what they were held against and what was found."""
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.overview import LIVE, live_tags
    from sgnn.tracking.runs import pipeline_run

    tracking = surroundings().tracking or open_tracking(surroundings().settings)
    coverage = {f"coverage.{level}": value for level, value in scores.get("coverage", {}).items()}
    figures = {name: value for name, value in {**scores, **coverage}.items() if isinstance(value, int | float)}
    tags = live_tags(model, origin, band, found)
    with pipeline_run(tracking, f"live {model}", f"{LIVE}{model}:{origin}", tags) as run:
        run.log_metrics({f"live/{name}": float(value) for name, value in figures.items()})
        run.flush()


@flow(name="benchmark-nightly", flow_run_name="benchmark-nightly {protocol} on {model}", **HOOKS)
def benchmark_nightly(model: str, protocol: str) -> State[Any]:
    """Score a registered model by one protocol."""
    from flows.benchmark import benchmark_model, headline

    return Completed(message=headline(benchmark_model(model, protocol)))


@flow(name="housekeeping", flow_run_name="housekeeping", **HOOKS)
def housekeeping(keep: int = 3) -> State[Any]:
    """Expire old versions of corpora that no tag and no model holds, and close runs whose process is gone.

    `keep`: how many of the newest versions of each corpus stay whatever holds them.
    """
    from flows.dashboard import refresh
    from sgnn.corpus.catalog import all_corpora
    from sgnn.corpus.expire import expire, finish_expiries
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.held import expirable
    from sgnn.tracking.runs import close_dead_runs

    settings = surroundings().settings
    expired: list[str] = []
    for store in all_corpora(settings.store_url):
        # what an interrupted one left
        finish_expiries(store)
        chosen = expirable(store, settings, keep)
        if chosen:
            expire(store, chosen)
            expired += [f"{store.name}@{number}" for number in chosen]
    dead = close_dead_runs(surroundings().tracking or open_tracking(settings))
    rows = [("versions expired", ", ".join(expired) or "none"), ("runs closed", len(dead))]
    publish("housekeeping", "Housekeeping", rows)
    refresh(settings)
    return Completed(message=f"{len(expired)} versions expired, {len(dead)} dead runs closed")
