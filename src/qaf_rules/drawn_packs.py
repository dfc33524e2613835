"""Small random packs that load, as plain data in the shape of a pack's files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Final

from hypothesis import strategies as st

from qaf_rules.drawn_frequencies import conditions, forms
from qaf_rules.drawn_values import MEMBERS, Raw, Raws, beside, joined, just, one
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
    activities, kinds = draw(_ids("a", 4)), draw(_ids("k", 2))
    facts = {id_: draw(_facts(kinds)) for id_ in draw(_ids("f", 3))}
    levels = draw(st.integers(2, 4))
    when = _read(kinds, tuple((id_, spec["type"]) for id_, spec in facts.items()))
    return {
        "pack": draw(_identity(levels)),
        "clauses": _CLAUSES,
        "readings": _READINGS,
        "vocabulary": {
            **_WORDS,
            "facts": facts,
            "kinds": {id_: draw(_kinds()) for id_ in kinds} | _MISSED,
        },
        "activities": {id_: draw(_activity(activities, id_)) for id_ in activities},
        "matrix": {id_: draw(_rows(activities)) for id_ in draw(_ids("r", 2))},
        "rating": {id_: draw(_criteria(when, levels)) for id_ in draw(_ids("c", 4))},
        "actions": {id_: draw(_actions(when, activities)) for id_ in draw(_ids("do_", 3, least=0))},
    }


@cache
def _ids(prefix: str, most: int, *, least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    """Ids that count from 1, of which the fewest are the simplest."""
    numbers = st.integers(least, most)
    return numbers.map(lambda most: tuple(f"{prefix}{n}" for n in range(1, most + 1)))


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
_CLAUSES: Final[Raw] = {
    CLAUSE: {
        "key": "c",
        "section": "1",
        "strength": "will",
        "says": "So it is.",
        "rule": "executable",
    }
}
_READINGS: Final[Raw] = {
    READING: {"about": "It has two meanings.", "options": {"one": "this", "other": "that"}}
}
_WORDS: Final[Raw] = {
    "topics": {"t1": "Topic"},
    "sources": {"officer": "Officer"},
    "evidence": {"log": "Log"},
    "fields": _FIELDS,
    "settings": {"terms": {"type": "any"}},
    "decisions": {
        "sooner": {"effect": "interval", "carries": {"activity": "activity", "every": "interval"}},
        "own_day": {"effect": "due_day", "carries": {"activity": "activity", "day": "day"}},
        "answer": {"effect": "answer", "carries": {"to": "id", "value": "any"}},
    },
}
_MISSED: Final[Raw] = {
    "missed": {"attributes": {"return_kind": "token"}, "adverse": True, "derived": "missed"}
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


@cache
def _kinds() -> Raws:
    return beside(
        just(label="kind", topic="t1", attributes={"grave": "boolean"}, adverse=True),
        tense=st.just("present"),
        state=st.just(True),  # noqa: FBT003  # a value
        absence=st.just("none"),
        adverse=st.just({"grave": True}),
    )


@cache
def _facts(kinds: tuple[str, ...]) -> Raws:
    """Facts that stand for themselves, or speak of a kind in each way that a fact can."""
    kind = st.sampled_from(kinds)
    asked = just(type="boolean", ask="Is it so?", topic="t1")
    seen = joined(asked, just(benign=[False]))
    count = just(type="count", ask="How many?", benign=[0])
    grave = one(states=one(kind=kind, attribute=st.just("grave")))
    return st.one_of(
        beside(asked, benign=st.sampled_from(([True], [False])), absent=st.just("none")),
        joined(count, one(counts=kind)),
        joined(seen, one(exists=kind)),
        joined(seen, grave),
        joined(seen, one(judges=kind)),
    )


@cache
def _read(kinds: tuple[str, ...], facts: tuple[tuple[str, str], ...]) -> Raws:
    """Conditions over the facts, the findings and the profile of a small pack."""
    tests = {"boolean": st.booleans(), "count": one(at_least=st.integers(1, 3))}
    told = [one(**{name: tests[type_]}) for name, type_ in facts]
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


@cache
def _activity(names: tuple[str, ...], name: str) -> Raws:
    """An activity that may count from any other, and wait on those before it."""
    others = tuple(other for other in names if other != name)
    spoken = forms(others, names[: names.index(name)])
    returns = st.sampled_from(({}, {"returns": "log"}))
    own = just(name=f"Activity {name[1:]}", owner="officer", clause=CLAUSE)
    return joined(own, spoken, returns)


@cache
def _rows(names: tuple[str, ...]) -> Raws:
    services = st.sampled_from(("s1", "s2", ["s1", "s2"]))
    when = beside(one(service_type=services), large=st.booleans())
    every = {"by_reading": READING, "other": "6 months", "otherwise": "12 months"}
    cells = st.sampled_from(
        ({}, {"class": "as_required"}, {"class": "unknown"}, {"every": every, "clause": CLAUSE})
    )
    brought = st.dictionaries(st.sampled_from(names), cells, min_size=1, max_size=len(names))
    return one(when=when, activities=brought)


@st.composite
def _criteria(draw: st.DrawFn, when: Raws, levels: int) -> Raw:
    level = draw(st.integers(1, levels))
    mode = "all" if level == 1 else "any"
    told = {"level": level, "mode": mode, "when": draw(when)}
    return {**told, "text": "So it is.", "clause": CLAUSE}


@cache
def _actions(when: Raws, names: tuple[str, ...]) -> Raws:
    """Actions that a condition, a level or an item starts; each is closed by its own record."""
    force = st.sampled_from(("must", "should", "may"))
    started = when | one(level=one(at_least=st.integers(1, 4)))
    trigger = one(when=started, force=force, clause=st.just(CLAUSE))
    item = one(item=st.sampled_from(names), where=just(live=True) | just(status="overdue"))
    each = joined(one(for_each=item), just(triggers=[{"force": "item", "clause": CLAUSE}]))
    due = st.sampled_from(({"working_days": 10}, "item"))
    told = joined(just(text="Do it", owner="officer"), one(triggers=_listed(trigger)) | each)
    return beside(told, due=due)


@st.composite
def _listed(draw: st.DrawFn, raw: Raws) -> list[Raw]:
    return [draw(raw)]
