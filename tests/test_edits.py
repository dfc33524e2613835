"""Edits: what is other in one framework than in another, and undoing it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules.edits import NOTHING, edits, without
from qaf_rules.names import conditions
from qaf_rules.pack import in_order
from qaf_rules.references import CONDITION_KEYS

BREAD = qaf.load(Path(__file__).parent / "packs" / "generic")

CHANGES = [
    {"activities": {"tasting": {"every": "24 months"}}},
    {"activities": {"tasting": {"conduct": {"agenda": ["ovens"]}}}},
    {"rating": {"dirty": {"level": 3}}},
    {"rating": {"dirty": {"when": {"taste_good": False}}}},
    {"rating": {"smelt": {"remove": True}}},
    {"rating": {"sour": {"level": 4, "when": {"taste_good": False}, "text": "Sour.", "clause": "B-002"}}},
    {"pack": {"groups": {"visits": ["tasting"]}}},
    {"flags": {"harmed": {"remove": True}}},
]  # fmt: skip


def amended(changes):
    """The framework with several changes, one after another."""
    made = BREAD
    for change in changes:
        made = made.amend(change)
    return made


def told(before, after):
    """The edits, as they are shown."""
    return [str(edit) for edit in edits(before, after)]


def test_an_edit_is_the_smallest_value_that_is_other():
    """A value is told with what it was and is, what is new or gone by its name."""
    after = amended(CHANGES)
    assert told(BREAD, after) == [
        "pack.groups.visits: [tasting, oven_check, late_look] → [tasting]",
        "activities.tasting.every: 12 months → 24 months",
        "activities.tasting.conduct.agenda: [ovens, {is: papers, when: {licensed: true}}] → [ovens]",
        "rating.smelt removed",
        "rating.dirty.level: 2 → 3",
        "rating.dirty.when: {clean: false} → {clean: false, taste_good: false}",
        "rating.sour added: {level: 4, when: {taste_good: false}, text: Sour., clause: B-002}",
        "flags.harmed removed",
    ]
    assert [e.kind for e in edits(BREAD, after)].count("changed") == 5
    assert told(BREAD, BREAD) == []
    assert repr(NOTHING) == "nothing"


def test_an_edit_cites_the_clauses_of_its_entry():
    """The clauses are those of the innermost entry around the edit, before where it is gone."""
    by_id = {edit.id: edit.clauses for edit in edits(BREAD, amended(CHANGES))}
    assert by_id["activities.tasting.every"] == ("B-010",)
    assert by_id["rating.smelt"] == ("B-002",)
    assert by_id["rating.sour"] == ("B-002",)
    assert by_id["pack.groups.visits"] == ()
    adults = qaf.load("adults")
    after = adults.amend(
        {"matrix": {"asc_cqc_regulated": {"activities": {"qm1": {"class": "as_required"}}}}}
    )
    (edit,) = edits(adults, after)
    assert edit.clauses == ("A-245", "A-283")  # of the row those that it cites for the activity


def test_an_edit_says_where_it_is_written(tmp_path):
    """The place is that of the overlay's value."""
    file = tmp_path / "ours.yaml"
    file.write_text("rating:\n  dirty: {level: 3}\n")
    (edit,) = edits(BREAD, BREAD.amend(file))
    assert edit.place == f"{file}:2:18"


def test_readings_and_settings_are_edits():
    """Another reading and another setting of the council are edits like any other."""
    after = BREAD.using(readings={"X-B-03": "same_month"}, settings={"many_from": 3})
    assert told(BREAD, after) == [
        "reading.X-B-03: following_month → same_month",
        "setting.many_from added: 3",
    ]
    chosen = BREAD.using(readings={"X-B-01": "r1"})
    (edit,) = edits(BREAD, chosen)
    assert (edit.before, edit.after) == (edit.after, edit.before)  # the default, now by choice
    assert told(after, after.using(settings={"many_from": None})) == ["setting.many_from: 3 → null"]


def test_the_order_of_entries_is_an_edit():
    """Rows are tried in their order, so another order is another framework."""
    data = dict(BREAD.pack.data)
    other = {**data, "matrix": dict(reversed(data["matrix"].items()))}
    moved = qaf.Framework(qaf_pack(other))
    assert [edit.id for edit in edits(BREAD, moved)] == ["matrix.order"]
    assert without(BREAD, moved, edits(BREAD, moved)).pack.digest == BREAD.pack.digest


def qaf_pack(data):
    """A pack of plain data."""
    from qaf_rules.pack import make_pack

    return make_pack(data, BREAD.pack.documents, readings={})


def test_a_condition_is_edited_as_a_whole():
    """Half of a condition means nothing, so every key under which the packs have one is known."""
    for name in ("adults", "children"):
        for _, path, _ in conditions(qaf.load(name).pack):
            whole = any(isinstance(key, int) for key in path)  # what is in a list is edited with it
            assert whole or path[-1] in CONDITION_KEYS
    scope = {"pack": {"scope": {"out_when": {"any": [{"commissioned_by_bolton": False}]}}}}
    adults = qaf.load("adults")
    assert [e.id for e in edits(adults, adults.amend(scope))] == ["pack.scope.out_when"]


@settings(max_examples=60)
@given(st.sets(st.integers(0, len(CHANGES) - 1)), st.randoms(use_true_random=False), st.booleans())
def test_undoing_is_exact(which, random, chosen):
    """Undoing every edit gives the framework before; undoing some leaves exactly the others."""
    before = BREAD.using(settings={"large_from": 2})
    after = amended([CHANGES[n] for n in sorted(which)])
    after = after.using(settings={"many_from": 3})
    if chosen:
        after = after.using(readings={"X-B-03": "same_month"})
        before = before.using(readings={"X-B-04": "monthly", "X-B-03": "following_month"})
    made = edits(before, after)
    whole = without(before, after, made)
    assert whole.pack.digest == before.pack.digest
    assert (whole.settings, whole.pack.chosen) == (before.settings, before.pack.chosen)
    some = [edit for edit in made if random.random() < 0.5]
    left = edits(before, without(before, after, some))
    assert {edit.id for edit in left} == {edit.id for edit in made if edit not in some}


def test_undoing_between_two_packs():
    """Of two packs that share little, undoing every edit gives the one of the other, in its order."""
    adults, children = qaf.load("adults"), qaf.load("children")
    undone = without(adults, children, edits(adults, children))
    assert edits(adults, undone) == edits(undone, adults) == ()
    data = {**undone.pack.data, "pack": adults.pack.data["pack"]}  # but for what it calls itself
    assert in_order(data) == in_order(adults.pack.data)


def test_what_is_left_must_be_a_framework():
    """Where a rule rests on a name that would be gone, undoing is refused with its faults."""
    fact = {"type": "boolean", "label": "whether it is sour"}
    new = {"vocabulary": {"facts": {"sour": fact}}}
    after = BREAD.amend({**new, "rating": {"dirty": {"when": {"sour": True}}}})
    added = next(edit for edit in edits(BREAD, after) if edit.kind == "added")
    with pytest.raises(qaf.PackError, match="there is no value `sour`"):
        without(BREAD, after, [added])


def test_what_a_pack_calls_itself_is_no_edit():
    """No answer rests on the version of a pack: a new one alone changes nothing."""
    renamed = BREAD.amend({"pack": {"version": "2"}})
    assert edits(BREAD, renamed) == ()
