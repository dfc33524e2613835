"""A pathway moves a provider by its table and by nothing else; what is refused leaves it where it was."""

import datetime as dt
import itertools
import json
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.cases import Runner, read_cases
from qaf_rules.kept import WHOLE
from qaf_rules.pathway import Position, Step

MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
MONDAY = dt.date(2026, 6, 15)
LATER = dt.date(2026, 7, 20)

WATCH = {
    "name": "Watch",
    "escalation": True,
    "clause": "B-11",
    "steps_source": [{"is": "captain", "when": {"paint": "red"}}, {"is": "incomplete"}],
    "states": {
        "afloat": {"name": "Afloat", "start": True},
        "watched": {"name": "Watched", "actions": "pump", "within": "24 hours", "clause": "B-11"},
        "docked": {"name": "In the dock", "within": "10 working days"},
        "ashore": {"name": "Ashore", "within": "same working day"},
        "sunk": {"name": "Sunk", "end": True},
    },
    "transitions": {
        "watch": {"text": "Watch it", "from": "afloat", "to": "watched", "when": {"deck": "wet"}, "force": "must", "clause": "B-11"},  # one row a line
        "dry_out": {"text": "Let it dry", "from": "watched", "to": "afloat", "when": {"deck": "dry"}, "force": "must", "clause": "B-11"},  # one row a line
        "dock": {"text": "Dock it", "from": ["afloat", "watched"], "to": "docked", "when": {"some": "leak", "recorded": True}, "decided_by": ["captain"], "clause": "B-12"},  # one row a line
        "paint": {"text": "Paint it", "from": "docked", "when": {"paint": {"known": True}}, "owner": "mate", "force": "will", "clause": "B-14"},  # one row a line
        "launch": {"text": "Launch it", "from": ["docked", "ashore"], "to": "afloat", "after": "1 month", "decided_by": "captain", "clause": "B-12"},  # one row a line
        "beach": {"text": "Beach it", "from": "docked", "to": "ashore", "when": {"this.days": {"at_least": 3}}, "decided_by": "none", "owner": "mate", "force": "will", "clause": "B-12"},  # one row a line
        "scuttle": {"text": "Let it go", "from": "docked", "to": "sunk", "event": "give_up", "when": {"leaks": {"at_least": 2}}, "decided_by": "captain", "clause": "B-12"},  # one row a line
        "sell": {"text": "Sell it", "from": "docked", "to": "ashore", "event": "give_up", "when": {"paint": "red"}, "decided_by": "captain", "clause": "B-12"},  # one row a line
    },
}  # fmt: skip


def framework(pathway=WATCH, **more):
    """Give the rules of the harbour with a pathway."""
    return qaf.load(MINIMAL).amend({"pathway": {"watch": pathway}, **more})


BOATS = framework()


def gull(*findings, **fields):
    """Give a boat with findings."""
    provider = qaf.Provider(id="gull", fields={"service_type": "boat", **fields})
    return qaf.ProviderRecord(provider=provider, findings=findings)


def paths(record, on=MONDAY, rules=BOATS):
    """Give the pathways of a boat on a day."""
    return rules.assess(record, on=on).pathways


def leak(**attributes):
    """Give a leak of the first of June."""
    return qaf.Finding(kind="leak", on=dt.date(2026, 6, 1), attributes=attributes)


def stated(fact, value):
    """Give what the mate stated of a fact."""
    return qaf.Finding(kind="judgement", on=dt.date(2026, 6, 1), by="mate", fact=fact, value=value)


def refused(make, code="not-open"):
    """Give the message and the help with which a step is refused."""
    with pytest.raises(qaf.InputError) as caught:
        make()
    (fault,) = caught.value.diagnostics
    assert fault.code == code
    return fault.message, fault.help


# --- where a provider stands ---------------------------------------------------------------------


def test_what_must_be_done_is_entered():
    """A step that must follow is entered, with its reason, its clauses and where its steps come from."""
    told = BOATS.assess(gull(deck="wet"), on=MONDAY).pathway
    assert (told.id, told.entered, told.offered, told.steps_source) == ("watch", True, False, "incomplete")  # fmt: skip
    assert [r.truth for r in told.reasons] == [True]
    assert told.clauses == ("B-11",)


def test_what_a_person_decides_is_offered():
    """A step that a person decides is offered, never entered."""
    told = BOATS.assess(gull(leak(), stated("paint", "red")), on=MONDAY).pathway
    assert (told.entered, told.offered, told.steps_source) == (False, True, "captain")
    assert [m.decided_by for m in told.moves if m.open] == [("captain",)]


def test_where_nothing_is_open_nothing_is_told():
    """Off the pathway there are no steps, so there is no source of them."""
    told = BOATS.assess(gull(deck="dry"), on=MONDAY).pathway
    assert (told.entered, told.offered, told.steps_source, told.clauses) == (False, False, None, ())


def test_unknown_is_not_entered():
    """What is not known enters nothing; the move names what would settle it."""
    told = BOATS.assess(gull(), on=MONDAY).pathway
    assert (told.entered, told.offered) == (False, False)
    assert {m.id: m.open for m in told.moves}["watch"] is None
    assert told.moves[0].reason.still_needed() == ["deck"]


def test_outside_the_framework_there_is_no_pathway():
    """What is no boat has no pathway, and a pack without one tells none."""
    train = qaf.ProviderRecord(provider=qaf.Provider(id="t", fields={"service_type": "train"}))
    assert BOATS.assess(train, on=MONDAY).pathway is None
    assert qaf.load(MINIMAL).assess(gull(), on=MONDAY).pathway is None
    with pytest.raises(KeyError, match="did you mean `watch`"):
        paths(gull()).start("wach")
    with pytest.raises(KeyError, match="no pathway `x`"):
        paths(train)["x"]


def test_each_pathway_can_be_read():
    """The pathways are told in the order of the pack, and each by its id."""
    told = paths(gull(deck="wet"))
    assert [standing.id for standing in told] == ["watch"]
    assert "watch" in told
    assert told["watch"].name == "Watch"


# --- steps ---------------------------------------------------------------------------------------


def test_automatic_steps_follow_and_rest():
    """What must be done follows by itself, once; where nothing holds the position is the same."""
    told = paths(gull(deck="wet"))
    there = told.follow(told.start("watch"))
    assert (there.state, there.since) == ("watched", MONDAY)
    assert there.history == (Step(on=MONDAY, transition="watch", left="afloat", entered="watched"),)
    assert told.follow(there) == there


def test_every_result_says_where_its_steps_come_from():
    """The standing, each move and each position tell the source of the steps, also when kept."""
    told = paths(gull(leak(), deck="wet"))
    start = told.start("watch")
    there = told.step(told.follow(start), "dock", by="captain")
    assert {start.steps_source, there.steps_source} == {"incomplete"}
    assert {move.steps_source for move in told.moves(there)} == {"incomplete"}
    assert told.read(there.model_dump_json()).steps_source == "incomplete"
    red = paths(gull(leak(), stated("paint", "red")), LATER)
    assert red.step(there, "paint", by="mate").steps_source == "captain"
    plain = {key: value for key, value in WATCH.items() if key != "steps_source"}
    assert paths(gull(), rules=framework(plain)).start("watch").steps_source is None


def test_a_step_that_a_person_decides_never_follows():
    """A leak docks no boat by itself; the captain does, and it is kept who did."""
    told = paths(gull(leak()))
    start = told.start("watch")
    assert told.follow(start) == start
    docked = told.step(start, "dock", by="captain")
    assert (docked.state, docked.history[-1].by) == ("docked", ("captain",))


def test_a_step_may_leave_the_state():
    """What is done within a state is kept in the history, and the state lasts on."""
    told = paths(gull(leak(), stated("paint", "red")))
    docked = told.step(told.start("watch"), "dock", by="captain")
    painted = paths(gull(leak(), stated("paint", "red")), LATER).step(docked, "paint", by="mate")
    assert (painted.state, painted.since, painted.last) == ("docked", MONDAY, LATER)


def test_of_two_rows_for_one_event_the_first_that_holds_is_taken():
    """Several rows may share an event: the first whose condition holds is taken."""
    rusty = gull(leak(), leak(), stated("paint", "red"))
    told = paths(rusty)
    assert told.step(at("docked"), "give_up", by="captain").state == "sunk"
    told = paths(gull(stated("leaks", 1), stated("paint", "red")))
    assert told.step(at("docked"), "give_up", by="captain").state == "ashore"


def test_an_unknown_row_before_it_holds_a_step_back():
    """Where a row before it may hold and leads elsewhere, the step is not known to be right."""
    pathway = {**WATCH, "transitions": {**WATCH["transitions"], "scuttle": {**WATCH["transitions"]["scuttle"], "when": {"deck": "wet"}}}}  # fmt: skip
    told = paths(gull(stated("paint", "red")), rules=framework(pathway))
    message, help_ = refused(lambda: told.step(at("docked"), "give_up", by="captain"))
    assert message == "whether `give_up` is open is not known"
    assert help_ == "find out `deck`"


def test_time_in_a_state_counts():
    """A step is open only after the time that its row names, and a condition may count the days."""
    docked = at("docked", since=dt.date(2026, 6, 15))
    early = paths(gull(), dt.date(2026, 6, 17))
    assert refused(lambda: early.step(docked, "launch", by="captain")) == ("`launch` is not open yet", "not before 2026-07-15")  # fmt: skip
    assert {m.id: m.not_before for m in early.moves(docked)}["launch"] == dt.date(2026, 7, 15)
    message, _ = refused(lambda: early.step(docked, "beach", by="mate"))
    assert message == "`beach` is not open: `this.days` is 2"
    assert paths(gull(), dt.date(2026, 6, 18)).step(docked, "beach", by="mate").state == "ashore"
    assert paths(gull(), dt.date(2026, 7, 15)).step(docked, "launch", by="captain").state == "afloat"  # fmt: skip


@pytest.mark.parametrize(
    ("state", "due"),
    [
        ("afloat", None),
        ("watched", dt.date(2026, 6, 16)),
        ("docked", dt.date(2026, 6, 29)),
        ("ashore", dt.date(2026, 6, 15)),
    ],
)
def test_deadlines(state, due):
    """A state is to be left within hours, working days or a day, or no time is stated."""
    assert paths(gull()).due(at(state)) == due


# --- what is refused -----------------------------------------------------------------------------


def at(state, since=MONDAY, **more):
    """Give a position of a boat."""
    known = {"framework": "minimal", "version": "V1", "pathway": "watch"}
    return Position(**{**known, "state": state, "since": since, **more})


@pytest.mark.parametrize(
    ("state", "event", "by", "message", "help_"),
    [
        ("afloat", "dokc", "captain", "the pathway knows no event `dokc`", "did you mean `dock`?"),
        ("afloat", "zzz", "captain", "the pathway knows no event `zzz`", "there is `beach`, `dock`, `give_up`, `launch` or `paint`"),
        ("afloat", "give_up", "captain", "the event `give_up` is not taken in this state", "it is taken in `docked`; this state takes `dock`"),
        ("sunk", "dock", "captain", "the event `dock` is not taken in this state", "it is taken in `afloat` or `watched`; this state takes no event"),
        ("afloat", "dock", "mate", "`mate` does not decide `dock`", "`captain` does"),
        ("docked", "paint", "captain", "`captain` does not decide `paint`", "`mate` does"),
        ("afloat", "dock", "captain", "`dock` is not open: its condition does not hold", "Dock it"),
    ],
)  # fmt: skip
def test_a_step_that_is_not_open_is_refused(state, event, by, message, help_):
    """What a state does not take, a role does not decide or a condition does not allow is refused."""
    told = paths(gull(deck="dry"))
    assert refused(lambda: told.step(at(state), event, by=by)) == (message, help_)


def test_a_refusal_names_the_values_that_stand_in_the_way():
    """Of a condition with several parts those are told that do not hold."""
    both = {"any": [{"deck": "wet"}, {"leaks": {"at_least": 3}}]}
    pathway = {**WATCH, "transitions": {**WATCH["transitions"], "dock": {**WATCH["transitions"]["dock"], "when": both}}}  # fmt: skip
    told = paths(gull(stated("leaks", 1), deck="dry"), rules=framework(pathway))
    message, _ = refused(lambda: told.step(at("afloat"), "dock", by="captain"))
    assert message == "`dock` is not open: `deck` is dry and `leaks` is 1"


NO_ROLE = "give a role, or a list of those that decide together, of `mate` or `captain`"


@pytest.mark.parametrize(
    ("event", "by", "message"),
    [
        ("dock", None, "`by` is no role"),
        ("dock", 5, "`by` is no role: `5`"),
        ("dock", MONDAY, "`by` is no role: `2026-06-15`"),
        (None, "captain", "`event` is no event"),
        (5, "captain", "`event` is no event: `5`"),
        (["dock"], "captain", "`event` is no event"),
    ],
)
def test_what_no_step_takes_is_refused(event, by, message):
    """Who takes a step and what it is called are words; what else is given is told, with what to give."""
    told = paths(gull(leak(), deck="wet"))
    found, help_ = refused(lambda: told.step(told.start("watch"), event, by=by), "wrong-type")
    assert found == message
    assert help_.startswith(NO_ROLE if "role" in message else "give the `event` of one of")


def test_nobody_takes_a_step_that_follows_by_itself():
    """A step without an event is no one's to take: naming none does not take it."""
    told = paths(gull(deck="wet"))
    begun = told.start("watch")
    (watch,) = [move for move in told.moves(begun) if move.id == "watch"]
    assert (watch.open, watch.event) == (True, None)
    refused(lambda: told.step(begun, watch.event, by="captain"), "wrong-type")


@pytest.mark.parametrize("take", ["step", "moves", "follow", "due", "read"])
@pytest.mark.parametrize("given", [None, 5, {}])
def test_what_is_no_position_is_refused(take, given):
    """Each that takes a position, or its text, says so of anything else."""
    told = paths(gull())
    more = {"event": "dock", "by": "captain"} if take == "step" else {}
    message, help_ = refused(lambda: getattr(told, take)(given, **more), "wrong-type")
    assert message.startswith("`text` is no text of a position" if take == "read" else "`position` is no")  # fmt: skip
    assert "`model_dump_json()`" in help_ or "`start`" in help_


@pytest.mark.parametrize("name", [None, 5, ["watch"], "wach"])
def test_a_pathway_that_there_is_not_is_no_key(name):
    """Whatever is given for its name, there is no pathway of it."""
    told = paths(gull())
    assert name not in told
    with pytest.raises(KeyError, match="there is no pathway"):
        told.start(name)


def test_only_a_role_takes_a_step():
    """Whoever takes a step has a role of the pack."""
    message, help_ = refused(lambda: paths(gull()).step(at("afloat"), "dock", by="captan"), "invalid")  # fmt: skip
    assert (message, help_) == ("there is no role `captan`", "did you mean `captain`?")


@pytest.mark.parametrize(
    ("seen", "taken", "open_"), [(15, True, None), (16, True, True), (15, False, True)]
)
def test_what_is_older_than_a_step_opens_nothing(seen, taken, open_):
    """What a row rests on may belong to a step; what is dated before it was taken was about another time."""
    row = {**WATCH["transitions"]["sell"], "event": "sell", "when": {"some": "leak", "recorded": True}, "since": "dock"}  # fmt: skip
    rules = framework({**WATCH, "transitions": {**WATCH["transitions"], "sell": row}})
    told = paths(gull(qaf.Finding(kind="leak", on=dt.date(2026, 6, seen))), LATER, rules)
    day = dt.date(2026, 6, 16)
    docked = Step(on=day, transition="dock", left="afloat", entered="docked", by=("captain",))
    position = at("docked", since=day, history=(docked,) if taken else ())
    assert told.moves(position)["sell"].open is open_
    if open_:
        assert told.step(position, "sell", by="captain").state == "ashore"
    else:
        why = "`sell` is not open: what it rests on is of 2026-06-15, before `dock` on 2026-06-16"
        assert refused(lambda: told.step(position, "sell", by="captain")) == (why, "Sell it")


@pytest.mark.parametrize("take", ["step", "follow"])
def test_steps_are_told_in_order(take):
    """A day before the last step is refused, for what a person told and for what follows."""
    there = at("watched", since=LATER)
    told = paths(gull(leak()))
    make = (lambda: told.step(there, "dock", by="captain")) if take == "step" else (lambda: told.follow(there))  # fmt: skip
    assert refused(make)[0] == "a step on 2026-06-15 is before the last one, on 2026-07-20"


# --- who decides together ---------------------------------------------------------------------------

PAIR = {"decided_by": ["captain", "mate"], "decided_with": "harbour_master"}
TOGETHER = {**WATCH, "transitions": {**WATCH["transitions"], "dock": {**WATCH["transitions"]["dock"], **PAIR}}}  # fmt: skip
HARBOUR = {"pack": {"roles": {"harbour_master": "harbour master"}}}


@pytest.mark.parametrize("by", [("captain", "harbour_master"), ["harbour_master", "mate"]])
def test_who_decides_together_is_named_together(by):
    """One of those who decide and everybody who does so with that one take the step, and are kept."""
    told = paths(gull(leak()), rules=framework(TOGETHER, **HARBOUR))
    docked = told.step(told.start("watch"), "dock", by=by)
    assert (docked.state, docked.history[-1].by) == ("docked", tuple(by))
    assert told.read(docked.model_dump_json()) == docked
    (move,) = [m for m in told.moves(told.start("watch")) if m.id == "dock"]
    assert (move.decided_by, move.decided_with) == (("captain", "mate"), ("harbour_master",))


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("captain", "`captain` does not decide `dock` alone"),
        ("harbour_master", "`harbour_master` does not decide `dock` alone"),
        (("captain", "mate"), "`captain` and `mate` do not decide `dock` alone"),
        ((), "nobody is named who decides `dock`"),
    ],
)
def test_one_of_two_who_decide_together_is_told_who_else(by, message):
    """A step by one of them is refused, with everybody who has to be named."""
    told = paths(gull(leak()), rules=framework(TOGETHER, **HARBOUR))
    help_ = "`captain` or `mate` with `harbour_master` does; name all of them in `by`"
    assert refused(lambda: told.step(told.start("watch"), "dock", by=by)) == (message, help_)


def test_a_row_that_names_nobody_is_taken_by_whoever_tells_it():
    """Where the table leaves open who takes a step, which `qaf check` tells, no role is refused."""
    rows = {**WATCH["transitions"], "bail": {"text": "Bail it out", "from": "afloat", "to": "watched", "clause": "B-12"}}  # fmt: skip
    told = paths(gull(), rules=framework({**WATCH, "transitions": rows}))
    bailed = told.step(told.start("watch"), "bail", by="mate")
    assert (bailed.state, bailed.history[-1].by) == ("watched", ("mate",))
    assert told.read(bailed.model_dump_json()) == bailed


def test_nobody_decides_with_nobody():
    """Who decides with somebody needs that somebody."""
    with pytest.raises(qaf.PackError) as caught:
        BOATS.amend({"pathway": {"watch": {"transitions": {"watch": {"decided_with": "mate"}}}}})
    assert [(d.message, d.help) for d in caught.value.diagnostics] == [
        ("nobody decides with whom `decided_with` could", "name who decides in `decided_by`")
    ]


# --- what was done for the same occurrence ----------------------------------------------------------

MENDED = {**WATCH, "transitions": {
    **WATCH["transitions"],
    "dock": {**WATCH["transitions"]["dock"], "closed_by": ["mend", "look"]},
    "mend": {"text": "Mend it", "from": "docked", "to": "afloat", "owner": "mate", "force": "will", "clause": "B-12"},
}}  # fmt: skip


def test_what_was_reported_is_not_offered_again_at_once():
    """A step that a person has reported closes what called for it, until the next such event."""
    rules = framework(MENDED)
    told = paths(gull(leak()), rules=rules)
    mended = told.step(told.step(told.start("watch"), "dock", by="captain"), "mend", by="mate")
    (dock,) = [m for m in told.moves(mended) if m.id == "dock"]
    assert (dock.open, dock.done) == (False, MONDAY)
    assert refused(lambda: told.step(mended, "dock", by="captain")) == (
        "`dock` is not open: it was done on 2026-06-15",
        "it opens again with the next event that calls for it",
    )
    again = qaf.Finding(kind="leak", on=dt.date(2026, 7, 1))
    later = paths(gull(leak(), again), LATER, rules)
    assert later.step(mended, "dock", by="captain").state == "docked"


@pytest.mark.parametrize(
    ("looked", "open_"), [(dt.date(2026, 5, 31), True), (dt.date(2026, 6, 1), False)]
)
def test_what_is_on_record_closes_a_step_too(looked, open_):
    """A record of an activity that closes a row does so from the day of the row's event on."""
    boat = qaf.ProviderRecord(
        provider=gull().provider,
        findings=(leak(),),
        activities=(qaf.Activity(activity="look", completed=looked),),
    )
    told = paths(boat, rules=framework(MENDED))
    (dock,) = [m for m in told.moves(told.start("watch")) if m.id == "dock"]
    assert (dock.open, dock.done) == (open_, None if open_ else looked)


@pytest.mark.parametrize(
    ("about", "open_"), [({}, False), ({"about": "look"}, False), ({"about": "swim"}, True)]
)
def test_a_record_closes_a_row_that_it_is_about(about, open_):
    """A record that says what it was done for closes no row that rests on something else."""
    row = {"text": "See to it", "from": "afloat", "to": "docked", "when": {"latest": "look"}, "decided_by": "captain", "closed_by": "pump", "clause": "B-12"}  # fmt: skip
    rules = framework({**WATCH, "transitions": {**WATCH["transitions"], "dock": row}})
    looked = qaf.Activity(activity="look", completed=dt.date(2026, 6, 1))
    pumped = qaf.Activity(activity="pump", completed=dt.date(2026, 6, 2), **about)
    boat = qaf.ProviderRecord(provider=gull().provider, activities=(looked, pumped))
    told = paths(boat, rules=rules)
    assert told.moves(told.start("watch"))["dock"].open == open_


def test_what_is_not_known_is_not_closed():
    """Of a row of which it is not known whether it is called for it is not said that it was done."""
    rows = {**WATCH["transitions"], "watch": {**WATCH["transitions"]["watch"], "closed_by": "look"}}
    boat = qaf.ProviderRecord(
        provider=gull().provider, activities=(qaf.Activity(activity="look", completed=MONDAY),)
    )
    told = paths(boat, rules=framework({**WATCH, "transitions": rows}))
    (watch,) = [m for m in told.moves(told.start("watch")) if m.id == "watch"]
    assert (watch.open, watch.done) == (None, None)


# --- where it begins --------------------------------------------------------------------------------

RECORDED = {**WATCH, "recorded_in": "berth"}
BERTH = {"vocabulary": {"facts": {"berth": {"type": ["docked", "ashore", "elsewhere"], "absent": "none", "stated_by": "mate", "clause": "B-12"}}}}  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "state", "since"),
    [
        ([], "afloat", MONDAY),
        ([stated("berth", "docked")], "docked", dt.date(2026, 6, 1)),
        ([stated("berth", "elsewhere")], "afloat", MONDAY),
    ],
)
def test_a_pathway_begins_where_the_records_say(findings, state, since):
    """Where no position is kept yet, a recorded stage is where it begins, since it was stated."""
    told = paths(gull(*findings, stated("paint", "red")), rules=framework(RECORDED, **BERTH))
    begun = told.start("watch")
    assert (begun.state, begun.since, begun.history) == (state, since, ())
    assert told["watch"].state == state
    assert {m.id for m in told["watch"].moves} == {m.id for m in told.moves(begun)}


# --- outside the framework --------------------------------------------------------------------------


def test_outside_the_framework_a_position_is_kept_and_stands_still():
    """Nothing moves it and no time runs; within the framework again it goes on from where it was."""
    within = paths(gull(deck="wet"))
    there = within.follow(within.start("watch"))
    train = qaf.ProviderRecord(provider=qaf.Provider(id="gull", fields={"service_type": "train", "deck": "dry"}))  # fmt: skip
    outside = paths(train, LATER)
    assert (within.stand_still, outside.stand_still) == (False, True)
    assert list(outside) == []
    assert outside.read(there.model_dump_json()) == there
    assert (outside.moves(there), outside.due(there)) == ((), None)
    assert outside.follow(there) == there
    message, help_ = refused(lambda: outside.step(there, "dock", by="captain"), "stands-still")
    assert message == "the provider is outside the framework, so the position stands still"
    assert help_ == "keep it: it goes on once the provider is within the framework again"
    assert paths(gull(deck="dry"), LATER).follow(there).state == "afloat"


# --- what is kept --------------------------------------------------------------------------------


def test_a_position_is_kept_as_json():
    """What was written is read back as it was, history and all."""
    told = paths(gull(leak(), deck="wet"))
    there = told.step(told.follow(told.start("watch")), "dock", by="captain")
    assert told.read(there.model_dump_json()) == there


WATCHED = {
    "on": "2026-06-15",
    "transition": "watch",
    "left": "afloat",
    "entered": "watched",
    "by": [],
}
DOCKED = {"on": "2026-06-16", "transition": "dock", "left": "watched", "entered": "docked", "by": ["captain"]}  # fmt: skip
PLACE = "position on watch"


def broken(*steps, **change):
    """Give a position that was kept, with its steps or a part of it changed, as JSON."""
    history = list(steps or (WATCHED, DOCKED))
    plain = {"framework": "minimal", "version": "V1", "pathway": "watch", "state": "docked", "since": "2026-06-16", "history": history}  # fmt: skip
    return json.dumps({**plain, **change})


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (broken(framework="trains"), ["the position is of the framework `trains`"]),
        (broken(version="V0"), ["the position is of version `V0`, not of `V1`"]),
        (broken(pathway="wach"), ["there is no pathway `wach` in this pack"]),
        (broken(state="doked"), ["the pathway has no state `doked`", "the last step enters `docked`, not `doked`"]),
        (broken(state="zzz", history=[]), ["the pathway has no state `zzz`"]),
        (broken(history=[]), []),
        (broken(WATCHED, {**DOCKED, "by": "captain"}), []),
        (broken({**WATCHED, "by": None}, DOCKED), []),
        ("{", ["the text: invalid JSON: EOF while parsing an object at line 1 column 1"]),
        ('{"state": 1}', ["framework: field required", "version: field required", "pathway: field required", "state: input should be a valid string", "since: field required"]),
    ],
)  # fmt: skip
def test_what_was_kept_is_checked(text, messages):
    """A position of another framework, version, pathway or state, or with a broken history, is refused."""
    if not messages:
        assert paths(gull(), LATER).read(text).state == "docked"
        return
    with pytest.raises(qaf.InputError) as caught:
        paths(gull(), LATER).read(text)
    assert [d.message for d in caught.value.diagnostics] == messages


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (broken(WATCHED, {**DOCKED, "transition": "dok"}),
         [("step 2", "the pathway has no transition `dok`", "did you mean `dock`?")]),
        (broken(WATCHED, {**DOCKED, "transition": "zzz"}),
         [("step 2", "the pathway has no transition `zzz`", "there is `watch`, `dry_out`, `dock`, `paint`, `launch`, `beach`, `scuttle` or `sell`")]),
        (broken({**WATCHED, "left": "docked"}, DOCKED),
         [("step 1", "`watch` does not lead from `docked`", "it leads from `afloat`")]),
        (broken({**WATCHED, "entered": "ashore"}, {**DOCKED, "left": "ashore"}),
         [("step 1", "`watch` does not lead to `ashore`", "it leads to `watched`"), ("step 2", "`dock` does not lead from `ashore`", "it leads from `afloat` or `watched`")]),
        (broken({**WATCHED, "by": "mate"}, DOCKED),
         [("step 1", "`watch` follows by itself, and `mate` is told to have taken it", WHOLE)]),
        (broken(WATCHED, {**DOCKED, "by": None}),
         [("step 2", "nobody is named who decides `dock`", "`captain` does")]),
        (broken(WATCHED, {**DOCKED, "by": ["mate", "captain"]}),
         [("step 2", "`mate` and `captain` do not decide `dock`", "`captain` does")]),
        (broken(WATCHED, {**DOCKED, "left": "afloat"}),
         [("step 2", "step 1 enters `watched`, and the next leaves `afloat`", WHOLE)]),
        (broken(WATCHED, {**DOCKED, "on": "2026-06-14"}, since="2026-06-14"),
         [("step 2", "step 2, on 2026-06-14, is before the one of 2026-06-15", WHOLE)]),
        (broken(since="2026-06-15"), [("", "the state is entered on 2026-06-16, and not since 2026-06-15", WHOLE)]),
        (broken(history=[], since="2026-07-21"),
         [("", "the position is there since 2026-07-21, which is after 2026-07-20", "read it on that day, or correct the day")]),
        (broken(WATCHED, {**DOCKED, "on": "2026-07-21"}, since="2026-07-21"),
         [("", "the position is there since 2026-07-21, which is after 2026-07-20", "read it on that day, or correct the day"),
          ("step 2", "the step is of 2026-07-21, which is after 2026-07-20", "read it on that day, or correct the day")]),
    ],
)  # fmt: skip
def test_a_history_that_the_table_does_not_bear_out_is_refused(text, faults):
    """Each step is a row's, from where the last one led, by who may take it, and of no day to come."""
    with pytest.raises(qaf.InputError) as caught:
        paths(gull(), LATER).read(text)
    told = [(d.place.removeprefix(PLACE).removeprefix(", "), d.message, d.help) for d in caught.value.diagnostics]  # fmt: skip
    assert told == faults


def test_who_took_a_step_is_not_judged_where_a_reading_says_who_does():
    """Under another reading it was another's step, or nobody's; what was kept under it stays good."""
    row = {**WATCH["transitions"]["watch"], "decided_by": {"by_reading": "X-1", "rolling": "captain", "otherwise": "none"}}  # fmt: skip
    rules = framework({**WATCH, "transitions": {**WATCH["transitions"], "watch": row}})
    followed = paths(gull(), LATER, rules).read(broken())
    rolling = rules.using(readings={"X-1": "rolling"})
    assert paths(gull(), LATER, rolling).read(followed.model_dump_json()) == followed
    with pytest.raises(qaf.InputError, match="does not lead from"):
        paths(gull(), LATER, rolling).read(broken({**WATCHED, "left": "sunk"}, DOCKED))


def test_a_position_of_another_version_takes_no_step():
    """Also where it was not read but handed over: another version's table does not hold here."""
    old = at("watched", version="V0")
    told = paths(gull())
    for make in (lambda: told.follow(old), lambda: told.moves(old), lambda: told.due(old)):
        message, help_ = refused(make, "other-version")
        assert message == "the position is of version `V0`, not of `V1`"
        assert "migrations" in help_


def test_a_declared_migration_is_made():
    """Where the pack says what the states of an earlier version became, the position moves with it."""
    pathway = {**WATCH, "migrations": {"V0": {"in_dock": "docked"}}}
    told = paths(gull(), LATER, framework(pathway))
    there = told.read(broken(version="V0", state="in_dock", history=[]))
    assert (there.version, there.state, there.since) == ("V1", "docked", dt.date(2026, 6, 16))
    assert [(s.transition, s.left, s.entered, s.version) for s in there.history] == [("migrated", "in_dock", "docked", "V0")]  # fmt: skip
    assert told.read(there.model_dump_json()) == there


def test_steps_before_a_migration_are_not_held_against_the_table():
    """What an earlier version's rows were called is not known; what came after the migration is."""
    pathway = {**WATCH, "migrations": {"V0": {"in_dock": "docked"}}}
    told = paths(gull(stated("paint", "red")), LATER, framework(pathway))
    old = {**DOCKED, "transition": "tow", "entered": "in_dock", "by": "tug"}
    there = told.read(broken(WATCHED, old, version="V0", state="in_dock"))
    after = told.step(there, "paint", by="mate")
    assert told.read(after.model_dump_json()) == after
    kept = after.model_dump(mode="json")
    kept["history"][-1]["transition"] = "tow"
    with pytest.raises(qaf.InputError, match="step 4: error: the pathway has no transition `tow`"):
        told.read(json.dumps(kept))


@pytest.mark.parametrize(
    ("migrations", "change", "message"),
    [
        ({}, {}, "the pathway has no migration from `V0`"),
        ({"V0": {"in_dock": "docked"}}, {"version": None}, "the pathway has no migration from a version that is not told"),
        ({"V0": {"in_dock": "docked"}}, {"version": "V7"}, "the pathway has no migration from `V7`"),
        ({"V0": {"in_dock": "ashore"}}, {}, "`in_dock` did not become `docked`"),
        ({"V0": {"quay": "docked"}}, {}, "`in_dock` did not become `docked`"),
    ],
)  # fmt: skip
def test_a_migration_that_the_pack_does_not_declare_is_refused(migrations, change, message):
    """A position comes from another version as the pack says, or it was not so."""
    moved = {"on": "2026-06-16", "transition": "migrated", "left": "in_dock", "entered": "docked", "version": "V0"}  # fmt: skip
    told = paths(gull(), LATER, framework({**WATCH, "migrations": migrations}))
    with pytest.raises(qaf.InputError) as caught:
        told.read(broken({**moved, **change}))
    assert [d.message for d in caught.value.diagnostics] == [message]


def test_an_old_state_of_which_nobody_says_what_it_became_is_refused():
    """A state keeps its name where the table still has it; what it has no more, it does not guess."""
    told = paths(gull(), LATER, framework({**WATCH, "migrations": {"V0": {"in_dock": "docked"}}}))
    assert told.read(broken(version="V0", state="ashore", history=[])).state == "ashore"
    with pytest.raises(qaf.InputError, match="the pathway has no state `quay`"):
        told.read(broken(version="V0", state="quay", history=[]))


# --- what a pack may not say ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message", "help_"),
    [
        ({"transitions": {"dock": {"to": "docket"}}}, "the pathway has no state `docket`", "did you mean `docked`?"),
        ({"transitions": {"dock": {"from": "quay"}}}, "the pathway has no state `quay`", "there is `afloat`, `watched`, `docked`, `ashore` or `sunk`"),
        ({"transitions": {"dock": {"from": []}}}, "it leads from no state", "name one of `afloat`, `watched`, `docked`, `ashore` or `sunk`, or several"),
        ({"transitions": {"dock": 5}}, "`5` is not a mapping of names", None),
        ({"migrations": {"V0": {"gone": "sunken"}}}, "the pathway has no state `sunken`", "did you mean `sunk`?"),
        ({"transitions": {"dock": {"since": "wach"}}}, "the pathway has no transition `wach`", "did you mean `watch`?"),
        ({"states": {"docked": {"start": True}}}, "the pathway starts in `afloat` already", "a provider is never in two states"),
        ({"states": {"afloat": {"start": False}}}, "no state is where the pathway starts", "write `start: true` at one of `afloat`, `watched`, `docked`, `ashore` or `sunk`"),
        ({"transitions": {"watch": {"when": {"dekc": "wet"}}}}, "there is no value `dekc` in this pack", "did you mean `deck`?"),
        ({"states": {"docked": {"within": "soon"}}}, "`soon` is not an interval", "write an interval, `24 hours` or `same working day`"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_join_does_not_load(change, message, help_):
    """Unknown states, two starts or none, unknown facts and times are found before anything runs."""
    with pytest.raises(qaf.PackError) as caught:
        BOATS.amend({"pathway": {"watch": change}})
    assert [(d.message, d.help) for d in caught.value.diagnostics] == [(message, help_)]


def test_a_fault_of_a_table_is_placed(tmp_path):
    """Each fault of a pathway's file is told with its line and column, all at once."""
    for file in MINIMAL.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = "watch:\n  name: Watch\n  states:\n    a: {name: A, start: true}\n    b: {name: B, start: true}\n"
    text += "  transitions:\n    go: {text: Go, from: a, to: c, when: {dekc: wet}, clause: B-11}\n"
    (tmp_path / "pathway.yaml").write_text(text)
    with pytest.raises(qaf.PackError) as caught:
        qaf.load(tmp_path)
    assert [(d.line, d.column) for d in caught.value.diagnostics] == [(5, 25), (7, 33)]


# --- in cases ------------------------------------------------------------------------------------


def outcomes(tmp_path, expect):
    """Give what failed of a case about a wet boat with a leak."""
    file = tmp_path / "cases.yaml"
    case = {"id": "P-1", "on": "2026-06-15", "provider": {"service_type": "boat", "deck": "wet"}, "findings": [{"kind": "leak", "on": "2026-06-01"}], "expect": expect}  # fmt: skip
    file.write_text(json.dumps({"framework": "minimal", "cases": [case]}))
    folder = tmp_path / "pack"
    folder.mkdir()
    for source in MINIMAL.glob("*.yaml"):
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / "pathway.yaml").write_text(json.dumps({"watch": WATCH}))
    read = read_cases(file, pack=folder)
    (outcome,) = [Runner(read.framework).run(case) for case in read.cases]
    return [(f.key, f.expected, f.actual) for f in outcome.failures]


@pytest.mark.parametrize(
    ("expect", "failures"),
    [
        ({"pathway": {"entered": True, "offered": False, "steps_source": "incomplete"}}, []),
        ({"pathway": {"entered": False, "steps_source": None}}, [("pathway.entered", False, True), ("pathway.steps_source", None, "incomplete")]),
        ({"steps": {"watch": [{"follow": True, "to": "watched"}, {"event": "dock", "by": "captain", "on": "2026-06-16", "to": "docked"}]}}, []),
        ({"steps": {"watch": [{"event": "dock", "by": "mate", "to": "docked"}]}}, [("steps.watch.1", "docked", "refused")]),
        ({"steps": {"watch": [{"event": "dock", "by": "captain", "refused": True}]}}, [("steps.watch.1", "refused", "docked")]),
        ({"steps": {"watch": [{"event": "dock", "by": "captain"}, {"event": "launch", "by": "captain", "on": "2026-07-14", "refused": True}]}}, []),
        ({"steps": {"watch": [{"at": "docked", "since": "2026-05-15", "event": "launch", "by": "captain", "to": "afloat"}]}}, []),
    ],
)  # fmt: skip
def test_cases_judge_pathways(tmp_path, expect, failures):
    """A case compares where a provider stands, and takes steps one after another."""
    assert outcomes(tmp_path, expect) == failures


def test_a_case_of_a_provider_outside_tells_the_lack(tmp_path):
    """Steps on a pathway that is not there for a provider are a failure, not a crash."""
    case = {"id": "P-1", "on": "2026-06-15", "provider": {"service_type": "train"}, "expect": {"pathway": {"entered": False, "steps_source": None}, "steps": {"contract": [{"follow": True}]}}}  # fmt: skip
    case["provider"] = {"service_type": "care_home", "commissioned_by_bolton": False}
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps({"framework": "adults", "cases": [case]}))
    read = read_cases(file)
    outcome = Runner(read.framework).run(read.cases[0])
    assert [(f.key, f.actual) for f in outcome.failures] == [("steps.contract", None)]


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"pathway": {"enterd": True}}, "unknown name `enterd`"),
        ({"steps": {"wach": []}}, "unknown name `wach`"),
        ({"steps": {"watch": {"event": "dock"}}}, "the steps of `watch` are a list of mappings"),
        ({"steps": {"watch": [{"evnt": "dock"}]}}, "unknown name `evnt`"),
        ({"steps": {"watch": [{"event": "dock"}]}}, "the step does not say by whom"),
        ({"steps": {"watch": [{"event": "dock", "by": ["captain", "matte"]}]}}, "there is no role `matte`"),
        ({"steps": {"watch": [{"to": "watched"}]}}, "a step either follows or tells an event"),
        ({"steps": {"watch": [{"follow": True}, {"follow": True, "at": "docked"}]}}, "only the first step says where"),
        ({"steps": {"watch": [{"follow": True, "to": "docket"}]}}, "the pathway has no state `docket`"),
        ({"steps": {"watch": [{"follow": True, "on": "soon"}]}}, "`soon` is not a day"),
    ],
)  # fmt: skip
def test_a_case_that_asks_amiss_is_told(tmp_path, expect, message):
    """What no pathway could meet is a fault of the file, with its place."""
    with pytest.raises(qaf.InputError) as caught:
        outcomes(tmp_path, expect)
    assert caught.value.diagnostics[0].message.startswith(message)
    assert caught.value.diagnostics[0].line is not None


# --- the packs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", qaf.load("adults").pack.readings["X-A-06"].options)
def test_whatever_grade_calls_for_the_meeting_calls_it_on_the_pathway(reading):
    """Under every reading of which grade counts, the action and the two pathways agree."""
    adults = qaf.load("adults", readings={"X-A-06": reading})
    grades = ("good", "requires_improvement", "inadequate", "not_yet_rated")
    told = set()
    for overall, domain in itertools.product(grades, grades[:3]):
        fields = {"service_type": "care_home", "regulator": "cqc", "regulator_overall": overall, "cqc_domains": {"safe": domain}}  # fmt: skip
        record = qaf.ProviderRecord(provider=qaf.Provider(id="p", fields=fields))
        a = adults.assess(record, on=MONDAY)
        there = a.pathways.follow(a.pathways.start("impact_and_risk"))
        called = there.state == "meeting_called"
        assert called is any(action.id == "impact_and_risk_meeting" for action in a.actions)
        assert called is a.pathway.entered
        told.add(called)
    assert told == {True, False}


# --- an overlay ----------------------------------------------------------------------------------


def test_an_overlay_may_be_a_file(tmp_path):
    """A change of the rules is a mapping or a file of one; a file of anything else is told."""
    file = tmp_path / "ours.yaml"
    file.write_text(json.dumps({"pathway": {"watch": WATCH}}))
    rules = qaf.load(MINIMAL).amend(file)
    assert rules.assess(gull(deck="wet"), on=MONDAY).pathway.entered
    file.write_text("- watch\n")
    with pytest.raises(qaf.InputError, match="is not a mapping of names"):
        qaf.load(MINIMAL).amend(str(file))
