"""The pictures of a comparison hold its numbers, say what they show, and need no colour."""

import datetime as dt
import importlib
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import vl_convert

import qaf_rules as qaf
from qaf_rules import plots
from qaf_rules.differences import Unseen

EXAMPLES = Path(__file__).parents[1] / "examples"
SINCE, UNTIL = dt.date(2026, 11, 22), dt.date(2028, 11, 21)


@pytest.fixture(scope="module")
def year():
    """What a longer interval does to the schools of a borough in two years."""
    children = qaf.load("children")
    register = qaf.read_register(EXAMPLES / "children.yaml", children)
    children = children.using(settings=register.settings)
    cell = {"activities": {"qmc1": {"every": "24 months"}}}
    longer = children.amend({"matrix": {"special_school_ib": cell}})
    return qaf.compare(children, longer, register, since=SINCE, until=UNTIL)


@pytest.fixture(scope="module")
def day():
    """What a number for a word does on a day."""
    adults = qaf.load("adults")
    register = qaf.read_register(EXAMPLES / "adults.yaml", adults)
    adults = adults.using(settings=register.settings)
    several = adults.using(settings={"several_from": 3})
    return qaf.compare(adults, several, register, on=dt.date(2026, 11, 11))


def drawn(chart):
    """Draw a chart, and give its specification."""
    spec = chart.to_dict()
    assert spec["title"]["text"] in vl_convert.vegalite_to_svg(spec)
    return spec


def data(chart):
    """Give the rows that a chart draws."""
    (rows,) = {str(d): d for d in drawn(chart)["datasets"].values()}.values()
    return rows


def test_what_was_overdue_before_is_in_no_month():
    """A due date of the period's first month, but before it, is none of the period: as in `visits`."""
    adults = qaf.load("adults")
    register = qaf.read_register(EXAMPLES / "adults.yaml", adults)
    longer = adults.amend({"activities": {"qm1": {"every": "24 months"}}})
    since, until = dt.date(2026, 10, 30), dt.date(2027, 10, 29)
    told = qaf.compare(adults, longer, [register["ash-lodge"]], since=since, until=until)
    (late,) = (due for due in told.dues[0] if due.late and due.activity == "qm1")
    assert late.month == "2026-10"
    assert {row["month"] for row in data(plots.workload(told, activity="qm1"))} == {"2027-10"}


def said(chart):
    """Give the title and what stands below it."""
    title = chart.to_dict()["title"]
    return title["text"], title["subtitle"]


def test_the_workload_is_counted_by_month_before_and_after(year):
    """Each bar is as high as there are due dates of its month, and every month has its place."""
    chart = plots.workload(year)
    for when, dues in zip(("before", "after"), year.dues, strict=True):
        shown = {r["month"]: r["due"] for r in data(chart) if r["when"] == when and r["due"]}
        assert shown == Counter(due.month for due in dues if due.activity == "qmc1")
    months = chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert (months[0], months[-1], len(months)) == ("2026-11", "2028-11", 25)
    title, below = said(chart)
    assert title == "Due dates by month, before and after"
    assert below == [
        "of the quality and contract monitoring visit",
        "22 November 2026 to 21 November 2028",
    ]


def test_a_month_that_has_none_any_more_is_drawn_with_its_nought(year):
    """Where all is gone the number says so: no bar alone is no answer."""
    none = replace(year, dues=(year.dues[0], ()))
    rows = data(plots.workload(none, activity="qmc1"))
    after = {r["month"]: r["due"] for r in rows if r["when"] == "after"}
    assert set(after.values()) == {0}
    assert after.keys() == {r["month"] for r in rows if r["when"] == "before"}


def test_the_workload_of_one_activity_is_drawn_where_it_is_named(year):
    """Also one that is as before; one that is none is told with a hint."""
    chart = plots.workload(year, activity="qmc6")
    assert year.after.pack.activities["qmc6"].name.lower() in said(chart)[1][0].lower()
    pairs = Counter((r["month"], r["due"]) for r in data(chart))
    assert pairs
    assert set(pairs.values()) == {2}
    with pytest.raises(qaf.InputError, match=r"there is no activity `qmc66`(.|\n)*did you mean"):
        plots.workload(year, activity="qmc66")


def test_where_no_month_is_other_the_picture_says_so(year):
    """An empty picture is not left to be guessed at."""
    same = replace(year, dues=(year.dues[0], year.dues[0]), unseen=())
    assert said(plots.workload(same))[1][0] == "no activity has more or fewer"
    assert said(plots.longest_unseen(same))[1][0] == "nobody would go longer"


def test_a_period_is_needed_for_what_is_of_a_period(day):
    """A comparison of one day has no months, and nobody goes unseen in it: it is told what to do."""
    for draw in (plots.workload, plots.longest_unseen):
        with pytest.raises(qaf.InputError, match=r"one day(.|\n)*`since=…, until=…`"):
            draw(day)


def test_the_ratings_that_move_are_counted_from_level_to_level(day, year):
    """Every pair of levels has a cell: a number where providers move, a sign where none can."""
    cells = {(r["before"], r["after"]): r["cell"] for r in data(plots.ratings_moved(day))}
    assert len(cells) == 36
    assert {pair: cell for pair, cell in cells.items() if cell.isdecimal()} == {
        ("2 Minor concern", "3 Moderate concern"): "1"
    }
    assert {a for (a, b), cell in cells.items() if cell == "="} == {a for a, _ in cells}
    assert all(a == b for (a, b), cell in cells.items() if cell == "=")
    assert said(plots.ratings_moved(day))[1] == ["1 provider of 25, 11 November 2026"]
    assert said(plots.ratings_moved(year))[1] == [
        "0 providers of 25, 22 November 2026 to 21 November 2028"
    ]


def test_a_provider_without_a_level_has_a_cell(day):
    """Where a level is suggested that was not before, the move is from none."""
    (rating,) = day.of("rating")
    before = replace(rating.before, level=None)
    moved = replace(day, differences=(rating._replace(before=before),))
    found = [r for r in data(plots.ratings_moved(moved)) if r["providers"]]
    assert [(r["before"], r["after"], r["cell"]) for r in found] == [
        ("none", "3 Moderate concern", "1")
    ]


def test_who_goes_longest_unseen_is_drawn_with_both_numbers(year):
    """Each provider by name, in the order of the comparison, with its days before and after."""
    rows = data(plots.longest_unseen(year))
    assert [(r["before"], r["after"]) for r in rows] == [(u.before, u.after) for u in year.unseen]
    assert rows[0]["provider"] == "Ashgrove Campus"
    assert said(plots.longest_unseen(year))[1] == [
        "providers who would go longer",
        "22 November 2026 to 21 November 2028",
        "circle: before; diamond: after",
    ]


def test_of_many_providers_the_longest_are_drawn(year):
    """The picture stays readable, and says how many are left out of it."""
    unseen = tuple(Unseen(f"home-{n}", 100, 400 - n, SINCE, UNTIL) for n in range(40))
    chart = plots.longest_unseen(replace(year, unseen=unseen))
    assert [r["provider"] for r in data(chart)] == [f"home-{n}" for n in range(plots.MOST)]
    assert said(chart)[1][0] == "providers who would go longer, the longest 15 of 40"


def test_no_picture_needs_colour(year, day):
    """There are only greys, all numbers are written, and the ground is white on a dark page too."""
    for chart in (plots.workload(year), plots.ratings_moved(day), plots.longest_unseen(year)):
        spec = drawn(chart)
        svg = vl_convert.vegalite_to_svg(spec)
        for colour in re.findall(r"#([0-9a-fA-F]{6})\b", svg):
            assert colour[:2] == colour[2:4] == colour[4:]
        shades = set(re.findall(r'(?:fill|stroke)="([a-z]+)"', svg))
        assert shades <= {"white", "black", "none", "transparent"}
        assert any(layer["mark"]["type"] == "text" for layer in spec["layer"])
        assert spec["background"] == "white"


def test_without_altair_it_is_said_what_to_install(monkeypatch):
    """The error names the extra, as that of a data frame does."""
    monkeypatch.setitem(sys.modules, "altair", None)
    monkeypatch.delitem(sys.modules, "qaf_rules.plots")
    with pytest.raises(qaf.InputError, match=r"altair(.|\n)*pip install 'qaf-rules\[plots\]'"):
        importlib.import_module("qaf_rules.plots")
