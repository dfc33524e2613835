"""Framework: a pack with a council's settings; `assess` is the story from top to bottom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from qaf_rules import _yaml
from qaf_rules.attributes import undeclared_attributes
from qaf_rules.change import changed, checked
from qaf_rules.errors import PackError, did_you_mean, refuse_no_day, refuse_other
from qaf_rules.facts import View
from qaf_rules.history import Verdict
from qaf_rules.least import LeastChange, facts_read, least_change, next_level
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.overlay import Layered
from qaf_rules.pack import Pack, Path_, amended, load_pack, make_pack, version_folder
from qaf_rules.plan import Forecast, Planned
from qaf_rules.provider_day import ProviderDay, as_rated
from qaf_rules.rating import suggest
from qaf_rules.references import undeclared_ids
from qaf_rules.result import Assessment
from qaf_rules.settings import as_mapping, checked_settings
from qaf_rules.sharing import Sharing

CORRECT = "correct this, or what it contradicts"
READINGS = "readings"


@dataclass(frozen=True)
class Framework:
    """A pack under a choice of readings and a council's settings."""

    pack: Pack
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the framework."""
        return self.pack.id

    def using(
        self,
        *,
        settings: Mapping[str, object] | str | Path | None = None,
        readings: Mapping[str, str] | None = None,
    ) -> Framework:
        """Give the framework with a council's settings and chosen readings.

        `settings` is a mapping or a YAML file of one (its key `readings` chooses readings);
        `readings` maps ambiguities to options. PackError or InputError says what does not fit.
        """
        document = _yaml.read(Path(settings)) if isinstance(settings, (str, Path)) else None
        given = as_mapping(settings if document is None else document.data, document)
        chosen = {**as_mapping(given.pop(READINGS, None), document, READINGS), **(readings or {})}
        pack = self.pack
        if chosen:
            kept = {
                name: self.pack.choices[name]
                for name in self.pack.chosen
                if name in self.pack.choices
            }
            pack = make_pack(
                self.pack.data,
                self.pack.documents,
                folder=self.pack.folder,
                readings={**kept, **chosen},
                check=False,
                like=self.pack,
            )
        return Framework(pack, {**self.settings, **checked_settings(pack, given, document)})

    def amend(self, change: Mapping[str, Any] | str | Path) -> Framework:
        """Give the framework with a change of its rules, in the shape of the pack's files.

        `change` is a mapping by section, or a YAML file of one, which may say what it `extends`.
        Mappings merge by key, lists replace, `remove: true` removes. InputError where it is no
        mapping, PackError with every fault, each where the change writes it.
        """
        pack = amended(self.pack, change)
        _refuse_undeclared(pack, self.pack)
        return Framework(pack, self.settings)

    def day(
        self,
        record: ProviderRecord,
        *,
        on: dt.date,
        known_at: dt.date | None = None,
        view_of: Callable[..., View] = View,
    ) -> ProviderDay:
        """Read a provider on a day, to ask for several answers of which all rest on the same.

        The arguments are those of `assess`; `view_of` is as `ProviderDay` takes it.
        """
        pack = self.settled(record, on, known_at).pack
        return ProviderDay(pack, self.settings, record, on, known_at, view_of)

    def assess(
        self, record: ProviderRecord, *, on: dt.date, known_at: dt.date | None = None
    ) -> Assessment:
        """Say what is due, suggested, to be done and to be asked for a provider on a day.

        `record` is what is known of the provider, `on` the day of the question; what is dated
        later is left out, and what was recorded after `known_at`, which is `on` where left out.
        InputError where the profile contradicts itself, and where an argument is something else.
        """
        return self.day(record, on=on, known_at=known_at).assessment()

    def what_if(
        self,
        record: ProviderRecord,
        changes: Mapping[str, object],
        *,
        on: dt.date,
        known_at: dt.date | None = None,
    ) -> Assessment:
        """Assess a provider as if some of its facts and profile fields were other.

        `changes` maps names to values; they are entered on the day `on` as a person would enter
        them. `known_at` is as in `assess`. InputError with every name that is none and every value
        of another type.
        """
        council = self.settled(record, on, known_at)
        wanted = checked(council.pack, changes)
        view = as_rated(council.pack, self.settings, record, on=on, known_at=known_at)
        return council.assess(changed(view, wanted), on=on, known_at=known_at)

    def least_change(
        self,
        record: ProviderRecord,
        *,
        on: dt.date,
        to: int | str = "better",
        known_at: dt.date | None = None,
    ) -> LeastChange:
        """Find the fewest facts to change for the suggestion to be another level, proven by search.

        `to` is a level, or `better` or `worse` for the next one of the scale. What happened stays
        as it was: the pack says which facts can change. `known_at` is as in `assess`. ValueError
        where there is no such level.
        """
        council = self.settled(record, on, known_at)
        day = council.day(record, on=on, known_at=known_at)
        if day.outside:
            return LeastChange(to if isinstance(to, int) else None, None)
        pack, view, schedule = council.pack, day.view, day.schedule
        # Where no fact of the rating steers the schedule, it is the same whatever changes.
        kept = view.kept
        steered = kept["world"] or kept["on_record"] or facts_read(pack) & kept["read"].keys()
        own = None if steered else schedule
        read = partial(as_rated, pack, self.settings)
        rated = partial(read, on=on, known_at=known_at, schedule=own)
        if isinstance(to, str):
            to = next_level(pack, suggest(rated(record), str), to)
        elif to not in pack.levels or isinstance(to, bool):
            message = f"there is no level {to!r}: the scale has {', '.join(map(str, pack.levels))}"
            raise ValueError(message)
        return least_change(rated, record, to)

    def plan(
        self, record: ProviderRecord, *, on: dt.date, until: dt.date
    ) -> Mapping[str, list[dt.date]]:
        """Give every due date by activity from `on` to `until`, each one before it met on its day.

        InputError where a day is none.
        """
        found = self.planned(record, on=on, until=until)
        return {a: [p.due for p in dues if p.due >= on] for a, dues in found.items()}

    def planned(
        self, record: ProviderRecord, *, on: dt.date, until: dt.date
    ) -> Mapping[str, list[Planned]]:
        """Give the plan by activity with what is overdue, each with its window and who has to act."""
        refuse_no_day("until", until)
        return self.day(record, on=on).planned(until)

    def forecast(self, record: ProviderRecord, *, on: dt.date) -> tuple[Forecast, ...]:
        """Say for what is not done when it can be, is due, is overdue and counts as missed."""
        return self.day(record, on=on).forecast()

    def history(self, record: ProviderRecord, *, on: dt.date) -> tuple[Verdict, ...]:
        """Judge each record of what was done by itself: what it counted for, or why it did not."""
        return self.day(record, on=on).history()

    def may_share(
        self,
        what: str,
        *,
        audience: str,
        on: dt.date,
        about: ProviderRecord | None = None,
        known_at: dt.date | None = None,
    ) -> Sharing:
        """Say whether something may be shared with an audience on a day, and after which steps.

        `what` and `audience` are a subject and an audience of the pack, `about` the provider that
        it is about; without one what a rule would read of it is as if nothing were recorded.
        InputError with a hint where there is no such subject or audience, or an argument is
        something else than it has to be.
        """
        record = ProviderRecord(provider=Provider(id="")) if about is None else about
        _refuse_others(record, on, known_at, name="about")
        return self.assess(record, on=on, known_at=known_at).may_share(what, audience=audience)

    def contact(self, purpose: str) -> str:
        """Give how to reach whoever serves a purpose; KeyError with a hint where there is none."""
        contacts = self.pack.identity.contacts
        if purpose not in contacts:
            hint = did_you_mean(purpose, contacts)
            message = f"no contact for `{purpose}`" + (f" ({hint})" if hint else "")
            raise KeyError(message)
        return contacts[purpose].value

    def _decided_readings(self, record: ProviderRecord, on: dt.date) -> dict[str, str]:
        """The readings that a person chose for this provider by answering, where they are new."""
        found: dict[str, str] = {}
        for decision in record.decisions:
            spec = self.pack.decisions.get(decision.decision)
            if spec is None or spec.effect != "answer" or decision.on > on:
                continue
            name, option = str(decision.carries.get("to")), decision.carries.get("value")
            ended = decision.until is not None and decision.until < on
            if ended or name not in self.pack.readings or name in self.pack.chosen:
                continue
            options = self.pack.readings[name].options
            if option in (*options, *(f"r{n}" for n in range(1, len(options) + 1))):
                found[name] = str(option)
        return found

    def settled(
        self, record: ProviderRecord, on: dt.date, known_at: dt.date | None = None
    ) -> Framework:
        """The same framework under the readings that a person chose for a provider, made once.

        InputError where an argument is something else than it has to be.
        """
        _refuse_others(record, on, known_at)
        decided = self._decided_readings(record, min(on, known_at or on))
        if not decided:
            return self
        key = tuple(sorted(decided.items()))
        made = self.pack.under.get(key)
        if made is None:
            made = self.pack.under[key] = self.using(readings=decided).pack
        return Framework(made, self.settings)


def load(
    name: str | Path,
    *,
    readings: Mapping[str, str] | None = None,
    on: dt.date | None = None,
) -> Framework:
    """Load a framework: a pack's folder, or the id of one that comes with the library.

    `readings` maps ambiguities to the options to take. `on` takes the version in force on a day,
    the newest where left out. PackError with every fault and its place.
    """
    if on is not None:
        name = version_folder(name, on)
    pack = load_pack(name, readings=readings)
    if any(isinstance(places, Layered) for places in pack.documents.values()):
        _refuse_undeclared(pack)  # a pack that stands by itself has `check` for that
    return Framework(pack)


def _refuse_others(record: object, on: object, known_at: object, name: str = "record") -> None:
    """Refuse what is no record and no day: the rest of an assessment takes them for what they are."""
    help_ = "give one of a register, or make a `ProviderRecord`"
    refuse_other(ProviderRecord, name, record, "provider with its history", help_)
    refuse_no_day("on", on)
    if known_at is not None:
        refuse_no_day("known_at", known_at)


def _refuse_undeclared(pack: Pack, base: Pack | None = None) -> None:
    """Refuse a change that names what the pack declares nowhere; what was so before is not its fault."""
    before = _undeclared_before(base) if base is not None else frozenset()
    found = [each for each in _undeclared(pack) if each[2] not in before]
    if found:
        raise PackError([pack.fault(*each) for each in found])


def _undeclared_before(pack: Pack) -> frozenset[str]:
    if pack.kept.undeclared is None:
        pack.kept.undeclared = frozenset(message for _, _, message, _ in _undeclared(pack))
    return pack.kept.undeclared


def _undeclared(pack: Pack) -> Iterator[tuple[str, Path_, str, str | None]]:
    yield from undeclared_ids(pack)
    yield from undeclared_attributes([pack])
