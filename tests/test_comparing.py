"""Two frameworks over a register: what is other, for whom, and which edit did it."""

import datetime as dt
import json
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules.differences import KINDS, Answers, differing
from qaf_rules.edits import edits, without
from qaf_rules.export import plain_assessment
from qaf_rules.words import Words

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
BREAD = qaf.load(Path(__file__).parent / "packs" / "generic")
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)
D = dt.date


@cache
def council(name):
    """An example council: its framework and its register."""
    framework = qaf.load(name)
    register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def baker(id_="loaf", fields=None, activities=(), findings=()):
    """A baker that was tasted in October 2025, unless told otherwise."""
    done = activities or (qaf.Activity(activity="tasting", completed=D(2025, 10, 1)),)
    own = {"service_type": frozenset({"bread"}), "licensed": True, **(fields or {})}
    provider = qaf.Provider(id=id_, name=id_.title(), fields=own)
    return qaf.ProviderRecord(provider=provider, activities=done, findings=findings)


LONGER = BREAD.amend({"activities": {"tasting": {"every": "24 months"}}})
BURNT = qaf.Finding(kind="burnt_batch", on=D(2026, 11, 1), attributes={"size": "small"})


# --- what is other -------------------------------------------------------------------------------


def test_a_longer_interval_moves_what_is_due():
    """A schedule item that is other is told with what it was and is, and the edit that did it."""
    told = qaf.compare(BREAD, LONGER, [baker()], on=ON)
    (item,) = (d for d in told.of("schedule") if d.id == "tasting")
    assert (item.before.due, item.after.due) == (D(2026, 10, 1), D(2027, 10, 1))
    assert (item.before.status, item.after.status) == ("overdue", "not_due")
    assert {"due", "status"} <= set(item.fields)
    assert [edit.id for edit in item.edits] == ["activities.tasting.every"]
    assert item.how == "alone"
    assert "B-010" in item.clauses
    assert not told.newly_unmet
    back = qaf.compare(LONGER, BREAD, [baker()], on=ON)
    assert "tasting" in [d.id for d in back.newly_unmet]


def test_another_level_moves_ratings():
    """Ratings that move are counted from level to level."""
    worse = BREAD.amend({"rating": {"small_batch": {"level": 4}}})
    records = [baker("one", findings=(BURNT,)), baker("two")]
    told = qaf.compare(BREAD, worse, records, on=ON)
    assert told.ratings_moved == {(2, 4): ("one",)}
    assert "one" in told.touched
    assert qaf.compare(BREAD, BREAD, records, on=ON).ratings_moved == {}


def test_what_comes_and_goes():
    """An action, question or flag that only one framework has is told with nothing on the other side."""
    without_it = BREAD.amend({"flags": {"harmed": {"remove": True}}, "actions": {}})
    old, new = (
        council("adults")[0],
        council("adults")[0].amend({"rating": {"no_registered_manager": {"remove": True}}}),
    )
    told = qaf.compare(old, new, council("adults")[1], on=ON)
    gone = [d for d in told.differences if d.after is None]
    assert gone
    assert all(d.fields == () and d.before is not None for d in gone)
    assert not qaf.compare(BREAD, without_it, [baker()], on=ON)


@pytest.mark.parametrize(
    ("change", "effect", "version"),
    [
        ({}, "unnoticed", "patch"),
        ({"activities": {"tasting": {"every": "24 months"}}}, "looser", "major"),
        ({"activities": {"tasting": {"every": "6 months"}}}, "tighter", "minor"),
        ({"rating": {"small_batch": {"level": 4}}}, "tighter", "minor"),
        ({"rating": {"small_batch": {"level": 1}}}, "looser", "major"),
        ({"activities": {"tasting": {"every": "6 months"}}, "rating": {"small_batch": {"level": 1}}}, "both", "major"),
        ({"activities": {"tasting": {"channel": "hatch", "clause": "B-011"}}}, "otherwise", "minor"),
        ({"activities": {"tasting": {"force": "may"}}}, "looser", "major"),
        ({"activities": {"tasting": {"force": "must"}}}, "tighter", "minor"),
        ({"pack": {"rating": {"method": "ask"}}}, "both", "major"),
    ],
)  # fmt: skip
def test_a_change_is_tighter_or_looser(change, effect, version):
    """The effect on a register says which number of a pack's version a change moves."""
    done = (qaf.Activity(activity="tasting", completed=D(2026, 9, 1)),)
    records = [baker(activities=done, findings=(BURNT,))]
    told = qaf.compare(BREAD, BREAD.amend(change), records, since=ON, until=UNTIL)
    assert (told.effect, told.version) == (effect, version)


def test_dates_that_move_within_a_period_are_tighter_or_looser():
    """As many due dates, each sooner, are tighter; each later, looser."""
    done = (qaf.Activity(activity="tasting", completed=D(2026, 2, 1)),)
    for every, effect in (("11 months", "tighter"), ("13 months", "looser")):
        change = BREAD.amend({"activities": {"tasting": {"every": every}}})
        told = qaf.compare(
            BREAD, change, [baker(activities=done)], since=ON, until=dt.date(2027, 6, 1)
        )
        assert told.effect == effect


def test_a_period_counts_visits_by_month_activity_and_officer():
    """Due dates lost and gained are counted; what goes longest unseen is told in days."""
    seen = BREAD.amend({"pack": {"contact": ["tasting"]}})
    longer = seen.amend({"activities": {"tasting": {"every": "24 months"}}})
    done = (qaf.Activity(activity="tasting", completed=D(2026, 9, 1)),)
    told = qaf.compare(seen, longer, [baker(activities=done)], since=ON, until=UNTIL)
    (visits,) = (v for v in told.visits if v.activity == "tasting")
    assert visits == ("2027-09", "tasting", "taster", 1, 0)
    (plan,) = (d for d in told.of("visits") if d.id == "tasting")
    assert ([due.due for due in plan.before], plan.after) == ([D(2027, 9, 1)], None)
    assert "B-010" in plan.clauses
    assert told.unseen == (("loaf", 365, 446, D(2026, 9, 1), UNTIL, False),)
    assert qaf.compare(longer, seen, [baker(activities=done)], since=ON, until=UNTIL).unseen == ()
    assert qaf.compare(seen, longer, [baker(activities=done)], on=ON).visits == ()


def test_moved_due_dates_are_a_difference_of_the_plan():
    """An activity that is due on other days in the period has another plan."""
    sooner = BREAD.amend({"activities": {"tasting": {"every": "11 months"}}})
    done = (qaf.Activity(activity="tasting", completed=D(2026, 9, 1)),)
    told = qaf.compare(BREAD, sooner, [baker(activities=done)], since=ON, until=UNTIL)
    (plan,) = (d for d in told.of("visits") if d.id == "tasting")
    assert [due.due for due in plan.after] == [D(2027, 8, 1)]
    assert plan.fields == ("due",)
    assert "Overdue before" not in str(told)


# --- which edit did it ---------------------------------------------------------------------------


def test_of_two_edits_each_has_its_own_differences():
    """With several edits a difference is laid to the one without which it is not there."""
    both = LONGER.amend({"rating": {"small_batch": {"level": 4}}})
    told = qaf.compare(BREAD, both, [baker(findings=(BURNT,))], on=ON)
    by_kind = {d.kind: [e.id for e in d.edits] for d in told.differences}
    assert by_kind["rating"] == ["rating.small_batch.level"]
    assert by_kind["schedule"] == ["activities.tasting.every"]


def test_two_edits_that_act_together():
    """Where a difference needs both, undoing either undoes it, and it says so."""
    facts = {n: {"type": "boolean", "label": n, "default": False} for n in ("sour", "stale")}
    sour = {"level": 4, "when": {"sour": True, "stale": True}, "text": "Sour and stale."}
    before = BREAD.amend({"vocabulary": {"facts": facts}, "rating": {"sour": sour}})
    both = {n: {"default": True} for n in facts}
    told = qaf.compare(
        before, before.amend({"vocabulary": {"facts": both}}), [baker(findings=(BURNT,))], on=ON
    )
    (rating,) = told.of("rating")
    assert (rating.how, [e.id for e in rating.edits]) == (
        "together",
        ["vocabulary.facts.sour.default", "vocabulary.facts.stale.default"],
    )
    (line,) = (line for line in told.details() if "rating" in line)
    assert line.endswith("together: without one of them it is as before")
    assert "2 differences" not in str(told).splitlines()[0]


def test_two_edits_of_which_either_is_enough():
    """Where each edit does it by itself, only undoing both undoes it, and it says so."""
    both = BREAD.amend({"rating": {"small_batch": {"level": 4}, "slow_short_order": {"level": 4}}})
    short = qaf.Finding(
        kind="short_order", on=D(2026, 11, 1), attributes={"lasting": "slow", "hits": True}
    )
    told = qaf.compare(BREAD, both, [baker(findings=(BURNT, short))], on=ON)
    moved = next(d for d in told.of("rating") if "level" in d.fields)
    assert moved.after.level == 4
    assert (moved.how, {e.id for e in moved.edits}) == (
        "either",
        {"rating.small_batch.level", "rating.slow_short_order.level"},
    )
    line = next(line for line in told.details() if "3, now 4" in line)
    assert line.endswith("only without all of them it is as before")
    assert "together with other edits" in str(told)


CHANGES = {
    "adults": [
        {"activities": {"qm1": {"every": "24 months"}}},
        {"rating": {"no_registered_manager": {"level": 5}}},
        {"pack": {"ageing": "3 months"}},
    ],
    "children": [
        {"matrix": {"special_school_ib": {"activities": {"qmc1": {"every": "24 months"}}}}},
        {"pack": {"ageing": "3 months"}},
        {"rating": {"no_registered_manager": {"level": 5}}},
    ],
}
READINGS = {
    "adults": {"X-A-10": "monthly", "X-S-02": "one_or_two"},
    "children": {"X-S-02": "one_or_two"},
}


@cache
def changed(name, which):
    """A framework with some of the changes, of an odd number under another reading too."""
    framework, _ = council(name)
    for n in which:
        framework = framework.amend(CHANGES[name][n])
    return framework.using(readings=READINGS[name]) if len(which) % 2 else framework


@cache
def undone(name, which, position):
    """The answers of a changed framework without one of its edits."""
    before, after = council(name)[0], changed(name, which)
    return Answers(without(before, after, [edits(before, after)[position]]), ON, None)


@settings(max_examples=25)
@given(
    st.sampled_from(["adults", "children"]),
    st.sampled_from([(0, 1), (0, 2), (0, 1, 2)]),
    st.integers(0, 24),
)
def test_attribution_is_exact(name, which, position):
    """Undoing the edit alone undoes the difference; together, any of them; either, only all."""
    before, register = council(name)
    record = list(register)[position]
    told = qaf.compare(before, changed(name, which), [record], on=ON)
    was = Answers(before, ON, None).of(record)
    for difference in told.differences:
        undoes = set()
        for n, edit in enumerate(told.edits):
            still = {
                (d.kind, d.id): d.fields
                for d in differing(record.provider.id, was, undone(name, which, n).of(record))
            }
            fields = still.get((difference.kind, difference.id))
            if fields is None or (fields and not set(fields) & set(difference.fields)):
                undoes.add(edit.id)
        named = {edit.id for edit in difference.edits}
        match difference.how:
            case "either":
                assert undoes == set()
            case "mixed":
                assert undoes <= named
            case _:
                assert undoes == named
        assert (len(named) == 1) == (difference.how == "alone")


@pytest.mark.parametrize("name", ["adults", "children"])
@pytest.mark.parametrize("which", [(), (0,), (1,), (2,), (0, 1)])
def test_what_is_taken_over_is_what_would_have_been_answered(name, which):
    """Answers that are taken over for those whom a change does not touch are the ones it gives."""
    before, register = council(name)
    after = changed(name, which)
    old = Answers(before, ON, UNTIL, keep=True)
    quick, whole = Answers(after, ON, UNTIL, [old]), Answers(after, ON, UNTIL)
    for record in register:
        assert list(differing(record.provider.id, whole.of(record), quick.of(record))) == []
        assert quick.due(record) == whole.due(record)


def test_a_difference_is_all_that_is_other():
    """Of whom nothing is told to be other the exported answers are the same, but for their order."""
    before, register = council("adults")
    after = before.amend({"rating": {"no_registered_manager": {"level": 5}}})
    told = qaf.compare(before, after, register, on=ON)
    same = [record for record in register if record.provider.id not in told.touched]
    assert same
    for record in same:
        one, other = (_exported(framework, record) for framework in (before, after))
        assert one == other


def _exported(framework, record):
    """An assessment as it is exported, without what is reasoned and the level that was edited."""
    data = plain_assessment(framework.assess(record, on=ON), Words(framework.pack).of(record))
    data["suggestion"]["criteria"] = [c["id"] for c in data["suggestion"]["criteria"]]
    data["suggestion"]["unknown"].sort()
    for question in data["questions"]:
        del question["reason"]
    data["questions"].sort(key=lambda question: question["id"])
    return data


# --- as text, data and a frame -------------------------------------------------------------------


def test_a_comparison_is_summed_up(golden):
    """The summary names the edits, what they change and for whom, and who goes longest unseen."""
    before, register = council("adults")
    after = before.amend(
        {
            "activities": {"qm1": {"every": "24 months"}},
            "rating": {"no_registered_manager": {"level": 5}},
        }
    ).using(readings={"X-S-02": "one_or_two"})
    told = qaf.compare(before, after, register, since=ON, until=UNTIL)
    lines = [*str(told).splitlines(), "", *told.details()]
    golden("comparison", "\n".join(lines) + "\n")
    back = qaf.compare(after, before, register, on=ON)
    golden("comparison_back", str(back).replace(f"{ROOT}/", "") + "\n")
    assert set(told.details("ash-lodge")) < set(told.details())


def test_a_comparison_is_short_where_it_is_looked_at():
    """The `repr` of a comparison, which a debugger or a failing test shows, holds no answers."""
    framework, register = council("adults")
    longer = framework.amend({"activities": {"qm1": {"every": "24 months"}}})
    told = qaf.compare(framework, longer, register, since=ON, until=UNTIL)
    assert told.differences
    assert len(repr(told)) < 2_000


def test_nothing_other_is_said():
    """A comparison of a framework with itself says that the two are the same."""
    told = qaf.compare(BREAD, BREAD, [baker()], on=ON)
    assert not told
    assert "the two are the same" in str(told)
    assert "No answer is other." in str(told)


def test_what_of_a_part_is_other_is_said():
    """Lists are told by what is gone and what has come; what has no words for it by its value."""
    less = {"tasting": {"owner": "miller", "force": {"remove": True}, "channel": "hatch"}}
    told = qaf.compare(BREAD, BREAD.amend({"activities": less}), [baker()], on=ON)
    text = "\n".join(told.details())
    assert "owner taster, now miller" in text
    flour = (qaf.Activity(activity="flour_return", completed=D(2026, 8, 5), period="2026-07"),)
    later = BREAD.amend({"activities": {"flour_return": {"by_day": 25}}})
    text = "\n".join(qaf.compare(BREAD, later, [baker(activities=flour)], on=ON).details())
    assert "Flour return, 2026-09: due 2026-10-08, now 2026-10-25; missed yes, now no;" in text
    assert (
        "suggested rating: 3, possibly 4, now at least 2, with a gap, possibly 4; no longer missed_many"
        in text
    )
    cited = BREAD.amend({"activities": {"tasting": {"clause": ["B-011", "B-012"]}}})
    (line, *_) = qaf.compare(BREAD, cited, [baker()], on=ON).details()
    assert "clauses now also B-011 and B-012" in line
    (line, *_) = qaf.compare(cited, BREAD, [baker()], on=ON).details()
    assert "clauses no longer B-011 and B-012" in line
    more = cited.amend({"activities": {"tasting": {"clause": ["B-012", "B-011"]}}})
    (line, *_) = qaf.compare(cited, more, [baker()], on=ON).details()
    assert "in another order" in line


def test_another_pack_is_named():
    """Two packs of their own names are told with both, and parts that come and go in their words."""
    other = LONGER.amend(
        {"pack": {"version": "V2"}, "flags": {"new": {"when": {"licensed": True}, "text": "New."}}}
    )
    told = qaf.compare(BREAD, other, [baker()], on=ON)
    assert str(told).startswith("bread_rounds V1 against bread_rounds V2, 2 edits")
    (line,) = (line for line in told.details() if "flag" in line)
    assert line.startswith("loaf: flag “New.”: new [] by flags.new")


def test_the_data_hold_everything():
    """The data can be written as JSON, and tell each difference with its edits by their ids."""
    before, register = council("adults")
    after = before.amend(
        {
            "activities": {"qm1": {"every": "24 months"}},
            "rating": {"no_registered_manager": {"level": 5}},
        }
    )
    told = qaf.compare(before, after, register, since=ON, until=UNTIL)
    data = json.loads(json.dumps(told.to_data()))
    assert len(data["differences"]) == len(told.differences)
    assert {d["kind"] for d in data["differences"]} <= set(KINDS)
    ids = {edit["id"] for edit in data["edits"]}
    assert all(set(d["edits"]) <= ids for d in data["differences"])
    assert data["visits"][0].keys() == {"month", "activity", "officer", "before", "after"}
    assert len(data["unseen"]) == len(told.unseen)
    new = before.using(
        settings={"due_soon_days": 5} if "due_soon_days" in before.pack.settings else None
    )
    assert qaf.compare(before, new, register, on=ON).to_data()["until"] is None


def test_what_json_has_no_word_for_is_text():
    """A day of a pack, and the day and the set of a setting, can be written as JSON."""
    types = {"opened": "date", "days": {"set": ["monday", "friday"]}}
    settings = {name: {"type": type_, "label": name} for name, type_ in types.items()}
    plain = BREAD.amend({"vocabulary": {"settings": settings}})
    dated = plain.amend(
        {"pack": {"in_force": D(2020, 1, 1)}, "flags": {"harmed": {"names": ("clean",)}}}
    )
    after = dated.using(settings={"opened": D(2020, 1, 2), "days": ["friday"]})
    told = json.loads(json.dumps(qaf.compare(plain, after, [baker()], on=ON).to_data()))
    new = {edit["id"]: edit["after"] for edit in told["edits"]}
    assert new["pack.in_force"] == "2020-01-01"
    assert new["setting.opened"] == "2020-01-02"
    assert new["setting.days"] == ["friday"]


def test_a_frame_has_a_row_for_each_difference():
    """The frame has a row for each difference, what was and is as text."""
    polars = pytest.importorskip("polars")
    before, register = council("adults")
    after = before.amend(
        {
            "activities": {"qm1": {"every": "24 months"}},
            "rating": {"no_registered_manager": {"level": 5}},
        }
    )
    told = qaf.compare(before, after, register, since=ON, until=UNTIL)
    frame = told.to_frame()
    assert frame.height == len(told.differences)
    assert frame.columns == ["provider", "kind", "id", "before", "after", "edits", "how", "clauses"]
    own = frame.filter(polars.col("kind") == "visits")
    assert own.height == len(told.of("visits"))
    assert qaf.compare(before, before, register, on=ON).to_frame().height == 0


def test_a_frame_tells_what_comes_and_goes():
    """Of what only one framework has the frame tells the text or the status, and nothing beside it."""
    pytest.importorskip("polars")
    flour = (qaf.Activity(activity="flour_return", completed=D(2026, 10, 5), period="2026-09"),)
    cells = {"flour_return": {"remove": True}}
    flag = {"when": {"licensed": True}, "text": "New."}
    change = {"matrix": {"licensed_bread": {"activities": cells}}, "flags": {"new": flag}}
    told = qaf.compare(BREAD, BREAD.amend(change), [baker(activities=flour)], on=ON)
    rows = {(row["kind"], row["id"]): row for row in told.to_frame().rows(named=True)}
    new = rows["flag", "new"]
    assert (new["before"], new["after"]) == (None, "New.")
    gone = rows["schedule", "flour_return@2026-10"]
    assert (gone["before"], gone["after"]) == ("overdue", None)


def test_a_frame_needs_polars(monkeypatch):
    """Where polars is not installed, the error says what to install."""
    monkeypatch.setitem(sys.modules, "polars", None)
    told = qaf.compare(BREAD, LONGER, [baker()], on=ON)
    with pytest.raises(qaf.InputError, match=r"pip install 'qaf-rules\[frames\]'"):
        told.to_frame()


# --- what cannot be compared ---------------------------------------------------------------------


def test_nobody_to_compare_over():
    """A comparison over no providers is refused."""
    with pytest.raises(qaf.InputError, match="there is no provider to compare the frameworks over"):
        qaf.compare(BREAD, LONGER, [], on=ON)


def test_a_register_that_only_one_can_read():
    """A field, activity or kind that only one of the frameworks knows is told by its name."""
    adults, children = council("adults")[0], council("children")[0]
    with pytest.raises(qaf.InputError) as caught:
        qaf.compare(adults, children, council("adults")[1], on=ON)
    told = [fault.message for fault in caught.value.diagnostics]
    assert any("`children` has no field" in each for each in told)
    assert any("`children` has no activity" in each for each in told)
    assert any("has no kind of finding" in each for each in told)
    with pytest.raises(qaf.InputError, match="only `adults` can read this register"):
        qaf.compare(children, adults, council("adults")[1], on=ON)


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"on": ON, "since": ON},
        {"since": ON},
        {"until": ON},
        {"since": ON, "until": ON - dt.timedelta(days=1)},
    ],
)
def test_a_day_or_a_period(when):
    """Either a day or a whole period is given, and it does not end before it begins."""
    with pytest.raises(ValueError, match=r"either the day|before it begins"):
        qaf.compare(BREAD, LONGER, [baker()], **when)


@pytest.mark.parametrize("day", ["2026-11-22", dt.datetime(2026, 11, 22)])  # noqa: DTZ001
def test_what_is_no_day(day):
    """A day that is text, or a moment, is told by its name before anything is answered."""
    with pytest.raises(qaf.InputError, match="`on` is no day"):
        qaf.compare(BREAD, LONGER, [baker()], on=day)
    with pytest.raises(qaf.InputError, match="`until` is no day"):
        qaf.compare(BREAD, LONGER, [baker()], since=ON, until=day)


def test_what_is_no_register():
    """One record by itself, and what holds no records, are told with what to hand in."""
    with pytest.raises(qaf.InputError, match="the record of `loaf`, not a register"):
        qaf.compare(BREAD, LONGER, baker(), on=ON)
    with pytest.raises(qaf.InputError, match="read it with `read_register`"):
        qaf.compare(BREAD, LONGER, "bakers.xlsx", on=ON)


def test_a_provider_that_one_of_them_refuses_is_told():
    """A profile that contradicts itself is a fault; the others are compared all the same."""
    invalid = {"when": {"licensed": True, "large": True}, "text": "a large baker has no licence"}
    strict = LONGER.amend({"vocabulary": {"fields": {"large": {"invalid": [invalid]}}}})
    records = [baker("one", {"large": True}), baker("two", {"large": False})]
    told = qaf.compare(BREAD, strict, records, on=ON)
    assert [fault.message for fault in told.faults] == ["a large baker has no licence"]
    assert told.touched == ("two",)
    assert "Left out: " in str(told)
    assert (told.effect, told.version, told.providers) == ("unknown", "major", 1)
    none = qaf.compare(LONGER, strict, records, on=ON)
    assert none
    assert "Of the others no answer is other." in str(none)
    assert told.to_data()["faults"]
    undone = next(d for d in told.differences if d.id == "tasting")
    assert [e.id for e in undone.edits] == ["activities.tasting.every"]
    back = qaf.compare(strict, LONGER, records[1:], on=ON)
    assert not back


def test_undoing_that_contradicts_a_profile_is_no_cause():
    """Where a provider cannot be answered with an edit undone, that edit alone did not do it."""
    fact = {"type": "boolean", "label": "whether it is sour", "default": True}
    before = BREAD.amend({"vocabulary": {"facts": {"sour": fact}}})
    invalid = {"when": {"sour": True}, "text": "a licence is not for the sour"}
    after = before.amend(
        {
            "vocabulary": {
                "facts": {"sour": {"default": False}},
                "fields": {"licensed": {"invalid": [invalid]}},
            },
            "activities": {"tasting": {"every": "24 months"}},
        }
    )
    told = qaf.compare(before, after, [baker()], on=ON)
    (item,) = told.of("schedule")
    assert [edit.id for edit in item.edits] == ["activities.tasting.every"]


def test_undoing_that_leaves_no_framework_is_no_cause():
    """An edit that others rest on cannot be undone alone, so a difference is laid to those others."""
    fact = {"type": "boolean", "label": "whether it is sour", "default": True}
    after = BREAD.amend(
        {
            "vocabulary": {"facts": {"sour": fact}},
            "rating": {"sour": {"level": 4, "when": {"sour": True}, "text": "Sour."}},
        }
    )
    told = qaf.compare(BREAD, after, [baker(findings=(BURNT,))], on=ON)
    (rating,) = told.of("rating")
    assert [e.id for e in rating.edits] == ["vocabulary.facts.sour", "rating.sour"]
    assert rating.how == "mixed"  # the criterion does it, and needs the fact
    assert len(edits(BREAD, after)) == 2


def switches(when, **on):
    """A framework with a flag over three facts, and the same with some of them switched on."""
    facts = {n: {"type": "boolean", "label": n, "default": False} for n in ("one", "two", "three")}
    flag = {"when": when, "text": "On."}
    before = BREAD.amend({"vocabulary": {"facts": facts}, "flags": {"lamp": flag}})
    changes = {name: {"default": value} for name, value in on.items()}
    return before, before.amend({"vocabulary": {"facts": changes}})


@pytest.mark.parametrize(
    ("when", "on", "how", "named"),
    [
        ({"one": True}, "one two three", "alone", "one"),
        ({"one": True, "two": True}, "one two three", "together", "one two"),
        ({"any": [{"one": True}, {"two": True}]}, "one two three", "either", "one two"),
        ({"any": [{"one": True}, {"two": True, "three": True}]}, "one two three", "mixed", "one two three"),
        ({"one": True, "any": [{"two": True}, {"three": True}]}, "one two three", "mixed", "one two three"),
    ],
)  # fmt: skip
def test_how_edits_act_together_is_said(when, on, how, named):
    """One does it, each is needed, each is enough, or some of both: that is told as it is."""
    before, after = switches(when, **dict.fromkeys(on.split(), True))
    (lamp,) = qaf.compare(before, after, [baker()], on=ON).of("flag")
    assert lamp.how == how
    assert {edit.path[2] for edit in lamp.edits} == set(named.split())
    if how == "mixed":
        (line,) = qaf.compare(before, after, [baker()], on=ON).details()
        assert line.endswith("each of which has a part in it")


def test_one_provider_twice():
    """A provider is compared once: two records of one id are refused."""
    with pytest.raises(qaf.InputError, match="there are 2 records of `loaf`"):
        qaf.compare(BREAD, LONGER, [baker(), baker()], on=ON)


def test_what_only_one_can_read_by_its_values():
    """A value that only one of the frameworks knows is refused as a name is."""
    kinds = BREAD.pack.data["vocabulary"]["kinds"]["burnt_batch"]["attributes"]
    sizes = {**kinds, "size": ["large"]}
    less = BREAD.amend(
        {
            "vocabulary": {"kinds": {"burnt_batch": {"attributes": sizes}}},
            "rating": {"small_batch": {"remove": True}, "smelt": {"remove": True}},
        }
    )
    with pytest.raises(qaf.InputError) as caught:
        qaf.compare(BREAD, less, [baker(findings=(BURNT,))], on=ON)
    (fault,) = caught.value.diagnostics
    assert "only `bread_rounds` can read this register: by `bread_rounds`" in fault.message
    assert "small" in fault.message
    assert fault.place == "provider loaf"


def test_what_is_booked_is_a_contact():
    """A visit that is booked is held on its day, in place of the one that is due."""
    seen = BREAD.amend({"pack": {"contact": ["tasting"]}})
    longer = seen.amend({"activities": {"tasting": {"every": "24 months"}}})
    done = qaf.Activity(activity="tasting", completed=D(2025, 12, 9))
    booked = qaf.Activity(activity="tasting", planned=D(2026, 12, 3))
    told = qaf.compare(seen, longer, [baker(activities=(done, booked))], since=ON, until=UNTIL)
    assert told.unseen == ()  # by both it is met in December, and not again
    never = (qaf.Activity(activity="flour_return", completed=D(2026, 11, 5), period="2026-10"),)
    more = BREAD.amend({"pack": {"contact": ["tasting", "flour_return"]}})
    told = qaf.compare(more, seen, [baker(activities=never)], since=ON, until=UNTIL)
    assert [(each.since, each.never) for each in told.unseen] == [(ON, True)]
    assert "and never before, to" in str(told)


def test_each_visit_that_is_booked_is_a_contact():
    """Of two bookings of one activity both are held, whichever was written first."""
    seen = BREAD.amend({"pack": {"contact": ["tasting"]}})
    more = BREAD.amend({"pack": {"contact": ["tasting", "flour_return"]}})
    done = (
        qaf.Activity(activity="tasting", completed=D(2026, 8, 1)),
        qaf.Activity(activity="flour_return", completed=D(2026, 11, 5), period="2026-10"),
    )
    one, two = (qaf.Activity(activity="tasting", planned=D(2027, m, 1)) for m in (2, 7))
    for booked in ((one, two), (two, one)):
        told = qaf.compare(more, seen, [baker(activities=done + booked)], since=ON, until=UNTIL)
        (gap,) = told.unseen
        assert (gap.since, gap.until) == (D(2026, 8, 1), D(2027, 2, 1))


def test_who_else_goes_unseen_is_counted():
    """The summary names five providers that go unseen for longer, and says how many more do."""
    seen = BREAD.amend({"pack": {"contact": ["tasting"]}})
    longer = seen.amend({"activities": {"tasting": {"every": "24 months"}}})
    done = (qaf.Activity(activity="tasting", completed=D(2026, 9, 1)),)
    for number, last in ((5, "Unseen for 446 days"), (6, "1 more provider unseen for longer")):
        records = [baker(f"loaf-{n}", activities=done) for n in range(number)]
        told = qaf.compare(seen, longer, records, since=ON, until=UNTIL)
        assert len(told.unseen) == number
        assert str(told).splitlines()[-1].startswith(last)
