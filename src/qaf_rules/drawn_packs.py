"""Small random packs that load, as plain data in the shape of a pack's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st

from qaf_rules.drawn_frequencies import conditions, forms
from qaf_rules.drawn_values import MEMBERS, Raw, Raws, beside, just, one
from qaf_rules.engine import Framework
from qaf_rules.pack import make_pack
from qaf_rules.series import CONTRACT_START
from qaf_rules.workdays import MONTH_ENDS

CLAUSE: Final = "C-1"
READING: Final = "X-1"


def framework_of(data: Mapping[str, Any]) -> Framework:
    """Make a framework from plain data in the shape of a pack's files, by the name of each.

    PackError with every fault.
    """
    return Framework(make_pack(data, {}, readings={}))


def frameworks() -> st.SearchStrategy[Framework]:
    """Small packs that load: activities, rows, criteria over facts and kinds, actions, a reading.

    What fails is shown as a call of `framework_of`. Terms are the council's to give:
    `framework.using(settings={"terms": …})` with what `term_calendars` draws.
    """
    return _packs().map(framework_of)


@st.composite
def _packs(draw: st.DrawFn) -> Raw:
    activities = [f"a{n}" for n in range(1, draw(st.integers(1, 4)) + 1)]
    kinds = [f"k{n}" for n in range(1, draw(st.integers(1, 2)) + 1)]
    facts = {f"f{n}": draw(_facts(kinds)) for n in range(1, draw(st.integers(1, 3)) + 1)}
    levels = draw(st.integers(2, 4))
    when = _read(kinds, facts)
    return {
        "pack": draw(_identity(levels)),
        "clauses": {
            CLAUSE: {
                "key": "c",
                "section": "1",
                "strength": "will",
                "says": "So it is.",
                "rule": "executable",
            }
        },
        "readings": {
            READING: {
                "about": "It can be read in two ways.",
                "options": {"one": "this", "other": "that"},
            }
        },
        "vocabulary": {
            "topics": {"t1": "Topic"},
            "sources": {"officer": "Officer"},
            "evidence": {"log": "Log"},
            "fields": _FIELDS,
            "settings": {"terms": {"type": "any"}},
            "facts": facts,
            "kinds": {kind: draw(_kinds()) for kind in kinds} | _MISSED,
            "decisions": _DECISIONS,
        },
        "activities": {name: draw(_activity(activities, name)) for name in activities},
        "matrix": {f"r{n}": draw(_rows(activities)) for n in range(1, draw(st.integers(1, 2)) + 1)},
        "rating": {
            f"c{n}": draw(_criteria(when, levels)) for n in range(1, draw(st.integers(1, 4)) + 1)
        },
        "actions": {
            f"do_{n}": draw(_actions(when, activities))
            for n in range(1, draw(st.integers(0, 3)) + 1)
        },
    }


_BOUNDS: Final = (("due_day", 31), ("first_month", 12))
_FIELDS: Final[Raw] = {
    "service_type": {"type": {"set": ["s1", "s2"]}},
    CONTRACT_START: {"type": "date"},
    "cycle": {"type": "interval"},
    "event_day": {"type": "date"},
    **{
        name: {
            "type": "count",
            "invalid": [{"when": {name: {"not": {"at_least": 1, "at_most": most}}}, "text": "no"}],
        }
        for name, most in _BOUNDS
    },
    "rhythm": {"type": ["monthly", "annual"]},
    "large": {"type": "boolean"},
    "shift": {"type": "boolean"},
}
_MISSED: Final[Raw] = {
    "missed": {"attributes": {"return_kind": "token"}, "adverse": True, "derived": "missed"}
}
_DECISIONS: Final[Raw] = {
    "sooner": {"effect": "interval", "carries": {"activity": "activity", "every": "interval"}},
    "own_day": {"effect": "due_day", "carries": {"activity": "activity", "day": "day"}},
    "answer": {"effect": "answer", "carries": {"to": "id", "value": "any"}},
}


@st.composite
def _identity(draw: st.DrawFn, levels: int) -> Raw:
    gap = {"by_reading": READING, "other": "round_up", "otherwise": "floor"}
    return {
        "id": "small",
        "name": "Small framework",
        "version": "V1",
        "council": "Council",
        "in_force": "2020-01-01",
        "dates": {"month_end": draw(st.sampled_from(MONTH_ENDS))},
        "scale": {
            "name": "Scale",
            "levels": {n: {"id": f"l{n}", "name": f"Level {n}"} for n in range(1, levels + 1)},
        },
        "rating": {"gap": draw(st.sampled_from(("floor", gap))), "clause": CLAUSE},
        "roles": {"officer": "Officer"},
        "missed_return": {
            "kind": "missed",
            "after": draw(st.sampled_from(("next_due", "any_lateness"))),
        },
    }


def _kinds() -> Raws:
    return beside(
        just(label="kind", topic="t1", attributes={"grave": "boolean"}, adverse=True),
        tense=st.just("present"),
        state=st.just(True),  # noqa: FBT003  # a value
        absence=st.just("none"),
        adverse=st.just({"grave": True}),
    )


def _facts(kinds: Sequence[str]) -> Raws:
    kind = st.sampled_from(kinds)
    yes: Raw = {"type": "boolean", "ask": "Is it so?", "topic": "t1"}
    return st.one_of(
        beside(st.just(yes), benign=st.sampled_from(([True], [False])), absent=st.just("none")),
        kind.map(lambda k: {"type": "count", "ask": "How many?", "benign": [0], "counts": k}),
        kind.map(lambda k: yes | {"exists": k, "benign": [False]}),
        kind.map(lambda k: yes | {"states": {"kind": k, "attribute": "grave"}, "benign": [False]}),
        kind.map(lambda k: yes | {"judges": [k], "benign": [False]}),
    )


def _read(kinds: Sequence[str], facts: Mapping[str, Raw]) -> Raws:
    """Conditions over the facts, the findings and the profile of a small pack."""
    tests = {"boolean": st.booleans(), "count": one(at_least=st.integers(1, 3))}
    told = [one(**{name: tests[spec["type"]]}) for name, spec in facts.items()]
    kind = st.sampled_from(kinds)
    grave = {"where": one(grave=st.booleans())}
    found = [beside(one(**{quantifier: kind}), **grave) for quantifier in ("some", "none", "every")]
    found += [beside(one(count=kind, at_least=st.integers(1, 3)), **grave), conditions()]
    several = partial(st.lists, min_size=1, max_size=MEMBERS)
    return st.recursive(
        st.one_of(told + found),
        lambda inner: one(all=several(inner)) | one(any=several(inner)) | one(not_=inner),
        max_leaves=MEMBERS,
    )


def _activity(names: Sequence[str], name: str) -> Raws:
    """An activity that may count from any other, and wait on those before it."""
    others = tuple(other for other in names if other != name)
    spoken = forms(others, tuple(names[: names.index(name)]))
    returns = st.sampled_from(({}, {"returns": "log"}))
    own: Raw = {"name": f"Activity {name[1:]}", "owner": "officer", "clause": CLAUSE}
    return st.tuples(spoken, returns).map(lambda parts: own | parts[0] | parts[1])


def _rows(names: Sequence[str]) -> Raws:
    services = st.sampled_from(("s1", "s2", ["s1", "s2"]))
    when = beside(one(service_type=services), large=st.booleans())
    every = {"by_reading": READING, "other": "6 months", "otherwise": "12 months"}
    cells = st.sampled_from(
        ({}, {"class": "as_required"}, {"class": "unknown"}, {"every": every, "clause": CLAUSE})
    )
    brought = st.dictionaries(st.sampled_from(names), cells, min_size=1, max_size=len(names))
    return one(when=when, activities=brought)


def _criteria(when: Raws, levels: int) -> Raws:
    def judged(level: int) -> Raw:
        mode = "all" if level == 1 else "any"
        return {"level": level, "mode": mode, "text": "So it is.", "clause": CLAUSE}

    level = st.integers(1, levels).map(judged)
    return st.tuples(level, when).map(lambda parts: {**parts[0], "when": parts[1]})


def _actions(when: Raws, names: Sequence[str]) -> Raws:
    """Actions that a condition, a level or an item starts; each is closed by its own record."""
    force = st.sampled_from(("must", "should", "may"))
    started = when | one(level=one(at_least=st.integers(1, 4)))
    trigger = st.tuples(one(when=started, force=force), just(clause=CLAUSE))
    once = trigger.map(lambda parts: {"triggers": [parts[0] | parts[1]]})
    item = one(item=st.sampled_from(names), where=just(live=True) | just(status="overdue"))
    each = item.map(lambda i: {"for_each": i, "triggers": [{"force": "item", "clause": CLAUSE}]})
    due = st.sampled_from(({"working_days": 10}, "item"))
    return beside(once | each, due=due).map(lambda raw: {"text": "Do it", "owner": "officer"} | raw)
