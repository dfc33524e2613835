"""The suggestion: what is matched, what is passed over, and what could still change it."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.intake import read_record

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)
GOLDEN = {"clean": True, "taste_good": True, "burnt_batches": 0, "short_order_known": False}


def assess(framework=BREAD, *, on=ON, provider=None, settings=None, **parts):
    """Assess a provider as a register would hand it in."""
    made, faults = read_record(
        {"provider": provider, **parts}, framework.pack, default_id="loaf", on=on
    )
    assert [str(f) for f in faults] == []
    under = framework.using(settings=settings) if settings else framework
    return under.assess(made, on=on)


def suggest(framework=BREAD, **parts):
    """Give the suggestion."""
    return assess(framework, **parts).suggestion


def outcome(framework=BREAD, **parts):
    """Give the status and the level."""
    found = suggest(framework, **parts)
    return found.status, found.level


def matched(framework=BREAD, **parts):
    """Give the criteria that are matched."""
    return [c.id for c in suggest(framework, **parts).matched]


def passed_over(**parts):
    """Give what is passed over."""
    return {e.ref for e in suggest(**parts).passed_over}


def batch(on=ON, **more):
    """Give a burnt batch."""
    return {"kind": "burnt_batch", "on": on, **more}


def short(**more):
    """Give a short order."""
    return {"kind": "short_order", "on": ON, **more}


def looked_at(*topics):
    """Give a visit that covered some topics."""
    return [{"activity": "tasting", "completed": ON, "covered": list(topics)}]


# --- K7: the ladder ------------------------------------------------------------------------------


def test_nothing_to_go_on():
    """K7: with no fact of the rating known there is no suggestion, and all are needed."""
    found = suggest()
    assert (found.status, found.level, found.matched) == ("none", None, ())
    assert {"clean", "taste_good", "burnt_batches", "short_order_known"} <= set(found.unknown)
    assert outcome(provider={"licensed": True, "staff": 3}) == ("none", None)


def test_best_level_needs_every_fact():
    """K7: the best level only where all of its facts are known and met."""
    assert outcome(facts=GOLDEN) == ("suggested", 1)
    for name in GOLDEN:
        rest = {k: v for k, v in GOLDEN.items() if k != name}
        assert outcome(facts=rest) == ("insufficient_information", None)
        assert name in suggest(facts=rest).unknown


def test_best_level_from_what_was_looked_at():
    """K16: a look stands for the absence of trouble, not for what is good."""
    positive = {"clean": True, "taste_good": True}
    assert outcome(facts=positive, activities=looked_at("all")) == ("suggested", 1)
    assert outcome(activities=looked_at("all")) == ("insufficient_information", None)


def test_worst_of_what_is_matched():
    """K7: the level is that of the worst criterion matched, and all that hold are told."""
    found = suggest(
        findings=[batch(size="small"), batch(size="large", fixed=False)],
        facts={"clean": True, "taste_good": True},
    )
    assert (found.status, found.level) == ("suggested", 4)
    assert [c.id for c in found.matched] == [
        "golden_clean",
        "golden_taste",
        "small_batch",
        "large_unfixed",
    ]


def test_one_finding_has_all_of_it():
    """Two orders that satisfy half a criterion each do not meet it."""
    halves = [short(lasting="slow", hits=False), short(lasting="quick", hits=True)]
    assert outcome(findings=halves) == ("gap", 2)
    assert outcome(findings=[*halves, short(lasting="slow", hits=True)]) == ("suggested", 3)


# --- qualifiers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "facts", "expected"),
    [
        ([batch(size="small")], {"batches_smelt": True}, ["small_batch", "smelt"]),
        ([batch(size="small")], {"batches_smelt": False}, ["small_batch"]),
        ([batch(size="large", fixed=True)], {"batches_smelt": True}, []),
        ([batch(size="small")], {}, ["small_batch"]),
    ],
)
def test_qualifier_only_with_what_it_narrows(findings, facts, expected):
    """K7: a qualifier is matched only with a criterion that it narrows."""
    assert matched(findings=findings, facts=facts) == expected


def test_qualifier_alone_sets_no_level():
    """K7: a qualifier worse than what it narrows leaves the level as it is."""
    worse = BREAD.amend({"rating": {"smelt": {"level": 4}}})
    assert outcome(worse, findings=[batch(size="small")], facts={"batches_smelt": True}) == (
        "suggested",
        2,
    )


def test_undecided_qualifier():
    """A qualifier of what is unknown is unknown, and false where its own condition is."""
    by_id = {
        c.id: c.matched for c in suggest(findings=[batch()], facts={"batches_smelt": True}).criteria
    }
    assert (by_id["small_batch"], by_id["smelt"]) == (None, None)
    by_id = {
        c.id: c.matched
        for c in suggest(findings=[batch()], facts={"batches_smelt": False}).criteria
    }
    assert by_id["smelt"] is False


# --- K18: nothing adverse is passed over ---------------------------------------------------------


def test_unread_trouble_is_a_gap():
    """K18: a live trouble that no matched criterion reads is a gap, with a question."""
    found = assess(findings=[batch(size="large", fixed=True, ref="b1")])
    assert (found.suggestion.status, found.suggestion.level, found.suggestion.gap) == (
        "gap",
        2,
        True,
    )
    assert "gap:b1" in [q.id for q in found.questions]


def test_gap_beside_a_level():
    """K7: with a worse criterion matched its level stands, and the gap is told beside it."""
    found = suggest(findings=[batch(size="small"), batch(ref="odd", size="large", fixed=True)])
    assert (found.status, found.level, found.gap) == ("suggested", 2, True)
    assert [e.ref for e in found.passed_over] == ["odd"]


def test_read_trouble_is_passed_over_in_nothing():
    """K18: a finding that one matched criterion reads is passed over by none."""
    assert not suggest(findings=[batch(size="small", cause="oven", smelt=True)]).gap


def test_benign_findings_are_no_gap():
    """K18: what a kind declares benign, and kinds that are not adverse, are no gap."""
    assert not passed_over(findings=[batch(size="large", fixed=True, status="closed")])
    assert not passed_over(findings=[{"kind": "praise", "on": ON}])
    assert passed_over(
        findings=[
            batch(ref="b1", size="large", fixed=False, status="resolved", source="customer"),
            batch(ref="b2"),
        ]
    ) == {"b2"}


def test_golden_facts_with_a_gap():
    """K18: an unread trouble keeps the best level from being suggested."""
    assert outcome(facts={**GOLDEN, "batches_many": False}, findings=[]) == ("suggested", 1)
    framework = BREAD.amend(
        {"rating": {"golden_orders": {"when": {"none": {"remove": True}, "taste_good": True}}}}
    )
    good = {"clean": True, "taste_good": True, "burnt_batches": 0}
    assert outcome(framework, facts=good, findings=[short()]) == ("gap", 2)


def test_stated_adverse_value_that_nothing_reads():
    """K18: a stated adverse value is a gap unless a matched criterion reads it."""
    assert "taste_good" in passed_over(facts={"taste_good": False})
    assert not passed_over(facts={"taste_good": True})
    framework = BREAD.amend(
        {"rating": {"bad_taste": {"level": 3, "when": {"taste_good": False}, "text": "Bad taste."}}}
    )
    found = suggest(framework, facts={"taste_good": False})
    assert (found.status, found.level, found.gap) == ("suggested", 3, False)


@pytest.mark.parametrize(("licensed", "adverse"), [(False, True), (True, False), (None, False)])
def test_adverse_only_when(licensed, adverse):
    """A value that is adverse only on a condition is a gap only where it is known to hold."""
    framework = BREAD.amend(
        {
            "rating": {
                "helped": {"level": 4, "when": {"wants_help": True, "staff": 99}, "text": "Help."}
            }
        }
    )
    profile = {} if licensed is None else {"licensed": licensed}
    assert (
        bool(suggest(framework, provider=profile, facts={"wants_help": True}).passed_over)
        is adverse
    )


def test_facts_outside_the_rating_are_no_gap():
    """K18: only facts of the rating count; what no criterion speaks of is outside it."""
    assert outcome(provider={"licensed": False}, facts={"wants_help": True}) == ("none", None)


def test_statement_that_describes_findings():
    """K18: what a statement describes is passed over where no criterion reads it."""
    assert outcome(facts={"burnt_batches": 1, "batches_all_small": True}) == ("suggested", 2)
    assert outcome(facts={"burnt_batches": 1}) == ("gap", 2)
    assert outcome(facts={"batches_all_small": False}) == ("gap", 2)


def test_best_level_that_is_not_met():
    """K7: a fact of the best level that is known and not met is itself the gap."""
    framework = BREAD.amend(
        {
            "rating": {
                "golden_papers": {
                    "level": 1,
                    "mode": "all",
                    "when": {"papers_held": True},
                    "text": "The papers are held.",
                }
            }
        }
    )
    found = assess(framework, facts={**GOLDEN, "papers_held": False})
    assert (found.suggestion.status, found.suggestion.level) == ("gap", 2)
    assert [e.ref for e in found.suggestion.passed_over] == ["golden_papers"]
    assert (
        "of which this does not hold: The papers are held."
        in found.questions["gap:golden_papers"].text
    )


def test_judgement_over_a_set_reads_its_findings():
    """K18: a matched criterion that rests on a judgement over a set reads that set's findings."""
    odd = [batch(ref="b1", size="large", fixed=True)]
    assert passed_over(findings=odd) == {"b1"}
    found = suggest(findings=odd, facts={"batches_many": True})
    assert (found.level, found.gap) == (3, False)


def test_floor_under_the_other_reading():
    """The other reading of a gap takes the next level that speaks of the trouble's kind."""
    rounded = BREAD.using(readings={"X-B-01": "next_level"})
    assert outcome(rounded, findings=[short(lasting="quick")]) == ("gap", 3)
    assert outcome(rounded, findings=[batch(size="large", fixed=True)]) == ("gap", 2)
    assert outcome(rounded, facts={"taste_good": False}) == ("gap", 2)


# --- what could still change it ------------------------------------------------------------------


def test_what_could_still_change_the_level():
    """A suggestion names the facts that could make it worse, and how bad it could be."""
    found = suggest(findings=[batch(size="small"), batch(size="large")], settings={"many_from": 9})
    assert (found.level, found.lowest, found.highest) == (2, 2, 4)
    assert str(found) == "2, possibly 4"
    assert found.unknown[0] == "burnt_batch.fixed"


def test_settled_suggestion_needs_nothing():
    """Where no worse level is open, nothing is still needed."""
    found = suggest(findings=[batch(size="large", fixed=False)])
    assert (found.level, found.highest, found.unknown, str(found)) == (4, 4, (), "4")


def test_why_not_is_in_the_tree():
    """Every criterion is told with its truth and reason, those that do not hold too."""
    found = suggest(findings=[batch(size="large", fixed=True)])
    by_id = {c.id: c for c in found.criteria}
    assert list(by_id) == list(BREAD.pack.rating)
    assert by_id["large_unfixed"].matched is False
    assert by_id["large_unfixed"].reason.truth is False


def test_words_for_no_level():
    """A suggestion without a level says in words why there is none."""
    assert str(suggest()) == "nothing to go on"
    assert suggest().possibly == ""
    assert str(suggest(facts={"clean": True})) == "not enough is known"
    assert str(suggest(findings=[batch(size="large", fixed=True)])).startswith(
        "at least 2, with a gap"
    )


def test_limit_of_a_count_is_a_setting():
    """A judged `many` becomes a count where the council has set a number."""
    several = [batch(size="small"), batch(size="small", on=dt.date(2026, 2, 1))]
    assert matched(findings=several) == ["small_batch"]
    assert "many_from" in suggest(findings=several).unknown
    assert "many_batches" in matched(findings=several, settings={"many_from": 2})
    assert "many_batches" not in matched(findings=several, settings={"many_from": 3})


def test_other_method_asks():
    """Where a panel rates, nothing is suggested, and who rates is asked."""
    worst = [batch(size="large", fixed=False)]
    chosen = assess(BREAD.using(readings={"X-B-05": "taste_panel"}), findings=worst)
    assert (chosen.suggestion.status, chosen.suggestion.level) == ("insufficient_information", None)
    stated = assess(
        BREAD.amend({"pack": {"rating": {"method": "ask", "ask_about": "X-B-05"}}}), findings=worst
    )
    assert stated.suggestion.level is None
    assert "X-B-05" in [q.id for q in stated.questions]


def test_no_criterion_for_the_best_level():
    """K7: with no criterion for the best level no gap is claimed of nothing."""
    framework = BREAD.amend(
        {"rating": {c: {"remove": True} for c in BREAD.pack.rating if c.startswith("golden")}}
    )
    found = suggest(framework, facts={"clean": True})
    assert (found.status, found.gap) == ("insufficient_information", False)


# --- laws ----------------------------------------------------------------------------------------

BATCHES = st.fixed_dictionaries(
    {"kind": st.just("burnt_batch"), "on": st.dates(dt.date(2025, 6, 1), ON)},
    optional={
        "size": st.sampled_from(["small", "large"]),
        "fixed": st.booleans(),
        "status": st.sampled_from(["open", "resolved", "closed"]),
        "source": st.sampled_from(["taster", "customer"]),
    },
)
SHORTS = st.fixed_dictionaries(
    {"kind": st.just("short_order"), "on": st.dates(dt.date(2025, 6, 1), ON)},
    optional={
        "lasting": st.sampled_from(["quick", "slow"]),
        "hits": st.booleans(),
        "status": st.sampled_from(["open", "closed"]),
    },
)
FINDINGS = st.lists(st.one_of(BATCHES, SHORTS), max_size=4)
FACTS = st.fixed_dictionaries(
    {},
    optional={"clean": st.booleans(), "taste_good": st.booleans(), "batches_many": st.booleans()},
)


@settings(deadline=None)
@given(FINDINGS, FACTS)
def test_level_and_bounds_hold_together(findings, facts):
    """The level lies between its bounds, and only a matched one is suggested."""
    found = suggest(findings=findings, facts=facts)
    if found.level is not None:
        assert found.lowest <= found.level <= found.highest
    match found.status:
        case "suggested":
            assert found.level == 1 or found.level in {c.level for c in found.matched}
        case "gap":
            assert found.level == 2
            assert found.gap
        case _:
            assert found.level is None
            assert not found.gap


@settings(deadline=None)
@given(
    FINDINGS,
    FACTS,
    st.sampled_from(
        [batch(size="large", fixed=False), short(lasting="slow", hits=True), batch(), short()]
    ),
)
def test_one_more_trouble_never_improves_the_level(findings, facts, trouble):
    """A further adverse finding never makes the suggested level better."""
    before, after = (
        suggest(findings=findings, facts=facts),
        suggest(findings=[*findings, trouble], facts=facts),
    )
    assert (after.level or 0) >= (before.level or 0)


@settings(deadline=None)
@given(FINDINGS, FACTS)
def test_every_live_trouble_is_read_or_passed_over(findings, facts):
    """K18 for any findings: what is adverse is read by a matched criterion or told."""
    told = [{**f, "ref": f"f{n}"} for n, f in enumerate(findings)]
    found = suggest(findings=told, facts=facts)
    read = {e.ref for c in found.matched for e in c.reason.support()}
    judged = facts.get("batches_many") is True
    for finding in told:
        closed = finding.get("status") == "closed"
        if finding["kind"] == "burnt_batch":
            benign, judged_too = closed and finding.get("fixed") is True, judged
        else:
            benign, judged_too = closed, False
        known = (
            finding["ref"] in read
            or finding["ref"] in {e.ref for e in found.passed_over}
            or judged_too
        )
        assert known is not benign or (benign and known)
