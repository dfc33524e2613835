"""How an activity is held, and what was wrong with how it was."""

import datetime as dt
from pathlib import Path

import pytest

from qaf_rules.engine import load
from qaf_rules.intake import read_record

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)


def conduct(activity="tasting", provider=None, activities=()):
    """Say how an activity is held."""
    made, faults = read_record(
        {"provider": provider, "activities": list(activities)}, BREAD.pack, default_id="loaf", on=ON
    )
    assert faults == []
    return BREAD.assess(made, on=ON).conduct(activity)


def names(held):
    """Give the values that are held."""
    return [h.value for h in held]


def test_how_it_is_held():
    """Everything that the pack says without a condition is told, in its order."""
    told = conduct()
    assert (told.activity, told.lead.value, told.location.value, told.channel.value) == (
        "tasting",
        "taster",
        "bakehouse",
        "hatch",
    )
    assert (names(told.required), names(told.optional)) == (["taster"], ["miller"])
    assert (names(told.agenda), names(told.fallbacks), names(told.format)) == (
        ["ovens"],
        ["by_phone"],
        ["tour", "talk"],
    )
    assert (names(told.steps), names(told.form), names(told.purposes)) == (
        ["greet", "taste"],
        ["crumb", "crust"],
        ["assure"],
    )
    assert (told.checklist[0].text, told.format[0].force, told.lead.clauses) == (
        "Bring a knife",
        "should",
        ("B-010",),
    )


def test_what_depends_on_the_provider():
    """An entry with a condition is told where that is known to hold."""
    large = conduct(provider={"staff": 12, "licensed": True})
    assert names(large.required) == ["taster", "master_baker"]
    assert names(large.agenda) == ["ovens", "papers"]
    assert large.location.value == "town_hall"
    assert names(conduct(provider={"staff": 2, "licensed": False}).agenda) == ["ovens"]


def test_place_that_was_arranged():
    """The place of the planned record goes before what the pack says."""
    arranged = {"activity": "tasting", "planned": "2026-04-01", "location": "by_phone"}
    assert conduct(activities=[arranged]).location.value == "by_phone"


@pytest.mark.parametrize(
    ("activities", "problems"),
    [
        ([], []),
        ([{"planned": "2026-03-09", "notified": "2026-03-05"}], ["short_notice"]),
        ([{"planned": "2026-03-09", "notified": "2026-03-04"}], []),
        ([{"planned": "2026-03-09"}], []),
        ([{"completed": "2026-02-09", "attendees": ["taster"]}], ["nobody_there"]),
        ([{"completed": "2026-02-09", "attendees": ["taster", "master_baker"]}], []),
        ([{"completed": "2026-02-09"}], []),
        ([{"completed": "2026-02-09", "attendees": []}, {"planned": "2026-03-09"}], []),
        (
            [
                {"completed": "2026-01-09", "attendees": []},
                {"completed": "2026-02-09", "attendees": ["master_baker"]},
            ],
            [],
        ),
        ([{"planned": "2026-02-09", "notified": "2026-02-08"}], []),
    ],
)
def test_problems_of_the_planned_or_else_the_latest(activities, problems):
    """Problems are those of the planned visit, else of the latest done."""
    told = conduct(activities=[{"activity": "tasting", **a} for a in activities])
    assert names(told.problems) == problems
    assert all(p.text and p.clauses for p in told.problems)


def test_activity_without_conduct():
    """An activity of which the pack says no more is held with nothing said."""
    told = conduct("oven_check")
    assert (told.lead, told.required, told.location) == (None, (), None)


def test_no_such_activity():
    """Asking for what the pack does not have is a KeyError."""
    with pytest.raises(KeyError, match="moon_walk"):
        conduct("moon_walk")


def test_asking_twice_changes_nothing():
    """Asking how one activity is held does not change what is said of another."""
    made, _ = read_record(
        {
            "activities": [
                {
                    "activity": "tasting",
                    "planned": "2026-03-09",
                    "notified": "2026-03-05",
                    "location": "by_phone",
                }
            ]
        },
        BREAD.pack,
        default_id="loaf",
        on=ON,
    )
    assessment = BREAD.assess(made, on=ON)
    first, other = assessment.conduct("tasting"), assessment.conduct("oven_check")
    assert other == conduct("oven_check")
    assert assessment.conduct("tasting") == first
