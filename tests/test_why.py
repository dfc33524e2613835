"""Any part of an answer explained in a line, a paragraph or the whole tree, and why not."""

import datetime as dt
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.condition import parse
from qaf_rules.errors import InputError
from qaf_rules.facts import View
from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord
from qaf_rules.phrases import Phrases
from qaf_rules.words import Words

ROOT = Path(__file__).parents[1]
TEXTS = Path(__file__).parent / "golden" / "texts"
ON = dt.date(2026, 11, 22)
PACKS = ("adults", "children")


@pytest.fixture(scope="module")
def opened():
    """Give each framework with its example register, assessed."""
    found = {}
    for name in PACKS:
        framework = qaf.load(name)
        register = qaf.read_register(ROOT / "examples" / f"{name}.yaml", framework)
        framework = framework.using(settings=dict(register.settings))
        found[name] = (framework, register, [framework.assess(r, on=ON) for r in register])
    return found


def parts(pack):
    """Give everything of a pack that can be asked about."""
    return [
        *("rating", *pack.levels, *pack.rating, *pack.activities, *pack.actions),
        *(*pack.questions, *pack.flags, *pack.readings, *pack.values),
    ]


@pytest.mark.no_cover  # much of the same: its lines are covered elsewhere
@pytest.mark.parametrize("name", PACKS)
def test_everything_can_be_asked_about(opened, name):
    """Each rule of the pack is explained for each provider, and no answer is empty."""
    framework, _, assessments = opened[name]
    for assessment in assessments:
        for about in parts(framework.pack):
            told = assessment.why(about)
            assert told.line.endswith((".", "?", "!"))
            assert told.paragraph == str(told)
            assert told.tree.strip()
            assert told.about == str(about)


@pytest.mark.parametrize("name", PACKS)
def test_an_explanation_agrees_with_the_answer(opened, name):
    """What is part of the answer is told as holding, what is no part of it never is."""
    framework, _, assessments = opened[name]
    for a in assessments:
        matched = {c.id for c in a.suggestion.matched}
        undecided = {c.id for c in a.suggestion.criteria if c.matched is None}
        for id_ in framework.pack.rating:
            wanted = True if id_ in matched else (None if id_ in undecided else False)
            assert a.why(id_).truth is wanted
        for id_ in framework.pack.actions:
            assert (a.why(id_).truth is True) == a.actions.has(id_)
        for id_ in framework.pack.flags:
            assert (a.why(id_).truth is True) == a.flags.has(id_)


@pytest.mark.parametrize("name", PACKS)
def test_the_facts_of_an_explanation_come_to_the_same_again(opened, name):
    """Each fact that an explanation lists has its truth again from itself alone."""
    framework, _, assessments = opened[name]
    for assessment in assessments[::5]:
        for about in parts(framework.pack):
            for fact in assessment.why(about).facts:
                assert fact.again() is fact.truth


@pytest.mark.parametrize("name", PACKS)
def test_an_item_follows_from_what_its_explanation_lists(opened, name):
    """With the fields and records that an explanation lists and no others an item is the same."""
    framework, register, assessments = opened[name]
    compared = 0
    for record, assessment in zip(register, assessments, strict=True):
        for item in assessment.schedule:
            if item.status == "not_applicable":
                continue
            compared += 1
            facts = assessment.why(item.id).facts
            read = {n for fact in facts for n in fact.name.split(", ")}
            read |= {e.ref for fact in facts for e in fact.evidence}  # what a value follows from
            fields = {n: v for n, v in record.provider.fields.items() if n in read}
            activities = tuple(a for a in record.activities if a.activity in read)
            pruned = record.model_copy(
                update={
                    "provider": record.provider.model_copy(update={"fields": fields}),
                    "activities": activities,
                    "findings": tuple(f for f in record.findings if f.fact in read),
                }
            )
            again = framework.assess(pruned, on=ON)
            assert (item.id, item.status, item.due) in {
                (i.id, i.status, i.due) for i in again.schedule
            }
    assert compared > 50


@pytest.mark.parametrize("name", PACKS)
def test_no_free_text_is_told(opened, name):
    """What was written in a finding stays there: a text is told as given."""
    framework, _, _ = opened[name]
    written = "Mrs Example fell"
    fields = {"service_type": frozenset({next(iter(_services(framework)))})}
    stated = [
        Finding(kind="judgement", on=ON, fact=fact, value=written)
        for fact in ("at_risk_reason", "incident_recurring_theme")
    ]
    record = ProviderRecord(provider=Provider(id="p", fields=fields), findings=tuple(stated))
    assessment = framework.assess(record, on=ON)
    for about in parts(framework.pack):
        told = assessment.why(about)
        assert written not in f"{told.line} {told.paragraph} {told.tree}"


def _services(framework):
    return framework.pack.values["service_type"].type.values


@pytest.mark.parametrize(
    ("name", "provider", "abouts"),
    [
        (
            "adults",
            "cobden-house",
            ["rating", 4, 3, 1, "no_registered_manager", "qm1", "impact_and_risk_meeting", "qm6"],
        ),
        (
            "adults",
            "ellesby-grange",
            ["rating", 3, 4, "paperwork_held", "out_of_scope", "pharmoutcomes_return", "X-A-10"],
        ),
        ("adults", "gorse-bank", ["rating", 1, "minor_complaints_trending", "safety_affected"]),
        ("adults", "birch-lea", ["rating", "reporting_period_missed", "untriangulated"]),
        ("adults", "westmere-house", ["rating", "contract_met", "qm1", "out_of_scope"]),
        ("children", "gatehouse-living", ["rating", 4, "safeguarding_numerous", "qmc1"]),
        ("children", "copper-beech", ["rating", 5, "allocate_pqr", "qmc9b", "qmc2"]),
    ],
)
def test_explanations_read_as_agreed(opened, golden, name, provider, abouts):
    """The three lengths of an explanation are those that were read and agreed."""
    framework, register, _ = opened[name]
    assessment = framework.assess(register[provider], on=ON)
    told = []
    for about in abouts:
        e = assessment.why(about)
        told.append(f"# {about}\n\n{e.line}\n\n{e.paragraph}\n\n{e.tree}\n")
    golden(f"why-{provider}", "\n".join(told))


# --- what it would take --------------------------------------------------------------------------

HOME = {"service_type": frozenset({"care_home"}), "cqc_regulated": True, "regulator": "cqc"}


def assessed(*findings, activities=(), decisions=(), **fields):
    """Assess a care home."""
    provider = Provider(id="p", fields={**HOME, **fields})
    record = ProviderRecord(
        provider=provider, findings=findings, activities=activities, decisions=decisions
    )
    return qaf.load("adults").assess(record, on=ON)


def test_the_nearest_way_comes_first():
    """Of two ways to hold the one with fewer leaves to change is told first."""
    poor = Finding(kind="experience", on=ON, attributes={"experience": "very_poor"})
    told = assessed(poor).why("very_poor_experience")
    assert told.truth is None
    assert "very poor (now" not in str(told)  # that holds already


def test_a_way_says_what_has_to_stay_so(opened):
    """What holds only as there are no complaints would still have to hold of them."""
    framework, register, _ = opened["adults"]
    told = framework.assess(register["alder-court"], on=ON).why("minor_complaints_trending")
    assert "it would take complaints: 1 or 2" in told.line
    assert told.line.split(", and then still ")[1].startswith("every complaint is minor: yes and")
    away = framework.assess(register["alder-court"], on=ON).why("no_registered_manager")
    assert "still" not in away.paragraph


def test_a_source_is_named_by_its_own_word(opened):
    """The regulator as a source is not what was heard from it."""
    framework, register, _ = opened["adults"]
    told = framework.assess(register["alder-court"], on=ON).why(4)
    assert "another professional or the regulator, safety impact" in told.paragraph


def test_a_gap_that_may_prove_benign_is_no_floor():
    """A closed concern that may not have been substantiated leaves the best level possible."""
    framework = qaf.load("adults")
    closed = {"kind": "safeguarding", "on": ON, "status": "closed", "ref": "S-1"}
    provider = qaf.Provider(id="p", fields={"service_type": frozenset({"care_home"})})
    record = qaf.ProviderRecord(
        provider=provider, findings=(qaf.Finding(**closed, attributes={"stage": "concern"}),)
    )
    a = framework.assess(record, on=ON)
    assert str(a.suggestion) == "2, with a gap, possibly 1 to 5"
    assert a.why().line.startswith(
        "Level 2 (Minor concern), as something adverse fits no criterion"
    )
    assert "possibly 1 to 5" in a.why().line


def test_a_closed_action_says_what_closes_it():
    """An action that was started and is closed is told so, with what started it."""
    met = Activity(activity="impact_and_risk_meeting", completed=ON)
    told = assessed(
        regulator_overall="inadequate",
        regulator_rating_date=dt.date(2026, 10, 1),
        activities=(met,),
    ).why("impact_and_risk_meeting")
    assert told.truth is False
    assert "started, and closed since" in told.line
    assert "inadequate" in told.paragraph


def test_a_shorter_interval_is_told_with_its_day():
    """The tree of an activity names the decision that made its interval shorter."""
    shorter = Decision(
        decision="shorter_interval",
        on=dt.date(2026, 1, 2),
        by="cqmo",
        reason="increased risk",
        carries={"activity": "qm1", "every": "6 months"},
    )
    held = Activity(activity="qm1", completed=dt.date(2026, 3, 2))
    told = assessed(activities=(held,), decisions=(shorter,)).why("qm1")
    assert "decided 2 January 2026" in told.tree


def test_nothing_is_judged_of_a_service_outside_the_framework():
    """Of a service that is out of scope every part is explained by that."""
    elsewhere = assessed(commissioned_by_bolton=False)
    for about in ("rating", 3, "contract_met", "qm1", "allocate_pqr"):
        told = elsewhere.why(about)
        assert told.truth is False
        assert "outside this framework" in told.line


def test_what_is_known_is_not_asked():
    """A question about a known fact says what is known; one about a chosen reading which."""
    told = assessed().why("cqc_regulated")
    assert "it is known: yes" in told.line
    chosen = qaf.load("adults").using(readings={"X-A-10": "monthly"})
    record = ProviderRecord(provider=Provider(id="p", fields=HOME))
    assert "a reading is chosen: monthly" in chosen.assess(record, on=ON).why("X-A-10").line


@pytest.mark.parametrize(
    ("about", "message", "help_"),
    [
        ("no_registerd_manager", "nothing called `no_registerd_manager`", "no_registered_manager"),
        ("zzz", "nothing called `zzz` to explain", "give `rating`, a level, or an id"),
        (9, "there is no level 9", "the scale has `1`, `2`, `3`, `4` or `5`"),
        (-1, "there is no level -1", "the scale has"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_help(about, message, help_):
    """An unknown name or level is an error that says what may be asked about."""
    with pytest.raises(InputError) as caught:
        assessed().why(about)
    assert message in str(caught.value)
    assert help_ in str(caught.value)


def test_a_qualifier_that_narrows_nothing_is_no_criterion():
    """A qualifier whose own condition holds says that it only narrows another."""
    stated = Finding(kind="judgement", on=ON, fact="very_urgent_attention_required", value=True)
    told = assessed(stated).why("very_urgent_attention")
    assert told.truth is None
    assert "it only narrows another criterion" in told.paragraph.lower()
    assert "it would take" not in told.line


def test_statements_that_differ_are_told():
    """Two statements of one day that differ leave a fact unknown, and the tree says why."""
    stated = [
        Finding(kind="judgement", on=ON, fact="staff_turnover_high", value=value)
        for value in (True, False)
    ]
    told = assessed(*stated).why("high_staff_turnover")
    assert told.truth is None
    assert "two statements of 22 November 2026 differ (K17)" in told.tree
    assert "K17" in told.conventions


def test_a_statement_that_is_too_old_is_told():
    """A statement older than it may stand says nothing any more, and the tree says so."""
    stated = Finding(
        kind="judgement", on=dt.date(2025, 1, 2), fact="staff_turnover_high", value=True
    )
    told = assessed(stated).why("high_staff_turnover")
    assert told.truth is None
    assert "what was stated is too old to stand (K17)" in told.tree


@pytest.fixture(scope="module")
def phrases():
    """Give the phrases for a care home of which little is known."""
    pack = qaf.load("adults").pack
    record = ProviderRecord(provider=Provider(id="p", fields=HOME))
    return Phrases(Words(pack, record), View(pack, record, ON, {}))


@pytest.mark.parametrize(
    ("raw", "holds", "fails"),
    [
        ({"cqc_regulated": True}, "regulated by the Care Quality Commission: yes", ": no"),
        ({"regulator": "cqc"}, "regulator: cqc", "regulator: not cqc"),
        ({"regulator": ["cqc", "ofsted"]}, ": cqc or ofsted", ": neither cqc nor ofsted"),
        ({"regulator": {"is": "cqc"}}, ": cqc", ": not cqc"),
        ({"regulator": {"in": ["cqc"]}}, ": cqc", ": neither cqc"),
        ({"regulator": {"not": "cqc"}}, ": not cqc", ": cqc"),
        ({"regulator": {"known": True}}, ": known", ": not known"),
        ({"regulator": {"given": False}}, ": not known", ": known"),
        ({"complaints_count": {"at_least": 2}}, ": at least 2", ": below 2"),
        ({"complaints_count": {"at_most": 2}}, ": at most 2", ": above 2"),
        ({"complaints_count": {"at_least": 1, "at_most": 2}}, "1 and at most 2", "1 or above 2"),
        ({"contract_start": {"before": "2026-01-02"}}, ": before 2 January", ": not before 2"),
        ({"contract_start": {"after": "2026-01-02"}}, ": after 2 January", ": not after 2"),
        ({"service_type": {"includes": "care_home"}}, ": with care home", ": without care home"),
        ({"cqc_domains": {"any": "inadequate"}}, "some of them inadequate", "none of them inad"),
        (
            {"complaints_count": {"at_least": {"value": "many_from"}}},
            "at least the value of “how many are many”",
            "below the value of",
        ),
        ({"stated": {"experience": "good"}}, ", as stated: good", ", as stated: not good"),
        ({"some": "incident"}, "an incident", "no incident"),
        ({"none": "any", "recorded": True}, "no finding on record", "a finding on record"),
        (
            {"every": "complaint", "where": {"any": [{"severity": "minor"}, {"urgent": False}]}},
            "every complaint with severity: minor or urgent: no",
            "not every complaint",
        ),
        (
            {"some": "complaint", "where": {"not": {"severity": "minor"}}},
            "a complaint with severity: not minor",
            "no complaint",
        ),
        (
            {"some": "complaint", "where": {"some": "incident"}},
            "a complaint with an incident",
            "no complaint with an incident",
        ),
        (
            {"count": "incident", "same": "theme", "at_least": 2},
            "number of findings that share one theme, of incident: at least 2",
            "below 2",
        ),
        (
            {"count": "incident", "across": "providers", "at_least": 2},
            "number of providers, of incident: at least 2",
            "below 2",
        ),
        ({"record": "qm1"}, "a record of the quality and", "no record of the quality and"),
        ({"latest": "qm1"}, "a latest record of", "no latest record of"),
        ({"item": "qm1", "where": {"live": True}}, "an entry of the schedule for", "no entry"),
        ({"decision": "extra_visits"}, "a decision in force", "no decision in force"),
        ({"suggested": "allocate_pqr"}, "suggested:", "not suggested:"),
        ({"matched": "contract_met"}, "is met”: met", "is met”: not met"),
        ({"undecided": "contract_met"}, "is met”: undecided", "is met”: not undecided"),
        ({"chosen": "X-A-10"}, "reading X-A-10: chosen", "reading X-A-10: not chosen"),
    ],
)
def test_each_form_of_condition_has_its_words(phrases, raw, holds, fails):
    """A leaf of any form says what it asks for, and what it would be not to hold."""
    condition, faults = parse(raw)
    assert not faults
    assert holds in phrases.asked(condition)
    assert fails in phrases.asked(condition, wanted=False)


def test_leaves_below_a_negation_decide_by_their_opposite(phrases):
    """What makes `not` hold are the leaves that fail."""
    condition, _ = parse({"not": {"any": [{"regulator": "ofsted"}, {"cqc_regulated": False}]}})
    reason = condition.evaluate(phrases.view)
    assert reason.truth is True
    assert len(phrases.leaves(reason, "as")) == 2


def test_the_floor_of_a_gap_is_no_level_that_is_refused():
    """Of a gap the level that is its floor is explained by the suggestion."""
    serious = Finding(kind="complaint", on=ON, ref="C-1", attributes={"severity": "serious"})
    told = assessed(serious).why(2)
    assert told.about == "2"
    assert told.truth is None
    assert "at least level 2" in told.line.lower()


def test_terms_are_written_as_words():
    """A term is told by its name and its days."""
    children = qaf.load("children").using(
        settings={"terms": [{"name": "autumn", "start": "2026-09-01", "end": "2026-12-18"}]}
    )
    record = ProviderRecord(provider=Provider(id="p"))
    told = children.assess(record, on=ON).why("terms")
    assert "autumn 1 September 2026 to 18 December 2026" in told.line


def test_a_question_tells_which_criteria_wait_for_it(opened):
    """The level, the text and the clause of each criterion that is undecided without the answer."""
    framework, _, assessments = opened["adults"]
    (a,) = (each for each in assessments if each.provider == "gorse-bank")
    told = a.why("market_exit_notice")
    criterion = framework.pack.rating["leaving_the_market"]
    waiting = f"Level 5 waits for it: {criterion.text.rstrip('.')} ({criterion.clause[0]}"
    assert all(waiting in text for text in (told.line, told.paragraph))
    assert f"[not known] level 5: {criterion.text.rstrip('.')}" in told.tree
    many = a.why("concerns_identified")
    assert many.paragraph.endswith("3 more rules wait for it.")
    assert many.tree.count("[not known] level ") == 8


def test_a_question_tells_what_else_waits_for_it():
    """A row of the matrix, a date and an action wait as well, each with its clause."""
    fields = {"service_type": frozenset({"care_home"})}
    record = ProviderRecord(provider=Provider(id="p", fields=fields))
    told = qaf.load("adults").assess(record, on=ON).why("cqc_regulated")
    assert "The choice of a row of the matrix waits for it." in told.line
    assert "Whether this is to be done waits for it: Meet the provider" in told.paragraph
    assert told.paragraph.endswith("1 more rule waits for it.")


def test_a_question_tells_which_date_waits_for_it(opened):
    """Where the document contradicts itself the date waits for the reading that is meant."""
    (a,) = (each for each in opened["adults"][2] if each.provider == "rowan-pharmacy")
    assert "The date of the pharmacy monitoring visit waits for it (A-166" in a.why("X-A-11").line


def test_a_question_that_nothing_waits_for_tells_what_raised_it(opened):
    """Of a gap the finding is told that no criterion speaks of."""
    (a,) = (each for each in opened["adults"][2] if each.provider == "dunmere-nursing")
    told = a.why("gap:CMP-0177")
    assert "waits for it" not in told.paragraph
    assert "[yes] complaint CMP-0177 of 30 October 2026" in told.tree
