"""A regulator's published locations are read as providers, with their ratings."""

import datetime as dt
import json
from pathlib import Path

import pytest

import qaf_rules
from qaf_rules.pack import load_pack
from qaf_rules.registers import read_register
from qaf_rules.regulator import SECTION, read_locations

ADULTS = load_pack("adults")
MAPPING = ADULTS.imports[SECTION]
PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "cqc_locations_oldham.json"


@pytest.fixture(scope="module")
def published():
    """The published locations of one borough, and the file they are in."""
    if not PUBLISHED.exists():
        pytest.skip(f"the published locations are not at {PUBLISHED}")
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))


def location(**changes):
    """Give a registered care home with one current rating, changed as asked."""
    return {
        "locationId": "1-1",
        "name": "Larch House",
        "registrationStatus": "Registered",
        "gacServiceTypes": [{"name": "Residential homes"}],
        "currentRatings": {"overall": rating("Good", "2022-06-09", Safe="Good")},
    } | changes


def rating(overall, day, **questions):
    """Give a rating as the file has it."""
    return {
        "rating": overall,
        "reportDate": day,
        "keyQuestionRatings": [
            {"name": name.replace("_", "-"), "rating": word} for name, word in questions.items()
        ],
    }


def assessed(*services, day="2024-09-17 15:19:48"):
    """Give an assessment of the newer kind: its services with their ratings."""
    return {
        "assessmentPlanPublishedDateTime": day,
        "ratings": {"asgRatings": [{"name": name, **each} for name, each in services]},
    }


def profile(raw, mapping=MAPPING):
    """Give the profile that one location has."""
    (found,) = read_locations([raw], mapping, include_deregistered=True)
    return found.data["provider"]


def test_profile():
    """A location is a provider with its services, its grades by name and their day."""
    current = rating("Requires improvement", "2022-06-09", Well_led="Inadequate", Safe="Good")
    assert profile(location(currentRatings={"overall": current})) == {
        "provider_id": "1-1",
        "name": "Larch House",
        "service_type": ["care_home"],
        "regulator": "cqc",
        "registered": True,
        "cqc_regulated": True,
        "regulator_overall": "requires_improvement",
        "cqc_domains": {"well_led": "inadequate", "safe": "good"},
        "regulator_rating_date": "2022-06-09",
    }


@pytest.mark.parametrize(
    "word",
    [
        "Inspected but not rated",
        "No published rating",
        "Insufficient evidence to rate",
        "Not Rated",
        "",
        None,
    ],
)
def test_not_a_rating(word):
    """What is no rating means not yet rated, and has no day."""
    found = profile(location(currentRatings={"overall": rating(word, "2022-06-09", Safe=word)}))
    assert found["regulator_overall"] == "not_yet_rated"
    assert found["cqc_domains"] == {"safe": "not_yet_rated"}
    assert "regulator_rating_date" not in found


@pytest.mark.parametrize("word", ["Requires improvement", "Requires Improvement"])
def test_capitals(word):
    """A rating means the same however it is written."""
    found = profile(location(currentRatings={"overall": rating(word, "2022-06-09")}))
    assert found["regulator_overall"] == "requires_improvement"


@pytest.mark.parametrize("current", [None, {}, {"overall": None}, {"overall": "Good"}])
def test_no_rating_at_all(current):
    """A location without a current rating is not yet rated, whatever it was in the past."""
    past = [{"overall": rating("Inadequate", "2019-01-01"), "reportDate": "2019-01-01"}]
    found = profile(location(currentRatings=current, historicRatings=past))
    assert found["regulator_overall"] == "not_yet_rated"
    assert "cqc_domains" not in found


def test_newer_assessment_only():
    """A location with only an assessment of the newer kind has its grades and their day."""
    raw = location(assessment=[assessed(("Care Homes", rating("Inadequate", None, Safe="Good")))])
    del raw["currentRatings"]
    found = profile(raw)
    assert found["regulator_overall"] == "inadequate"
    assert found["regulator_rating_date"] == "2024-09-17"


def test_several_services():
    """Of several services the most cautious grade stands, for the whole and for each question."""
    raw = location(
        assessment=[
            assessed(
                ("Care Homes", rating("Good", None, Safe="Inadequate", Caring="Good")),
                ("Homecare", rating("Requires improvement", None, Safe="Good")),
            ),
            assessed(("Homecare", rating("Good", None)), day="2023-01-01 00:00:00"),
            assessed(("Shared", rating("Inadequate", None) | {"status": "Archived"})),
        ]
    )
    found = profile(raw)
    assert found["regulator_overall"] == "requires_improvement"
    assert found["cqc_domains"] == {"safe": "inadequate", "caring": "good"}
    assert found["regulator_rating_date"] == "2024-09-17"


def test_newer_rating_of_the_whole():
    """A rating of the whole location stands beside those of its services only while it is newer."""
    newer = assessed(("Care Homes", rating("Good", None)))
    older = assessed(("Care Homes", rating("Good", None)), day="2020-01-01 00:00:00")
    current = {"overall": rating("Inadequate", "2022-06-09")}
    found = profile(location(currentRatings=current, assessment=[newer]))
    assert found["regulator_overall"] == "good"
    found = profile(location(currentRatings=current, assessment=[older]))
    assert found["regulator_overall"] == "inadequate"
    assert found["regulator_rating_date"] == "2022-06-09"


def test_unmapped():
    """What the pack has no word for is listed, and the rest of the location still stands."""
    raw = location(
        gacServiceTypes=[{"name": "Shared lives"}, {"name": "Prison Healthcare"}],
        currentRatings={
            "overall": rating(
                "Splendid", "2022-06-09", Safe="Inadequate", Caring="So-so", Tidy="Good"
            )
        },
    )
    (found,) = read_locations({"locations": [raw]}, MAPPING)
    assert found.unmapped == (
        "1-1: the service `Shared lives`",
        "1-1: the service `Prison Healthcare`",
        "1-1: the rating `So-so`",
        "1-1: the key question `Tidy`",
        "1-1: the rating `Splendid`",
    )
    known = found.data["provider"]
    assert "service_type" not in known
    assert "regulator_overall" not in known
    assert known["cqc_regulated"] is True
    assert known["cqc_domains"] == {"safe": "inadequate"}
    assert known["regulator_rating_date"] == "2022-06-09"
    (bare,) = read_locations({"locationId": "1-2"}, MAPPING)
    assert bare.unmapped == ("1-2: no service is named",)


def test_deregistered():
    """A location that is no longer registered is out unless asked for, and then has no grade."""
    raw = location(registrationStatus="Deregistered")
    assert read_locations([raw], MAPPING) == []
    (found,) = read_locations([raw], MAPPING, include_deregistered=True)
    assert found.data["provider"]["registered"] is False
    assert "regulator_overall" not in found.data["provider"]
    assert found.ratings[0].overall == "good"


def test_history():
    """All ratings are kept with their days, newest first; the newest past one may be a field."""
    raw = location(
        historicRatings=[
            {"overall": rating("Inadequate", "", Safe="Inadequate"), "reportDate": "2016-03-17"},
            {"overall": rating("Requires improvement", ""), "reportDate": "2019-07-17"},
            {"overall": rating("Good", ""), "reportDate": "soon"},
            {"reportDate": "2018-01-01"},
        ]
    )
    mapping = {**MAPPING, "fields": {**MAPPING["fields"], "previous": "regulator_previous_overall"}}
    (found,) = read_locations([raw], mapping)
    assert [(each.day, each.overall, each.current) for each in found.ratings] == [
        ("2022-06-09", "good", True),
        ("2019-07-17", "requires_improvement", False),
        ("2016-03-17", "inadequate", False),
        ("", "good", False),
    ]
    assert found.ratings[2].questions == {"safe": "inadequate"}
    assert found.data["provider"]["regulator_previous_overall"] == "requires_improvement"


def test_published_file_loads_whole(published):
    """Every published location loads, registered or not, and nothing but services is unmapped."""
    every = read_register(PUBLISHED, ADULTS, include_deregistered=True)
    assert list(every.records) == [each["locationId"] for each in published]
    assert len(every) == 224
    assert every.faults == ()
    assert all(": the service `" in said for said in every.unmapped)
    registered = read_register(PUBLISHED, ADULTS)
    assert len(registered) == 106
    assert registered.records.items() <= every.records.items()


def test_published_grades(published):
    """Every registered location has the overall grade and the key questions that are published."""
    register = read_register(PUBLISHED, ADULTS)
    for raw in published:
        if raw["registrationStatus"] != "Registered":
            continue
        found = register[raw["locationId"]].provider.fields
        groups = [
            group for each in raw.get("assessment", []) for group in each["ratings"]["asgRatings"]
        ]
        current = raw.get("currentRatings", {}).get("overall") or (groups or [None])[0]
        if current is None:
            assert found["regulator_overall"] == "not_yet_rated"
            continue
        assert found["regulator_overall"] == current["rating"].lower().replace(" ", "_")
        assert found["cqc_domains"] == {
            each["name"].lower().replace("-", "_"): each["rating"].lower().replace(" ", "_")
            for each in current["keyQuestionRatings"]
        }
        assert found["regulator_rating_date"] >= dt.date(2013, 1, 1)


def test_published_history(published):
    """Every historic rating of the file is kept with its day."""
    every = read_register(PUBLISHED, ADULTS, include_deregistered=True)
    for raw in published:
        kept = [r.day for r in every.regulator_ratings[raw["locationId"]] if not r.current]
        assert sorted(kept) == sorted(each["reportDate"] for each in raw.get("historicRatings", []))


def test_published_triggers(published):
    """The meeting is suggested for exactly those below Good overall or Inadequate in a domain."""
    adults = qaf_rules.load("adults")
    below = {
        raw["locationId"]
        for raw in published
        if raw["registrationStatus"] == "Registered"
        for current in [raw.get("currentRatings", {}).get("overall")]
        if current is not None
        if current["rating"].lower() in ("requires improvement", "inadequate")
        or any(each["rating"] == "Inadequate" for each in current["keyQuestionRatings"])
    }
    suggested = {
        record.provider.id
        for record in read_register(PUBLISHED, adults)
        for action in adults.assess(record, on=dt.date(2026, 11, 22)).actions
        if action.id == "impact_and_risk_meeting"
    }
    assert suggested == below
    assert len(below) == 11
