"""Who may be told what: the first rule that fits answers, and what is not known is asked."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.cases import Runner, read_cases
from qaf_rules.engine import load
from qaf_rules.errors import InputError, PackError
from qaf_rules.intake import read_record

BOATS = load(Path(__file__).parent / "golden" / "good" / "minimal")
ADULTS, CHILDREN = load("adults"), load("children")
ON = dt.date(2026, 5, 1)


def provider(framework, **parts):
    """Read a provider without a fault."""
    given = {"provider": {"provider_id": "own"}, **parts}
    made, faults = read_record(given, framework.pack, default_id="own", on=ON)
    assert faults == []
    return made


def asked(framework, what, audience, **parts):
    """Ask whether something about a provider may be shared."""
    record = provider(framework, **parts)
    return framework.may_share(what, audience=audience, about=record, on=ON)


def ruled(*rules):
    """Give the boats with these rules about the rating and its owner in place of their own."""
    gone = {id_: {"remove": True} for id_ in BOATS.pack.sharing}
    common = {"what": "rating", "audience": "owner", "text": "So it is", "clause": "B-25"}
    own = {f"rule_{n}": {**common, **rule} for n, rule in enumerate(rules)}
    decisions = {"answer": {"carries": {"value": "any"}}}
    return BOATS.amend({"sharing": {**gone, **own}, "vocabulary": {"decisions": decisions}})


LEAKS = {"leaks": {"at_least": 1}}
DRY = {"leaks": 0}


def test_first_rule_that_holds_answers():
    """Rules are read in their order, and one whose condition is false is passed over."""
    framework = ruled({"when": LEAKS, "answer": "permitted"}, {"answer": "not_permitted"})
    assert asked(framework, "rating", "owner", facts={"leaks": 2}).answer == "permitted"
    told = asked(framework, "rating", "owner", facts=DRY)
    assert (told.answer, told.rule, told.permitted) == ("not_permitted", "rule_1", False)


def test_what_is_not_known_is_asked_with_what_would_settle_it():
    """Where a rule may yet hold and would answer otherwise, the answer is to ask, and for what."""
    framework = ruled({"when": LEAKS, "answer": "permitted"}, {"answer": "not_permitted"})
    told = asked(framework, "rating", "owner")
    assert (told.answer, told.rule, told.unknown) == ("ask", "rule_0", ("leaks",))
    assert told.clauses == ("B-25",)


def test_what_is_not_known_and_changes_nothing_is_not_asked():
    """Where every rule that may yet hold answers the same, the answer is that one."""
    framework = ruled({"when": LEAKS, "answer": "permitted"}, {"answer": "permitted"})
    told = asked(framework, "rating", "owner")
    assert (told.answer, told.rule, told.unknown) == ("permitted", "rule_1", ())


def test_other_steps_are_another_answer():
    """That it is permitted either way is not enough where the steps before it would differ."""
    framework = ruled(
        {"when": LEAKS, "answer": "permitted", "steps": ["dry_deck"]}, {"answer": "permitted"}
    )
    assert asked(framework, "rating", "owner").answer == "ask"


@pytest.mark.parametrize("other", [{"gives": {"rating": True}}, {"decided_by": "captain"}])
def test_less_to_give_or_someone_to_decide_is_another_answer(other):
    """A rule that may yet hold and gives less, or leaves it to a person, is not passed over."""
    framework = ruled({"when": LEAKS, "answer": "permitted", **other}, {"answer": "permitted"})
    assert asked(framework, "rating", "owner").answer == "ask"
    assert asked(framework, "rating", "owner", facts=DRY).answer == "permitted"


def test_a_decision_counts_only_where_a_person_decides():
    """An answer to a rule's question settles what is left to a person, the latest one, and no more."""
    rule = {"answer": "permitted", "decided_by": "captain", "discretion": "D-2"}

    def told(rule, *values, to="D-2"):
        days = ("2026-04-01", "2026-04-02")
        answers = [
            {"decision": "answer", "to": to, "value": value, "on": day, "by": "captain"}
            for value, day in zip(values, days, strict=False)
        ]
        found = asked(ruled(rule), "rating", "owner", decisions=answers)
        return found.answer, found.decided, found.open

    assert told(rule) == ("permitted", None, True)
    assert told(rule, "yes") == ("permitted", True, False)
    assert told(rule, "yes", "No") == ("not_permitted", False, False)
    assert told(rule, "when it is dry") == ("permitted", None, True)
    assert told(rule, "no", to="D-1") == ("permitted", None, True)
    assert told({**rule, "answer": "ask"}, "yes") == ("permitted", True, False)
    assert told({**rule, "answer": "not_permitted"}, "yes") == ("not_permitted", None, False)
    assert told({**rule, "decided_by": "none"}, "no") == ("permitted", None, False)
    assert told({**rule, "answer": "ask", "decided_by": []}, "yes") == ("ask", None, True)


def test_why_tells_what_was_decided():
    """The reason says who decides, or that they have, and which way."""
    rule = {"answer": "permitted", "decided_by": "captain", "discretion": "D-2"}
    yes = {"decision": "answer", "to": "D-2", "value": True, "on": "2026-04-01", "by": "captain"}
    for decisions, words in (
        ([], "The Captain decides."),
        ([yes], "The Captain has decided so."),
        ([{**yes, "value": False}], "The Captain has decided against it."),
    ):
        told = asked(ruled(rule), "rating", "owner", decisions=decisions)
        assert words in told.why().paragraph


def test_what_no_rule_answers_is_asked():
    """Nothing is permitted or refused by silence: neither where no rule fits nor where none holds."""
    told = asked(ruled({"answer": "permitted"}), "rating", "mate")
    assert (told.answer, told.rule, told.clauses) == ("ask", None, ())
    held = asked(ruled({"when": LEAKS, "answer": "permitted"}), "rating", "owner", facts=DRY)
    assert (held.answer, held.rule) == ("ask", None)
    open_ = asked(ruled({"when": LEAKS, "answer": "permitted"}), "rating", "owner")
    assert (open_.answer, open_.unknown) == ("ask", ("leaks",))


def test_an_answer_carries_all_that_goes_with_it():
    """Steps with their clauses, channel, contact, who decides and the question that is theirs."""
    told = asked(BOATS, "leak_report", "skipper", facts={"leaks": 1})
    assert (told.audience, told.answer, told.channel, told.contact) == (
        *("owner", "permitted"),
        *("flag_signal", "999"),
    )
    assert [(s.value, s.text, s.clauses) for s in told.steps] == [
        ("dry_deck", "Dry the deck", ("B-24",))
    ]
    assert (told.decided_by, told.discretion) == (("captain",), ("D-2",))
    assert told.clauses == ("B-23", "B-24")


def test_members_are_told_what_their_audience_is():
    """What may go to an audience may go to each of its members, and not the other way."""
    assert asked(BOATS, "leak_report", "mate").rule == "leak_to_crew"
    framework = ruled({"audience": "mate", "answer": "permitted"})
    assert asked(framework, "rating", "crew").answer == "ask"


def test_without_a_provider_nothing_of_one_is_known():
    """A question about no provider in particular is answered as if nothing were recorded."""
    told = BOATS.may_share("leak_report", audience="owner", on=ON)
    assert (told.answer, told.unknown) == ("ask", ("leaks",))
    assert BOATS.may_share("leak_report", audience="crew", on=ON).permitted


def test_only_what_was_known_counts():
    """What was recorded after `known_at` is not read."""
    leak = {"kind": "leak", "on": "2026-04-01", "recorded": "2026-04-20"}
    record = provider(BOATS, findings=[leak])
    may = lambda day: BOATS.may_share(  # noqa: E731  # one question, two days
        "leak_report", audience="owner", about=record, on=ON, known_at=day
    )
    assert may(ON).answer == "permitted"
    assert may(dt.date(2026, 4, 10)).answer == "ask"


@pytest.mark.parametrize(
    ("what", "audience", "message", "help_"),
    [
        ("ratings", "owner", "there is no subject `ratings` to share", "did you mean `rating`?"),
        (
            ["rating"],
            "owner",
            "there is no subject `['rating']` to share",
            "did you mean `rating`?",
        ),
        ("rating", None, "there is no audience `null` to share with", "did you mean `owner`?"),
        ("rating", "ownr", "there is no audience `ownr` to share with", "did you mean `owner`?"),
        ("rating", "xyz", "there is no audience `xyz`", "this framework has `owner`, `crew`"),
    ],
)
def test_unknown_words_are_refused_with_a_hint(what, audience, message, help_):
    """A subject or an audience that the pack does not have is refused, with what may be meant."""
    with pytest.raises(InputError) as caught:
        BOATS.may_share(what, audience=audience, on=ON)
    (found,) = caught.value.diagnostics
    assert found.message.startswith(message)
    assert found.help.startswith(help_)


def test_a_request_is_named_by_its_day():
    """The day of a request that is no day is told as that, not as a request that there is not."""
    a = BOATS.assess(provider(BOATS), on=ON)
    with pytest.raises(InputError) as caught:
        a.may_share("rating", audience="owner", requested="2026-04-01")
    assert caught.value.diagnostics[0].message == "`requested` is no day: `2026-04-01`"


@pytest.mark.parametrize(
    "rule", [{"answer": "maybe"}, {"answer": "permitted", "steps": [{"is": "dry_deck", "why": 1}]}]
)
def test_rules_are_checked_as_they_are_read(rule):
    """An answer that there is not, or a key that the language does not know, keeps a pack out."""
    with pytest.raises(PackError):
        ruled(rule)


def test_a_condition_on_an_unknown_name_keeps_a_pack_out():
    """A guard on a fact that the pack does not have is found as in every other rule."""
    with pytest.raises(PackError, match="there is no value `leeks`"):
        ruled({"when": {"leeks": 1}, "answer": "permitted"})


# --- why -----------------------------------------------------------------------------------------


def test_why_tells_answer_steps_and_what_was_read():
    """The reason names the clause, each step, the way it goes, who decides and each leaf read."""
    told = asked(BOATS, "leak_report", "owner", facts={"leaks": 1}).why()
    assert (
        told.line
        == "The report of a leak may be shared with the owner (B-23, section 6, “will”; also B-24)."
    )
    assert told.truth is True
    for part in (
        "Step 1: Dry the deck (B-24, section 6)",
        "It goes by a signal by flag, 999",
        "The Captain decides",
        "Which paint?",
        "It holds, as leaks: 1 (stated 1 May 2026)",
    ):
        assert part in told.paragraph
    assert "[yes] leaks: at least 1" in told.tree
    assert all(fact.again() is fact.truth for fact in told.facts)


def test_why_tells_what_is_not_waited_for_and_what_did_not_hold():
    """A step that is left out here is named, and so is the rule that was passed over."""
    assert "Not waited for: Dry the deck." in asked(BOATS, "leak_report", "mate").why().paragraph
    dry = asked(BOATS, "leak_report", "owner", facts=DRY).why()
    assert dry.truth is None
    assert "A person decides whether the report of a leak may be shared with the owner" in dry.line
    assert "No other rule holds, as leaks: 0" in dry.paragraph
    never = asked(BOATS, "rating", "quay").why()
    assert (never.truth, "may not be shared with whoever stands" in never.line) == (False, True)


def test_why_tells_what_is_not_known():
    """Where it is asked because something is not known, the reason says what."""
    told = asked(BOATS, "leak_report", "owner").why()
    assert "It is not known yet, as leaks: not known" in told.paragraph


# --- the packs -----------------------------------------------------------------------------------

PAIRS = [
    (framework, what, audience)
    for framework in (ADULTS, CHILDREN)
    for what in framework.pack.identity.subjects
    for audience in framework.pack.identity.audiences
]
FACTS = (
    "enforcement_in_progress",
    "provider_agrees_to_share",
    "safeguarding_concern",
    "significant_safeguarding_or_safety_concern",
    "low_level_safeguarding",
)


def stated(framework, truths):
    """Give those of the facts that a pack has, with their truth."""
    return {name: truth for name, truth in truths.items() if name in framework.pack.facts}


@given(st.sampled_from(PAIRS), st.dictionaries(st.sampled_from(FACTS), st.booleans()))
@settings(max_examples=60)
def test_nothing_is_ever_public(pair, truths):
    """Whatever is known, nothing may be shared with the public, and every answer cites a clause."""
    framework, what, audience = pair
    told = asked(framework, what, audience, facts=stated(framework, truths))
    assert told.clauses
    if audience == "public":
        assert told.answer == "not_permitted"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([LEAKS, DRY, {"deck": "wet"}, {"deck": "dry"}, {"all": []}]),
            st.sampled_from(["permitted", "not_permitted", "ask"]),
        ),
        max_size=4,
    ),
    st.sampled_from([None, 0, 2]),
    st.sampled_from([None, "wet", "dry"]),
)
@settings(max_examples=60)
def test_learning_more_never_turns_an_answer(rules, leaks, deck):
    """What is permitted or refused while something is not known is so however that turns out."""
    framework = ruled(*({"when": when, "answer": answer} for when, answer in rules))

    def answer(leaks, deck):
        facts = {} if leaks is None else {"leaks": leaks}
        fields = {"provider_id": "own"} | ({} if deck is None else {"deck": deck})
        return asked(framework, "rating", "owner", provider=fields, facts=facts).answer

    now = answer(leaks, deck)
    later = {
        answer(number, state)
        for number in ([leaks] if leaks is not None else [0, 2])
        for state in ([deck] if deck is not None else ["wet", "dry"])
    }
    if now != "ask":
        assert later == {now}


def test_safeguarding_never_waits():
    """In both packs a safeguarding concern goes at once, whatever is known of the provider."""
    for framework in (ADULTS, CHILDREN):
        told = framework.may_share("safeguarding_concern", audience="safeguarding", on=ON)
        assert (told.answer, told.steps, told.contact) == ("permitted", (), "01204 337000")


# --- cases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("{answer: not_permitted}", "answer"),
        ("{steps: []}", "steps"),
        ("{steps: [wash_deck]}", "steps"),
        ("{steps: dry_deck}", "steps"),
        ("{exempt: [dry_deck]}", "exempt"),
        ("{channel: quay}", "channel"),
        ("{contact: '112'}", "contact"),
        ("{decided_by: []}", "decided_by"),
        ("{discretion: [D-1]}", "discretion"),
        ("{unknown: [leaks]}", "unknown"),
        ("{cites: [B-24, B-23]}", "cites"),
    ],
)
def test_each_part_of_an_answer_is_judged(wanted, key, tmp_path):
    """Whatever a case expects of an answer fails under its own name where it does not hold."""
    entry = f"{{what: leak_report, audience: owner, {wanted[1:-1]}}}"
    assert [failure.key for failure in judged(tmp_path, entry)] == [f"sharing.0.{key}"]


def test_entries_may_stand_between(tmp_path):
    """Of a list a case names what must be there in its order; other entries may stand between."""
    entry = (
        "{what: leak_report, audience: owner, answer: permitted, steps: [dry_deck], cites: [B-24]}"
    )
    assert judged(tmp_path, entry) == ()


def test_an_unknown_audience_fails_its_case_with_a_hint(tmp_path):
    """A case that asks about nobody of the pack fails, told as any other, with what may be meant."""
    (failure,) = judged(tmp_path, "{what: rating, audience: onwer, answer: ask}")
    assert failure.key == "sharing.0"
    assert "did you mean `owner`?" in str(failure.actual)


def judged(tmp_path, entry):
    """Run a case of a leaking boat with one question of sharing."""
    path = tmp_path / "cases.yaml"
    path.write_text(
        "cases:\n  - id: own\n    on: 2026-05-01\n    provider: {service_type: boat}\n"
        f"    facts: {{leaks: 1}}\n    expect: {{sharing: [{entry}]}}\n",
        encoding="utf-8",
    )
    file = read_cases(path, pack=BOATS.pack.folder)
    return Runner(file.framework).run(file.cases[0]).failures
