"""Changes between documents, by the names that people wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.changes import changes

VALUES = st.recursive(
    st.integers() | st.text("ab", max_size=2) | st.booleans(),
    lambda one: st.dictionaries(st.sampled_from("xyz"), one),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=3), VALUES, max_size=5))
def test_a_document_does_not_differ_from_itself(document: dict[str, object]) -> None:
    assert changes(document, document) == ()


def test_entries_of_a_list_are_told_apart_by_their_names_and_not_by_their_place() -> None:
    one = {"simulators": [{"name": "sir", "weight": 1.0}, {"name": "seir", "weight": 1.0}], "seed": 1}
    other = {"simulators": [{"name": "seir", "weight": 2.0}], "seed": 1}
    told = [str(change) for change in changes(one, other)]
    assert told == [
        "simulators.seir.weight was 1.0 and is 2.0",
        'simulators.sir.name was "sir" and is absent',
        "simulators.sir.weight was 1.0 and is absent",
    ]


def test_an_operator_that_stands_in_a_pipeline_twice_is_counted() -> None:
    stage = {"operator": "report", "settings": {"share": 0.5}}
    (change,) = changes(
        {"observation": [stage, stage]}, {"observation": [stage, {**stage, "settings": {"share": 1.0}}]}
    )
    assert (change.field, change.before, change.after) == ("observation.report#2.settings.share", 0.5, 1.0)
