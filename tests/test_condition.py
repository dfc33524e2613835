"""Conditions: their truth tables, what they read, and what they say when they are unknown."""

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.condition import ALWAYS, All, Findings, Is, leaves, literals, parse, walk
from qaf_rules.engine import load
from qaf_rules.facts import View
from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord
from qaf_rules.result import Evidence
from qaf_rules.schedule import make_schedule
from qaf_rules.value_tests import NOTHING, all_of, any_of, negate

ON = dt.date(2026, 3, 2)
PACK = load(Path(__file__).parent / "packs" / "generic").pack
TRUTHS = (True, False, None)


def view(fields=None, findings=(), activities=(), decisions=(), settings=None):
    """Give what is known of a provider."""
    record = ProviderRecord(
        provider=Provider(id="loaf", fields=fields or {}),
        findings=tuple(findings),
        activities=tuple(activities),
        decisions=tuple(decisions),
    )
    return View(PACK, record, ON, settings or {})


def read(raw):
    """Read what is written without a fault."""
    condition, faults = parse(raw)
    assert faults == []
    return condition


def reason(raw, **record):
    """Evaluate a condition over a provider."""
    return read(raw).evaluate(view(**record))


def truth(raw, **record):
    """Give the truth of a condition."""
    return reason(raw, **record).truth


def batch(on=ON, status="open", **attributes):
    """Give a burnt batch."""
    return Finding(kind="burnt_batch", on=on, status=status, attributes=attributes)


def looked_at(*topics):
    """Give a visit that covered some topics."""
    return Activity(activity="tasting", completed=ON, covered=topics or ("all",))


# --- three-valued logic --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_kleenes_tables(a, b, both, either):
    """And, or and not are Kleene's, for plain truths and for whole conditions alike."""
    for x, y in {(a, b), (b, a)}:
        assert all_of([x, y]) is both
        assert any_of([x, y]) is either
        fields = {n: v for n, v in (("licensed", x), ("large", y)) if v is not None}
        raw = [{"licensed": True}, {"large": True}]
        assert truth({"all": raw}, fields=fields) is both
        assert truth({"any": raw}, fields=fields) is either
        assert truth({"licensed": True, "large": True}, fields=fields) is both
        assert truth({"not": {"any": raw}}, fields=fields) is negate(either)


def test_empty_conditions():
    """All of nothing is true, some of nothing is false, and an empty condition is true."""
    assert truth({"all": []}) is True
    assert truth({"any": []}) is False
    assert truth({}) is True


# --- tests of a value ----------------------------------------------------------------------------

GRADES = ("plain", "fine", "grand", None)
STAFF = (0, 2, 3, 9, None)
DAYS = (dt.date(2026, 1, 31), dt.date(2026, 2, 1), dt.date(2026, 2, 2), None)
SETS = (frozenset(), frozenset({"bread"}), frozenset({"cakes", "mill"}), None)


@pytest.mark.parametrize(
    ("name", "test", "values", "truths"),
    [
        ("guild_grade", "fine", GRADES, (False, True, False, None)),
        ("guild_grade", {"is": "fine"}, GRADES, (False, True, False, None)),
        ("guild_grade", ["plain", "fine"], GRADES, (True, True, False, None)),
        ("guild_grade", {"in": ["plain", "fine"]}, GRADES, (True, True, False, None)),
        ("guild_grade", {"not": "fine"}, GRADES, (True, False, True, None)),
        ("guild_grade", {"not": {"in": ["plain"]}}, GRADES, (False, True, True, None)),
        ("guild_grade", {"known": True}, GRADES, (True, True, True, False)),
        ("guild_grade", {"known": False}, GRADES, (False, False, False, True)),
        ("guild_grade", {"given": True}, GRADES, (True, True, True, False)),
        ("guild_grade", {"known": True, "is": "fine"}, GRADES, (False, True, False, False)),
        ("guild_grade", {"at_least": 1}, GRADES, (False, False, False, None)),
        ("guild_grade", {"includes": "fine"}, GRADES, (False, False, False, None)),
        ("licensed", True, (True, False, None), (True, False, None)),
        ("licensed", False, (True, False, None), (False, True, None)),
        ("licensed", 1, (True, False, None), (False, False, None)),
        ("licensed", [1], (True, False, None), (False, False, None)),
        ("licensed", {"at_least": 1}, (True, False, None), (False, False, None)),
        ("staff", 3, STAFF, (False, False, True, False, None)),
        ("staff", {"at_least": 3}, STAFF, (False, False, True, True, None)),
        ("staff", {"at_most": 3}, STAFF, (True, True, True, False, None)),
        ("staff", {"at_least": 1, "at_most": 3}, STAFF, (False, True, True, False, None)),
        ("staff", {"not": {"at_least": 3}}, STAFF, (True, True, False, False, None)),
        ("staff", [0, 9], STAFF, (True, False, False, True, None)),
        ("staff", False, STAFF, (False, False, False, False, None)),
        ("guild_day", "2026-02-01", DAYS, (False, True, False, None)),
        ("guild_day", {"before": "2026-02-01"}, DAYS, (True, False, False, None)),
        ("guild_day", {"after": "2026-02-01"}, DAYS, (False, False, True, None)),
        ("guild_day", {"at_least": "2026-02-01"}, DAYS, (False, True, True, None)),
        ("guild_day", {"at_most": "2026-02-01"}, DAYS, (True, True, False, None)),
        ("service_type", "bread", SETS, (False, True, False, None)),
        ("service_type", ["bread", "mill"], SETS, (False, True, True, None)),
        ("service_type", {"includes": "mill"}, SETS, (False, False, True, None)),
        ("service_type", {"any": {"in": ["bread", "mill"]}}, SETS, (False, True, True, None)),
        ("service_type", {"any": {"not": "bread"}}, SETS, (False, False, True, None)),
        ("oven_heat", {"at_least": 2.5}, (2, 2.5, 3, None), (False, True, True, None)),
    ],
)
def test_truth_table_of_each_test(name, test, values, truths):
    """Each test has its truth for each value; only `known` is never unknown."""
    for value, expected in zip(values, truths, strict=True):
        fields = {} if value is None else {name: value}
        assert truth({name: test}, fields=fields) is expected, value


def test_map_is_read_by_its_values():
    """`any` reads the values of a map, `includes` its keys."""
    soft = {"crusts": {"top": "soft", "base": "crisp"}}
    assert truth({"crusts": {"any": "soft"}}, fields=soft) is True
    assert truth({"crusts": {"any": "burnt"}}, fields=soft) is False
    assert truth({"crusts": {"includes": "base"}}, fields=soft) is True
    assert truth({"crusts": {"any": "soft"}}) is False


def test_value_that_is_only_what_absence_means():
    """A value that nobody gave but that absence means is read, and is not known."""
    assert truth({"large_from": 10}) is True
    assert truth({"large_from": {"known": True}}) is False
    assert truth({"large_from": {"known": True}}, settings={"large_from": 10}) is True


@pytest.mark.parametrize("staff", [9, 10, None])
@pytest.mark.parametrize("limit", [10, None])
def test_limit_that_is_a_setting(staff, limit):
    """A limit may be the value of another name, and is unknown where that is."""
    settings = {} if limit is None else {"many_from": limit}
    fields = {} if staff is None else {"staff": staff}
    expected = None if limit is None or staff is None else staff >= limit
    found = reason(
        {"staff": {"at_least": {"value": "many_from"}}}, fields=fields, settings=settings
    )
    assert found.truth is expected
    wanted = [n for n, v in (("staff", staff), ("many_from", limit)) if v is None]
    assert set(wanted) <= set(found.still_needed())


def test_stated_reads_only_what_a_person_stated():
    """`stated` does not read a profile field or what findings give."""
    said = Finding(kind="judgement", on=ON, fact="burnt_batches", value=2)
    raw = {"stated": {"burnt_batches": {"known": True, "at_least": 1}}}
    assert truth(raw, findings=[batch()]) is False
    assert truth({"burnt_batches": {"at_least": 1}}, findings=[batch()]) is True
    assert truth(raw, findings=[said]) is True


# --- findings ------------------------------------------------------------------------------------


def test_one_finding_has_all_of_it():
    """Two findings that satisfy half each never make one that satisfies the whole."""
    raw = {"some": "burnt_batch", "where": {"size": "large", "fixed": False}}
    halves = [batch(size="large", fixed=True), batch(size="small", fixed=False)]
    assert truth(raw, findings=halves) is False
    assert truth(raw, findings=[*halves, batch(size="large", fixed=False)]) is True


WHERE = {"size": "large"}
FOUND = {True: {"size": "large"}, False: {"size": "small"}, None: {}}


@pytest.mark.parametrize("holds", [*product(TRUTHS, repeat=2), *product(TRUTHS, repeat=1)])
def test_quantifiers_are_or_and_and_over_what_is_found(holds):
    """`some` is the or of its findings, `none` its negation, `every` the and."""
    findings = [batch(**FOUND[t]) for t in holds]
    assert truth({"some": "burnt_batch", "where": WHERE}, findings=findings) is any_of(holds)
    assert truth({"none": "burnt_batch", "where": WHERE}, findings=findings) is negate(
        any_of(holds)
    )
    assert truth({"every": "burnt_batch", "where": WHERE}, findings=findings) is all_of(holds)


@pytest.mark.parametrize(
    ("quantifier", "not_looked", "looked"),
    [("some", None, False), ("none", None, True), ("every", None, True)],
)
def test_absence_is_unknown_until_looked_at(quantifier, not_looked, looked):
    """K16: no finding is unknown until its topic was looked at."""
    raw = {quantifier: "burnt_batch"}
    assert truth(raw) is not_looked
    assert truth(raw, activities=[looked_at("orders")]) is not_looked
    assert truth(raw, activities=[looked_at("ovens")]) is looked
    assert truth(raw, activities=[looked_at("all")]) is looked
    assert truth({**raw, "recorded": True}) is looked


@pytest.mark.parametrize("test", ["at_least", "at_most", "is"])
@pytest.mark.parametrize("holds", [*product(TRUTHS, repeat=3)])
@pytest.mark.parametrize("number", range(4))
def test_count_is_known_as_far_as_its_bounds(test, holds, number):
    """A count with unknown ones among it is true or false where every possible number would be."""
    findings = [batch(**FOUND[t]) for t in holds]
    low = sum(t is True for t in holds)
    possible = range(low, low + sum(t is None for t in holds) + 1)
    outcomes = {
        {"at_least": n >= number, "at_most": n <= number, "is": n == number}[test] for n in possible
    }
    expected = outcomes.pop() if len(outcomes) == 1 else None
    assert (
        truth({"count": "burnt_batch", "where": WHERE, test: number}, findings=findings) is expected
    )


def test_count_of_what_was_never_looked_at():
    """A count of what nobody looked at is unknown."""
    assert truth({"count": "burnt_batch", "at_least": 1}) is None
    assert truth({"count": "burnt_batch", "is": 0}) is None
    assert truth({"count": "burnt_batch", "is": 0}, activities=[looked_at()]) is True


@pytest.mark.parametrize("number", [0, 1, 2, 60, 1000])
def test_count_of_which_only_a_part_is_known(number):
    """A count of which only the least is known may be any number from there on, however large."""
    part = [Finding(kind="judgement", on=ON, fact="large_batches", value=1)]
    for test in (number, [number], {"is": number}, {"at_least": number, "at_most": number}):
        assert truth({"burnt_batches": test}, findings=part) is (None if number else False), test
    assert truth({"burnt_batches": {"not": {"in": [0]}}}, findings=part) is True


@pytest.mark.parametrize("holds", [*product(TRUTHS, repeat=3)])
def test_a_count_can_tell_its_bounds(holds):
    """At least those that fit, at most those besides that may; nothing bounds what may be besides."""
    counted = read({"count": "burnt_batch", "where": WHERE, "at_least": 1})
    findings = [batch(**FOUND[t]) for t in holds]
    low, open_ = sum(t is True for t in holds), sum(t is None for t in holds)
    assert counted.bounds(view(findings=findings)) == (low, low + open_)
    assert counted.bounds(view()) == (0, None)


def test_count_of_those_that_share_a_value():
    """`same` counts the largest group of one value; one not given may be of any group."""
    raw = {"count": "burnt_batch", "same": "cause", "at_least": 2}
    oven, baker, silent = batch(cause="oven"), batch(cause="baker"), batch()
    assert truth(raw, findings=[oven, baker]) is False
    assert truth(raw, findings=[oven, baker, oven]) is True
    assert truth(raw, findings=[oven, baker, silent]) is None
    assert truth({**raw, "at_least": 3}, findings=[oven, silent]) is False
    assert truth({**raw, "where": {"fixed": True}}, findings=[oven, oven]) is None
    assert truth({**raw, "at_least": 1}, findings=[silent]) is True
    assert truth(raw) is None


def test_what_is_to_be_shared_is_named_where_it_is_not_known():
    """A finding that does not say what it would share keeps the count open by that attribute."""
    raw = {"count": "burnt_batch", "same": "cause", "at_least": 2}
    condition = read(raw)
    seen = view(findings=[batch(cause="oven"), batch()])
    reason = condition.evaluate(seen)
    assert reason.still_needed() == ["batch_cause"]
    waiting = condition.waits_for(reason.read.elements, "batch_cause", seen)
    assert [known.attributes.get("cause") for known in waiting] == [None]


def test_findings_after_an_activity():
    """`after` keeps what is dated after the latest done record, and all where there is none."""
    old, new = batch(on=dt.date(2026, 1, 5)), batch(on=dt.date(2026, 2, 5))
    visit = Activity(activity="tasting", completed=dt.date(2026, 1, 5))
    arranged = Activity(activity="tasting", planned=dt.date(2026, 3, 9))
    raw = {"count": "burnt_batch", "after": "tasting", "recorded": True, "is": 1}
    assert truth(raw, findings=[old, new], activities=[visit]) is True
    assert truth({**raw, "is": 2}, findings=[old, new], activities=[arranged]) is True


def test_items_due_after_an_activity():
    """`after` keeps the items that are due after the latest done record."""
    checked = Activity(activity="oven_check", completed=dt.date(2026, 1, 5))
    for tasted, expected in ((dt.date(2025, 1, 5), False), (dt.date(2025, 1, 6), True)):
        tasting = Activity(activity="tasting", completed=tasted)
        seen = view(
            {"service_type": frozenset({"bread"}), "licensed": True}, (), [tasting, checked]
        )
        make_schedule(seen)
        assert read({"item": "tasting", "after": "oven_check"}).evaluate(seen).truth is expected


def test_groups_of_kinds():
    """`any` and a pack's groups stand for their kinds."""
    short = Finding(kind="short_order", on=ON)
    assert truth({"some": "troubles", "recorded": True}, findings=[short]) is True
    assert truth({"some": "any", "recorded": True}, findings=[short]) is True
    assert truth({"some": ["burnt_batch", "praise"], "recorded": True}, findings=[short]) is False


# --- records, items, decisions -------------------------------------------------------------------


def test_latest_reads_the_last_done():
    """`latest` reads the last done record, and there being none is false."""
    raw = {"latest": "tasting", "where": {"location": "bakehouse"}}
    first = Activity(activity="tasting", completed=dt.date(2026, 1, 5), location="bakehouse")
    last = Activity(activity="tasting", completed=dt.date(2026, 2, 5), location="town_hall")
    planned = Activity(activity="tasting", planned=dt.date(2026, 4, 5), location="bakehouse")
    assert truth(raw) is False
    assert truth(raw, activities=[planned]) is False
    assert truth(raw, activities=[first, planned]) is True
    assert truth(raw, activities=[last, first]) is False
    assert (
        truth(raw, activities=[Activity(activity="tasting", completed=dt.date(2026, 2, 6)), first])
        is None
    )


def test_latest_reads_every_record_of_the_last_day():
    """Where several were done on the last day, `latest` holds if it holds of one of them."""
    raw = {"latest": "visits", "where": {"activity": "oven_check"}}
    both = [Activity(activity=a, completed=ON) for a in ("oven_check", "tasting")]
    assert truth(raw, activities=both) is True
    assert truth(raw, activities=both[::-1]) is True


def test_record_reads_any():
    """`record` reads what is done, planned or asked for."""
    asked = Activity(activity="tasting", requested=dt.date(2026, 2, 1))
    assert truth({"record": "tasting"}, activities=[asked]) is True
    assert truth({"record": "tasting", "where": {"done": True}}, activities=[asked]) is False
    assert truth({"record": "tasting", "after": "oven_check"}, activities=[asked]) is True


def test_decision_in_force():
    """`decision` reads standing decisions of that name while they are in force."""
    raw = {"decision": "more_looks", "where": {"number": {"at_least": 2}}}
    taken = Decision(decision="more_looks", on=dt.date(2026, 1, 1), carries={"number": 2})
    assert truth(raw) is False
    assert truth(raw, decisions=[taken]) is True
    assert truth(raw, decisions=[taken.model_copy(update={"until": ON})]) is True
    assert truth(raw, decisions=[taken.model_copy(update={"until": dt.date(2026, 3, 1)})]) is False
    assert (
        truth({"decision": "more_looks", "where": {"weight": {"known": True}}}, decisions=[taken])
        is False
    )


def test_attributes_of_a_decision_and_an_item():
    """A decision tells who took it; an item's class may be open, and then it is asked for."""
    taken = Decision(decision="more_looks", on=ON, by="taster", carries={"number": 2})
    assert truth({"decision": "more_looks", "where": {"by": "taster"}}, decisions=[taken]) is True
    undecided = reason({"decision": "more_looks", "where": {"reason": "dark"}}, decisions=[taken])
    assert (undecided.truth, list(undecided.still_needed())) == (None, ["more_looks.reason"])
    profile = {"service_type": frozenset({"bread"}), "licensed": True, "staff": 2}
    seen = view(profile)
    make_schedule(seen)
    for raw, expected in (
        ({"item": "tasting", "where": {"class": "minimum", "status": "no_history"}}, True),
        (
            {"item": "tasting", "where": {"due": {"known": False}, "planned": {"known": False}}},
            True,
        ),
        ({"item": "visits", "where": {"done_before": True}}, False),
        ({"item": "soot_sweep", "where": {"class": "minimum"}}, None),
    ):
        assert read(raw).evaluate(seen).truth is expected, raw
    asked = read({"item": "soot_sweep", "where": {"class": "minimum"}}).evaluate(seen)
    assert list(asked.still_needed()) == ["soot_sweep.class"]


def test_conditions_of_the_provider_inside_where():
    """Inside `where` a quantifier still reads the provider, beside the finding's own attributes."""
    done = Activity(activity="tasting", completed=ON)
    raw = {
        "some": "burnt_batch",
        "where": {
            "all": [
                {"size": "large"},
                {"latest": "tasting"},
                {"none": "praise", "recorded": True},
                {"chosen": "X-B-06"},
            ]
        },
    }
    assert truth(raw, findings=[batch(size="large")], activities=[done]) is True
    assert truth(raw, findings=[batch(size="large")]) is False
    praise = Finding(kind="praise", on=ON)
    assert truth(raw, findings=[batch(size="large"), praise], activities=[done]) is False


def test_any_of_what_has_no_members():
    """`any` of a value that is neither a set nor a map is false."""
    assert truth({"guild_grade": {"any": "fine"}}, fields={"guild_grade": "fine"}) is False


def test_mark_is_unknown_until_it_is_judged():
    """What a judgement marks is unknown until somebody judged, and asks for it."""
    found = reason({"some": "burnt_batch", "where": {"smelt": True}}, findings=[batch()])
    assert list(found.still_needed()) == ["batches_smelt"]


def test_chosen_reading():
    """`chosen` is true of what a convention fixes, and of nothing that was left at its default."""
    assert truth({"chosen": "X-B-06"}) is True
    assert truth({"chosen": "X-B-01"}) is False


# --- the reason ----------------------------------------------------------------------------------


def test_support_is_the_evidence_of_what_is_true():
    """The evidence behind a reason is that of its true parts alone."""
    raw = {"any": [{"licensed": True}, {"guild_grade": "fine"}, {"not": {"staff": 5}}]}
    fields = {"licensed": True, "guild_grade": "plain", "staff": 4}
    assert list(reason(raw, fields=fields).support()) == [Evidence("field", "licensed")]
    assert list(reason({"licensed": False}, fields=fields).support()) == []


def test_evidence_of_every_is_all_of_them():
    """What makes `every` true is each of its findings, `none` no finding."""
    found = [batch(fixed=True), batch(on=dt.date(2026, 1, 1), fixed=True)]
    assert (
        len(
            list(
                reason({"every": "burnt_batch", "where": {"fixed": True}}, findings=found).support()
            )
        )
        == 2
    )
    assert (
        list(reason({"none": "burnt_batch", "where": {"fixed": False}}, findings=found).support())
        == []
    )


def test_day_is_the_newest_of_the_evidence():
    """The day of a reason is the newest day of its evidence, none where nothing is dated."""
    found = [batch(on=dt.date(2026, 1, 9)), batch(on=dt.date(2026, 2, 9))]
    graded = {"guild_grade": "fine", "guild_day": dt.date(2026, 1, 20)}
    assert reason({"some": "burnt_batch"}, findings=found).day() == dt.date(2026, 2, 9)
    assert reason({"guild_grade": "fine"}, fields=graded).day() == dt.date(2026, 1, 20)
    assert reason({"guild_grade": "fine"}, fields={"guild_grade": "fine"}).day() is None
    assert reason({"guild_grade": "grand"}, fields=graded).day() is None


@pytest.mark.parametrize(
    ("raw", "needed"),
    [
        ({"licensed": True}, ["licensed"]),
        ({"large": True}, ["staff"]),
        ({"all": [{"licensed": True}, {"guild_grade": "fine"}]}, ["licensed", "guild_grade"]),
        ({"any": [{"licensed": True}, {"service_type": "bread"}]}, []),
        ({"all": [{"licensed": True}, {"service_type": "mill"}]}, []),
        ({"some": "burnt_batch"}, ["burnt_batches"]),
        ({"some": "burnt_batch", "where": {"size": "large"}}, ["burnt_batches", "large_batches"]),
        ({"some": "short_order", "where": {"lasting": "slow"}}, ["short_order_known"]),
        ({"some": "bakehouse", "where": {"clean": False}}, ["clean"]),
    ],
)
def test_what_is_still_needed(raw, needed):
    """An unknown reason names the values or facts that would settle it."""
    found = reason(raw, fields={"service_type": frozenset({"bread"})})
    assert list(found.still_needed()) == needed
    assert (found.truth is None) == bool(needed)


def test_unknown_attribute_asks_for_the_fact_that_tells_it():
    """A finding that does not say an attribute asks for the fact that speaks of it."""
    found = reason(
        {"some": "burnt_batch", "where": {"cause": "oven", "size": "large"}},
        findings=[batch(size="large")],
    )
    assert list(found.still_needed()) == ["batch_cause"]
    late = reason(
        {"latest": "tasting", "where": {"notified": {"after": "2026-01-01"}}},
        activities=[looked_at()],
    )
    assert list(late.still_needed()) == ["tasting.notified"]


# --- how they are written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "path", "message"),
    [
        ("licensed", (), "`licensed` is not a condition"),
        ({"all": {"licensed": True}}, ("all",), "`all` takes a list of conditions"),
        ({"any": [{"licensed": True}, 7]}, ("any", 1), "`7` is not a condition"),
        ({"not": [1]}, ("not",), "`[1]` is not a condition"),
        ({"some": 5}, ("some",), "`5` is neither an id nor a list of ids"),
        ({"some": []}, ("some",), "`[]` is neither an id nor a list of ids"),
        (
            {"some": "k", "where": {}, "licensed": True},
            ("some",),
            "`some` stands alone in its mapping, beside `licensed` it is unclear",
        ),
        ({"some": "k", "recorded": "yes"}, ("recorded",), "`recorded` is `true` or left out"),
        ({"count": "k"}, (), "an empty test says nothing"),
        ({"staff": {}}, ("staff",), "an empty test says nothing"),
        (
            {"staff": {"atleast": 3}},
            ("staff", "atleast"),
            "`atleast` is no test of a value, or `3` does not fit it",
        ),
        (
            {"staff": {"in": 3}},
            ("staff", "in"),
            "`in` is no test of a value, or `3` does not fit it",
        ),
        (
            {"staff": {"known": "yes"}},
            ("staff", "known"),
            "`known` is no test of a value, or `yes` does not fit it",
        ),
        ({"staff": None}, ("staff",), "`null` is no value"),
        ({"staff": [1, [2]]}, ("staff",), "`[2]` is no value"),
        ({"staff": {"in": [{}]}}, ("staff", "in"), "`{}` is no value"),
        ({"staff": {"is": {"a": 1}}}, ("staff", "is"), "`{'a': 1}` is no value"),
        (
            {"staff": {"at_least": True}},
            ("staff", "at_least"),
            "`True` is no number, day or {value: NAME}",
        ),
        ({"staff": {"at_least": "many"}}, ("staff", "at_least"), "`many` is not a day"),
        (
            {"staff": {"before": "2026-02-30"}},
            ("staff", "before"),
            "`2026-02-30` is a day that does not exist",
        ),
        ({"staff": {"not": {"any": {}}}}, ("staff", "not", "any"), "an empty test says nothing"),
    ],
)
def test_fault_has_its_place(raw, path, message):
    """Each way of writing a condition wrongly is a fault, at the key that is wrong."""
    found = [(fault.path, fault.message) for fault in parse(raw, ("here",))[1]]
    assert (("here", *path), message) in found


def test_help_offers_the_nearest_test():
    """A slip of the pen gets the nearest word, and never the very same."""
    assert parse({"staff": {"atleast": 3}})[1][0].help == "did you mean `at_least`?"
    assert "did you mean `in`" not in (parse({"staff": {"in": 3}})[1][0].help or "")


def test_all_faults_at_once():
    """Every fault of a condition is told, however deep, and what is right is read."""
    raw = {"all": [{"x": {}}, {"not": {"any": [3, {"y": {"in": 4}}]}}, {"some": 1}]}
    assert [fault.path for fault in parse(raw)[1]] == [
        ("all", 0, "x"),
        ("all", 1, "not", "any", 0),
        ("all", 1, "not", "any", 1, "y", "in"),
        ("all", 2, "some"),
    ]


def test_entry_that_a_reading_took_away():
    """An entry of a list that is null, as a reading may leave it, is not there."""
    assert truth({"all": [None, {"licensed": True}]}, fields={"licensed": True}) is True


def test_walk_visits_all():
    """Walking a condition visits every part and every `where`, leaves only what reads values."""
    raw = {
        "any": [
            {"not": {"licensed": True}},
            {"some": "k", "where": {"size": "large"}},
            {"matched": "m"},
        ]
    }
    names = [c.name for c in walk(read(raw)) if isinstance(c, Is)]
    assert names == ["licensed", "size"]
    assert [leaf.name for leaf in leaves(read(raw))] == ["licensed"]
    assert sum(isinstance(c, Findings) for c in walk(read(raw))) == 1


def test_tests_and_nothing_show_as_they_are_written():
    """Where a test or a missing value is shown, it is by the words of the pack."""
    assert repr(read({"staff": {"at_least": 3}}).test) == "Test({'at_least': 3})"
    assert repr(NOTHING) == "nothing"


def test_literals_fixed_by_a_where():
    """The attributes that a `where` fixes are those it compares with a value or a list of them."""
    raw = {
        "size": "large",
        "cause": {"in": ["oven"]},
        "fixed": {"not": True},
        "all": [{"harm": "much"}],
        "any": [{"smelt": True}],
    }
    assert literals(read(raw)) == {"size": "large", "cause": ["oven"], "harm": "much"}


def test_nothing_conditions_nothing():
    """A condition with no parts always holds."""
    assert All(()) == ALWAYS
    assert (
        ALWAYS.holds(next(iter(view(findings=[batch()]).world("burnt_batch").elements)), view())
        is True
    )


# --- against a naive evaluator -------------------------------------------------------------------


def naive(raw, values, findings, covered):
    """Evaluate a condition as the page of the language says, without any cleverness."""
    for head in ("some", "none", "every", "count"):
        if head in raw:
            return naive_quantifier(head, raw, values, findings, covered)
    found = []
    for key, part in raw.items():
        if key in ("all", "any"):
            truths = [naive(p, values, findings, covered) for p in part]
            found.append(
                naive_and(truths) if key == "all" else naive_not(naive_and(map(naive_not, truths)))
            )
        elif key == "not":
            found.append(naive_not(naive(part, values, findings, covered)))
        else:
            found.append(naive_test(part, values.get(key), values))
    return naive_and(found)


def naive_and(truths):
    """Kleene's and, written anew."""
    truths = list(truths)
    return (
        False
        if any(t is False for t in truths)
        else None
        if any(t is None for t in truths)
        else True
    )


def naive_not(truth_):
    """Kleene's not, written anew."""
    return None if truth_ is None else not truth_


def naive_quantifier(head, raw, values, findings, covered):
    """Range over findings."""
    where = [
        naive(raw.get("where", {}), {**values, **dict.fromkeys(ATTRIBUTES), **f}, findings, covered)
        for f in findings
    ]
    unseen = not findings and not covered and not raw.get("recorded")
    if head == "count":
        low = sum(t is True for t in where)
        high = 99 if unseen else low + sum(t is None for t in where)
        (test,) = ((k, raw[k]) for k in ("at_least", "at_most", "is") if k in raw)
        outcomes = {naive_test(dict([test]), n, values) for n in range(low, high + 1)}
        return outcomes.pop() if len(outcomes) == 1 else None
    if head == "every":
        return naive_and([*where, None] if unseen else where)
    none = naive_and([*map(naive_not, where), None] if unseen else map(naive_not, where))
    return none if head == "none" else naive_not(none)


def naive_test(test, value, values):
    """Test one value."""
    if not isinstance(test, dict):
        test = {"in": test} if isinstance(test, list) else {"is": test}
    found = []
    for key, written in test.items():
        if key == "known":
            found.append((value is not None) == written)
            continue
        named = isinstance(written, dict) and "value" in written
        wanted = values.get(written["value"]) if named else written
        members = value if isinstance(value, frozenset) else [value]
        if isinstance(value, dt.date):
            wanted = dt.date.fromisoformat(wanted)
        if value is None or wanted is None:
            found.append(None)
        elif key in ("is", "includes"):
            found.append(wanted in members)
        elif key == "in":
            found.append(any(m in wanted for m in members))
        elif key == "not":
            found.append(naive_not(naive_test(wanted, value, values)))
        elif key == "any":
            found.append(any(naive_test(wanted, m, values) for m in members))
        else:
            found.append(
                {
                    "at_least": value >= wanted,
                    "at_most": value <= wanted,
                    "before": value < wanted,
                    "after": value > wanted,
                }[key]
            )
    return naive_and(found)


ATTRIBUTES = ("size", "cause", "fixed")
SOME_DAYS = [dt.date(2026, 1, 31), dt.date(2026, 2, 1), dt.date(2026, 2, 2)]
VALUES = {
    "licensed": st.booleans(),
    "staff": st.integers(0, 4),
    "many_from": st.integers(0, 4),
    "guild_grade": st.sampled_from(GRADES[:-1]),
    "service_type": st.frozensets(st.sampled_from(["bread", "cakes", "mill"])),
    "guild_day": st.sampled_from(SOME_DAYS),
}
KNOWABLE = {
    "size": st.sampled_from(["small", "large"]),
    "cause": st.sampled_from(["oven", "baker"]),
    "fixed": st.booleans(),
}


def some_of(strategies):
    """Give values for some of these names."""
    return st.fixed_dictionaries({}, optional=strategies)


def words(*all_words):
    """Give tests of words."""
    one = st.sampled_from(all_words)
    plain = st.one_of(one, st.lists(one, min_size=1, max_size=2, unique=True))
    return st.one_of(plain, st.builds(lambda w: {"not": w}, plain))


def knowing(test):
    """Tests that also ask whether the value is known."""
    return st.one_of(test, st.builds(lambda k: {"known": k}, st.booleans()))


NUMBERS = st.one_of(
    st.integers(0, 4),
    st.builds(
        lambda k, n: {k: n},
        st.sampled_from(["at_least", "at_most", "before", "after", "is"]),
        st.integers(0, 4),
    ),
    st.builds(
        lambda k: {k: {"value": "many_from"}},
        st.sampled_from(["at_least", "at_most", "before", "after"]),
    ),
)
LEAVES = {
    "licensed": st.booleans(),
    "staff": st.one_of(NUMBERS, st.builds(lambda n: {"not": n}, NUMBERS)),
    "guild_grade": words("plain", "fine", "grand"),
    "service_type": st.one_of(
        words("bread", "cakes", "mill"),
        st.builds(lambda w: {"any": w}, words("bread", "cakes")),
        st.builds(lambda w: {"includes": w}, st.sampled_from(["bread", "mill"])),
    ),
    "guild_day": st.builds(
        lambda k, d: {k: d.isoformat()},
        st.sampled_from(["is", "before", "after", "at_least", "at_most"]),
        st.sampled_from(SOME_DAYS),
    ),
}
OF_FINDINGS = {
    "size": words("small", "large"),
    "cause": words("oven", "baker"),
    "fixed": st.booleans(),
}


def trees(named, *, asks_known, also=()):
    """Conditions over some names."""
    tests = {n: knowing(t) if asks_known else t for n, t in named.items()}
    leaf = st.one_of(*[st.builds(lambda t, n=n: {n: t}, t) for n, t in tests.items()], *also)
    return st.recursive(
        st.one_of(leaf, some_of(tests)),
        lambda inner: st.one_of(
            st.builds(
                lambda k, parts: {k: parts},
                st.sampled_from(["all", "any"]),
                st.lists(inner, max_size=3),
            ),
            st.builds(lambda part: {"not": part}, inner),
        ),
        max_leaves=6,
    )


def quantifiers(*, asks_known):
    """Give quantifiers over findings."""
    where = st.fixed_dictionaries(
        {},
        optional={
            "where": trees({**OF_FINDINGS, "licensed": st.booleans()}, asks_known=asks_known)
        },
    )
    tests = st.one_of(
        st.builds(lambda n: {"at_least": n}, st.integers(1, 3)),
        st.builds(lambda k, n: {k: n}, st.sampled_from(["at_most", "is"]), st.integers(0, 3)),
    )
    heads = st.one_of(
        st.sampled_from(["some", "none", "every"]).map(lambda h: {h: "burnt_batch"}),
        tests.map(lambda t: {"count": "burnt_batch", **t}),
    )
    recorded = st.fixed_dictionaries({}, optional={"recorded": st.booleans()})
    return st.builds(lambda h, w, r: {**h, **w, **r}, heads, where, recorded)


def conditions(*, asks_known):
    """Give conditions of any kind."""
    return trees(LEAVES, asks_known=asks_known, also=[quantifiers(asks_known=asks_known)])


def known(fields, findings, *, covered):
    """Give what is known, by name."""
    settings = {"many_from": fields["many_from"]} if "many_from" in fields else {}
    profile = {k: v for k, v in fields.items() if k != "many_from"}
    activities = [looked_at("ovens")] if covered else []
    return view(profile, [batch(**f) for f in findings], activities, settings=settings)


FINDINGS = st.lists(some_of(KNOWABLE), max_size=3)


@settings(deadline=None)
@given(conditions(asks_known=True), some_of(VALUES), FINDINGS, st.booleans())
def test_agrees_with_the_page_of_the_language(raw, fields, findings, covered):
    """Any condition over any facts is as true as the page of the language says."""
    found = read(raw).evaluate(known(fields, findings, covered=covered))
    assert found.truth is naive(raw, fields, findings, covered)


@settings(deadline=None)
@given(
    conditions(asks_known=False),
    some_of(VALUES),
    some_of(VALUES),
    st.tuples(FINDINGS, FINDINGS),
    st.tuples(st.booleans(), st.booleans()),
)
def test_learning_never_turns_an_answer_round(raw, fields, learnt, of_findings, looked):
    """Making what is unknown known never turns true into false or false into true."""
    (findings, told), (before, after) = of_findings, looked
    less = read(raw).evaluate(known(fields, findings, covered=before)).truth
    more_of = [
        {**dict(extra), **f}
        for f, extra in zip(findings, [*told, *[{}] * len(findings)], strict=False)
    ]
    more = read(raw).evaluate(known({**learnt, **fields}, more_of, covered=before or after)).truth
    assert less is None or more is less


@settings(deadline=None)
@given(conditions(asks_known=True), some_of(VALUES), FINDINGS, st.booleans())
def test_reason_is_the_evaluated_tree(raw, fields, findings, covered):
    """Only an unknown reason still needs something, and only a true one has support."""
    found = read(raw).evaluate(known(fields, findings, covered=covered))
    assert bool(list(found.still_needed())) == (found.truth is None)
    assert found.truth or list(found.support()) == []
