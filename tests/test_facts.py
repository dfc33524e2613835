"""What conditions read: absence, ageing, and what takes the place of what."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.check import check
from qaf_rules.engine import load
from qaf_rules.facts import View
from qaf_rules.intake import read_record
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.pack import amended
from qaf_rules.workdays import Interval, add

PACKS = Path(__file__).parent / "packs"
BREAD = load(PACKS / "generic")
ON = dt.date(2026, 3, 2)
YEAR_AGO = dt.date(2025, 3, 2)
YESTERDAY = dt.date(2026, 3, 1)


def record(**parts):
    """Read a record without a fault."""
    made, faults = read_record(parts, BREAD.pack, default_id="loaf", on=ON)
    assert [str(f) for f in faults] == []
    return made


def view(*, on=ON, settings=None, pack=BREAD.pack, **parts):
    """Give what is known of a provider."""
    return View(pack, record(**parts), on, settings or {})


def value(name, **parts):
    """Give the value of a name."""
    return view(**parts).read(name).value


def batch(on=ON, **more):
    """Give a burnt batch."""
    return {"kind": "burnt_batch", "on": on, **more}


def short(on=ON, **more):
    """Give a short order."""
    return {"kind": "short_order", "on": on, **more}


def house(on=ON, **more):
    """Give a state of the bakehouse."""
    return {"kind": "bakehouse", "on": on, **more}


def said(fact, what, on=ON, **more):
    """Give a statement of a fact."""
    return {"kind": "judgement", "fact": fact, "value": what, "on": on, **more}


def looked_at(*topics, on=ON):
    """Give a visit that covered some topics."""
    return {"activity": "tasting", "completed": on, "covered": list(topics)}


def attributes(kind, *names, **parts):
    """Give attributes of the findings as the rating reads them."""
    seen = view(**parts)
    return [tuple(k.get(n, seen) for n in names) for k in seen.world(kind).elements]


# --- where a value comes from --------------------------------------------------------------------


def test_first_source_that_speaks_is_taken():
    """A value is stated, else found, else a field, a setting, derived, or absence."""
    assert value("staff", provider={"staff": 4}) == 4
    assert value("large_from") == 10
    assert view(settings={"large_from": 3}).read("large_from").value == 3
    assert value("large", provider={"staff": 4}) is False
    assert value("large", provider={"staff": 4, "large": True}) is True
    assert value("burnt_batches", findings=[batch()]) == 1
    assert value("burnt_batches", findings=[batch()], facts={"burnt_batches": 3}) == 3


def test_what_follows_is_passed_by_while_it_is_unknown():
    """A value that follows from others is unknown while they are."""
    assert value("large") is None
    assert view().missing("large") == ("staff",)


def test_name_of_nothing_is_unknown():
    """A name that the pack does not declare has no value."""
    assert view().read("moon").value is None
    assert not view().read("moon").given


def test_field_is_dated_by_another():
    """A field is evidence of the day that the field in `dated_by` names."""
    profile = {"guild_grade": "fine", "guild_day": "2026-01-05"}
    ((_, ref, day, *_),) = view(provider=profile).read("guild_grade").evidence
    assert (ref, day) == ("guild_grade", dt.date(2026, 1, 5))


def test_empty_values_of_absence():
    """Where absence means none, the value is the type's empty one, and is not given."""
    read = view().read("crusts")
    assert (read.value, read.given) == ({}, False)


def test_defaults_of_a_value():
    """A value may have a default, a set's absence is the empty set; neither is given."""
    pack = BREAD.amend(
        {
            "vocabulary": {
                "fields": {
                    "shelves": {"type": "count", "default": 4},
                    "grains": {"type": {"set": ["rye"]}, "absent": "none"},
                    "flag": {"type": "boolean", "absent": "none"},
                    "motto": {"type": "text", "absent": "none"},
                }
            }
        }
    ).pack
    seen = view(pack=pack)
    assert [(seen.read(n).value, seen.read(n).given) for n in ("shelves", "grains", "flag")] == [
        (4, False), (frozenset(), False), (False, False),
    ]  # fmt: skip
    assert not seen.read("motto").given


def test_name_that_is_never_asked():
    """A value without words to ask it that follows from nothing is not asked."""
    pack = BREAD.amend({"vocabulary": {"fields": {"mood": {"type": "text"}}}}).pack
    assert view(pack=pack).missing("mood") == ()


# --- K16: absence --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "unseen", "seen"),
    [
        ("burnt_batches", None, 0),
        ("large_batches", None, 0),
        ("short_order_known", None, False),
        ("batches_all_small", None, True),
        ("short_lasting", None, "quick"),
        ("clean", None, None),
        ("missed_returns", 0, 0),
    ],
)
def test_absence_means_none_only_where_it_was_looked_for(fact, unseen, seen):
    """K16: no finding is unknown until its topic was covered; positive facts are never assumed."""
    assert value(fact) is unseen
    assert value(fact, activities=[looked_at("papers")]) is unseen
    assert value(fact, activities=[looked_at("all")]) == seen
    assert value(fact, activities=[looked_at("ovens", "orders", "hygiene")]) == seen


def test_coverage_ages():
    """K16: a look counts for twelve months, the last day included."""
    assert value("burnt_batches", activities=[looked_at("ovens", on=YEAR_AGO)]) == 0
    assert value("burnt_batches", activities=[looked_at("ovens", on=dt.date(2025, 3, 1))]) is None


def test_only_a_done_visit_covers():
    """K16: what is only planned has covered nothing."""
    planned = {"activity": "tasting", "planned": "2026-04-01", "covered": ["all"]}
    assert value("burnt_batches", activities=[planned]) is None


# --- K15: ageing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "on", "live"),
    [
        ("open", dt.date(2020, 1, 1), True),
        ("being_resolved", dt.date(2020, 1, 1), True),
        ("resolved", YEAR_AGO, True),
        ("resolved", dt.date(2025, 3, 1), False),
        ("closed", YEAR_AGO, True),
        ("closed", dt.date(2025, 3, 1), False),
    ],
)
def test_findings_age_once_they_are_settled(status, on, live):
    """K15: a finding counts while it is open, else for twelve months with the last day included."""
    assert (value("burnt_batches", findings=[batch(on, status=status)]) == 1) is live


def test_what_is_not_adverse_ages_whatever_its_status():
    """K15: kinds and values that are not adverse count for twelve months."""
    old = dt.date(2025, 3, 1)
    assert not view(findings=[{"kind": "praise", "on": old}]).on_record("praise")
    assert value("clean", findings=[house(old, clean=True)]) is None
    assert value("clean", findings=[house(old, clean=False)]) is False


@settings(deadline=None)
@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2026, 3, 2)),
    st.sampled_from(["open", "being_resolved", "resolved", "closed"]),
)
def test_live_by_the_rule(on, status):
    """K15 for every day and status: open, or within twelve calendar months."""
    live = status in ("open", "being_resolved") or add(on, Interval(months=12)) >= ON
    assert bool(view(findings=[batch(on, status=status)]).on_record("burnt_batch")) is live


def test_present_tense_reads_only_what_is_open():
    """Kinds in the present tense give only what is open or being resolved."""
    assert value("short_order_known", findings=[short(status="resolved")]) is None
    assert value("short_order_known", findings=[short(status="being_resolved")]) is True
    assert value("burnt_batches", findings=[batch(status="resolved")]) == 1


def test_what_was_entered_later_was_not_known():
    """A finding dated or entered after the day of the question is left out, and counted."""
    later = view(
        findings=[
            batch(dt.date(2026, 3, 3)),
            batch(YESTERDAY, recorded="2026-03-03"),
            batch(YESTERDAY),
        ]
    )
    assert len(later.on_record("burnt_batch")) == 1
    assert later.left_out == 2


def test_records_of_later_days_are_left_out():
    """A record completed, asked for or entered later is left out; a planned one is kept."""
    seen = view(
        activities=[
            {"activity": "tasting", "completed": "2026-03-03"},
            {"activity": "tasting", "requested": "2026-03-03"},
            {"activity": "tasting", "completed": "2026-03-01", "recorded": "2026-03-03"},
            {"activity": "tasting", "planned": "2026-03-03"},
        ]
    )
    assert [r.record.planned for r in seen.records(("tasting",))] == [dt.date(2026, 3, 3)]
    assert seen.left_out == 3


# --- K17: statements -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "what", "on", "expected"),
    [
        ("taste_good", True, YEAR_AGO, True),
        ("taste_good", True, dt.date(2025, 3, 1), None),
        ("papers_held", True, dt.date(2025, 9, 2), True),
        ("papers_held", True, dt.date(2025, 9, 1), None),
    ],
)
def test_statement_stands_for_its_time(fact, what, on, expected):
    """K17: a statement stands for twelve months or its fact's own time, the last day included."""
    found = view(findings=[said(fact, what, on)])
    assert found.read(fact).value is expected
    assert (fact in found.aged) is (expected is None)


def test_later_statement_supersedes():
    """K17: the later of two statements stands, in whatever order they come."""
    both = [
        said("taste_good", what=False, on=dt.date(2026, 1, 1)),
        said("taste_good", what=True, on=dt.date(2026, 2, 1)),
    ]
    assert value("taste_good", findings=both) is True
    assert value("taste_good", findings=both[::-1]) is True


def test_statements_of_one_day_that_differ():
    """K17: two statements of one day that differ make the fact unknown; two that agree do not."""
    differ = view(findings=[said("taste_good", what=True), said("taste_good", what=False)])
    assert differ.read("taste_good").value is None
    assert differ.conflicts == {"taste_good": ON}
    assert value("taste_good", findings=[said("taste_good", what=True)] * 2) is True
    assert (
        value("taste_good", findings=[said("taste_good", what=False)], facts={"taste_good": True})
        is None
    )


def test_true_is_not_one():
    """A truth and a number that Python calls equal are two different statements."""
    assert "staff" not in view(provider={"staff": 1}).conflicts
    pack = BREAD.amend({"vocabulary": {"facts": {"odd": {"type": "any"}}}}).pack
    made, faults = read_record(
        {"findings": [said("odd", what=True), said("odd", what=1)]}, pack, default_id="loaf", on=ON
    )
    assert faults == []
    assert "odd" in View(pack, made, ON, {}).conflicts


def test_unbroken_run_of_statements():
    """The event of a statement is the first day of the unbroken run that says the same."""

    def since(*run):
        ((_, _, day, *_),) = (
            view(findings=[said("taste_good", w, d) for d, w in run]).read("taste_good").evidence
        )
        return day

    jan, feb, mar = dt.date(2026, 1, 5), dt.date(2026, 2, 5), dt.date(2026, 3, 1)
    assert since((jan, True), (feb, True), (mar, True)) == jan
    assert since((jan, True), (feb, False), (mar, True)) == mar
    assert since((dt.date(2024, 1, 1), True), (feb, True)) == feb


# --- statements in place of findings -------------------------------------------------------------


@pytest.mark.parametrize(("visited", "held"), [("2026-02-01", True), ("2026-02-02", None)])
def test_statement_lapses_with_the_activity_it_speaks_of(visited, held):
    """What was stated of the latest visit says nothing once there is a later one."""
    pack = BREAD.amend({"vocabulary": {"facts": {"papers_held": {"lapses_with": "tasting"}}}}).pack
    stated = [said("papers_held", what=True, on=dt.date(2026, 2, 1))]
    visits = [{"activity": "tasting", "completed": visited}]
    assert value("papers_held", pack=pack, findings=stated, activities=visits) is held


@pytest.mark.parametrize(
    ("told", "day", "held"),
    [
        (False, "2026-02-01", False),
        (False, "2026-02-02", None),
        (True, "2026-02-02", True),
        (False, "2026-03-03", False),
        (False, None, False),
    ],
)
def test_statement_stands_until_the_day_of_a_field(told, day, held):
    """What was stated before the day in a field says nothing; another value stands, and a day to come is none."""
    amended = {
        "fields": {"baked_on": {"type": "date", "label": "day of baking", "absent": "unknown"}},
        "facts": {"papers_held": {"stands_until": {"false": "baked_on"}}},
    }
    pack = BREAD.amend({"vocabulary": amended}).pack
    stated = [said("papers_held", what=told, on=dt.date(2026, 2, 1))]
    parts = {"findings": stated, "provider": {"baked_on": day} if day else {}}
    made, faults = read_record(parts, pack, default_id="loaf", on=ON)
    assert not faults
    assert View(pack, made, ON, {}).read("papers_held").value is held


def test_the_field_until_which_a_statement_stands_is_one_of_the_pack():
    """The check finds a field that is not there."""
    change = {"facts": {"papers_held": {"stands_until": {"false": "baked_onn"}}}}
    told = [d.message for d in check(amended(BREAD.pack, {"vocabulary": change}))]
    assert "there is no value `baked_onn` in this pack" in told


def test_maps_stated_on_one_day():
    """Two maps of one day are one statement where they are the same, in whatever order."""
    crisp, soft = {"top": "crisp", "base": "soft"}, {"top": "soft", "base": "soft"}
    turned = dict(reversed(crisp.items()))
    assert value("crusts", findings=[said("crusts", crisp), said("crusts", turned)]) == crisp
    assert value("crusts", findings=[said("crusts", crisp), said("crusts", soft)]) is None


def test_statement_speaks_for_the_whole_kind():
    """Stating a fact of a kind takes the place of its findings recorded by then."""
    parts = {"findings": [batch(YESTERDAY, size="small"), batch(YESTERDAY, size="small")]}
    assert attributes("burnt_batch", "size", **parts) == [("small",), ("small",)]
    assert attributes("burnt_batch", "size", "cause", **parts, facts={"large_batches": 1}) == [
        ("large", None)
    ]


def test_later_findings_count_in_addition():
    """Findings entered after the statement count beside what it describes."""
    findings = [
        batch(dt.date(2026, 1, 1)),
        said("burnt_batches", 2, dt.date(2026, 2, 1)),
        batch(dt.date(2026, 2, 2)),
    ]
    assert value("burnt_batches", findings=findings) == 3
    assert len(attributes("burnt_batch", "size", findings=findings)) == 3
    entered_later = batch(dt.date(2026, 1, 1), recorded=dt.date(2026, 2, 2))
    assert len(attributes("burnt_batch", "size", findings=[findings[1], entered_later])) == 3


def test_displaced_findings_are_told():
    """The result can say how many recorded findings gave way to a statement."""
    seen = view(findings=[batch(YESTERDAY), batch(YESTERDAY)], facts={"burnt_batches": 1})
    assert seen.read("large_batches").value is None
    assert list(seen.displaced()) == [("burnt_batch", 2)]
    assert len(seen.on_record("burnt_batch")) == 2


def test_recorded_quantifiers_see_what_was_displaced():
    """What is on record stays on record, displaced or not."""
    seen = view(findings=[batch(YESTERDAY)], facts={"burnt_batches": 0})
    assert seen.findings(("burnt_batch",)).elements == ()
    assert len(seen.recorded(("burnt_batch",)).elements) == 1


@pytest.mark.parametrize(
    ("facts", "described"),
    [
        ({"burnt_batches": 0}, []),
        ({"burnt_batches": 2}, [(None, None), (None, None)]),
        ({"burnt_batches": 3, "large_batches": 1}, [("large", None), (None, None), (None, None)]),
        ({"large_batches": 2}, [("large", None), ("large", None)]),
        ({"burnt_batches": 1, "batch_cause": "oven"}, [(None, "oven")]),
        ({"batches_all_small": True, "burnt_batches": 2}, [("small", None), ("small", None)]),
        ({"batches_all_small": False}, [("large", None)]),
        ({"batches_all_small": True}, []),
        ({"burnt_batches": 0, "batches_all_small": False}, [("large", None)]),
    ],
)
def test_stated_facts_describe_findings(facts, described):
    """What is stated describes as many findings as a count says, with what was stated."""
    found = attributes("burnt_batch", "size", "cause", facts=facts)
    assert sorted(found, key=str) == sorted(described, key=str)


def test_stated_existence_describes_one():
    """A stated `there is one` is one finding; `there is none` is none."""
    assert attributes(
        "short_order", "lasting", facts={"short_order_known": True, "short_lasting": "slow"}
    ) == [("slow",)]
    assert attributes("short_order", "lasting", facts={"short_order_known": False}) == []


def test_fact_of_two_kinds():
    """A fact speaks for a second kind only where a fact of that kind alone is stated."""
    harm = {"harm": "much"}
    assert attributes("burnt_batch", "harm", facts=harm) == [("much",)]
    assert attributes("short_order", "harm", facts=harm) == []
    assert attributes("short_order", "harm", facts={**harm, "short_order_known": True}) == [
        ("much",)
    ]


def test_attribute_without_saying_that_there_is_one():
    """Saying how something would be does not say that there is any."""
    assert value("short_order_known", facts={"short_lasting": "quick"}) is None
    assert (
        value("short_order_known", facts={"short_order_known": True, "short_lasting": "quick"})
        is True
    )


def test_statements_that_differ_describe_nothing():
    """K17: two statements of one day that differ describe nothing."""
    differ = [said("batch_cause", "oven"), said("batch_cause", "baker"), said("burnt_batches", 1)]
    assert attributes("burnt_batch", "cause", findings=differ) == [(None,)]


# --- counts with bounds --------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.sampled_from([None, "small", "large"]), max_size=4))
def test_count_has_bounds(sizes):
    """A count lies between those that are sure and those that are possible."""
    read = view(
        findings=[batch(**({"size": s} if s else {})) for s in sizes], activities=[looked_at("all")]
    ).read("large_batches")
    assert read.low == sizes.count("large")
    assert read.high == sizes.count("large") + sizes.count(None)
    assert read.value == (read.low if read.low == read.high else None)


def test_part_of_a_stated_count_is_bounded_by_it():
    """A stated whole bounds its parts; a stated part does not say the whole."""
    whole = view(facts={"burnt_batches": 2}).read("large_batches")
    assert (whole.value, whole.low, whole.high) == (None, 0, 2)
    part = view(facts={"large_batches": 2}).read("burnt_batches")
    assert (part.value, part.low, part.high) == (None, 2, None)
    assert value("large_batches", facts={"burnt_batches": 0}) == 0


# --- states and marks ----------------------------------------------------------------------------


def test_later_state_stands():
    """Of two findings of a state the later stands, attribute by attribute."""
    old, new = (
        house(dt.date(2026, 1, 1), clean=False, baker_present=True),
        house(dt.date(2026, 2, 1), clean=True),
    )
    for findings in ([old, new], [new, old]):
        assert value("clean", findings=findings) is True
        assert value("baker_present", findings=findings) is True


def test_states_of_one_day_that_differ():
    """Two findings of one day that differ leave the attribute unknown, and say which."""
    seen = view(
        findings=[house(clean=True, baker_present=True), house(clean=False, baker_present=True)]
    )
    assert seen.read("clean").value is None
    assert seen.read("baker_present").value is True
    assert seen.world("bakehouse").differing == ("clean",)


def test_worst_of_several_findings_is_the_fact():
    """A stated attribute is adverse where one finding is, unknown where they differ else."""
    assert value("batches_all_small", findings=[batch(size="small"), batch(size="large")]) is False
    assert value("batches_all_small", findings=[batch(size="small")]) is True
    assert value("batches_all_small", findings=[batch(size="small"), batch()]) is None
    assert value("batch_cause", findings=[batch(cause="oven"), batch(cause="baker")]) is None
    assert value("batch_cause", findings=[batch(cause="oven")] * 2) == "oven"


def test_mark_is_on_the_findings_it_saw():
    """A judgement about findings marks those entered by its day and displaces none."""
    findings = [
        batch(dt.date(2026, 1, 1)),
        said("batches_smelt", what=True, on=dt.date(2026, 2, 1)),
        batch(dt.date(2026, 2, 2)),
    ]
    assert attributes("burnt_batch", "smelt", findings=findings) == [(True,), (None,)]


def test_mark_that_its_kind_does_not_declare():
    """A mark needs no attribute of the kind: what it did not see is unknown all the same."""
    tie = {"kind": "burnt_batch", "attribute": "heard"}
    fact = {"type": "boolean", "ask": "Were they heard?", "marks": tie}
    pack = BREAD.amend({"vocabulary": {"facts": {"heard": fact}}}).pack
    made, _ = read_record(
        {
            "findings": [
                batch(dt.date(2026, 1, 1)),
                said("heard", what=True, on=dt.date(2026, 2, 1)),
                batch(dt.date(2026, 2, 2)),
            ]
        },
        pack,
        default_id="loaf",
        on=ON,
    )
    seen = View(pack, made, ON, {})
    elements = seen.world("burnt_batch").elements
    assert [known.get("heard", seen) for known in elements] == [True, None]


def test_judgement_of_a_set_displaces_nothing():
    """A judgement over a set leaves its findings as they are."""
    assert (
        len(
            attributes(
                "burnt_batch", "size", findings=[batch(YESTERDAY)], facts={"batches_many": True}
            )
        )
        == 1
    )


# --- what a finding, a record, an item and a decision say ----------------------------------------


def test_attributes_of_a_finding():
    """A finding says its kind, status, evidence and age; what it does not say is unknown."""
    seen = view(
        provider={"staff": 4},
        findings=[batch(YESTERDAY, evidence=["photo", "receipt"], source="miller")],
    )
    (known,) = seen.on_record("burnt_batch")
    names = (
        "kind",
        "status",
        "open",
        "source",
        "urgent",
        "evidence_kinds",
        "age_days",
        "issue",
        "provider",
        "size",
        "staff",
        "sole_support",
    )
    assert [known.get(n, seen) for n in names] == [
        "burnt_batch", "open", True, "miller", False, 2, 1, True, "loaf", None, 4, False,
    ]  # fmt: skip
    assert known.get("evidence", seen) == frozenset({"photo", "receipt"})


def test_issue_of_a_state_is_by_its_values():
    """A finding of a state states an issue where its values are adverse; praise never does."""
    seen = view(
        findings=[house(clean=True), house(YESTERDAY, clean=False), {"kind": "praise", "on": ON}]
    )
    assert [k.get("issue", seen) for k in seen.on_record("bakehouse")] == [True, False]
    assert seen.on_record("praise")[0].get("issue", seen) is False


def test_fact_that_exists_is_true_of_each_finding():
    """A fact that says there is one of a kind is true of every recorded finding of it."""
    seen = view(findings=[short()])
    (known,) = seen.on_record("short_order")
    assert known.get("short_order_known", seen) is True


def test_attributes_of_a_record():
    """A record says whether it is done or upcoming, and how much notice was given."""
    (planned,) = view(
        activities=[
            {
                "activity": "tasting",
                "planned": "2026-03-12",
                "notified": "2026-03-02",
                "attendees": ["taster"],
            }
        ]
    ).records(("tasting",))
    assert [planned.get(n) for n in ("done", "upcoming", "notice_days", "location", "covered")] == [
        False,
        True,
        10,
        None,
        frozenset(),
    ]
    assert planned.get("attendees") == frozenset({"taster"})
    (done,) = view(
        activities=[{"activity": "tasting", "completed": ON, "evidence": ["photo"]}]
    ).records(("tasting",))
    assert [
        done.get(n) for n in ("done", "upcoming", "notice_days", "attendees", "evidence_kinds")
    ] == [True, False, None, None, 1]


def test_confirmed_rating_is_a_record_of_its_activity():
    """A confirmed rating counts as done of the activity that confirms ratings."""
    seen = view(ratings=[{"level": 3, "on": YESTERDAY, "by": "taster"}])
    assert [d.record.outcome for d in seen.done(("award_crust",))] == ["3"]


def test_worlds_are_made_once_and_leave_the_record():
    """What the rating reads is a copy: marking or standing changes nothing that is on record."""
    seen = view(findings=[house(dt.date(2026, 1, 1), clean=False), house(clean=True)])
    assert seen.world("bakehouse") is seen.world("bakehouse")
    assert [k.get("clean", seen) for k in seen.on_record("bakehouse")] == [False, True]


def test_missed_returns_that_a_person_stated():
    """What a person states of derived findings goes before what the schedule makes."""
    seen = view(facts={"missed_returns": 0})
    seen.add_derived("missed_return", [("flour_return", ON, {"return_kind": "stock"})])
    assert seen.read("missed_returns").value == 0
    told = view()
    assert told.read("missed_returns").value == 0
    told.add_derived("missed_return", [("flour_return", ON, {"return_kind": "stock"})])
    assert told.read("missed_returns").value == 1


# --- reading aside -------------------------------------------------------------------------------


def test_what_is_read_aside_is_not_noted():
    """Aside the same is read, of the same findings, and nothing of it is noted in the answer."""
    adults = load("adults")
    fields = {"regulator_overall": "good", "regulator_rating_date": ON + dt.timedelta(days=1)}
    made, faults = read_record({"provider": fields}, adults.pack, default_id="home", on=ON)
    assert faults == []
    seen = View(adults.pack, made, ON, {})
    aside = seen.aside()
    assert aside.read("regulator_overall").value == "good"
    assert (aside.not_yet, seen.not_yet) == ({"regulator_overall"}, set())
    assert "regulator_overall" not in seen.kept["read"]

    bread = view(findings=[batch(), said("clean", what=True)])
    group = bread.findings(("burnt_batch",))
    aside = bread.aside()
    assert aside.findings(("burnt_batch",)) is group
    assert aside.read("clean").value is True
    assert "clean" not in bread.kept["read"]


def test_what_follows_from_itself_asks_for_nothing():
    """A fact that follows from itself, or from one that follows from it, is unknown, and nothing tells it."""
    kind = {"type": "boolean", "label": "round"}
    facts = {
        "one": {**kind, "derive": [{"when": {"two": True}, "value": True}]},
        "two": {**kind, "derive": [{"when": {"one": True}, "value": True}]},
    }
    flag = {"text": "Round.", "clause": "B-002", "when": {"one": True}}
    pack = BREAD.amend({"vocabulary": {"facts": facts}, "flags": {"round": flag}}).pack
    view = View(pack, ProviderRecord(provider=Provider(id="loaf")), ON, {})
    assert view.read("one").value is None
    assert view.missing("one") == ()
