"""Laws of every framework, over both councils' packs and generated providers.

What is generated is any record that the pack's own vocabulary allows, read as a register is.
"""

import datetime as dt
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.intake import read_record
from qaf_rules.model import Activity, Decision
from qaf_rules.values import MapOf, OneOf, SetOf, Simple

ON = dt.date(2026, 3, 2)
FIRST, LAST = dt.date(2024, 6, 1), ON
DAYS = st.dates(FIRST, LAST).map(dt.date.isoformat)
TERMS = [
    {"name": name, "start": f"{year}-{start}", "end": f"{year}-{end}"}
    for year in range(2023, 2030)
    for name, start, end in (
        ("spring", "01-05", "03-27"),
        ("summer", "04-13", "07-17"),
        ("autumn", "09-01", "12-18"),
    )
]
RANK = {"not_due": 0, "due_soon": 1, "due_today": 2, "overdue": 3}

packs = pytest.mark.parametrize("pack", ["adults", "children"])
many = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


@cache
def framework(pack):
    """Load each pack once, with a calendar of terms."""
    loaded = load(pack)
    return loaded.using(settings={"terms": TERMS}) if "terms" in loaded.pack.settings else loaded


def values(kind):
    """Values of a declared type, as they are written."""
    match kind:
        case Simple("boolean"):
            return st.booleans()
        case Simple("count"):
            return st.integers(0, 12)
        case Simple("number"):
            return st.integers(0, 200) | st.floats(0, 200, allow_nan=False)
        case Simple("date"):
            return DAYS
        case Simple():
            return st.sampled_from(["alpha", "beta"])
        case OneOf(words):
            return st.sampled_from(words)
        case SetOf(words):
            return st.lists(
                st.sampled_from(words or ("alpha", "beta")), min_size=1, max_size=3, unique=True
            )
        case MapOf(keys, words):
            return st.dictionaries(
                st.sampled_from(keys), st.sampled_from(words), min_size=1, max_size=3
            )


def some_of(named, most=6):
    """Values for a few of some names."""
    if not named:
        return st.just({})
    one = st.one_of([st.tuples(st.just(n), values(named[n])) for n in sorted(named)])
    return st.lists(one, max_size=most).map(dict)


@cache
def profiles(pack):
    """Profiles: always a service, otherwise anything the pack declares."""
    fields = {
        n: s.type
        for n, s in framework(pack).pack.fields.items()
        if n not in ("provider_id", "contract_start")
    }
    service = fields.pop("service_type")
    early = st.sampled_from(["2020-02-29", "2023-08-31"])
    return st.tuples(
        some_of(fields, 10),
        st.fixed_dictionaries(
            {"service_type": values(service)}, optional={"contract_start": early}
        ),
    ).map(lambda parts: {**parts[0], **parts[1]})


@cache
def findings(pack, *, adverse=False):
    """Findings of any kind of the pack, or of the adverse ones that are no state."""
    declared = framework(pack).pack.kinds
    kinds = {
        k: s
        for k, s in declared.items()
        if k != "judgement"
        and not s.derived
        and not (adverse and (s.state or s.adverse is not True))
    }
    sources = tuple(framework(pack).pack.sources)

    def of(kind):
        return st.tuples(
            some_of(dict(kinds[kind].attributes), 5),
            st.fixed_dictionaries(
                {"kind": st.just(kind), "on": DAYS},
                optional={
                    "status": st.sampled_from(["open", "being_resolved", "resolved", "closed"]),
                    "source": st.sampled_from(sources),
                    "urgent": st.booleans(),
                    "ref": st.sampled_from(["r1", "r2", "r3"]),
                },
            ),
        ).map(lambda parts: {**parts[0], **parts[1]})

    return st.one_of([of(kind) for kind in sorted(kinds)])


@cache
def judgements(pack):
    """Statements of any fact, on any day."""
    facts = {n: s.type for n, s in framework(pack).pack.facts.items()}

    def of(fact):
        return st.fixed_dictionaries(
            {
                "kind": st.just("judgement"),
                "fact": st.just(fact),
                "value": values(facts[fact]),
                "on": DAYS,
            }
        )

    return st.one_of([of(fact) for fact in sorted(facts)])


@cache
def activities(pack):
    """Records of anything that may be recorded."""
    rules = framework(pack).pack
    ids = st.sampled_from([*rules.activities] * 2 + [*rules.actions])
    more = {
        "covered": st.lists(st.sampled_from([*rules.topics, "all"]), max_size=3, unique=True),
        "location": st.sampled_from(sorted(rules.places)),
        "attendees": st.lists(st.sampled_from(sorted(rules.roles)), max_size=3, unique=True),
        "notified": DAYS,
        "deadline": DAYS,
        "consent": st.sampled_from(["asked", "given_by_all", "refused_by_some"]),
    }
    done = st.fixed_dictionaries({"activity": ids, "completed": DAYS}, optional=more)
    later = st.dates(ON, ON + dt.timedelta(days=120)).map(dt.date.isoformat)
    planned = st.fixed_dictionaries({"activity": ids, "planned": later}, optional=more)
    return st.one_of(done, done, planned)


@cache
def records(pack, *, stated=True):
    """Whole records, valid by the pack's own reader."""
    rules = framework(pack).pack
    says = st.one_of(findings(pack), judgements(pack)) if stated else findings(pack)
    levels = st.sampled_from(sorted(rules.levels))
    ratings = st.fixed_dictionaries(
        {"level": levels, "on": DAYS, "by": st.sampled_from(sorted(rules.roles))}
    )
    raw = st.fixed_dictionaries(
        {
            "provider": profiles(pack),
            "activities": st.lists(activities(pack), max_size=6),
            "findings": st.lists(says, max_size=6),
            "ratings": st.lists(ratings, max_size=2),
        }
    )

    def read(plain):
        record, faults = read_record(plain, rules, default_id="any", on=ON, keep_good=True)
        assert record is not None, [str(f) for f in faults]
        return record

    return raw.map(read)


def assess(pack, record, on=ON):
    """Assess a record; one whose profile contradicts itself is none to assess."""
    try:
        return framework(pack).assess(record, on=on)
    except InputError:
        assume(False)  # noqa: FBT003  # hypothesis's own way
        raise


@packs
@many
@given(st.data())
def test_any_valid_record_is_assessed(pack, data):
    """A valid record always gets a whole answer, with conduct and plan."""
    record = data.draw(records(pack))
    told = assess(pack, record)
    for activity in framework(pack).pack.activities:
        assert told.conduct(activity).activity == activity
    dates = framework(pack).plan(record, on=ON, until=ON + dt.timedelta(days=800))
    assert all(day >= ON for days in dates.values() for day in days)
    assert told.cited() <= set(framework(pack).pack.clauses)
    assert {r for a in told.actions for r in a.readings} <= set(framework(pack).pack.readings)


@packs
@many
@given(st.data())
def test_same_inputs_same_answer(pack, data):
    """Asked twice, the same is answered twice."""
    record = data.draw(records(pack))
    assert assess(pack, record) == assess(pack, record)


@packs
@many
@given(st.data())
def test_every_action_can_be_closed(pack, data):
    """K21: an action is gone once what it names as closing it is recorded today."""
    record = data.draw(records(pack))
    told = assess(pack, record)
    for action in told.actions:
        closed = record
        for closer in action.closed_by:
            closed = closed.with_activity(Activity(activity=closer, completed=ON))
        left = [
            a for a in assess(pack, closed).actions if (a.id, a.about) == (action.id, action.about)
        ]
        assert not left or not action.closed_by, (action.id, action.closed_by)


@packs
@many
@given(st.data())
def test_own_record_closes_an_action(pack, data):
    """K21: an action's own record, made today, closes it wherever it names itself."""
    record = data.draw(records(pack))
    told = assess(pack, record)
    for action in told.actions:
        if action.closed_by == (action.id,):
            after = assess(pack, record.with_activity(Activity(activity=action.id, completed=ON)))
            assert not [a for a in after.actions if (a.id, a.about) == (action.id, action.about)], (
                action.id
            )


@packs
@many
@given(st.data())
def test_every_question_can_be_answered(pack, data):
    """K21: a question is gone after a decision that answers it."""
    record = data.draw(records(pack))
    for question in assess(pack, record).questions:
        answer = Decision(decision="answer", on=ON, carries={"to": question.id})
        assert not assess(pack, record.with_decision(answer)).questions.has(question.id), (
            question.id
        )


@packs
@many
@given(st.data(), st.integers(1, 90))
def test_time_only_moves_forward(pack, data, days):
    """With nothing recorded, what is due only comes nearer and then late, a day each day."""
    record = data.draw(
        records(pack, stated=False).map(
            lambda r: r.model_copy(update={"findings": (), "ratings": ()})
        )
    )
    now, later = assess(pack, record), assess(pack, record, on=ON + dt.timedelta(days=days))
    then = {}
    for item in later.schedule:
        then.setdefault((item.activity, item.period, item.due), []).append(item)
    for item in now.schedule:
        if item.status in ("overdue", "due_today", "due_soon"):
            assert (item.activity, item.period, item.due) in then, item
        for after in then.get((item.activity, item.period, item.due), ()):
            if item.status in RANK and after.status in RANK:
                assert RANK[after.status] >= RANK[item.status]
                assert after.days == item.days - days


@packs
@many
@given(st.data())
def test_more_trouble_never_improves_the_level(pack, data):
    """A further adverse finding never makes the suggested level better."""
    record = data.draw(records(pack, stated=False))
    plain = data.draw(findings(pack, adverse=True))
    more, faults = read_record(
        {"findings": [{**plain, "status": "open"}]}, framework(pack).pack, default_id="any", on=ON
    )
    assert not faults
    before = assess(pack, record).suggestion
    after = assess(pack, record.with_finding(more.findings[0])).suggestion
    assert (after.level or 0) >= (before.level or 0)


@packs
@many
@given(st.data())
def test_level_and_status_agree(pack, data):
    """The level, bounds, gap and status of a suggestion never contradict one another."""
    told = assess(pack, data.draw(records(pack))).suggestion
    matched = {c.level for c in told.matched if c.mode == "any"}
    if matched:
        assert (told.status, told.level) == ("suggested", max(matched))
    if told.status == "gap":
        assert told.gap
    assert (told.level is None) == (told.status in ("none", "insufficient_information"))
    if told.level is not None:
        assert told.lowest <= told.level <= told.highest


@packs
@many
@given(st.data())
def test_confirming_ends_the_question_of_the_level(pack, data):
    """Confirming what is suggested is taken up: it is the confirmed level, and no override."""
    record = data.draw(records(pack))
    told = assess(pack, record)
    if told.suggestion.status == "suggested":
        rating = told.confirm(told.suggestion.level, by="cqmo")
        after = assess(pack, record.with_rating(rating))
        assert after.confirmed == rating
        assert rating.status == "confirmed"
