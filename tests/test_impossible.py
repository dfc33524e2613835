"""Recurrences that nobody could keep, and names that nobody declared, are faults of the pack."""

import shutil
from pathlib import Path

import pytest

from qaf_rules.engine import load
from qaf_rules.errors import InputError, PackError

BREAD = load(Path(__file__).parent / "packs" / "generic")
MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"


@pytest.fixture
def told(tmp_path):
    """Write activities below those of a good pack; give each fault with its line among them."""

    def write(text, file="activities"):
        folder = shutil.copytree(MINIMAL, tmp_path / "boats")
        path = folder / f"{file}.yaml"
        good = path.read_text("utf-8")
        path.write_text(good + text, "utf-8")
        above = good.count("\n")
        with pytest.raises(PackError) as caught:
            load(folder)
        assert all(f.file == str(path) for f in caught.value.diagnostics)
        return [(f.line - above, f.column, f.message, f.help) for f in caught.value.diagnostics]

    return write


def loads(tmp_path, text, pack=""):
    """Say that a pack with these activities has no fault."""
    folder = shutil.copytree(MINIMAL, tmp_path / "boats")
    for file, more in (("activities", text), ("pack", pack)):
        path = folder / f"{file}.yaml"
        path.write_text(path.read_text("utf-8") + more, "utf-8")
    return load(folder)


def test_a_fault_is_shown_with_its_line_and_a_caret(tmp_path):
    """A fault reads: file, line and column, what is wrong, the line with a caret, and help."""
    folder = shutil.copytree(MINIMAL, tmp_path / "boats")
    path = folder / "activities.yaml"
    path.write_text("a: {name: A, every: 1 year, waits_on: a}\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(PackError) as caught:
        load(folder)
    assert str(caught.value).splitlines() == [
        f"{path}:1:39: error: `a` waits on `a`: none can ever come first",
        "  a: {name: A, every: 1 year, waits_on: a}",
        "                                        ^",
        "  help: take one `waits_on` away",
        "1 fault",
    ]


# --- with itself ---------------------------------------------------------------------------------


def test_taking_turns_with_itself(told):
    """An activity cannot take turns with itself."""
    assert told("dive:\n  name: Dive\n  alternating_with: [look, dive]\n  every: 1 year\n") == [
        (3, 21, "`dive` alternates with itself", "name the activity that it takes turns with")
    ]


def test_attached_to_itself(told):
    """An activity cannot be held with itself."""
    assert told("dive:\n  name: Dive\n  attached_to: dive\n") == [
        (3, 16, "`dive` is attached to itself", "name the activity that it is held with")
    ]


@pytest.mark.parametrize(
    ("frequency", "line", "column"),
    [
        ("  every: 6 months\n  from: dive\n", 4, 9),
        ("  once: {within: 6 months, of: dive}\n", 3, 9),
        ("  sooner_of:\n    - {every: 1 year}\n    - {every: 1 year, from: dive}\n", 4, 5),
        ("  later_of:\n    - {every: 1 year}\n    - {every: 1 year, from: dive}\n", 4, 5),
    ],
)
def test_counting_from_itself(told, frequency, line, column):
    """An activity cannot count from its own last time as from an event."""
    assert told(f"dive:\n  name: Dive\n{frequency}") == [
        (line, column, "`dive` counts from itself", "name another activity, or a date")
    ]


def test_counting_from_itself_before_a_change(told):
    """What a frequency was before is looked at too."""
    text = (
        "dive:\n  name: Dive\n  every: 1 year\n"
        "  changed: {on: 2026-01-01, was: {every: 6 months, from: dive}}\n"
    )
    assert told(text) == [(4, 12, "`dive` counts from itself", "name another activity, or a date")]


def test_the_place_of_a_fault_below_a_choice(told):
    """The first case, an option and the rest each have their own place."""
    text = """dive:
  name: Dive
  cases:
    - when: {deck: wet}
      use: {every: 6 months, from: dive}
    - {when: {deck: dry}, use: {attached_to: dive}}
  otherwise:
    by_value: deck
    options:
      wet: {every: 1 month, from: dive}
    otherwise: {every: 2 months, from: dive}
"""
    assert [(line, column) for line, column, *_ in told(text)] == [
        (5, 36),
        (6, 46),
        (10, 35),
        (11, 40),
    ]


def test_the_place_of_a_fault_in_a_cell(told):
    """A cell of the matrix is looked at as an activity is, and each of a list of them."""
    text = """gigs:
  when: {service_type: boat, deck: wet}
  clause: B-04
  activities:
    look: {attached_to: look}
    log: [{every: 1 month}, {every: 1 year, from: log}]
"""
    assert [(line, column) for line, column, *_ in told(text, "matrix")] == [(5, 25), (6, 51)]


# --- in a circle ---------------------------------------------------------------------------------


def test_two_that_wait_on_one_another(told):
    """Of two that wait on one another neither can come first; it is told once."""
    text = "dive: {name: D, every: 1 year, waits_on: sail}\nsail: {name: S, every: 1 year, waits_on: dive}\n"
    assert told(text) == [
        (
            1,
            42,
            "`dive` waits on `sail` waits on `dive`: none can ever come first",
            "take one `waits_on` away",
        )
    ]


def test_three_that_wait_on_one_another(told):
    """A circle of three is found, however one of them waits on something else as well."""
    text = """dive: {name: D, every: 1 year, waits_on: sail}
sail: {name: S, every: 1 year, waits_on: moor}
moor:
  name: M
  by_value: deck
  options: {wet: {every: 1 year, waits_on: look}, dry: {every: 1 year, waits_on: dive}}
"""
    assert told(text) == [
        (
            1,
            42,
            "`dive` waits on `sail` waits on `moor` waits on `dive`: none can ever come first",
            "take one `waits_on` away",
        )
    ]


def test_waiting_in_a_row_is_no_circle(tmp_path):
    """One may wait on another that waits on a third, and two may wait on the same."""
    text = """dive: {name: D, every: 1 year, waits_on: sail}
sail: {name: S, every: 1 year, waits_on: look}
moor: {name: M, every: 1 year, waits_on: sail}
"""
    assert loads(tmp_path, text).pack.activities["moor"].rule.waits_on == "sail"


def test_a_circle_that_others_lead_to_is_told_once(told):
    """What only leads to a circle is not itself at fault."""
    text = """moor: {name: M, every: 1 year, waits_on: dive}
dive: {name: D, every: 1 year, waits_on: sail}
sail: {name: S, every: 1 year, waits_on: dive}
"""
    assert [(line, column) for line, column, *_ in told(text)] == [(2, 42)]


# --- days that a month lacks ---------------------------------------------------------------------

NO_RULE = "add `month_end: clamp` here or under `dates` in pack.yaml, or write `last`"


@pytest.mark.parametrize("day", [29, 30, 31])
@pytest.mark.parametrize(
    ("frequency", "column"),
    [("by_day: {}", 11), ("quarterly: {{start: calendar_year, by_day: {}}}", 14)],
)
def test_a_day_that_some_month_lacks(told, frequency, column, day):
    """The 29th to the 31st need a rule for the months that have none."""
    assert told(f"dive:\n  name: Dive\n  {frequency.format(day)}\n") == [
        (3, column, f"some month has no day {day}, and no `month_end` says what then", NO_RULE)
    ]


@pytest.mark.parametrize(
    ("text", "pack"),
    [
        ("dive: {name: Dive, by_day: 28}\n", ""),
        ("dive: {name: Dive, by_day: last}\n", ""),
        ("dive: {name: Dive, by_day: 31, month_end: roll_forward}\n", ""),
        ("dive: {name: Dive, by_day: 31}\n", "dates: {month_end: clamp}\n"),
        (
            "dive: {name: Dive, by_value: deck, options: {wet: {by_day: 31}}, month_end: clamp}\n",
            "",
        ),
    ],
)
def test_a_day_with_a_rule_for_the_end_of_the_month(tmp_path, text, pack):
    """The rule may stand beside the day, above a choice, or hold for the whole pack."""
    assert "dive" in loads(tmp_path, text, pack).pack.activities


def test_a_cell_is_under_its_activitys_rule(tmp_path):
    """A cell's own day is under what its activity says of the month's end, and only that one's."""
    framework = loads(tmp_path, "dive: {name: Dive, by_day: last, month_end: clamp}\n")
    cell = {"matrix": {"boats": {"activities": {"dive": {"by_day": 31}}}}}
    assert "dive" in framework.amend(cell).pack.matrix["boats"].activities
    with pytest.raises(PackError, match="some month has no day 31"):
        framework.amend({"matrix": {"boats": {"activities": {"log": {"by_day": 31}}}}})


# --- numbers and months --------------------------------------------------------------------------


def test_a_maximum_below_the_minimum(told):
    """Nobody can do at least three and at most two."""
    text = "dive:\n  name: Dive\n  at_least: 3\n  at_most: 2\n  within: 1 year\n"
    assert told(text) == [(3, 13, "at most 2 is below at least 3: nobody can keep both", None)]


def test_a_series_of_no_months(told):
    """A series that keeps the data of no month never falls due."""
    assert told("dive:\n  name: Dive\n  by_day: 5\n  months: []\n") == [
        (3, 11, "a series of no months never falls due", "leave out `months`, or name some")
    ]


# --- names ---------------------------------------------------------------------------------------

DECLARE = "declare it in the vocabulary, or correct the name"


@pytest.mark.parametrize(
    ("frequency", "column", "name", "help_"),
    [
        ("every: {value: xyz}", 10, "xyz", None),
        ("every: 1 year\n  from: loook", (4, 9), "loook", "did you mean `look`?"),
        ("once: {within: 1 month, of: contract_strat}", 9, "contract_strat", "`contract_start`"),
        ("once_each: {year_from: contract_strat}", 14, "contract_strat", "`contract_start`"),
        ("sooner_of: [{every: 1 year}, {every: {value: xyz}}]", 14, "xyz", None),
        ("by_day: tide", 11, "tide", None),
        ("every: 28 days\n  anchor: contract_strat", (4, 11), "contract_strat", "contract_start"),
        ("quarterly: {start: moon, by_day: last}", 14, "moon", None),
        ("quarterly: {start: 4, by_day: moon}", 14, "moon", None),
        ("every: 1 year\n  roll: next_workday", (4, 9), "next_workday", None),
        ("attached_to: loook", 16, "loook", "did you mean `look`?"),
        ("alternating_with: loook\n  every: 1 year", 21, "loook", "did you mean `look`?"),
    ],
)
def test_a_name_that_nobody_declared(told, frequency, column, name, help_):
    """Each name in a recurrence must be an activity or a value of the pack, told where it stands."""
    place = column if isinstance(column, tuple) else (3, column)
    ((line, at, message, help_told),) = told(f"dive:\n  name: Dive\n  {frequency}\n")
    assert (line, at) == place
    assert message == f"there is no `{name}` in this pack"
    assert (help_ or DECLARE) in help_told


def test_a_calendar_that_nobody_declared(told):
    """Terms need the setting that holds their calendar."""
    ((_, _, message, _),) = told("dive: {name: Dive, termly: period_end}\n")
    assert message == "there is no `terms` in this pack"


def test_a_setting_of_the_whole_pack_that_nobody_declared(told):
    """What `roll` under `dates` names must be declared too."""
    assert told("dates:\n  roll: next_workday\n", "pack") == [
        (2, 9, "there is no `next_workday` in this pack", DECLARE)
    ]


@pytest.mark.parametrize(
    ("dates", "line", "column", "message"),
    [
        ("dates: soon\n", 1, 8, "`soon` is no mapping of rules for dates"),
        ("dates:\n  grase: 5 days\n", 2, 10, "`grase` is no rule for dates"),
        ("dates:\n  grace: soon\n", 2, 10, "`soon` is not an interval"),
    ],
)
def test_rules_for_dates_that_are_none(told, dates, line, column, message):
    """What holds for the whole pack is a mapping of rules that there are."""
    ((at_line, at_column, found, _),) = told(dates, "pack")
    assert (at_line, at_column, found) == (line, column, message)


def test_names_that_are_days_or_words_of_their_own(tmp_path):
    """A day itself, `last`, and the rules for weekends are no names."""
    text = """dive: {name: D, every: 28 days, anchor: 2026-01-05, roll: next_working_day}
sail: {name: S, quarterly: {start: financial_year, by_day: last}, roll: previous_working_day}
moor: {name: M, once_each: {year_from: "04-01"}, roll: none}
"""
    assert "moor" in loads(tmp_path, text).pack.activities


# --- terms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "line", "column", "message"),
    [
        (
            "- {name: autumn, start: 2026-12-18, end: 2026-09-01}",
            2,
            5,
            "term `autumn` ends before it starts",
        ),
        (
            (
                "- {name: spring, start: 2026-12-18, end: 2027-03-25}\n  "
                "- {name: autumn, start: 2026-09-01, end: 2026-12-18}"
            ),
            2,
            5,
            "term `2027-spring` begins before `2026-autumn` has ended",
        ),
        (
            (
                "- {name: autumn, start: 2026-09-01, end: 2026-12-18, "
                "half_term_start: 2026-12-14, half_term_end: 2026-12-18}"
            ),
            2,
            73,
            "the half term of `autumn` is not within it",
        ),
        (
            "- {name: autumn, start: 2026-09-01, end: 2026-12-18, half_term_start: 2026-10-26}",
            2,
            5,
            "the half term of `autumn` has only one of its days",
        ),
    ],
)
def test_terms_that_cannot_be_have_their_place(harbour, tmp_path, terms, line, column, message):
    """A calendar in a file of settings has its faults told at the entry that is wrong."""
    path = tmp_path / "settings.yaml"
    path.write_text(f"terms:\n  {terms}\n", "utf-8")
    with pytest.raises(InputError) as caught:
        harbour({"termly": "period_end"}).using(settings=path)
    (fault,) = caught.value.diagnostics
    assert (fault.file, fault.line, fault.column) == (str(path), line, column)
    assert fault.message == message


# --- actions and findings ------------------------------------------------------------------------


def doing(**other):
    """A change that adds an action."""
    trigger = {"when": {"licensed": True}, "force": "must", "clause": "B-022"}
    action = {"text": "Do it", "owner": "taster", "triggers": [trigger], **other}
    return {"actions": {"own": action}}


def kinds(**adverse):
    """A change of what makes findings of some kinds adverse."""
    return {"vocabulary": {"kinds": {kind: {"adverse": when} for kind, when in adverse.items()}}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (doing(due="soon"), ["actions.own.due: error: `soon` does not say when an action is due"]),
        (doing(due={}), ["actions.own.due: error: it does not say when an action is due in one way"]),
        (doing(due={"every": "28 days"}), ["actions.own.due: error: `every` needs `anchor`"]),
        (doing(due={"every": "often", "anchor": "table_day"}), ["actions.own.due.every: error: `often` is not an interval"]),
        (doing(due={"working_days": -1, "from_day_itself": 3, "from": "then"}), [
            "actions.own.due.working_days: error: `-1` is not a number of working days",
            "actions.own.due.from_day_itself: error: `3` is neither true nor false",
            "actions.own.due.from: error: `then` is not `today`",
        ]),
        (doing(due={"monthly_on": "table_day", "anchro": 1, "every_so": 2}), [
            "actions.own.due.anchro: error: `anchro` does not go with `monthly_on`", "did you mean `anchor`?",
            "actions.own.due.every_so: error: `every_so` does not go with `monthly_on`",
        ]),
        (doing(due={"monthly_on": 15}), ["actions.own.due.monthly_on: error: `15` is not the name of a date"]),
        (doing(due={"by_choice": ["X-B-04"]}), ["actions.own.due.by_choice: error: `['X-B-04']` is not the id of an ambiguity"]),
        (kinds(burnt_batch={"staff": {"at_most": {"value": "burnt_batches"}}}), [
            "kinds.burnt_batch.adverse: error: whether it is adverse rests on `burnt_batches`",
        ]),
        ({"vocabulary": {**kinds(burnt_batch={"own": True})["vocabulary"], "facts": {"own": {"type": "boolean", "derive": [{"when": {"count": "praise", "at_least": {"value": "burnt_batches"}}, "value": True}]}}}}, [
            "kinds.burnt_batch.adverse: error: whether it is adverse rests on `own`",
        ]),
        (doing(due={"by_choice": "X-B-04", "monthly": 7}), ["actions.own.due.monthly: error: `7` does not say when"]),
        (doing(triggers=[{"when": {"licensed": True}, "force": "item", "clause": "B-022"}]), [
            "actions.own.triggers.0.force: error: `force: item` is that of the item it is for, and it is for none",
        ]),
        ({"readings": {"own": {"about": "Which?", "clause": "B-001", "options": {}}}}, [
            "readings.own.options: error: there is nothing in `options`",
        ]),
        (kinds(burnt_batch={"burnt_batches": 1}), [
            "vocabulary.kinds.burnt_batch.adverse: error: whether it is adverse rests on `burnt_batches`, which findings of `burnt_batch` tell",
        ]),
        (kinds(burnt_batch={"short_lasting": "slow"}, short_order={"large_batches": 1}), [
            "kinds.burnt_batch.adverse: error: whether it is adverse rests on `short_lasting`",
            "kinds.short_order.adverse: error: whether it is adverse rests on `large_batches`",
        ]),
        ({"vocabulary": {**kinds(praise={"own": True})["vocabulary"], "facts": {"own": {"type": "boolean", "derive": [{"when": {"some": ["praise", "burnt_batch"]}, "value": True}]}}}}, [
            "kinds.praise.adverse: error: whether it is adverse rests on `own`, which findings of `praise` tell",
        ]),
        ({"vocabulary": {"facts": {"clean": {"states": {"attribute": "cleen"}}}}}, [
            "facts.clean.states.attribute: error: there is no attribute of bakehouse `cleen`", "did you mean `clean`?",
        ]),
    ],
)  # fmt: skip
def test_what_nobody_could_answer_is_a_fault(change, told):
    """A day, a force or a kind that could not be read is told where it is written, all at once."""
    with pytest.raises(PackError) as caught:
        BREAD.amend(change)
    for line in told:
        assert line in str(caught.value)


def test_what_says_when_an_action_is_due():
    """An action is due with its item, in working days, on a day of the month, at a sitting, or by a reading."""
    for due in (
        "item",
        {"working_days": 0, "from_day_itself": True, "from": "today"},
        {"monthly_on": "table_day"},
        {"every": "28 days", "anchor": "table_day"},
        {"by_choice": "X-B-04", "monthly": {"monthly_on": "table_day"}},
    ):
        assert BREAD.amend(doing(due=due)).pack.actions["own"].due == due
    clean = {"vocabulary": {"facts": {"clean": {"states": {"attribute": "status"}}}}}
    assert BREAD.amend(clean).pack.facts["clean"].states.attribute == "status"
    beside = {"all": [{"licensed": True}, {"wants_help": True}, {"large": True}]}
    assert BREAD.amend(kinds(praise=beside)).pack.kinds["praise"].adverse
