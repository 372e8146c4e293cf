"""Corpora and files of real data as inputs of runs."""

from __future__ import annotations

import json

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.tracking.card import model_card
from sgnn.tracking.card_facts import card_facts
from sgnn.tracking.connection import Tracking
from sgnn.tracking.datasets import CorpusDataset, CorpusSource, FileDataset, FileSource, corpus_dataset
from sgnn.tracking.lineage import Lineage, lineage_of
from sgnn.tracking.runs import attach_run

RECIPE = {"name": "covid", "draws": 100, "simulators": [{"name": "sir", "weight": 2.0}]}


def test_a_corpus_is_an_input_of_the_run_that_trained_on_it(tracking: Tracking) -> None:
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)
    counts = {"asked": 100, "ok": 97, "failed": 2, "quarantined": 1}
    source = CorpusSource("/corpora/covid-1234", 2, RECIPE)
    run.log_dataset(CorpusDataset("covid", "ab" * 16, source, counts, {"deaths": "float32"}, "cd" * 16), "training")
    (entry,) = tracking.client.get_run(run.run_id).inputs.dataset_inputs
    assert [(tag.key, tag.value) for tag in entry.tags] == [("mlflow.data.context", "training")]
    kept = entry.dataset
    assert (kept.name, kept.digest, kept.source_type) == ("covid", "ab" * 16, "sgnn_corpus")
    assert json.loads(kept.profile) == {**counts, "content_digest": "cd" * 16}
    assert json.loads(kept.schema)["mlflow_colspec"] == [{"name": "deaths", "type": "float32", "required": True}]
    read = CorpusSource.from_json(kept.source)
    assert (read.store, read.version, read.recipe) == ("/corpora/covid-1234", 2, RECIPE)


def test_a_file_of_real_data_is_an_input_known_by_its_sha256(tracking: Tracking) -> None:
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)
    sha256 = "0123456789abcdef" * 4
    run.log_dataset(FileDataset("covid_deaths.csv", "https://example.org/covid_deaths.csv", sha256), "evaluation")
    (entry,) = tracking.client.get_run(run.run_id).inputs.dataset_inputs
    assert sha256.startswith(entry.dataset.digest)
    assert json.loads(entry.dataset.profile) == {"sha256": sha256}
    assert FileSource.from_json(entry.dataset.source).load() == "https://example.org/covid_deaths.csv"


def test_a_corpus_that_was_built_is_found_again_from_the_record_of_the_run(
    tracking: Tracking, small: Recipe, small_corpus: Corpus, lineage: Lineage
) -> None:
    recipe, corpus = small, small_corpus
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)
    run.log_dataset(corpus_dataset(corpus), "training")
    (entry,) = tracking.client.get_run(run.run_id).inputs.dataset_inputs
    assert json.loads(entry.dataset.profile)["ok"] == 16
    assert "deaths_daily" in {column["name"] for column in json.loads(entry.dataset.schema)["mlflow_colspec"]}
    found = CorpusSource.from_json(entry.dataset.source).load()
    assert (found.digest, found.version) == (corpus.digest, 1) == (entry.dataset.digest, 1)

    traced = lineage_of(recipe, corpus, "run")
    assert Lineage.from_tags(traced.to_tags()) == traced
    assert (traced.corpus_digest, traced.corpus_content_digest) == (corpus.digest, corpus.content_digest)

    facts = card_facts(recipe, corpus, lineage, training={"steps": 10}, benchmarks={})
    card = model_card(facts)
    assert "| ok | 16 |" in card
    assert "| epidemics.nonmechanistic_walk | 100.0% |" in card
    assert "epidemics.report (variable deaths, source deaths_daily)" in card
