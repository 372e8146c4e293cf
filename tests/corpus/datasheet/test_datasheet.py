"""The datasheet of a corpus that was built: every question answered from its own records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sgnn.corpus.audit import Audit, audit
from sgnn.corpus.audit.contract import Finding
from sgnn.corpus.datasheet import DatasheetFacts, datasheet, datasheet_facts
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.tags import set_tag

QUESTIONS = (
    *("Motivation", "Composition", "Collection", "Preprocessing", "Uses", "Limits", "Distribution", "Maintenance"),
    "Priors",
)


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe) -> Corpus:
    return build(recipe)


@pytest.fixture
def facts(corpus: Corpus) -> DatasheetFacts:
    return datasheet_facts(corpus, audit(corpus, quick=True), "walks for tests")


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_question_is_answered_and_every_table_is_whole(facts: DatasheetFacts) -> None:
    text = datasheet(facts)
    assert tuple(re.findall(r"^## (.+)$", text, flags=re.MULTILINE)) == QUESTIONS
    assert all(len(section(text, title).split()) > 5 for title in QUESTIONS)
    for block in (block for block in text.split("\n\n") if block.startswith("|")):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.strip().splitlines()}) == 1
    assert "walks for tests" in section(text, "Motivation")


def test_composition_tells_what_the_manifest_and_the_schema_tell(facts: DatasheetFacts, corpus: Corpus) -> None:
    text = section(datasheet(facts), "Composition")
    status = corpus.status
    for number in (status.asked, status.ok, status.failed, status.quarantined):
        assert f"| {number:,} |" in text
    for variable in corpus.schema.variables:
        assert f"| `{variable.name}` |" in text
    for mechanism in corpus.recipe.simulators:
        assert f"| {mechanism.name} |" in text
    drawn = sum(one.draws or 0 for one in facts.mechanisms)
    assert drawn == sum(block.draws for block in corpus.blocks)


def test_each_parameter_has_its_prior_and_each_mechanism_its_program(facts: DatasheetFacts, corpus: Corpus) -> None:
    text = datasheet(facts)
    for parameter in corpus.schema.parameters:
        assert f"| `{parameter.name}" in section(text, "Priors")
    for one in facts.mechanisms:
        assert one.summary
        assert f"`{one.name}` {one.version}: {one.summary}" in section(text, "Collection")


def test_distribution_names_the_digests_and_tags_of_this_version(corpus: Corpus) -> None:
    set_tag(corpus.store, corpus.version, "paper")
    text = section(datasheet(datasheet_facts(corpus)), "Distribution")
    assert corpus.content_digest in text
    assert corpus.manifest.key in text
    assert "| tags | paper |" in text


def test_findings_of_the_audit_are_told_and_so_is_that_there_was_none(facts: DatasheetFacts, corpus: Corpus) -> None:
    assert "No audit was made" in section(datasheet(datasheet_facts(corpus)), "Limits")
    found = facts.audit
    assert isinstance(found, Audit)
    wrong = Finding("prior", "step", "it is bent", "build it anew")
    sound = [replace(one, findings=()) for one in found.sections]
    told = []
    for sections in (sound, [replace(sound[0], findings=(wrong,)), *sound[1:]]):
        judged = replace(facts, audit=replace(found, sections=tuple(sections)))
        told.append(section(datasheet(judged), "Limits"))
    assert "found nothing wrong" in told[0]
    assert "**prior: step**: it is bent. build it anew" in told[1]
    assert "nothing wrong" not in told[1]


def test_a_corpus_that_other_simulators_made_says_so(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, facts: DatasheetFacts
) -> None:
    assert "Not made by what is installed now" not in datasheet(facts)
    monkeypatch.setattr("sgnn.corpus.digest.corpus_key", lambda _: "another")
    assert "Not made by what is installed now" in datasheet(datasheet_facts(corpus))


def test_the_command_prints_or_writes_it(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from sgnn.cli.entry import run as sgnn

    monkeypatch.setenv("SGNN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        return sgnn(["corpus", "datasheet", corpus.name, *words]), capfd.readouterr().out

    status, text = run()
    assert (status, text.startswith(f"# Datasheet of the corpus {corpus.name}, version 1")) == (0, True)
    status, answer = run("--json", "-o", "sheet.md")
    assert json.loads(answer)["sound"] is audit(corpus, quick=True).sound
    assert (tmp_path / "sheet.md").read_text() == json.loads(answer)["datasheet"]
    assert run("-o", "no/such/folder/sheet.md")[0] == 2
