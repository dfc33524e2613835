"""The Care Quality Commission's public API read as plain records, one for each location.

What its words mean is data of the pack (`imports.yaml`, section `cqc_locations`); here is only
where they stand in the file.

Ratings stand in three places: what is current in `currentRatings.overall` and, for services that
were assessed in the newer way, in `assessment[].ratings.asgRatings[]`, one for each service; what
was before in `historicRatings[]`. Of each service the newest stands, and an older rating of the
whole location gives way to it. Of several services the most cautious stands, for the whole and for
each question. Words that are no rating mean not yet rated, as does none at all. A historic rating
never stands for a current one; the newest is the previous rating.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from qaf_rules.errors import quoted
from qaf_rules.values import Fault, parse_day

__all__ = ["SECTION", "Location", "Rated", "grades", "grades_on", "read_locations"]

SECTION: Final = "cqc_locations"
"""The section of a pack's imports that says what the words of the file mean."""

_DEREGISTERED: Final = "Deregistered"
_CURRENT: Final = "Current"


class Rated(NamedTuple):
    """One rating of a location, or of one of its services.

    `day` is when it was published, as YYYY-MM-DD, empty where that is not said; `overall` and
    `questions` are grades of the pack, empty and left out where the pack has no word for them.
    """

    day: str
    overall: str
    questions: Mapping[str, str]
    current: bool = False
    service: str = ""  # the service that it is of, where it is not of the whole location


class Location(NamedTuple):
    """One location: its place in the file, its plain record, and what else the file says.

    `unmapped` is what the pack has no word for; `ratings` are all ratings, newest first.
    """

    position: int
    data: dict[str, dict[str, object]]
    unmapped: tuple[str, ...]
    ratings: tuple[Rated, ...]


def read_locations(
    data: object, mapping: Mapping[str, Any], *, include_deregistered: bool = False
) -> list[Location]:
    """Read the locations of a file.

    `data` is the parsed JSON: a list of locations, one of them, or a mapping with `locations`.
    `mapping` is the pack's section on it.
    `include_deregistered` keeps the locations that are no longer registered.
    Raises `Fault` where the file holds none.
    """
    if isinstance(data, Mapping):
        data = data.get("locations", [data])
    if not isinstance(data, list) or not all(
        isinstance(each, Mapping) and each.get("locationId") for each in data
    ):
        message = "the file holds no locations of the regulator's API"
        raise Fault(message, "it is a list of mappings, each with a `locationId`")
    return [
        _Reading(each, mapping).location(position)
        for position, each in enumerate(data)
        if include_deregistered or each.get("registrationStatus") != _DEREGISTERED
    ]


class _Reading:
    """One location as it is read, with what of it has no meaning in the pack."""

    def __init__(self, raw: Mapping[str, Any], mapping: Mapping[str, Any]) -> None:
        self.raw = raw
        self.mapping = mapping
        self.fields: Mapping[str, str] = mapping["fields"]
        self.unrated: str = mapping["not_rated"]
        self.unmapped: list[str] = []

    def location(self, position: int) -> Location:
        """Read the location."""
        profile: dict[str, object] = {"provider_id": self.raw["locationId"]}
        if self.raw.get("name"):
            profile["name"] = self.raw["name"]
        if services := self._services():
            profile[self.fields["services"]] = services
        current, before = [*self._current()], sorted(self._historic(), key=_day, reverse=True)
        if self.raw.get("registrationStatus") == _DEREGISTERED:
            # What is not registered has no grade: the last one is history.
            profile |= self.mapping["deregistered"]
        else:
            profile |= self.mapping["registered"]
            profile |= grades(current, self.mapping)
            if before and before[0].overall and "previous" in self.fields:
                profile[self.fields["previous"]] = before[0].overall
        said = [f"{self.raw['locationId']}: {each}" for each in dict.fromkeys(self.unmapped)]
        newest = sorted(current, key=_day, reverse=True)
        return Location(position, {"provider": profile}, tuple(said), (*newest, *before))

    def _services(self) -> list[str]:
        names = [str(each.get("name")) for each in _mappings(self.raw.get("gacServiceTypes"))]
        found = {name: _meaning(self.mapping["services"], name) for name in names}
        self.unmapped += [f"the service {quoted(n)}" for n, meant in found.items() if meant is None]
        if not names:
            self.unmapped.append("no service is named")
        return sorted({meant for meant in found.values() if meant is not None})

    def _current(self) -> Iterator[Rated]:
        """Give the current ratings: one for each service, or one of the whole location."""
        newest: dict[str, Rated] = {}
        for assessment in _mappings(self.raw.get("assessment")):
            published = str(assessment.get("assessmentPlanPublishedDateTime") or "")
            ratings = assessment.get("ratings")
            groups = ratings.get("asgRatings") if isinstance(ratings, Mapping) else None
            for each in _mappings(groups):
                if each.get("status", _CURRENT) != _CURRENT:
                    continue
                service = str(each.get("name"))
                rated = self._rated(each, published or str(each.get("assessmentDate") or ""))
                if service not in newest or rated.day > newest[service].day:
                    newest[service] = rated._replace(service=service)
        yield from newest.values()
        whole = self.raw.get("currentRatings")
        overall = whole.get("overall") if isinstance(whole, Mapping) else None
        if isinstance(whole, Mapping) and isinstance(overall, Mapping):
            day = str(overall.get("reportDate") or whole.get("reportDate") or "")
            rated = self._rated(overall, day)
            if all(rated.day > each.day for each in newest.values()):
                yield rated

    def _historic(self) -> Iterator[Rated]:
        for each in _mappings(self.raw.get("historicRatings")):
            overall = each.get("overall")
            if isinstance(overall, Mapping):
                day = str(each.get("reportDate") or "")
                yield self._rated(overall, day)._replace(current=False)

    def _rated(self, raw: Mapping[str, Any], day: str) -> Rated:
        questions = {}
        for each in _mappings(raw.get("keyQuestionRatings")):
            question = _meaning(self.mapping["questions"], each.get("name"))
            if question is None:
                self.unmapped.append(f"the key question {quoted(each.get('name'))}")
            elif grade := self._grade(each.get("rating")):
                questions[question] = grade
        return Rated(_day_of(day), self._grade(raw.get("rating")), questions, current=True)

    def _grade(self, word: object) -> str:
        """Give what a word for a rating means, nothing where the pack does not say."""
        if word is None or not str(word).strip():
            return self.unrated
        meant = _meaning(self.mapping["ratings"], word)
        if meant is None:
            self.unmapped.append(f"the rating {quoted(word)}")
        return meant or ""


def grades_on(
    ratings: Iterable[Rated], mapping: Mapping[str, Any], day: dt.date
) -> dict[str, object]:
    """Give the fields of the profile as the ratings of a location that stood on a day fill them.

    `ratings` are all of it, current or past; `mapping` is the pack's section. Of each service and
    of the whole the newest stands, and one of the whole only while it is newer than those of the
    services. What came without a rating of the whole leaves the one before it, and takes the place
    of the questions that it did rate. Before the first, the location is not yet rated.
    """
    unrated = ("", mapping["not_rated"])
    stood: dict[str, Rated] = {}
    for rated in sorted(ratings, key=lambda each: (each.day, each.current)):
        if not rated.day or rated.day > day.isoformat():
            continue
        before = stood.get(rated.service)
        if before is not None and rated.overall in unrated:
            found = {name: each for name, each in rated.questions.items() if each not in unrated}
            stood[rated.service] = before._replace(questions={**before.questions, **found})
        else:
            stood[rated.service] = rated
    whole = stood.pop("", None)
    if whole is not None and all(whole.day > each.day for each in stood.values()):
        stood[""] = whole
    return grades(stood.values(), mapping)


def grades(standing: Iterable[Rated], mapping: Mapping[str, Any]) -> dict[str, object]:
    """Give the fields of the profile that the ratings which stand fill."""
    fields, unrated = mapping["fields"], mapping["not_rated"]
    order = [*mapping["most_cautious_first"], ""]
    ratings = [*standing] or [Rated("", unrated, {})]
    overall = _cautious((each.overall for each in ratings), order)
    names = sorted({name for each in ratings for name in each.questions})
    questions = {
        name: _cautious((each.questions.get(name, "") for each in ratings), order) for name in names
    }
    # The day is that of the rating that stands, and not of a better one of another service.
    day = max((each.day for each in ratings if each.overall == overall), default="")
    found: dict[str, object] = {}
    if overall:
        found[fields["overall"]] = overall
    if questions:
        found[fields["questions"]] = questions
    if day and any(each != unrated for each in (overall, *questions.values())):
        found[fields["date"]] = day
    return found


def _cautious(found: Iterable[str], order: list[str]) -> str:
    """Give the most cautious of some grades; one without a meaning is none."""
    return min(found, key=lambda grade: order.index(grade) if grade in order else -1)


def _meaning(words: Mapping[str, str | None], word: object) -> str | None:
    """Give what a word of the file means; capitals and spaces differ from file to file."""
    meant = {_loose(each): to for each, to in words.items()}
    return meant.get(_loose(word))


def _loose(word: object) -> str:
    return " ".join(str(word).casefold().split())


def _mappings(raw: object) -> list[Mapping[str, Any]]:
    return [each for each in raw if isinstance(each, Mapping)] if isinstance(raw, list) else []


def _day(rated: Rated) -> str:
    return rated.day


def _day_of(text: str) -> str:
    """Give the day of a day or of a time; nothing where it is neither."""
    try:
        return parse_day(text[:10]).isoformat()
    except Fault:
        return ""
