"""What is wrong with a pathway is found from its table, each flaw with the shortest way to it."""

import datetime as dt
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules.check import check
from qaf_rules.condition import parse
from qaf_rules.contact import gaps, lines
from qaf_rules.facts import View
from qaf_rules.guards import UNKNOWN, World, worlds
from qaf_rules.pack import amended, load_pack
from qaf_rules.value_tests import Value

MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
BOATS = qaf.load(MINIMAL)
MONDAY = dt.date(2026, 6, 15)


def pathway(states, **transitions):
    """Give a pathway in short: the first state starts it, a dict says more of a transition."""
    made = {}
    for name, (from_, to, more) in transitions.items():
        base = {"text": name, "from": from_, "to": to, "clause": "B-12", "decided_by": "captain"}
        made[name] = {**base, **more}
    named = {s: {"name": s.upper(), "start": s == states[0]} for s in states}
    return {"name": "Watch", "clause": "B-12", "states": named, "transitions": made}


def found(spec, **more):
    """Give what is found of the pathways of a pack: code, message and help."""
    pack = amended(BOATS.pack, {"pathway": {"watch": spec}, **more})
    return [(d.code, d.message, d.help) for d in check(pack)]


AUTO = {"decided_by": "none", "force": "must", "clause": "B-11"}


def test_a_sound_pathway_is_clean():
    """Of a pathway with a way out of every state nothing is said."""
    assert found(pathway("ab", go=("a", "b", {}), back=("b", "a", {}))) == []


def test_a_state_that_only_a_dead_transition_reaches_is_unreachable():
    """What no provider can meet leads nowhere."""
    never = {"when": {"all": [{"deck": "wet"}, {"not": {"deck": "wet"}}]}}
    spec = pathway("abc", go=("a", "b", never), back=("b", "a", {}), on=("a", "c", {}), home=("c", "a", {}))  # fmt: skip
    codes = [c for c, _, _ in found(spec)]
    assert codes == ["unreachable-state", "never-fires"]


@pytest.mark.parametrize(
    ("when", "help_"),
    [
        ({"level": 9}, "no values of `level` meet it; `level` has `0`, `1` or `2`"),
        ({"level": {"at_least": 9}}, "no values of `level` meet it; `level` has `0`, `1` or `2`"),
        ({"deck": "slippery"}, "no values of `deck` meet it; `deck` has `wet` or `dry`"),
        ({"all": [{"level": 1}, {"level": 2}]}, "no values of `level` meet it; `level` has `0`, `1` or `2`"),
        ({"this.days": {"at_least": 5, "at_most": 4}}, "no values of `this.days` meet it"),
    ],
)  # fmt: skip
def test_a_condition_that_nothing_meets_is_told_as_that(when, help_):
    """A value that the scale or the type does not have fires nothing, and is no part of a circle."""
    spec = pathway("ab", one=("a", "b", {**AUTO, "when": when}), two=("b", "a", {**AUTO, "when": when}), go=("a", "b", {}), back=("b", "a", {}))  # fmt: skip
    told = [each for each in found(spec) if each[0] != "impossible-value"]
    assert [code for code, _, _ in told] == ["never-fires", "never-fires"]
    message = "the transition `one` can never fire: its condition never holds"
    assert told[0][1:] == (message, help_)


@pytest.mark.parametrize(
    ("when", "message", "help_"),
    [
        ({"level": 9}, "`level` is never `9`", "it is one of `0`, `1` or `2`"),
        ({"not": {"confirmed_level": {"in": [1, 3]}}}, "`confirmed_level` is never `3`", "it is one of `0`, `1` or `2`"),
        ({"rating_status": "sugested"}, "`rating_status` is never `sugested`", "did you mean `suggested`?"),
        ({"level": {"at_least": 2}}, None, None),
    ],
)  # fmt: skip
def test_a_level_that_the_scale_does_not_have_is_found_in_every_rule(when, message, help_):
    """What the engine says of a rating has values of its own, in the rule of any part of a pack."""
    pack = amended(BOATS.pack, {"flags": {"test": {"when": when, "text": "!", "clause": "B-13"}}})
    told = [(d.message, d.help) for d in check(pack) if d.code == "impossible-value"]
    assert told == ([(message, help_)] if message else [])


def test_the_shortest_way_is_told():
    """A dead end is told with the shortest way to it, however many longer ones there are."""
    spec = pathway("abcd", one=("a", "b", {}), two=("b", "c", {}), three=("c", "d", {}), short=("a", "c", {}), back=("b", "a", {}))  # fmt: skip
    ((code, message, help_),) = found(spec)
    assert (code, message) == ("dead-end", "nothing leads out of the state `d`")
    assert help_.endswith("the way there: `a`, by `short` to `c`, by `three` to `d`")


def test_a_trap_is_told_once_where_it_begins():
    """States among which a provider stays are one flaw, at the nearest of them."""
    spec = pathway("abcd", one=("a", "b", {}), two=("b", "c", {}), three=("c", "d", {}), four=("d", "b", {}))  # fmt: skip
    ((code, message, help_),) = found(spec)
    assert (code, message) == ("no-exit", "from the state `b` no exit is possible")
    assert help_ == "a provider stays among `b`, `c` or `d`; the way there: `a`, by `one` to `b`"


def test_an_end_is_an_exit():
    """A state that is meant as the end, and one that leads to it, are no traps."""
    spec = pathway("abc", one=("a", "b", {}), two=("b", "c", {}))
    spec["states"]["c"]["end"] = True
    assert found(spec) == []


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ({"deck": "wet"}, {"deck": "wet", "service_type": "boat"}, True),
        ({"deck": "wet"}, {"deck": "wet"}, True),
        ({}, {"deck": "wet"}, True),
        ({"deck": "wet", "service_type": "boat"}, {"deck": "wet"}, False),
        ({"deck": "wet"}, {"deck": "dry"}, False),
        ({"some": "leak"}, {"all": [{"some": "leak"}, {"deck": "wet"}]}, True),
        ({"none": "leak"}, {"not": {"some": "leak"}}, True),
        ({"none": "leak"}, {"some": "leak"}, False),
        ({"deck": "wet"}, {"all": [{"deck": "wet"}, {"deck": "dry"}]}, False),  # told as never firing
    ],
)  # fmt: skip
def test_a_row_behind_one_that_always_holds_is_shadowed(first, second, shadowed):
    """Of two rows for one event the second has no turn where the first holds whenever it does."""
    spec = pathway("ab", one=("a", "b", {"event": "go", "when": first} if first else {"event": "go"}), two=("a", "b", {"event": "go", "when": second}), back=("b", "a", {}))  # fmt: skip
    assert ("shadowed" in [c for c, _, _ in found(spec)]) is shadowed


@pytest.mark.parametrize(
    ("one", "two", "shadowed"),
    [
        ({}, {"decided_by": "mate"}, False),
        ({"decided_by": ["captain", "mate"]}, {"decided_by": "mate"}, True),
        ({"decided_by": "none"}, {}, True),
        ({"after": "3 days"}, {}, False),
        ({"decided_with": "mate"}, {}, False),
        ({"decided_with": "mate"}, {"decided_with": "mate"}, True),
        ({"closed_by": "look"}, {}, False),
        ({"closed_by": "look"}, {"closed_by": ["look", "log"]}, True),
    ],
)
def test_who_decides_and_when_keep_rows_apart(one, two, shadowed):
    """A row that another role takes, or that opens later, takes no turn away."""
    spec = pathway("ab", one=("a", "b", {"event": "go", **one}), two=("a", "b", {"event": "go", **two}), back=("b", "a", {}))  # fmt: skip
    assert ("shadowed" in [c for c, _, _ in found(spec)]) is shadowed


@pytest.mark.parametrize(
    ("one", "two", "endless"),
    [
        ({"when": {"deck": "wet"}}, {"when": {"service_type": "boat"}}, True),
        ({"when": {"deck": "wet"}}, {"when": {"deck": "dry"}}, False),
        ({"when": {"deck": "wet"}}, {"when": {"deck": "wet"}, "after": "3 days"}, False),
        ({"when": {"deck": "wet"}}, {"when": {"deck": "wet", "this.days": {"at_least": 3}}}, False),
        ({"when": {"deck": "wet"}}, {"when": {"deck": "wet"}, "decided_by": "mate"}, False),
        ({"when": {"some": "leak"}}, {"when": {"none": "leak"}}, False),
        ({"when": {"some": "leak"}}, {"when": {"some": "leak"}}, True),
    ],
)
def test_a_circle_that_turns_by_itself_is_found(one, two, endless):
    """Automatic steps round a circle are a flaw where one provider meets them all on one day."""
    spec = pathway("ab", one=("a", "b", {**AUTO, **one}), two=("b", "a", {**AUTO, **two}))
    told = [(message, help_) for code, message, help_ in found(spec) if code == "endless"]
    assert bool(told) is endless
    if endless:
        assert "by `one` to `b`" in told[0][0]
        assert "it turns where" in told[0][1] or "it always turns" in told[0][1]


def test_a_step_into_its_own_state_may_turn_too():
    """An automatic step that leaves the state as it is has no end either."""
    spec = pathway("ab", one=("a", None, {**AUTO, "when": {"deck": "wet"}}), go=("a", "b", {}), back=("b", "a", {}))  # fmt: skip
    ((code, message, _),) = found(spec)
    assert (code, message) == ("endless", "steps follow one another without end: `a`, by `one` to `a`")  # fmt: skip


def test_the_shortest_circle_is_told():
    """Of several circles the shortest shows the flaw; one that cannot turn is passed over."""
    spec = pathway("abc", one=("a", "b", {**AUTO, "when": {"deck": "wet"}}), two=("b", "a", {**AUTO, "when": {"deck": "dry"}}), three=("b", "c", {**AUTO, "when": {"deck": "wet"}}), four=("c", "a", {**AUTO, "when": {"deck": "wet"}}))  # fmt: skip
    ((code, message, _),) = found(spec)
    assert code == "endless"
    assert {"by `three` to `c`", "by `four` to `a`", "by `one` to `b`"} <= {p.strip() for p in message.split(": ")[1].split(",")}  # fmt: skip


def test_what_nobody_decides_is_found():
    """A step that is not automatic, and an action that may be taken, have somebody who decides."""
    spec = pathway("ab", go=("a", "b", {"decided_by": "none"}), back=("b", "a", {"actions": "call_coast_guard"}))  # fmt: skip
    nobody = {"actions": {"call_coast_guard": {"decided_by": "none"}}}
    told = sorted((code, message) for code, message, _ in found(spec, **nobody))
    assert told == [
        ("nobody-decides", "nobody decides the action `call_coast_guard`, which may be taken or not"),
        ("nobody-decides", "nobody decides the transition `go`"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"clause": "B-11", "when": {"deck": "wet"}}, []),
        ({"clause": "B-12", "when": {"deck": "wet"}}, ["unfounded-step"]),
        ({"clause": ["B-11", "B-12"], "when": {"deck": "wet"}}, ["unfounded-step"]),
        ({"clause": ["B-11", "B-13"], "when": {"deck": "wet"}}, []),
        ({"clause": "B-13", "when": {"deck": "wet"}}, ["unfounded-step"]),
        ({"clause": "B-12", "when": {"deck": "wet"}, "settled_by": "terms"}, []),
        ({"clause": "B-11"}, ["unfounded-step"]),
        ({"clause": "B-11", "after": "3 days"}, []),
        ({"clause": "B-99", "when": {"deck": "wet"}}, ["undeclared", "unfounded-step"]),
    ],
)
def test_an_automatic_step_rests_on_must_or_will(more, codes):
    """Only what the document makes binding, or the council settled, happens by itself."""
    settings = {"vocabulary": {"settings": {"terms": {"type": "any", "clause": "B-12"}}}}
    spec = pathway("ab", go=("a", "b", {**AUTO, **more}), back=("b", "a", {}))
    assert sorted(c for c, _, _ in found(spec, **settings)) == sorted(codes)


def test_a_step_that_it_itself_closes_turns_in_no_circle():
    """What was done since its event is not done again, so it waits for the next one."""
    again = {**AUTO, "when": {"deck": "wet"}}
    spec = pathway("ab", go=("a", "a", again), on=("a", "b", {}), back=("b", "a", {}))
    assert [c for c, _, _ in found(spec)] == ["endless"]
    spec["transitions"]["go"]["closed_by"] = "go"
    assert found(spec) == []


def test_what_closes_a_step_and_who_decides_with_whom_are_declared():
    """A closer is a step of the pathway or an activity; who decides with somebody has a role."""
    more = {"closed_by": ["back", "look", "lok"], "decided_with": "matte"}
    spec = pathway("ab", go=("a", "b", more), back=("b", "a", {}))
    assert [message for _, message, _ in found(spec)] == [
        "there is no role `matte` in this pack",
        "there is no record `lok` in this pack",
    ]


@pytest.mark.parametrize(
    ("kind", "message", "help_"),
    [
        (["a", "b"], None, None),
        (["a", "bb"], "`berth` may be `bb`, which is no state", "did you mean `b`?"),
        (["a", "sea"], "`berth` may be `sea`, which is no state", "there is `a` or `b`"),
        (
            "token",
            "`berth` does not list the stages that it may state",
            "give its values as a list",
        ),
    ],
)
def test_a_recorded_stage_is_a_state(kind, message, help_):
    """Where records say how far a provider has come, each thing that they may say is a state."""
    spec = {**pathway("ab", go=("a", "b", {}), back=("b", "a", {})), "recorded_in": "berth"}
    berth = {"type": kind, "absent": "none", "stated_by": "mate", "clause": "B-12"}
    told = found(spec, vocabulary={"facts": {"berth": berth}})
    assert told == ([("no-such-stage", message, help_)] if message else [])
    assert [m for _, m, _ in found(spec)] == ["there is no value `berth` in this pack"]


def test_the_rules_of_every_reading_are_verified():
    """A flaw under a reading that is not taken is found too."""
    spec = pathway("ab", go=("a", "b", {"by": 1}), back=("b", "a", {}))
    del spec["transitions"]["go"]["by"]
    spec["transitions"]["go"]["to"] = {"by_reading": "X-1", "rolling": "b", "otherwise": "a"}
    codes = [c for c, _, _ in found(spec)]
    assert codes == ["unreachable-state", "dead-end"]


def test_without_the_library_the_check_says_what_to_install(monkeypatch):
    """Where networkx is missing a pack with pathways does not pass, and is told what to install."""
    monkeypatch.setitem(sys.modules, "networkx", None)
    ((code, _, help_),) = found(pathway("ab", go=("a", "b", {}), back=("b", "a", {})))
    assert (code, help_) == ("unverified", "install it: pip install 'qaf-rules[cli]'")
    assert check(BOATS.pack) == ()


@pytest.mark.parametrize("name", ["adults", "children"])
def test_without_the_library_the_command_says_what_to_install(monkeypatch, qaf, name):
    """`qaf check` of either council's pack fails with what to install, and with no traceback."""
    monkeypatch.setitem(sys.modules, "networkx", None)
    status, out, err = qaf("check", name)
    assert (status, err) == (1, "")
    assert "error: the pathways are not verified: networkx is not installed" in out
    assert "install it: pip install 'qaf-rules[cli]'" in out
    assert out.splitlines()[-1].startswith(f"{name}: 1 fault, ")


@pytest.mark.parametrize("name", ["adults", "children"])
def test_the_packs_pathways_are_sound(name):
    """The pathways of both councils' documents have no flaw under any reading."""
    assert [d for d in check(load_pack(name)) if d.severity == "error"] == []


# --- what can hold together ----------------------------------------------------------------------


def condition(raw):
    """Give a condition as a pack writes it."""
    made, faults = parse(raw)
    assert faults == []
    return made


@pytest.mark.parametrize(
    "raw",
    [
        {"deck": "wet"},
        {"deck": {"known": True, "not": "wet"}},
        {"any": [{"deck": "dry"}, {"service_type": "boat"}]},
        {"not": {"deck": {"in": ["wet", "dry"]}}},
    ],
)
def test_every_outcome_of_a_condition_is_tried(raw):
    """What the combinations give is what the engine gives for boats with those values, no less."""
    when = condition(raw)
    tried = {world.truth(when) for world in worlds(BOATS.pack, [when])}
    engine = set()
    for fields in ({"deck": d, "service_type": s} for d in (None, "wet", "dry") for s in (None, "boat", "raft")):  # fmt: skip
        given = {name: value for name, value in fields.items() if value is not None}
        record = qaf.ProviderRecord(provider=qaf.Provider(id="b", fields=given))
        flagged = BOATS.amend({"flags": {"test": {"when": raw, "text": "!", "clause": "B-13"}}})
        engine.add(flagged.assess(record, on=MONDAY).flags.has("test"))
    assert {truth is True for truth in tried} == engine


WORDS = {
    "vocabulary": {
        "fields": {
            "large": {"type": "boolean"},
            "holds": {"type": {"set": ["fore", "aft"]}},
            "state": {"type": {"map": ["bow", "stern"], "of": ["good", "bad"]}},
            "built": {"type": "date"},
            "age": {"type": "count"},
            "flag": {"type": "token"},
            "length": {"type": "number"},
            "rig": {"type": ["cutter", "ketch"], "open": True},
            "stops": {"type": {"set": []}},
            "old": {"type": "boolean", "derive": [{"when": {"age": {"at_least": 20}}, "value": True}]},
        },
        "facts": {
            "unsafe": {"type": "boolean", "absent": "none", "derive": [{"when": {"large": True, "old": True}, "value": True}]},
            "limit": {"type": "count"},
        },
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "truths"),
    [
        ({"large": True}, {True, False, None}),
        ({"holds": "fore"}, {True, False, None}),
        ({"state": {"any": "bad"}}, {True, False, None}),
        ({"built": {"before": "2000-01-01"}}, {True, False, None}),
        ({"age": {"at_least": 3, "at_most": 3}}, {True, False, None}),
        ({"all": [{"age": {"at_least": 3}}, {"age": {"at_most": 2}}]}, {False, None}),
        ({"flag": ["red", "white"]}, {True, False, None}),
        ({"flag": {"known": True}}, {True, False}),
        ({"stated": {"age": 3}}, {True, False, None}),
        ({"old": True}, {True, False, None}),
        ({"unsafe": True}, {True, False}),
        ({"all": [{"unsafe": True}, {"large": False}]}, {False}),
        ({"all": [{"old": True}, {"age": 2}]}, {True, False, None}),  # it may be given all the same
        ({"age": {"at_least": {"value": "limit"}}}, {True, False, None}),
        ({"age": {"at_least": {"value": "limit"}}, "limit": 40}, {True, False, None}),
        ({"all": [{"state": {"any": "bad"}}, {"state": {"any": "good"}}]}, {True, False, None}),
        ({"state": {"includes": "stern", "not": {"includes": "bow"}}}, {True, False, None}),
        ({"holds": {"includes": "fore", "not": {"includes": "aft"}}}, {True, False, None}),
        ({"stops": {"includes": "quay", "not": {"includes": "isle"}}}, {True, False, None}),
        ({"built": {"after": "2001-03-01", "before": "2001-03-03"}}, {True, False, None}),
        ({"built": {"after": "2001-03-01", "before": "2001-03-02"}}, {False, None}),
        ({"built": {"not": "soon"}}, {True, None}),
        ({"length": {"after": 4, "before": 5}}, {True, False, None}),
        ({"age": {"after": 4, "before": 5}}, {False, None}),
        ({"age": 2.5}, {False, None}),
        ({"rig": "sloop"}, {True, False, None}),
        ({"deck": "slippery"}, {False, None}),
        ({"level": 2}, {True, False, None}),
        ({"level": 9}, {False, None}),
        ({"level": {"at_least": 4}}, {False, None}),
        ({"rating_status": "gap"}, {True, False, None}),
        ({"rating_status": "open"}, {False, None}),
        ({"gap": True}, {True, False, None}),
        ({"gap": "yes"}, {False, None}),
        ({"all": [{"row": "boats"}, {"row": "rafts"}]}, {True, False, None}),  # of several services
        ({"latest": "look"}, {True, False}),
        ({"suggested": "pump"}, {True, False}),
        ({"none": "leak"}, {True, False}),
    ],
)  # fmt: skip
def test_values_are_told_apart_by_their_tests(raw, truths):
    """Of each type the values are tried that its tests tell apart, and what follows is worked out."""
    pack = BOATS.amend(WORDS).pack
    when = condition(raw)
    assert {world.truth(when) for world in worlds(pack, [when])} == truths


def test_too_many_combinations_are_not_tried():
    """Beyond what can be tried in a moment nothing is claimed."""
    many = {name: list(range(0, 200, 4)) for name in ("age", "limit", "length")}
    assert worlds(BOATS.amend(WORDS).pack, [condition(many)]) is None


VALUES = {
    "large": st.booleans(),
    "holds": st.frozensets(st.sampled_from(["fore", "aft"])),
    "state": st.dictionaries(st.sampled_from(["bow", "stern"]), st.sampled_from(["good", "bad"]), min_size=1),
    "built": st.dates(dt.date(2001, 3, 1), dt.date(2001, 3, 5)),
    "age": st.integers(0, 6),
    "length": st.integers(0, 12).map(lambda n: n / 2),
    "rig": st.sampled_from(["cutter", "ketch", "sloop"]),
    "deck": st.sampled_from(["wet", "dry"]),
    "stops": st.frozensets(st.sampled_from(["quay", "isle", "pier"])),
}  # fmt: skip


def meeting(name, literal):
    """Give tests of a value, by what it may be compared with."""
    one = literal.map(lambda v: next(iter(v), "none") if isinstance(v, frozenset) else v)
    if name == "state":
        word = st.sampled_from(["good", "bad"])
        return st.builds(lambda v: {"any": v}, word) | st.sampled_from([{"includes": "bow"}, {"includes": "stern"}])  # fmt: skip
    if name in ("holds", "stops"):
        return st.builds(lambda v: {"includes": v}, one)
    plain = one.map(lambda v: v.isoformat() if isinstance(v, dt.date) else v)
    if name in ("age", "length", "built"):
        sizes = st.sampled_from(["at_least", "at_most", "before", "after"])
        return st.builds(lambda key, v: {key: v}, sizes, plain) | plain.map(lambda v: {"is": v})
    return plain.map(lambda v: {"is": v}) | st.just({"known": True})


LEAVES = st.one_of(st.builds(lambda n, t: {n: t}, st.just(n), meeting(n, v)) for n, v in VALUES.items())  # fmt: skip
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda key, parts: {key: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)) | st.builds(lambda part: {"not": part}, inner),
    max_leaves=5,
)  # fmt: skip
HARBOUR = BOATS.amend(WORDS).pack


@given(raw=CONDITIONS, fields=st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_true_of_some_provider_is_thought_possible(raw, fields):
    """However a condition comes out of a provider, some combination comes out so: nothing is missed."""
    when = condition(raw)
    record = qaf.ProviderRecord(provider=qaf.Provider(id="b", fields=fields))
    tried = worlds(HARBOUR, [when])
    truth = View(HARBOUR, record, MONDAY, {}).truth(when)
    assert tried is None or truth in {world.truth(when) for world in tried}


def test_a_world_says_what_it_is():
    """The values of a combination are told in words, without what is unknown or free."""
    pack = BOATS.amend(WORDS).pack
    told = {
        "large": Value(value=True),
        "deck": UNKNOWN,
        "holds": Value(frozenset()),
        "state": Value({"bow": "bad"}),
        "age": Value(3),
        "old": Value(value=False),
        "(some leak)": Value(value=True),
    }
    assert World(pack, told).said() == "large true, holds none, state bow: bad, age 3, old false"
    assert World(pack, {}).truth(condition({"some": "leak"})) is None
    above = condition({"age": {"at_least": {"value": "limit"}}})
    assert World(pack, told).truth(above) is None  # its limit is not told


# --- how long without contact --------------------------------------------------------------------


def told(**change):
    """Give what is said of how long a boat can go without contact."""
    base = {"pack": {"contact": ["visits", "call_coast_guard"]}}
    return list(lines(gaps(BOATS.amend({**base, **change}).pack)))


def test_a_pack_that_does_not_say_what_contact_is_tells_nothing():
    """How long is only told where the pack says what counts."""
    assert list(gaps(BOATS.pack)) == []


def test_the_shortest_minimum_of_the_worst_row_counts():
    """What a row is sure to bring bounds the time; the row with the longest time is named."""
    assert told() == ["level 1, 2: 12 months without contact at most, on the row `boats`"]


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        ({"every": "6 months", "clause": "B-08"}, "6 months without contact at most, on the row `boats`"),
        ({"every": None, "as_required": True}, "no time is fixed on `boats`"),
        ({"every": None, "by_value": "deck", "options": {"wet": {"every": "1 month"}, "dry": {"every": "60 days"}}}, "60 days without contact at most, on the row `boats`"),
        ({"every": None, "by_value": "deck", "options": {"wet": {"every": "1 month"}}, "otherwise": {"as_required": True}}, "no time is fixed on `boats`"),
        ({"every": None, "cases": [{"when": {"deck": "wet"}, "use": {"every": "1 month"}}], "otherwise": {"every": "2 months"}}, "2 months without contact at most, on the row `boats`"),
        ({"every": None, "cases": [{"when": {"deck": "wet"}, "use": {"not_applicable": True}}], "otherwise": {"every": "2 months"}}, "no time is fixed on `boats`"),
        ({"every": None, "cases": [{"when": {"deck": "wet"}, "use": {"every": "2 months"}}]}, "no time is fixed on `boats`"),
        ({"every": "5 months", "alternating_with": "swim"}, "5 months without contact at most, on the row `boats`"),
    ],
)  # fmt: skip
def test_the_time_is_that_of_the_recurrence(activity, said):
    """The longest time between two of an activity is that of its worst branch, where each is fixed."""
    plain = {key: value for key, value in activity.items() if value is not None}
    swim = {"name": "A swim", "as_required": True, "clause": "B-08"}
    dive = {"name": "A dive", "clause": "B-06", **plain}
    row = {"boats": {"activities": {"dive": {}, "swim": {}}}, "rafts": {"remove": True}}
    made = BOATS.amend(
        {"activities": {"dive": dive, "swim": swim}, "matrix": row, "pack": {"contact": ["dive"]}}
    )
    assert list(lines(gaps(made.pack))) == [f"level 1, 2: {said}"]


def test_a_case_of_a_cell_in_which_none_is_held_fixes_no_time():
    """The cell's own frequency goes before the activity's, also where it leaves some without any."""
    cases = [{"when": {"deck": "wet"}, "use": {"not_applicable": True}}]
    cell = {"cases": cases, "otherwise": {"every": "2 months"}, "clause": "B-06"}
    assert told(matrix={"boats": {"activities": {"look": cell}}}) == [
        "level 1, 2: 6 months without contact at most, on the row `rafts`; no time is fixed on `boats`"
    ]


def test_a_level_that_brings_a_contact_is_met_at_once():
    """An action that the level alone starts is offered at once, whatever else is known."""
    call = {"triggers": [{"when": {"level": {"at_least": 2}}, "force": "may", "clause": "B-12"}]}
    assert told(actions={"call_coast_guard": call}) == [
        "level 1: 12 months without contact at most, on the row `boats`",
        "level 2: a contact is offered at once, by the action `call_coast_guard`",
    ]


def test_a_pathway_offers_a_contact_at_once_only_from_every_state():
    """On every path from a level a contact is offered at once, or the way to where it is not is told."""
    bad = {"when": {"level": {"at_least": 2}}, "actions": "call_coast_guard"}
    spec = pathway("abc", call=("a", "b", bad), back=("b", "a", {}), on=("b", "c", {}), home=("c", "a", {}))  # fmt: skip
    spec["states"]["b"]["actions"] = "call_coast_guard"
    assert told(pathway={"watch": spec})[0] == "level 1: 12 months without contact at most, on the row `boats`; nothing is offered at once to one who stands at `a`"  # fmt: skip
    assert told(pathway={"watch": spec})[1] == "level 2: 12 months without contact at most, on the row `boats`; nothing is offered at once to one who stands at `a`, by `call` to `b`, by `on` to `c`"  # fmt: skip
    spec["transitions"]["again"] = {**spec["transitions"]["home"], **bad, "event": "again"}
    assert told(pathway={"watch": spec})[1] == "level 2: a contact is offered at once, on the pathway `watch` from every state"  # fmt: skip
    silent = pathway("ab", go=("a", "b", {}), back=("b", "a", {}))
    assert told(pathway={"quiet": silent, "watch": spec})[1].endswith("`watch` from every state")


def test_the_command_says_what_to_install(qaf, monkeypatch):
    """`qaf check` fails where the pathways could not be verified, and says what to install."""
    monkeypatch.setattr("qaf_rules.soundness.find_spec", lambda _name: None)
    status, out, _ = qaf("check", "children")
    assert status == 1
    assert "pip install 'qaf-rules[cli]'" in out
    assert "without contact" not in out


def test_the_command_tells_it(qaf):
    """`qaf check` says of each level how long a provider can go without contact."""
    status, out, _ = qaf("check", "children")
    assert status == 0
    assert "level 1, 2, 3, 4, 5: 24 months without contact at most, on the row `no_row_childrens_home_good`; no time is fixed on `oob_education`" in out  # fmt: skip
