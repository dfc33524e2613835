"""What only a person can answer: raised while it is live, gone when it is answered."""

import datetime as dt
from pathlib import Path

import pytest

from qaf_rules.engine import load
from qaf_rules.intake import read_record
from qaf_rules.questions import _joined
from qaf_rules.result import Question, Reason

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)
YESTERDAY = dt.date(2026, 3, 1)
LICENSED = {"service_type": "bread", "licensed": True}


def asked(framework=BREAD, *, on=ON, provider=None, settings=None, **parts):
    """Give the questions about a provider."""
    made, faults = read_record(
        {"provider": provider, **parts}, framework.pack, default_id="loaf", on=on
    )
    assert [str(f) for f in faults] == []
    under = framework.using(settings=settings) if settings else framework
    return under.assess(made, on=on).questions


def ids(framework=BREAD, **parts):
    """Give what is asked, by id."""
    return [q.id for q in asked(framework, **parts)]


def question(id_, framework=BREAD, **parts):
    """Give one question."""
    return asked(framework, **parts)[id_]


def answered(to, on=ON, **more):
    """Give a decision that answers."""
    return {"decision": "answer", "to": to, "on": on, "by": "taster", **more}


def batch(on=YESTERDAY, **more):
    """Give a burnt batch."""
    return {"kind": "burnt_batch", "on": on, **more}


def letter(on=YESTERDAY, **more):
    """Give a letter."""
    return {"kind": "letter", "on": on, **more}


# --- the pack's own ------------------------------------------------------------------------------


def test_question_while_its_condition_holds():
    """K23: a question of the pack is raised while its condition holds, in its words."""
    assert "D-B-02" not in ids()
    found = question("D-B-02", findings=[letter()])
    assert (found.text, found.who, found.clauses) == (
        "What does the letter mean?",
        ("miller",),
        ("B-010",),
    )


def test_question_says_what_it_is_about():
    """A question is about its own id and about whatever else holds of the provider."""
    assert question("D-B-02", findings=[letter()]).about == ("D-B-02", "staff")
    known = question("D-B-02", findings=[letter()], provider={"staff": 3, "licensed": True})
    assert known.about == ("D-B-02", "licensed")


def test_question_that_holds_by_what_it_is_about():
    """Without its own condition a question is raised while one it is about holds."""
    assert "D-B-03" not in ids()
    found = question("D-B-03", findings=[batch()])
    assert (found.about, found.topic, found.answered_by) == (
        ("D-B-03", "look"),
        "ovens",
        ("decision answer",),
    )


def test_question_put_by_an_item():
    """A question of the pack that an item asks about is put without a condition."""
    assert question("D-B-01", provider={"service_type": "cakes"}).about == (
        "D-B-01",
        "riddle_answer",
    )


@pytest.mark.parametrize(
    "id_", ["D-B-02", "staff", "guild_grade", "X-B-03", "D-B-01", "taste_good"]
)
def test_answer_closes_it(id_):
    """K21: a decision that answers a question, and its end, make it go and come back."""
    parts = {
        "provider": {"service_type": ["cakes", "bread"], "licensed": True},
        "findings": [letter(dt.date(2026, 2, 20))],
        "facts": {"clean": True},
    }
    assert id_ in ids(**parts)
    assert id_ not in ids(**parts, decisions=[answered(id_)])
    assert id_ in ids(
        **parts, decisions=[answered(id_, on=dt.date(2026, 2, 21), until="2026-03-01")]
    )
    assert id_ in ids(**parts, decisions=[answered(id_, on=dt.date(2026, 3, 3))])


def test_answer_until_what_it_rested_on_changes():
    """K21: an answer holds until the question rests on something newer."""
    before = answered("D-B-02", on=dt.date(2026, 2, 1))
    assert "D-B-02" not in ids(findings=[letter(dt.date(2026, 1, 1))], decisions=[before])
    assert "D-B-02" not in ids(findings=[letter(dt.date(2026, 2, 1))], decisions=[before])
    assert "D-B-02" in ids(findings=[letter(dt.date(2026, 2, 2))], decisions=[before])


def test_answer_about_what_is_only_planned():
    """K21: an answer about what is only planned holds, since nothing newer has happened."""
    framework = BREAD.amend(
        {
            "questions": {
                "D-B-02": {
                    "when": {
                        "some": {"remove": True},
                        "recorded": {"remove": True},
                        "record": "tasting",
                    }
                }
            }
        }
    )
    parts = {"activities": [{"activity": "tasting", "planned": "2026-04-10"}]}
    assert "D-B-02" in ids(framework, **parts)
    for on in (ON, dt.date(2026, 3, 3), dt.date(2026, 4, 9)):
        assert "D-B-02" not in ids(framework, on=on, **parts, decisions=[answered("D-B-02")])


def test_answer_to_something_else():
    """An answer closes only what it answers."""
    assert "D-B-02" in ids(findings=[letter()], decisions=[answered("D-B-03")])


# --- ambiguities ---------------------------------------------------------------------------------


def test_ambiguity_while_it_matters():
    """K23: an ambiguity is asked where its condition holds and no reading was chosen."""
    gap = {"findings": [batch(size="large", fixed=True)]}
    found = question("X-B-01", **gap)
    assert (found.readings, found.who, found.clauses) == (("X-B-01",), ("taster",), ("B-002",))
    assert found.text == "The document does not say which level an unread trouble means"
    assert "X-B-01" not in ids()
    for reading in ("lowest", "next_level", "r1"):
        assert "X-B-01" not in ids(BREAD.using(readings={"X-B-01": reading}), **gap)


def test_ambiguity_that_an_item_asks_about():
    """An ambiguity that an item is in conflict about is asked, until a reading is chosen."""
    cakes = {"provider": {"service_type": "cakes"}}
    assert question("X-B-03", **cakes).text == "In which month is the flour return due?"
    assert "X-B-03" not in ids(BREAD.using(readings={"X-B-03": "same_month"}), **cakes)


def test_ambiguity_is_not_put_twice():
    """An ambiguity that another raised question is about is not put again."""
    framework = BREAD.amend({"questions": {"D-B-02": {"about": ["X-B-01"]}}})
    parts = {"findings": [batch(size="large", fixed=True), letter()]}
    assert {"D-B-02", "X-B-01"} <= set(ids(**parts))
    found = asked(framework, **parts)
    assert "X-B-01" not in [q.id for q in found]
    assert "X-B-01" in found["D-B-02"].about


# --- fields, facts, settings ---------------------------------------------------------------------


def test_question_about_a_fact():
    """A question about a fact has its words, who may state it, and its topic."""
    found = question("burnt_batches", facts={"clean": True})
    assert (found.text, found.who, found.topic, found.answered_by) == (
        "How many batches were burnt?", ("taster",), "ovens", ("burnt_batches",),
    )  # fmt: skip
    assert question("taste_good", facts={"clean": True}).topic == "papers"


def test_question_about_a_setting_is_asked_once():
    """K23: what a council gives once is asked once a register."""
    provider = {**LICENSED, "staff": 3}
    framework = BREAD.amend({"vocabulary": {"settings": {"large_from": {"absent": "unknown"}}}})
    assert question("large_from", framework, provider=provider).once == "register"
    assert "large_from" not in ids(framework, provider=provider, settings={"large_from": 4})
    assert question("staff", provider=LICENSED).once is None


def test_question_is_gone_with_its_input():
    """K21: a question about a field, fact or setting is gone once that is given."""
    assert "staff" in ids(provider=LICENSED)
    assert "staff" not in ids(provider={**LICENSED, "staff": 3})
    assert "clean" in ids(facts={"taste_good": True})
    assert "clean" not in ids(facts={"taste_good": True, "clean": True})


def test_nothing_is_asked_twice():
    """Every question has an id of its own."""
    parts = {
        "provider": {"service_type": ["cakes", "bread"]},
        "findings": [letter(), batch(), batch(YESTERDAY, size="large")],
    }
    found = ids(**parts)
    assert len(found) == len(set(found))


# --- statements and findings ---------------------------------------------------------------------


def said(value, on):
    """Give a statement of a fact."""
    return {"kind": "judgement", "fact": "taste_good", "value": value, "on": on}


def test_statement_that_lapsed():
    """K17: a statement that no longer stands is asked for again."""
    found = question("taste_good", findings=[said(True, "2025-03-01")])  # noqa: FBT003  # a fact
    assert found.text == "Is it still so? Did the bread taste good?"
    assert "taste_good" not in ids(findings=[said(True, "2025-03-02")], facts={"clean": True})  # noqa: FBT003


def test_statement_that_lapsed_beside_findings():
    """K17: a statement that no longer stands is not asked for where the findings tell the same."""
    old = {"kind": "judgement", "fact": "burnt_batches", "value": 0, "on": "2025-03-01"}
    assert question("burnt_batches", findings=[old]).text.startswith("Is it still so?")
    looked = [{"activity": "tasting", "completed": ON, "covered": ["ovens"]}]
    assert "burnt_batches" not in ids(findings=[old, batch()], activities=looked)


def test_statements_that_differ():
    """K17: two statements of one day that differ are asked about."""
    differ = {"findings": [said(True, YESTERDAY), said(False, YESTERDAY)]}  # noqa: FBT003
    assert (
        question("taste_good", **differ).text
        == "Two statements of one day differ. Did the bread taste good?"
    )
    settled = [*differ["findings"], said(True, ON)]  # noqa: FBT003
    assert "taste_good" not in ids(findings=settled)


def test_statements_of_one_day_are_settled_on_that_day():
    """The answer stands, and what was stated otherwise that day is kept as taken back."""
    made, _ = read_record(
        {"provider": LICENSED, "findings": [said(True, ON), said(False, ON)]},  # noqa: FBT003
        BREAD.pack,
        default_id="loaf",
        on=ON,
    )
    put = BREAD.assess(made, on=ON).questions["taste_good"]
    settled = made.with_answer(put, value=False, by="taster", on=ON)
    told = BREAD.assess(settled, on=ON)
    assert told.value("taste_good") is False
    assert not told.questions.has("taste_good")
    assert [(f.value, f.status) for f in settled.findings] == [
        (True, "closed"),
        (False, "open"),
        (False, "open"),
    ]


def test_states_that_differ():
    """Two findings of a state of one day that differ are asked about."""
    house = [{"kind": "bakehouse", "on": YESTERDAY, "clean": c} for c in (True, False)]
    assert (
        question("clean", findings=house).text
        == "Two findings of one day differ. Is the bakehouse clean?"
    )


def test_state_that_no_fact_tells():
    """A state of which no fact tells the attribute that differs raises no question about it."""
    framework = BREAD.amend(
        {
            "vocabulary": {"facts": {"clean": {"remove": True}}},
            "rating": {"golden_clean": {"remove": True}, "dirty": {"remove": True}},
        }
    )
    house = [{"kind": "bakehouse", "on": YESTERDAY, "clean": c} for c in (True, False)]
    assert "clean" not in ids(framework, findings=house)


@pytest.mark.parametrize("option", ["same_month", "r2"])
def test_answer_that_chooses_a_reading(option):
    """K21: an answer that names a reading of an ambiguity takes effect for that provider alone."""
    cakes = {"provider": {"service_type": "cakes"}}
    decided = [{**answered("X-B-03"), "value": option}]
    framework = BREAD.amend(
        {
            "vocabulary": {"decisions": {"answer": {"carries": {"value": "any"}}}},
            "matrix": {"cakes": {"activities": {"flour_return": {}}}},
        }
    )
    assert "X-B-03" not in ids(framework, **cakes, decisions=decided)
    record, faults = read_record(
        {
            **cakes,
            "decisions": decided,
            "activities": [
                {"activity": "flour_return", "completed": "2026-02-03", "period": "2026-02"}
            ],
        },
        framework.pack,
        default_id="loaf",
        on=ON,
    )
    assert faults == []
    (item,) = [
        i
        for i in framework.assess(record, on=ON).schedule
        if i.activity == "flour_return" and i.status != "done"
    ]
    assert item.due == dt.date(2026, 3, 8)
    dates = framework.plan(record, on=ON, until=dt.date(2026, 5, 1))["flour_return"]
    assert dates == [dt.date(2026, 3, 8), dt.date(2026, 4, 8)]
    plain = framework.plan(
        record.model_copy(update={"decisions": ()}), on=ON, until=dt.date(2026, 5, 1)
    )
    assert plain["flour_return"] == [dt.date(2026, 4, 8)]


def test_kind_that_raises_a_question():
    """A live finding of a kind that asks raises its question: one of its own, or the pack's."""
    rumour = {"kind": "rumour", "on": YESTERDAY, "ref": "r7"}
    found = question("rumour:r7", findings=[rumour])
    assert (found.text, found.about, found.topic) == (
        "Is there anything in it?",
        ("rumour", "r7"),
        "papers",
    )
    assert "rumour:r7" not in ids(findings=[{**rumour, "status": "closed"}])
    assert "rumour:r7" not in ids(findings=[rumour], decisions=[answered("rumour:r7")])
    assert "D-B-02" in ids(findings=[letter()])


def test_two_findings_of_one_day_are_two_questions():
    """Two findings of one day raise a question each, told apart by their references."""
    rumours = [{"kind": "rumour", "on": YESTERDAY, "ref": ref} for ref in ("r1", "r2")]
    assert [i for i in ids(findings=rumours) if i.startswith("rumour:")] == [
        "rumour:r1",
        "rumour:r2",
    ]
    one = ids(findings=rumours, decisions=[answered("rumour:r1")])
    assert [i for i in one if i.startswith("rumour:")] == ["rumour:r2"]


def test_gap_is_asked_about():
    """K18: what no criterion speaks of is asked about, by its label or its reference."""
    assert question("gap:b1", findings=[batch(ref="b1", size="large", fixed=True)]).text == (
        "No criterion speaks of finding b1: which level does it mean?"
    )
    assert question("gap:taste_good", facts={"taste_good": False}).about == ("gap", "taste_good")
    assert "good taste" in question("gap:taste_good", facts={"taste_good": False}).text


def test_nothing_is_asked_out_of_scope():
    """Out of scope nothing is asked."""
    assert ids(provider={"service_type": "tea_room"}, findings=[letter()]) == []


def test_questions_by_id_and_position():
    """Questions can be had by id and by position; an id that is not there is a KeyError."""
    found = asked(findings=[letter()])
    assert found["D-B-02"] is next(q for q in found if q.id == "D-B-02")
    assert found[0].id == next(iter(found)).id
    assert found.has("D-B-02")
    assert not found.has("D-B-99")
    with pytest.raises(KeyError, match="D-B-99"):
        found["D-B-99"]


def test_a_second_name_of_a_question_is_kept():
    """Whoever needs the stage of a safeguarding finding, for either number, finds the one question."""
    framework = load("adults")
    made, _ = read_record(
        {
            "provider": {"service_type": "care_home"},
            "findings": [{"kind": "safeguarding", "on": YESTERDAY, "ref": "S-1"}],
        },
        framework.pack,
        default_id="home",
        on=ON,
    )
    (stage,) = [
        q for q in framework.assess(made, on=ON).questions if q.id == "safeguarding:S-1.stage"
    ]
    numbers = {"statutory_enquiries_substantiated", "safeguarding_concerns_substantiated"}
    assert numbers <= set(stage.about)
    assert numbers <= {name for part in stage.reason.parts for name in part.still_needed()}


def test_what_two_names_of_a_question_rest_on_is_one_reason():
    """Two that wait are joined; beside one that holds, and for none, the first stays."""
    waits, holds = Reason(None, None), Reason(None, True)  # noqa: FBT003  # a truth

    def joined(first, second):
        questions = (
            Question("q", "?", (), (name,), clauses=(name,), reason=reason)
            for name, reason in (("a", first), ("b", second))
        )
        return _joined(*questions)

    assert (joined(waits, waits).about, joined(waits, waits).clauses) == (("a", "b"), ("a", "b"))
    assert joined(waits, waits).reason.parts == (waits, waits)
    assert joined(holds, waits).reason is holds
    assert joined(None, waits).reason is waits
    assert joined(None, None).reason is None
