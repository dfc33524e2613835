"""Types and values: what a pack declares, and what fits it."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.values import (
    SIMPLE,
    Fault,
    MapOf,
    OneOf,
    SetOf,
    Simple,
    json_schema,
    parse_day,
    parse_type,
    parse_value,
)

MAP = MapOf(("crust", "crumb"), ("good", "poor"))
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def refused(kind, raw):
    """Give the fault of a value."""
    with pytest.raises(Fault) as caught:
        parse_value(kind, raw)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        *[(name, Simple(name)) for name in SIMPLE],
        (["gold", "silver"], OneOf(("gold", "silver"))),
        ({"set": ["rye", "oat"]}, SetOf(("rye", "oat"))),
        ({"set": []}, SetOf(())),
        ({"map": ["crust", "crumb"], "of": ["good", "poor"]}, MAP),
    ],
)
def test_type_is_read_as_written(raw, kind):
    """Each way of writing a type that the language knows gives that type."""
    assert parse_type(raw) == kind


@pytest.mark.parametrize(
    "raw",
    ["bool", "", 3, None, True, [], {}, {"set": "rye"}, {"map": ["crust"]}, {"set": [], "of": []}],
)
def test_anything_else_is_no_type(raw):
    """What is none of the types is a fault that shows how a type is written."""
    with pytest.raises(Fault, match=r"is not a type$") as caught:
        parse_type(raw)
    assert "`boolean`" in caught.value.help


@settings(deadline=None)
@given(DAYS)
def test_day_reads_back(day):
    """Every day reads back from how it is written, and from itself."""
    assert parse_day(day.isoformat()) == parse_day(day) == day


def test_moment_is_read_as_its_day():
    """A date with a time, as spreadsheets hold, is the day."""
    read = parse_day(dt.datetime(2026, 2, 3, 4, 5, tzinfo=dt.UTC))
    assert (type(read), read) == (dt.date, dt.date(2026, 2, 3))


@pytest.mark.parametrize("raw", ["2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01"])
def test_day_that_does_not_exist(raw):
    """A day that is written well and does not exist is told apart from what is no day."""
    with pytest.raises(Fault, match="is a day that does not exist"):
        parse_day(raw)


@pytest.mark.parametrize(
    "raw", ["1/2/2026", "2026-1-2", "20260102", " 2026-01-02", "2026-W01-1", 20260102, None]
)
def test_what_is_no_day(raw):
    """Anything not written YYYY-MM-DD is no day, and help says how to write one."""
    with pytest.raises(Fault, match="is not a day") as caught:
        parse_day(raw)
    assert caught.value.help == "write it as YYYY-MM-DD"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("boolean", [True, False], [1, 0, "true", None]),
        ("count", [0, 7], [-1, 1.5, True, "3", None]),
        ("number", [0, -1, 2.5], [True, "3", None]),
        ("date", ["2026-01-31", dt.date(2026, 1, 31)], ["tomorrow", 5]),
        ("text", ["a b"], ["", "  ", 5, None]),
        ("token", ["rye", "dark rye", "r" * 60], ["", 5, "two\nlines", "r" * 61]),
        ("interval", ["12 months", "10 working days"], ["a year", "0 days", 12]),
    ],
)
def test_simple_values(name, good, bad):
    """A simple type takes its own values and no other."""
    for raw in good:
        assert parse_value(Simple(name), raw) == (parse_day(raw) if name == "date" else raw)
    for raw in bad:
        assert "is not" in refused(Simple(name), raw).message


@settings(deadline=None)
@given(st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers())))
def test_any_takes_anything(raw):
    """The type `any` changes nothing."""
    assert parse_value(Simple("any"), raw) is raw


def test_one_of_a_list():
    """One of a closed list is taken as it is; another word gets the nearest one as help."""
    kind = OneOf(("golden", "burnt"))
    assert parse_value(kind, "burnt") == "burnt"
    assert refused(kind, "burned").help == "did you mean `burnt`?"
    assert refused(kind, "xyz").help == "write one of `golden` or `burnt`"


def test_truth_value_is_no_word():
    """A truth value where a word is wanted is named as YAML writes it."""
    assert refused(OneOf(("yes", "no")), raw=True).message == "`true` is none of the values"
    assert refused(OneOf(("yes", "no")), raw=False).message == "`false` is none of the values"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["rye", "oat", "spelt"])))
def test_set_ignores_order_and_repetition(entries):
    """A set is what is in it, in whatever order and however often it is written."""
    kind = SetOf(("rye", "oat", "spelt"))
    assert (
        parse_value(kind, entries) == parse_value(kind, sorted(entries) * 2) == frozenset(entries)
    )


def test_one_word_stands_for_a_set_of_one():
    """A set of one may be written as the word."""
    assert parse_value(SetOf(("rye",)), "rye") == frozenset({"rye"})


def test_set_without_a_list_takes_any_word():
    """A set of no closed list takes any words, and words only."""
    assert parse_value(SetOf(()), ["a", "b"]) == frozenset({"a", "b"})
    assert refused(SetOf(()), [3]).message == "`3` is not a word"


def test_set_refuses_strange_members():
    """A set of a closed list takes none that is not in it."""
    assert "`bran` is none of the values" in refused(SetOf(("rye",)), ["rye", "bran"]).message


def test_map_takes_its_keys_and_values():
    """A map takes only its own keys, each with one of its own values."""
    assert parse_value(MAP, {"crust": "good"}) == {"crust": "good"}
    assert "`top` is none" in refused(MAP, {"top": "good"}).message
    assert "`fine` is none" in refused(MAP, {"crust": "fine"}).message
    assert refused(MAP, ["good"]).help == "write {crust: good}"


def fits(schema, raw):
    """Say whether a schema takes a value."""
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(schema).is_valid(raw)


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(-3, 3).filter(lambda f: f != int(f)),
    st.sampled_from(["rye", "oat", "bran", "good", "crust"]),
    st.lists(st.sampled_from(["rye", "oat", "bran"]), max_size=3),
    st.dictionaries(
        st.sampled_from(["crust", "crumb", "top"]),
        st.sampled_from(["good", "poor", "odd"]),
        max_size=2,
    ),
)


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            Simple("boolean"),
            Simple("count"),
            Simple("number"),
            Simple("token"),
            Simple("any"),
            OneOf(("rye", "oat")),
            SetOf(("rye", "oat")),
            SetOf(()),
            MAP,
        ]
    ),
    PLAIN,
)
def test_schema_agrees_with_the_reader(kind, raw):
    """The JSON Schema of a type takes exactly what the reader takes."""
    try:
        parse_value(kind, raw)
    except Fault:
        read = False
    else:
        read = True
    assert fits(json_schema(kind), raw) == read


def test_schema_of_a_day():
    """A day is text in the schema, of the format that editors know."""
    assert json_schema(Simple("date")) == {"type": "string", "format": "date"}


def test_fault_carries_its_path():
    """A fault knows what is wrong, what helps, and the way to it."""
    fault = Fault("`x` is wrong", "write `y`", ("a", 1))
    assert (str(fault), fault.message, fault.help, fault.path) == (
        "`x` is wrong",
        "`x` is wrong",
        "write `y`",
        ("a", 1),
    )


@pytest.mark.parametrize("raw", ["0206-01-20", "2926-01-20"])
def test_day_of_another_age(raw):
    """A year that is centuries off is a slip of the hand."""
    with pytest.raises(Fault, match="no day that anybody can mean"):
        parse_day(raw)
