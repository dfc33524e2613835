"""A regulator's published ratings replayed: what was to be suggested on each day of the past."""

import datetime as dt
import json
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.registers import as_of
from qaf_rules.regulator import Rated, grades_on

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "cqc_locations_oldham.json"
ADULTS = qaf.load("adults")
MAPPING = ADULTS.pack.imports["cqc_locations"]
MONTHS = [dt.date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)]
RATED = ("Outstanding", "Good", "Requires improvement", "Inadequate")


@pytest.fixture(scope="module")
def published():
    """The registered locations of one borough as published, by id."""
    if not PUBLISHED.exists():
        pytest.skip(f"the published locations are not at {PUBLISHED}")
    every = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return {raw["locationId"]: raw for raw in every if raw["registrationStatus"] == "Registered"}


@pytest.fixture(scope="module")
def register(published):
    """The same locations as the library reads them."""
    read = qaf.read_register(PUBLISHED, ADULTS)
    assert read.records.keys() == published.keys()
    return read


def entries(raw):
    """Give day, rating and rated questions of every entry of a location, by its raw JSON."""
    found = [(each["reportDate"], each["overall"]) for each in raw.get("historicRatings", [])]
    current = raw.get("currentRatings", {}).get("overall")
    found += [(current["reportDate"], current)] if current else []
    for each in raw.get("assessment", []):
        for group in each["ratings"]["asgRatings"]:
            found.append((each["assessmentPlanPublishedDateTime"][:10], group))
    for day, rating in sorted(found, key=lambda pair: pair[0]):
        questions = {q["name"]: q["rating"] for q in rating["keyQuestionRatings"]}
        yield day, rating["rating"], {q: r for q, r in questions.items() if r in RATED}


def stood(raw, day):
    """Give the rating and the rated questions of a location as its raw JSON stood on a day."""
    overall, questions = None, {}
    for published, rating, rated in entries(raw):
        if published > day.isoformat():
            break
        if rating in RATED:
            overall, questions = rating, rated
        else:
            questions = questions | rated
    return overall, questions


def below(raw, day):
    """Say whether a location was below Good, or Inadequate in a question, on a day."""
    overall, questions = stood(raw, day)
    return overall in ("Requires improvement", "Inadequate") or "Inadequate" in questions.values()


def suggested(register, id_, day):
    """Say whether the library suggested the meeting about a location on a day."""
    record = as_of(register, day, ADULTS)[id_]
    return ADULTS.assess(record, on=day).actions.has("impact_and_risk_meeting")


@pytest.mark.parametrize(
    ("location", "day", "meeting"),
    [
        ("1-119142905", "2019-01-01", True),  # Inadequate since 18 December 2018
        (
            "1-119142905",
            "2020-11-01",
            True,
        ),  # inspected on 30 October, not rated: the old one stays
        ("1-119142905", "2025-01-01", True),  # Requires improvement since 22 February 2024
        ("1-118563363", "2021-12-01", True),  # Requires improvement since 7 August 2021
        ("1-118563363", "2022-01-01", False),  # Good since 17 December 2021
        ("1-112467585", "2021-03-01", False),  # inspected on 17 February, not rated: Good stays
        ("1-125056382", "2021-01-01", False),  # Good since 11 April 2019
        ("1-125056382", "2021-02-01", True),  # Requires improvement since 27 January 2021
        ("1-125056365", "2019-02-01", True),  # Requires improvement since 16 February 2018
        ("1-125056365", "2019-03-01", False),  # Good since 14 February 2019
        ("1-125056308", "2020-03-01", False),  # Good since 21 February 2020
        ("1-5203053560", "2019-07-01", False),  # not yet rated
        ("1-5203053560", "2019-08-01", True),  # Requires improvement since 17 July 2019
        ("1-5203053560", "2021-01-01", False),  # Good since 18 December 2020
    ],
)
def test_points_worked_out_by_hand(register, location, day, meeting):
    """The meeting is suggested as the rating that stood on the day asks for it."""
    assert suggested(register, location, dt.date.fromisoformat(day)) is meeting


def test_every_month_of_every_location(published, register):
    """Each location has the grades that stood, and the meeting follows wherever they changed."""
    before = {}
    for day in MONTHS:
        for record in as_of(register, day, ADULTS):
            fields, raw = record.provider.fields, published[record.provider.id]
            overall, questions = stood(raw, day)
            told = (overall or "not_yet_rated").lower().replace(" ", "_")
            assert fields["regulator_overall"] == told
            assert {
                q: g for q, g in fields.get("cqc_domains", {}).items() if g != "not_yet_rated"
            } == {
                q.lower().replace("-", "_"): g.lower().replace(" ", "_")
                for q, g in questions.items()
            }
            assert (fields.get("regulator_rating_date") or day) <= day
            if before.get(record.provider.id) != (overall, questions):
                before[record.provider.id] = (overall, questions)
                meeting = ADULTS.assess(record, on=day).actions.has("impact_and_risk_meeting")
                assert meeting is below(raw, day)


def test_today_is_the_last_day_of_the_past(register):
    """On the day of the file the grades are those that it holds as current."""
    assert as_of(register, dt.date(2025, 9, 1), ADULTS).records == register.records


def rated(day, overall, service="", **questions):
    """Give a rating of a location, or of one of its services."""
    return Rated(day, overall, questions, service=service)


@pytest.mark.parametrize(
    ("day", "overall", "questions"),
    [
        ("2018-12-31", "not_yet_rated", None),
        ("2019-06-01", "good", {"safe": "good", "caring": "good"}),
        ("2020-06-01", "good", {"safe": "inadequate", "caring": "good"}),  # that was rated alone
        ("2021-06-01", "requires_improvement", {"safe": "good"}),  # a service, newer than the whole
        ("2022-06-01", "inadequate", None),  # the whole, newer than the service
    ],
)
def test_which_rating_stood(day, overall, questions):
    """The newest of the whole and of each service stands; without a grade it replaces none."""
    ratings = [
        rated("2022-01-01", "inadequate"),
        rated("2021-01-01", "requires_improvement", "care_homes", safe="good"),
        rated("2020-01-01", "not_yet_rated", safe="inadequate", caring="not_yet_rated"),
        rated("2019-01-01", "good", safe="good", caring="good"),
        rated("", "outstanding"),
    ]
    found = grades_on(ratings, MAPPING, dt.date.fromisoformat(day))
    assert found["regulator_overall"] == overall
    if overall == "inadequate":
        questions = {"safe": "good"}  # of the service, which still stands beside the whole
    assert found.get("cqc_domains") == questions
