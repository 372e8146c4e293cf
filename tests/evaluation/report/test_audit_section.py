"""An audit as a page, as pictures, and in the report of a run."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sgnn.corpus.audit import Audit, Finding, audit
from sgnn.corpus.reader import Corpus
from sgnn.errors import DataError
from sgnn.evaluation.report import ReportContent
from sgnn.evaluation.report.audit_section import render_audit, write_audit
from sgnn.evaluation.report.blocks import Rows
from sgnn.evaluation.report.sample import sample_corpus
from sgnn.evaluation.report.sections import corpus_section


@pytest.fixture(scope="session")
def audited(corpus: Corpus) -> Audit:
    return audit(corpus)


def test_the_page_tells_each_check_and_opens_offline(audited: Audit) -> None:
    page = render_audit(audited)
    assert all(f'<th scope="row">{section.name}</th>' in page for section in audited.sections)
    assert "has no finding" in page
    assert page.count("<svg") >= 4
    assert not re.search(r'(src|href)="http', page)


def test_findings_stand_on_the_page_with_what_to_do(audited: Audit) -> None:
    finding = Finding("outputs", "deaths", "all values are zero", "mend <the> simulator")
    first, *others = audited.sections
    page = render_audit(replace(audited, sections=(replace(first, findings=(finding,)), *others)))
    assert "has 1 finding;" in page
    assert "mend &lt;the&gt; simulator" in page


def test_pictures_go_into_a_folder_and_a_page_into_a_file(audited: Audit, tmp_path: Path) -> None:
    write_audit(audited, tmp_path / "pictures")
    assert {file.stem for file in (tmp_path / "pictures").glob("*.png")} >= {"mechanisms", "prior", "outputs"}
    assert write_audit(audited, tmp_path / "pages" / "audit.html").read_text().startswith("<!doctype html>")
    with pytest.raises(DataError, match="cannot be written"):
        write_audit(audited, tmp_path / "pages" / "audit.html" / "below")


def test_the_corpus_section_of_a_run_shows_the_audit_where_there_is_one(content: ReportContent, audited: Audit) -> None:
    sample = sample_corpus(content.corpus, content.recipe.model.settings)
    captions = [part.caption for part in corpus_section(sample, [], audited).parts if isinstance(part, Rows)]
    assert "Checks of the corpus" in captions
