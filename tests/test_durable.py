"""durable-rules gives the tree's answers, refuses what it cannot be told, and keeps nothing."""

import datetime as dt
import gc
import resource
import subprocess
import sys
import threading
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import both_engines
import pytest
from both_engines import both, council
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qaf_rules
from qaf_rules import durable
from qaf_rules.durable import EngineError
from qaf_rules.engine import Framework
from qaf_rules.errors import InputError
from qaf_rules.model import Finding, FrozenDict, Provider, ProviderRecord
from qaf_rules.result import Assessment

ROOT = Path(__file__).parents[1]
MINIMAL = ROOT / "tests" / "golden" / "good" / "minimal"
ON = dt.date(2026, 11, 22)
ENGINES = (Framework.assess, durable.assess)
pytestmark = pytest.mark.durable
needs = pytest.mark.skipif(find_spec("durable") is None, reason="needs the extra `durable`")


def boats(when, *, fields=None, facts=None, **more):
    """Give a framework of boats whose criterion `asked` has a condition, with fields of its own."""
    criterion = {"level": 2, "when": when, "text": "So it is.", "clause": "B-10"}
    types = {"thing": "any", "other": "any", **(fields or {})}
    declared = {name: {"type": type_, "label": name} for name, type_ in types.items()}
    rating = {"asked": criterion, **more.pop("rating", {})}
    change = {"vocabulary": {"fields": declared, "facts": facts or {}}, "rating": rating, **more}
    return qaf_rules.load(MINIMAL).amend(change)


def boat(findings=(), **fields):
    """Give a boat."""
    provider = Provider(id="gull", fields=FrozenDict({"service_type": "boat", **fields}))
    return ProviderRecord(provider=provider, findings=tuple(findings))


def leak(**attributes):
    """Give a leak."""
    return Finding(kind="leak", on=ON, attributes=FrozenDict(attributes))


def differing(framework, record, on=ON):
    """Give the parts of the two answers that differ, of an answer that is given."""
    tried = both(framework, record, on)
    assert not tried.refused
    assert tried.criteria
    return tried.differences


def asked(framework, record, assess=durable.assess):
    """Say whether the criterion `asked` is matched."""
    (found,) = (c for c in assess(framework, record, on=ON).suggestion.criteria if c.id == "asked")
    return found.matched


# --- the same answers ------------------------------------------------------------------------------


@needs
@pytest.mark.parametrize("pack", ["adults", "children"])
def test_of_every_example_the_whole_answer_is_the_same(pack):
    """Rating, bounds, criteria, unknown, schedule, actions, questions, flags, notes, and reasons."""
    framework, register = council(pack)
    assert {record.provider.id for record in register if differing(framework, record)} == set()


@needs
@pytest.mark.parametrize("pack", ["adults", "children"])
def test_what_was_not_known_yet_is_left_out_by_both(pack):
    """With a day by which a thing must have been recorded the answers are the same, and others."""
    framework, register = council(pack)
    known = {"on": ON, "known_at": ON - dt.timedelta(days=90)}
    changed = 0
    for record in register:
        tree, rules = (assess(framework, record, **known) for assess in ENGINES)
        told = {name: getattr(tree, name) for name in both_engines.COMPARED}
        assert told == {name: getattr(rules, name) for name in told}
        changed += tree.suggestion != framework.assess(record, on=ON).suggestion
    assert changed


WORDS = st.sampled_from(["a", "b", 'it\'s "c"', "ö", "2026-11-22"])
DAYS = st.sampled_from([ON, ON - dt.timedelta(days=1), ON + dt.timedelta(days=1)])
COUNTS = st.integers(0, 4)
SCALARS = st.booleans() | COUNTS | WORDS | DAYS
VALUES = (
    SCALARS
    | st.frozensets(WORDS, min_size=1, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "k"]), WORDS, min_size=1, max_size=2).map(FrozenDict)
    | st.lists(WORDS, max_size=2).map(tuple)
)
PLAIN = st.booleans() | COUNTS | WORDS | DAYS.map(str)
LIMITS = COUNTS | DAYS.map(str) | st.just({"value": "other"})
TESTS = st.recursive(
    st.one_of(
        PLAIN,
        st.lists(PLAIN, min_size=1, max_size=3),
        *(st.builds(dict, **{key: st.booleans()}) for key in ("known", "given")),
        *(
            st.fixed_dictionaries({key: LIMITS})
            for key in ("at_least", "at_most", "before", "after")
        ),
        st.builds(
            lambda key, limit, how: {key: limit, **how},
            st.just("at_most"),
            COUNTS,
            st.just({"at_least": 1}),
        ),
        st.fixed_dictionaries({"is": PLAIN}),
        st.fixed_dictionaries({"in": st.lists(PLAIN, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"includes": WORDS}),
    ),
    lambda inner: st.fixed_dictionaries({"not": inner}) | st.fixed_dictionaries({"any": inner}),
    max_leaves=2,
)
NAMES = st.sampled_from(["thing", "thing", "leaks"])


@needs
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(st.tuples(NAMES, TESTS), min_size=1, max_size=3),
    joined=st.sampled_from(["all", "any"]),
    turned=st.booleans(),
    told=st.lists(
        st.tuples(
            st.none() | VALUES,
            st.none() | VALUES,
            st.lists(st.sampled_from([{}, {"size": "small"}]), max_size=3),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_every_test_of_every_value_comes_out_the_same(parts, joined, turned, told):
    """Of each type of value, known, unknown or bounded, each test has the same three outcomes."""
    when = {joined: [{name: test} for name, test in parts]}
    facts = {"leaks": {"counts": {"kind": "leak", "where": {"size": "small"}}}}
    framework = boats({"not": when} if turned else when, facts=facts)
    for thing, other, leaks in told:
        known = {"thing": thing, "other": other}
        record = boat(
            [leak(**each) for each in leaks], **{k: v for k, v in known.items() if v is not None}
        )
        assert not differing(framework, record)


@needs
def test_a_comparison_with_what_is_unknown_is_unknown():
    """A limit that nobody gave makes nothing true: the engine is not asked, or it would guess."""
    framework = boats({"thing": {"at_least": {"value": "other"}}})
    assert [asked(framework, boat(thing=n)) for n in (0, 5, 9_999)] == [None] * 3
    assert [asked(framework, boat(thing=n, other=5)) for n in (4, 5, "a")] == [False, True, False]


@needs
@pytest.mark.parametrize("thing", [True, False, None])
@pytest.mark.parametrize(
    "when",
    [
        {"all": []},
        {"any": []},
        {"any": [{"all": []}, {"thing": True}]},
        {"all": [{"any": []}, {"thing": True}]},
        {"all": [{"all": []}, {"thing": True}]},
    ],
    ids=str,
)
def test_what_always_or_never_holds_does_so_too(when, thing):
    """Of nothing all hold and none does, whatever is told beside it."""
    record = boat() if thing is None else boat(thing=thing)
    assert not differing(boats(when), record)


@needs
def test_what_holds_for_a_time_is_judged_on_each_day_of_it():
    """The days before today are judged by durable-rules too, and the answer is the same."""
    framework = boats(
        {"thing": True},
        actions={
            "pump": {
                "triggers": [
                    {
                        "when": {"some": "leak"},
                        "held_for": "10 days",
                        "force": "must",
                        "clause": "B-11",
                    }
                ]
            }
        },
    )
    record = boat([Finding(kind="leak", on=ON - dt.timedelta(days=20))])
    assert not differing(framework, record)
    told = durable.assess(framework, record, on=ON)
    assert told.actions.has("pump")
    assert {firing.on for firing in told.log} >= {ON - dt.timedelta(days=n) for n in range(20)}


@needs
@pytest.mark.parametrize("side", ["true", "false"])
def test_what_fires_is_what_decides(side):
    """Without the firing of one side of a criterion the answer is another, and that is seen."""
    framework = boats({"thing": True})
    record = boat(thing=side == "true")
    assert not differing(framework, record)
    ruleset = durable.ruleset_of(framework.pack)
    ruleset.inner._actions[f"criterion asked is {side}"]._func = lambda _context: None  # noqa: SLF001
    assert asked(framework, record) is None
    assert "suggestion" in differing(framework, record)


@needs
def test_a_level_that_does_not_fire_is_an_error():
    """Where a criterion makes a level and the level's rule is silent, there is no answer."""
    framework = boats({"thing": True})
    record = boat(thing=True)
    ruleset = durable.ruleset_of(framework.pack)
    ruleset.inner._actions["level 2 by any is true"]._func = lambda _context: None  # noqa: SLF001
    with pytest.raises(EngineError, match="level 2 follows from the criteria, and did not fire"):
        durable.assess(framework, record, on=ON)
    (told,) = both(framework, record, ON).differences
    assert "did not fire" in told


# --- what fired -------------------------------------------------------------------------------------


@needs
def test_facts_make_criteria_criteria_a_level_and_the_level_actions():
    """The log tells every rule that fired, one assertion after another, in the pack's order."""
    framework = boats({"thing": True})
    told = durable.assess(framework, boat([leak(size="large")], thing=True), on=ON)
    assert [str(firing) for firing in told.log] == [
        "facts -> criterion tight is false",
        "facts -> criterion leaky is true",
        "facts -> criterion without_log is false",
        "facts -> criterion asked is true",
        "criteria -> level 1 by all is false",
        "criteria -> level 2 by any is true",
        "level -> action pump is true",
        "level -> action call_coast_guard is true",
    ]
    again = durable.assess(framework, boat([leak(size="large")], thing=True), on=ON)
    assert again.log == told.log
    assert [a.id for a in told.actions] == ["pump", "call_coast_guard"]


@needs
def test_a_rule_of_what_was_suggested_follows_the_actions():
    """A trigger that reads an action is asserted after it; one of an item is, for each item."""
    when = {"suggested": "pump"}
    trigger = {"when": when, "force": "must", "clause": "B-11"}
    framework = boats(
        {"thing": True},
        actions={
            "bail": {"text": "Bail", "owner": "mate", "triggers": [trigger]},
            "see": {
                "text": "See to it",
                "owner": "mate",
                "for_each": {"item": ["look", "log"]},
                "triggers": [{"when": {"this.activity": "log"}, "force": "must", "clause": "B-11"}],
            },
        },
    )
    record = boat([leak()], contract_start=dt.date(2020, 1, 1))
    assert not differing(framework, record)
    told = durable.assess(framework, record, on=ON)
    last = [str(firing) for firing in told.log if firing.asserted in ("actions", "item")]
    assert last == [
        "actions -> action bail is true",
        "item -> action see is false",
        "item -> action see is true",
    ]


# --- what cannot be told ----------------------------------------------------------------------------

LONG = "a" * 1_001


@needs
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "`1.5` is no whole number, word, day or truth"),
        (2**53, "`9007199254740992` is too large: whole numbers below 2**53 are told apart"),
        (-(2**53), "`-9007199254740992` is too large"),
        (LONG, "`aaaaaaaaaaaaaaaaaaaa …` is longer than 1000 signs"),
        ("a\0b", "a text has a NUL in it"),
        ("\ud800", "a text has half of a sign in it"),
        (FrozenDict({"a": FrozenDict({"b": "c"})}), "a value is nested: it holds what is no word"),
        ((("a",),), "a value is nested: it holds what is no word"),
        (dt.datetime(2026, 11, 22, 9), "`2026-11-22 09:00:00` is a moment, not a day"),  # noqa: DTZ001
    ],
    ids=repr,
)
def test_what_it_cannot_be_told_is_refused(value, message):
    """What would be told with a loss is refused with its provider and name, and never guessed."""
    framework = boats({"all": [{"thing": "a"}, {"other": 1}]})
    with pytest.raises(InputError) as refused:
        durable.assess(framework, boat(thing=value, other=0.5), on=ON)
    first, second = refused.value.diagnostics
    assert first.message.startswith(message)
    assert (first.place, second.place) == ("provider gull, thing", "provider gull, other")
    assert first.help == "ask the tree, which is the default"
    assert both(framework, boat(thing=value), ON).refused


@needs
def test_what_is_not_of_its_declared_type_is_refused():
    """A word where a number is declared is refused: the rules ask nothing else of it."""
    framework = boats({"thing": 3}, fields={"thing": "count"})
    assert asked(framework, boat(thing=3)) is True
    with pytest.raises(InputError, match="`a` is a text, which it is not declared to be"):
        durable.assess(framework, boat(thing="a"), on=ON)


@needs
def test_what_no_rule_reads_is_not_refused():
    """Only what has to be told is refused: that a value is known can be told of any."""
    framework = boats({"thing": {"known": True}})
    assert asked(framework, boat(thing=1.5, other=LONG)) is True
    assert not differing(framework, boat(thing=1.5, other=LONG))


@needs
@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"thing": {"at_least": 1.5}}, "`1.5` is no whole number"),
        ({"thing": 1.5}, "`[1.5]` has a value that is no whole number, word, day or truth"),
        ({"thing": 2**53}, "`9007199254740992` is too large"),
        ({"thing": LONG}, "`aaaaaaaaaaaaaaaaaaaa …` is longer than 1000 signs"),
        ({"thing": {"includes": 3}}, "`includes: 3` asks for what is no word"),
        (
            {"all": [{"any": [{"thing": n}, {"other": n}]} for n in range(9)]},
            "it holds in 512 ways, of which 2 begin otherwise: 500 and 24 at most",
        ),
        (
            {"any": [{"thing": n} for n in range(25)]},
            "it holds in 25 ways, of which 25 begin otherwise: 500 and 24 at most",
        ),
    ],
)
def test_a_rule_that_it_cannot_be_told_is_refused(when, message):
    """A pack that it cannot hold is refused with the rule, for every provider."""
    framework = boats(when)
    assert framework.assess(boat(), on=ON)
    with pytest.raises(InputError) as refused:
        durable.assess(framework, boat(), on=ON)
    (only,) = refused.value.diagnostics
    assert only.message.startswith(message)
    assert only.place == f"{framework.id}, criterion asked"


@needs
def test_a_pack_with_names_that_are_one_to_it_is_refused():
    """The engine hashes names to 32 bits: of two that hash alike, a fact of one fires the other's rule."""
    alike = {"f490110": "boolean", "f37391": "boolean"}
    framework = boats(dict.fromkeys(alike, True), fields=alike)
    with pytest.raises(InputError, match="are one name to durable-rules") as refused:
        durable.assess(framework, boat(f37391=True), on=ON)
    assert "`truth:f37391`" in str(refused.value)
    assert not differing(boats({"thing": "ö"}), boat(thing="ö"))


# --- what goes wrong --------------------------------------------------------------------------------


@needs
def test_too_much_at_once_is_an_error_and_leaves_nothing_behind():
    """More facts than the engine takes are its error, handed on; the next question is answered."""
    many = {f"field{n}": "boolean" for n in range(264)}
    criteria = {
        f"asked{part}": {
            "level": 2,
            "when": {"any": [{name: True} for name in list(many)[part::12]]},
            "text": "So it is.",
            "clause": "B-10",
        }
        for part in range(12)
    }
    framework = boats({"thing": True}, fields=many, rating=criteria)
    with pytest.raises(
        EngineError, match="durable-rules failed: Could not assert fact, error code: 302"
    ):
        durable.assess(framework, boat(**dict.fromkeys(many, False)), on=ON)
    assert not differing(framework, boat(field1=True))


def broken(ruleset, monkeypatch, name, result):
    """Let one function of the engine's ruleset do something else."""
    monkeypatch.setattr(type(ruleset.inner), name, result)


@needs
def test_errors_inside_it_come_out(monkeypatch):
    """An exception in an action, one told of, and a stop without a word are errors, not answers."""
    framework = boats({"thing": True})
    ruleset = durable.ruleset_of(framework.pack)
    action = ruleset.inner._actions["criterion asked is true"]  # noqa: SLF001

    def fails(_context):
        message = "no more ink"
        raise RuntimeError(message)

    with monkeypatch.context() as patched:
        patched.setattr(action, "_func", fails)
        with pytest.raises(EngineError, match="exception caught no more ink"):
            durable.assess(framework, boat(thing=True), on=ON)
    with monkeypatch.context() as patched:
        broken(ruleset, patched, "do_actions", lambda _self, _state, end: end("it is ill", None))
        with pytest.raises(EngineError, match="durable-rules failed: it is ill"):
            durable.assess(framework, boat(thing=True), on=ON)
    with monkeypatch.context() as patched:
        broken(ruleset, patched, "do_actions", lambda _self, _state, _end: None)
        with pytest.raises(EngineError, match="it stopped in the middle"):
            durable.assess(framework, boat(thing=True), on=ON)
    assert asked(framework, boat(thing=True)) is True


@needs
def test_a_ruleset_that_cannot_be_made_is_an_error(monkeypatch):
    """What the engine says of a ruleset is handed on."""
    import durable_rules_engine

    def refuses(*_):
        message = "rule limit exceeded"
        raise durable_rules_engine.error(message)

    monkeypatch.setattr(durable_rules_engine, "create_ruleset", refuses)
    with pytest.raises(EngineError, match="rule limit exceeded"):
        durable.assess(boats({"thing": True}), boat(), on=ON)


@needs
def test_no_session_is_left():
    """After an answer and after an error the engine knows of no session."""
    import durable_rules_engine

    framework = boats({"thing": True})
    durable.assess(framework, boat(thing=True), on=ON)
    with pytest.raises(durable_rules_engine.error, match="309"):  # no such session
        durable.ruleset_of(framework.pack).inner.delete_state(durable.SESSION)


def kilobytes():
    """Give the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@needs
def test_memory_stays_flat_over_ten_thousand_assessments():
    """Nine thousand more of them need no more memory than the first thousand, give or take 4 MB."""
    framework = boats({"thing": True})
    records = [boat([leak()], thing=n % 2 == 0, other=n) for n in range(100)]

    def assess(times):
        for n in range(times):
            durable.assess(framework, records[n % 100], on=ON - dt.timedelta(days=n % 365))

    assess(1_000)
    before = kilobytes()
    assess(9_000)
    assert kilobytes() - before < 4_096


@needs
def test_rulesets_go_with_their_packs():
    """The ruleset of a framework that is no more is deleted: hundreds of them need no more memory."""

    def try_some(number):
        for n in range(number):
            durable.assess(boats({"thing": n}), boat(thing=n), on=ON)
        gc.collect()

    try_some(40)
    before, kept = kilobytes(), len(durable.RULESETS)
    try_some(200)
    assert len(durable.RULESETS) <= kept
    assert kilobytes() - before < 16_384


@needs
def test_threads_share_it():
    """Many threads at one framework have the answers that one has."""
    framework, register = council("adults")
    records = register[:8]
    alone = [durable.assess(framework, record, on=ON) for record in records]
    found = {}

    def work(number):
        found[number] = [durable.assess(framework, record, on=ON) for record in records]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] == alone for n in range(6)] == [True] * 6


# --- where it is not --------------------------------------------------------------------------------


@pytest.fixture
def absent(monkeypatch):
    """Let durable-rules be nowhere."""
    monkeypatch.setitem(sys.modules, "durable", None)
    monkeypatch.setitem(sys.modules, "durable.engine", None)


@pytest.mark.usefixtures("absent")
def test_where_it_is_absent_the_message_says_why():
    """It says that a compiler is needed, and what to install."""
    with pytest.raises(InputError) as refused:
        durable.assess(boats({"thing": True}), boat(), on=ON)
    (only,) = refused.value.diagnostics
    assert only.message.startswith("durable-rules cannot be imported: ")
    assert only.help == (
        "it has no wheels: with a C compiler and Python's headers run "
        "`pip install 'qaf-rules[durable]'`, or ask the tree, which is the default"
    )


def test_on_python_3_13_the_message_says_so():
    """There it installs and fails to import: another Python is what helps."""
    message, help_ = durable.why_not(ImportError("undefined symbol"), (3, 13))
    assert message == "durable-rules does not import on Python 3.13: undefined symbol"
    assert help_ == "use Python 3.11 or 3.12, or ask the tree, which is the default"


def test_the_library_does_not_import_it():
    """`import qaf_rules`, and this module of it, leave durable-rules alone."""
    code = "import sys, qaf_rules.durable, qaf_rules; assert 'durable' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- qaf assess --engine durable --------------------------------------------------------------------

REGISTER = ROOT / "examples" / "adults.yaml"


@needs
def test_the_list_is_the_same(qaf):
    """`--engine durable` prints what the tree does, of a list and as JSON."""
    for form in ([], ["--json"]):
        status, out, _ = qaf("assess", REGISTER, "--on", ON, *form)
        assert qaf("assess", REGISTER, "--on", ON, *form, "--engine", "durable")[:2] == (
            status,
            out,
        )


@needs
def test_a_providers_page_tells_what_fired(qaf):
    """The page is the tree's, with the firings below it."""
    one = ("assess", REGISTER, "--on", ON, "--provider", "alder-court")
    _, by_tree, _ = qaf(*one)
    status, out, _ = qaf(*one, "--engine", "durable")
    assert status == 0
    page, fired = out.split("what fired, in order")
    assert page.strip() == by_tree.strip()
    assert "facts -> criterion" in fired
    assert "level -> action" in fired


@pytest.mark.usefixtures("absent")
def test_without_it_the_command_says_what_to_do(qaf):
    """It is said once, not of each provider, and nothing is printed."""
    status, out, err = qaf("assess", REGISTER, "--on", ON, "--engine", "durable")
    assert (status, out) == (2, "")
    assert err.count("durable-rules cannot be imported") == 1


def test_every_part_of_an_answer_is_compared():
    """What the comparison of engines leaves out is what makes sentences, and computes on demand."""
    left_out = {f.name for f in fields(Assessment)} - set(both_engines.COMPARED)
    assert all(name.endswith("_of") for name in left_out)
