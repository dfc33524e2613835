"""What a notebook shows of an answer: all that calls for somebody, in the words of the reasons."""

import copy
import datetime as dt
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from IPython.lib.pretty import pretty

import qaf_rules as qaf
from qaf_rules import notebook
from qaf_rules.explain import by_urgency, item_clauses
from qaf_rules.words import Words

EXAMPLES = Path(__file__).parents[1] / "examples"
SUNDAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module", params=["adults", "children"])
def example(request):
    """A framework with its example register."""
    framework = qaf.load(request.param)
    register = qaf.read_register(EXAMPLES / f"{request.param}.yaml", framework)
    return framework.using(settings=register.settings), register


@pytest.fixture(scope="module")
def compared():
    """A year's comparison of a rule made looser, and one of a day by a number for a word."""
    adults = qaf.load("adults")
    register = qaf.read_register(EXAMPLES / "adults.yaml", adults)
    adults = adults.using(settings=register.settings)
    longer = adults.amend({"activities": {"qm1": {"every": "24 months"}}})
    several = adults.using(settings={"several_from": 3})
    return (
        qaf.compare(adults, longer, register, since=SUNDAY, until=dt.date(2027, 11, 21)),
        qaf.compare(adults, several, register, on=dt.date(2026, 11, 11)),
    )


def read(shown):
    """Read what a notebook shows as XML does, which takes nothing that is left open."""
    return ET.fromstring(shown._repr_html_())  # noqa: S314  # our own


def rows(tree, caption):
    """Give the texts of the cells of a table by its caption; none where there is no such table."""
    tables = [t for t in tree.iter("table") if t.findtext("caption") == caption]
    return [["".join(cell.itertext()) for cell in row] for t in tables for row in t.find("tbody")]


def listed(tree):
    """Give the texts of every entry of a list."""
    return ["".join(entry.itertext()) for entry in tree.iter("li")]


DUE, QUIET = "Due, late or not known", "Nothing to do yet"


def test_an_assessment_shows_every_part_that_calls_for_somebody(example):
    """Of every provider of both examples: each item, action and question once, with its clauses."""
    framework, register = example
    for home in register:
        a = framework.assess(home, on=SUNDAY)
        words, tree = Words(framework.pack, home, short=True), read(a)
        shown = [(r[0].lower(), r[3]) for name in (DUE, QUIET) for r in rows(tree, name)]
        items = by_urgency(a.schedule)
        assert sorted(shown) == sorted(
            (words.item(i).lower(), ", ".join(item_clauses(framework.pack, i))) for i in items
        )
        acted = rows(tree, "Next actions")
        assert [row[4] for row in acted] == [", ".join(action.clauses) for action in a.actions]
        for action, row in zip(a.actions, acted, strict=True):
            about = f" ({words.item(action.about)})" if action.about else ""
            assert row[0] == f"{action.text.rstrip('.')}{about}"
            people = [action.owner, *(action.decided_by or "").split(", ")]
            assert all(words.role(role).lower() in row[2].lower() for role in people if role)
            assert ("to decide" in row[2]) == (action.decided_by is not None)
            assert row[1] == action.obligation.replace("_", " ")
            assert bool(row[3]) == (action.due is not None)
        entries = listed(tree)
        for question in a.questions:
            text = words.plain(question.text).rstrip(".")
            found = [entry for entry in entries if entry[1:].startswith(text[1:])]
            assert found
            assert all(clause in " ".join(found) for clause in question.clauses)


def test_what_activities_bring_is_shown_with_owner_and_channel(example):
    """Each has a row with its visit, its day, who has to act, and the channel, or that none is stated."""
    framework, register = example
    for home in register:
        a = framework.assess(home, on=SUNDAY)
        words, told = (
            Words(framework.pack, home, short=True),
            rows(read(a), "Brought by activities"),
        )
        assert len(told) == len(a.brought)
        for item, (_, visit, due, owner, channel, clauses) in zip(by_urgency(a.brought), told, strict=True):  # fmt: skip
            assert visit.lower() == words.item(item.attached_to).lower()
            assert due == (words.day(item.due) if item.due else "Not stated")
            assert owner.lower() == words.role(item.owner).lower()
            assert channel.lower() == (words.token(item.channel) if item.channel else "not stated")
            assert clauses == ", ".join(item.clauses)


def test_the_suggestion_is_shown_with_its_bounds_and_reasons(example):
    """The heading has the level and what is still possible, the list every sentence of the reason."""
    framework, register = example
    for home in register:
        suggestion = framework.assess(home, on=SUNDAY).suggestion
        tree = read(suggestion)
        assert tree.findtext("h3") == f"Suggested: {suggestion}"
        assert listed(tree) == suggestion.why().splitlines()


def test_an_assessment_says_its_rating_and_what_was_confirmed(example):
    """Its suggestion heads the sentences, the last of which tells of the rating confirmed."""
    framework, register = example
    for home in register:
        a = framework.assess(home, on=SUNDAY)
        tree = read(a)
        assert f"Suggested: {a.suggestion}" in [h.text for h in tree.iter("h4")]
        confirmed = a.confirmed
        told = f"Level {confirmed.level} (" if confirmed else "No rating is confirmed."
        assert any(entry.startswith(told) for entry in listed(tree))


def test_what_calls_for_nothing_is_folded(example):
    """What is late or due is open to the eye; what is not due yet, and many questions, are folded."""
    framework, register = example
    for home in register:
        a = framework.assess(home, on=SUNDAY)
        tree = read(a)
        folded = [x for details in tree.iter("details") for x in details.iter("table")]
        assert [table.findtext("caption") for table in folded] in ([], [QUIET])
        live = [item for item in a.schedule if item.live]
        assert len(rows(tree, DUE)) >= len(live)
        arranged = [i for i in a.schedule if i.planned and i.status in ("due_soon", "overdue")]
        told = [row for row in rows(tree, DUE) if "; arranged for " in row[1]]
        assert len(told) == len(arranged)
        late = [row for row in rows(tree, DUE) if row[1].startswith("overdue, ")]
        assert len(late) == sum(item.status == "overdue" for item in a.schedule)
        left = len(a.questions) - notebook.FEW
        told = [s.text for s in tree.iter("summary") if "question" in s.text]
        assert told == ([f"{left} more question{'s' if left > 1 else ''}"] if left > 0 else [])


def test_a_name_is_text_and_no_mark_up(boat, harbour):
    """What is written in a register is shown as it is written, and is never obeyed."""
    name = '<script>alert("gull")</script> & Sons'
    a = harbour({"every": "6 months"}).assess(boat(name=name), on=SUNDAY)
    assert read(a).findtext("h3") == f"{name} (gull) on 22 November 2026"
    assert "<script" not in a._repr_html_()
    nameless = harbour({"every": "6 months"}).assess(boat(), on=SUNDAY)
    assert read(nameless).findtext("h3") == "gull on 22 November 2026"


def test_a_schedule_is_a_tuple_that_shows_itself(example):
    """It equals the plain tuple, can be copied, and is shown as in the assessment."""
    framework, register = example
    a = framework.assess(next(iter(register)), on=SUNDAY)
    assert a.schedule == tuple(a.schedule)
    again = copy.copy(a.schedule)
    assert again == a.schedule
    for caption in (DUE, QUIET):
        assert rows(read(again), caption) == rows(read(a), caption)


def test_an_explanation_shows_its_paragraph_and_folds_its_tree(example):
    """What is asked about is the heading, and the tree keeps its own lines."""
    framework, register = example
    why = framework.assess(next(iter(register)), on=SUNDAY).why()
    tree = read(why)
    assert tree.findtext("h3") == "Why: rating"
    assert tree.findtext("p") == why.paragraph
    assert tree.findtext("details/pre") == why.tree


def test_where_there_is_only_plain_text_a_line_is_shown(example, compared):
    """A console and the plain side of a notebook show what `str` says, and no tree of reasons."""
    framework, register = example
    home = next(iter(register))
    a = framework.assess(home, on=SUNDAY)
    for part in (a, a.suggestion, a.schedule, a.why(), *compared):
        assert pretty(part) == str(part)
    assert str(a) == f"{home.provider.name} on 2026-11-22, suggested: {a.suggestion}"
    items = [item for item in a.schedule if item.status == "as_required"]
    assert f"{len(items)} as required" in str(a.schedule)
    assert str(notebook.Items()) == "schedule: nothing"
    assert notebook.Items()._repr_html_() == ""


def test_a_comparison_shows_its_summary_and_every_difference(compared):
    """Its lines are those of its text; every difference is in a row, with what the details say."""
    for told in compared:
        tree = read(told)
        head, *lines = str(told).splitlines()
        assert tree.findtext("h3") == head
        shown = [x.text for x in tree if x.tag == "p"] + listed(tree)
        assert sorted(shown) == sorted(line.strip() for line in lines)
        found = rows(tree, "What is other, and which edit did it")
        assert [f"{row[0]}: {row[2]}" for row in found] == list(told.details())


def test_a_comparison_shows_the_months_that_are_other(compared):
    """Each month, activity and officer with another number of due dates has a row."""
    year, day = compared
    months = rows(read(year), "Months with more or fewer due dates")
    assert [(m, int(b), int(a)) for m, _, _, b, a in months] == [
        (v.month, v.before, v.after) for v in year.visits
    ]
    assert {m[1] for m in months} == {"Quality and contract monitoring meeting"}
    assert {m[2] for m in months} == {"The Contract and Quality Monitoring Officer"}
    assert rows(read(day), "Months with more or fewer due dates") == []


def test_an_officer_who_is_no_role_is_named_as_given(compared):
    """The provider, nobody, or a person of a list of officers stands for itself."""
    year, _ = compared
    dues = tuple(tuple(d._replace(officer="north team") for d in each) for each in year.dues)
    months = rows(read(replace(year, dues=dues)), "Months with more or fewer due dates")
    assert {m[2] for m in months} == {"North team"}


def test_of_very_many_differences_the_rest_are_counted(compared):
    """A register of hundreds stays readable: a hundred rows, and how many more there are."""
    year, _ = compared
    times = 1 + notebook.MOST // len(year.differences)
    many = replace(year, differences=year.differences * times)
    tree = read(many)
    assert len(rows(tree, "What is other, and which edit did it")) == notebook.MOST
    left = len(many.differences) - notebook.MOST
    told = [p.text for p in tree.iter("p")]
    assert f"{left} more are in `details()` and `to_frame()`." in told


def test_a_comparison_without_difference_says_so(compared):
    """There is no table of nothing."""
    year, _ = compared
    same = replace(year, differences=(), dues=((), ()), unseen=())
    assert list(read(same).iter("table")) == []
    assert "No answer is other." in same._repr_html_()


def test_every_table_has_a_caption_and_every_heading_a_scope(example, compared):
    """Who hears a table read is told what it is of, and what each heading is of."""
    framework, register = example
    shown = [*compared, *(framework.assess(home, on=SUNDAY) for home in register)]
    for tree in map(read, shown):
        assert all(table.findtext("caption") for table in tree.iter("table"))
        assert all(th.get("scope") in {"row", "col"} for th in tree.iter("th"))
