"""Framework: a pack with a council's settings; `assess` is the story from top to bottom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from qaf_rules import _yaml, explain, notebook
from qaf_rules.actions import suggest_actions
from qaf_rules.brief import brief
from qaf_rules.brought import brought_due
from qaf_rules.change import changed, checked
from qaf_rules.comparison import Value
from qaf_rules.condition import Condition
from qaf_rules.conduct import conduct_of
from qaf_rules.errors import Diagnostic, InputError, PackError, did_you_mean
from qaf_rules.facts import View
from qaf_rules.frequency import texts
from qaf_rules.history import Verdict, judged
from qaf_rules.lasting import as_it_was
from qaf_rules.least import LeastChange, facts_read, least_change, next_level
from qaf_rules.model import Provider, ProviderRecord, Rating
from qaf_rules.obligations import Obligation, choose_rows, obligations
from qaf_rules.outlook import ranked
from qaf_rules.overlay import Layered
from qaf_rules.pack import Pack, amended, load_pack, make_pack, version_folder
from qaf_rules.plan import Forecast, Planned, forecast, plan
from qaf_rules.questions import all_questions
from qaf_rules.rating import suggest
from qaf_rules.references import undeclared_ids
from qaf_rules.result import Assessment, Evidence, Flag, Keyed, Note, Reason, Row, Suggestion, Truth
from qaf_rules.schedule import Schedule, count_missed, make_schedule
from qaf_rules.settings import as_mapping, checked_settings
from qaf_rules.sharing import Sharing, sharing
from qaf_rules.standing import Pathways
from qaf_rules.triangulation import triangulated
from qaf_rules.why import shared
from qaf_rules.whynot import why_of

CORRECT = "correct this, or what it contradicts"
READINGS = "readings"


class _Judged(NamedTuple):
    """A provider on a day: what is due, the rating, and whether it is outside the framework."""

    schedule: Schedule
    suggestion: Suggestion
    confirmed: Rating | None
    out: bool


class Obliged(NamedTuple):
    """The rows of a provider, and the activities that they bring with their rules."""

    rows: tuple[Row, ...]
    obligations: tuple[Obligation, ...]


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

    def assess(
        self, record: ProviderRecord, *, on: dt.date, known_at: dt.date | None = None
    ) -> Assessment:
        """Say what is due, suggested, to be done and to be asked for a provider on a day.

        `record` is what is known of the provider, `on` the day of the question; what is dated
        later is left out, and what was recorded after `known_at`, which is `on` where left out.
        InputError where the profile contradicts itself.
        """
        return self.assess_as(View, record, on=on, known_at=known_at)

    def assess_as(
        self,
        view_of: Callable[..., View],
        record: ProviderRecord,
        *,
        on: dt.date,
        known_at: dt.date | None = None,
    ) -> Assessment:
        """Assess with conditions judged by another view: it says how each of them comes out.

        `view_of` makes the view as `View` does; the rest is as in `assess`.
        """
        decided = self._decided_readings(record, min(on, known_at or on))
        if decided:
            return self._under(decided).assess_as(view_of, record, on=on, known_at=known_at)
        view = view_of(self.pack, record, on, self.settings, known_at or on)
        _refuse_contradictions(view)
        schedule, suggestion, confirmed, out = self._judged(view, view_of)
        scope = self.pack.identity.scope
        actions, undecided = suggest_actions(view, scope.still if scope and out else None)
        flags = tuple(self._flags(view, out=out))
        questions = (
            () if out else all_questions(view, schedule.rows, schedule.items, undecided, suggestion)
        )
        return Assessment(
            framework=self.pack.id,
            version=self.pack.identity.version,
            provider=record.provider.id,
            name=record.provider.name,
            on=on,
            rows=schedule.rows,
            schedule=notebook.Items(schedule.items, partial(notebook.schedule, view)),
            suggestion=suggestion,
            confirmed=confirmed,
            actions=Keyed(actions),
            questions=Keyed(questions),
            flags=Keyed(flags),
            notes=(*schedule.notes, *self._notes(view)),
            conduct_of=partial(conduct_of, view),
            brief_of=partial(brief, self.pack, view),
            levels=tuple(self.pack.levels),
            roles=tuple(self.pack.roles),
            known_at=known_at,
            value_of=partial(_value, view),
            why_of=partial(why_of, view),
            ranked_of=partial(ranked, view),
            triangulation_of=partial(triangulated, view),
            brought_of=partial(brought_due, view),
            pathways_of=partial(Pathways, view, out=out),
            sharing_of=partial(sharing, view, partial(shared, view)),
            html_of=partial(notebook.assessment, view),
        )

    def suggest(self, record: ProviderRecord, *, on: dt.date) -> Suggestion:
        """Suggest a rating on a day as `assess` does, without what else follows.

        InputError where the profile contradicts itself.
        """
        decided = self._decided_readings(record, on)
        if decided:
            return self._under(decided).suggest(record, on=on)
        view = View(self.pack, record, on, self.settings)
        _refuse_contradictions(view)
        return self._judged(view, View).suggestion

    def obligations(self, record: ProviderRecord, *, on: dt.date) -> Obliged:
        """Give a provider's rows on a day, and what they bring, of which the schedule is made.

        InputError where the profile contradicts itself.
        """
        decided = self._decided_readings(record, on)
        if decided:
            return self._under(decided).obligations(record, on=on)
        view = View(self.pack, record, on, self.settings)
        _refuse_contradictions(view)
        if self.outside(view):
            return Obliged((), ())
        rows = choose_rows(view)
        return Obliged(rows, tuple(obligations(view, rows)))

    def _judged(self, view: View, view_of: Callable[..., View]) -> _Judged:
        """Judge a provider on a day as far as the rating, on which actions and pathways rest."""
        view.earlier = partial(self._earlier, view_of, view.record, view.known)
        out = self.outside(view)
        schedule = Schedule((), [], [], []) if out else make_schedule(view)
        view.put("row", _row_value(schedule))
        count_missed(view)
        say = partial(explain.suggestion, self.pack, record=view.record)
        suggestion = _nothing(say) if out else suggest(view, say)
        confirmed = _confirmed(view)
        _engine_values(view, suggestion, confirmed)
        return _Judged(schedule, suggestion, confirmed, out)

    def _earlier(
        self,
        view_of: Callable[..., View],
        record: ProviderRecord,
        known: dt.date,
        day: dt.date,
        condition: Condition,
    ) -> Truth:
        """Say whether a condition held on an earlier day, by what is known now."""
        was = as_it_was(self.pack, record, day)
        view = view_of(self.pack, was, day, self.settings, known)
        if not self.pack.silence.reads_values_alone(condition):
            self._judged(view, view_of)
        return view.truth(condition)

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
        decided = self._decided_readings(record, min(on, known_at or on))
        if decided:
            return self._under(decided).what_if(record, changes, on=on, known_at=known_at)
        wanted = checked(self.pack, changes)
        view = self._rated(record, on, known_at)
        return self.assess(changed(view, wanted), on=on, known_at=known_at)

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
        decided = self._decided_readings(record, min(on, known_at or on))
        if decided:
            return self._under(decided).least_change(record, on=on, to=to, known_at=known_at)
        view = View(self.pack, record, on, self.settings, known_at or on)
        if self.outside(view):
            return LeastChange(to if isinstance(to, int) else None, None)
        schedule = make_schedule(view)
        # Where no fact of the rating steers the schedule, it is the same whatever changes.
        steered = view.worlds or view.on_record or not facts_read(self.pack).isdisjoint(view.values)
        own = None if steered else schedule
        rated = partial(self._rated, on=on, known_at=known_at, schedule=own)
        if isinstance(to, str):
            to = next_level(self.pack, suggest(rated(record), str), to)
        elif to not in self.pack.levels:
            message = (
                f"there is no level {to}: the scale has {', '.join(map(str, self.pack.levels))}"
            )
            raise ValueError(message)
        return least_change(rated, record, to)

    def _rated(
        self,
        record: ProviderRecord,
        on: dt.date,
        known_at: dt.date | None = None,
        schedule: Schedule | None = None,
    ) -> View:
        """Read a record as the rating does, with its schedule or with one that is the same."""
        view = View(self.pack, record, on, self.settings, known_at or on)
        if schedule is None:
            schedule = make_schedule(view)
        else:
            view.list_items(schedule.items)
        view.put("row", _row_value(schedule))
        count_missed(view)
        return view

    def plan(
        self, record: ProviderRecord, *, on: dt.date, until: dt.date
    ) -> Mapping[str, list[dt.date]]:
        """Give every due date by activity from `on` to `until`, each one before it met on its day."""
        found = self.planned(record, on=on, until=until)
        return {a: [p.due for p in dues if p.due >= on] for a, dues in found.items()}

    def planned(
        self, record: ProviderRecord, *, on: dt.date, until: dt.date
    ) -> Mapping[str, list[Planned]]:
        """Give the plan by activity with what is overdue, each with its window and who has to act."""
        decided = self._decided_readings(record, on)
        if decided:
            return self._under(decided).planned(record, on=on, until=until)
        view = View(self.pack, record, on, self.settings)
        if self.outside(view):
            return {}
        return plan(view, obligations(view, choose_rows(view)), until)

    def forecast(self, record: ProviderRecord, *, on: dt.date) -> tuple[Forecast, ...]:
        """Say for what is not done when it can be, is due, is overdue and counts as missed."""
        decided = self._decided_readings(record, on)
        if decided:
            return self._under(decided).forecast(record, on=on)
        view = View(self.pack, record, on, self.settings)
        return () if self.outside(view) else forecast(view, make_schedule(view))

    def history(self, record: ProviderRecord, *, on: dt.date) -> tuple[Verdict, ...]:
        """Judge each record of what was done by itself: what it counted for, or why it did not."""
        decided = self._decided_readings(record, on)
        if decided:
            return self._under(decided).history(record, on=on)
        view = View(self.pack, record, on, self.settings)
        schedule = Schedule((), [], [], []) if self.outside(view) else make_schedule(view)
        return judged(view, schedule)

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
        InputError with a hint where there is no such subject or audience.
        """
        record = about or ProviderRecord(provider=Provider(id=""))
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

    def _under(self, readings: Mapping[str, str]) -> Framework:
        """The same framework under further readings, made once for each choice."""
        key = tuple(sorted(readings.items()))
        made = self.pack.under.get(key)
        if made is None:
            made = self.pack.under[key] = self.using(readings=readings).pack
        return Framework(made, self.settings)

    def outside(self, view: View) -> bool:
        """Say whether the provider of a view is outside the framework."""
        scope = self.pack.identity.scope
        return scope is not None and view.truth(scope.out_when) is True

    def _flags(self, view: View, *, out: bool) -> Iterator[Flag]:
        scope = self.pack.identity.scope
        if view.on < self.pack.identity.in_force:
            text = f"the day is before {self.pack.identity.in_force}, when this version came into force"
            reason = Reason(None, True, Value(self.pack.identity.in_force))  # noqa: FBT003  # a truth
            yield Flag("before_version", text, clauses=self._source("approved"), reason=reason)
        if out:
            assert scope is not None  # it says what is out
            spec = self.pack.flags.get(scope.flag)
            if spec is not None:
                reason = scope.out_when.evaluate(view)
                clauses = spec.clause or scope.clause
                yield Flag(scope.flag, spec.text, (), spec.on, clauses, spec.readings, reason)
            return
        for id_, spec, when in self.pack.laid_out.flags:
            if when.stirs & view.told and view.truth_of(when):
                reason = view.reason_of(when)
                names = tuple(n for n in spec.names if view.values[n].value is True)
                yield Flag(id_, spec.text, names, spec.on, spec.clause, spec.readings, reason)

    def _source(self, key: str) -> tuple[str, ...]:
        """The clauses of one entry of what the pack tells of its source."""
        source = self.pack.identity.source
        entry = source.get(key) if isinstance(source, Mapping) else None
        return texts(entry.get("clause")) if isinstance(entry, Mapping) else ()

    def _notes(self, view: View) -> Iterator[Note]:
        review = self.pack.identity.review_by
        if review is not None and view.on > review:
            yield Note(
                "past_review_date",
                f"the document was to be reviewed by {review}",
                self._source("review"),
            )
        if view.not_yet:
            names = ", ".join(self.pack.values[n].label or n for n in sorted(view.not_yet))
            yield Note("not_yet", f"the profile is newer than {_limit(view)}: {names}")
        if view.left_out:
            yield Note(
                "left_out",
                f"{view.left_out} records or findings are dated or were recorded after {_limit(view)} and are left out",
            )
        for kind, count in view.displaced():
            yield Note(
                "displaced",
                f"what was stated takes the place of {count} recorded findings of kind {kind}",
            )


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


def _refuse_undeclared(pack: Pack, base: Pack | None = None) -> None:
    """Refuse a change that names what the pack declares nowhere; what was so before is not its fault."""
    before = {found[2] for found in undeclared_ids(base)} if base is not None else set()
    found = [each for each in undeclared_ids(pack) if each[2] not in before]
    if found:
        raise PackError([pack.fault(*each) for each in found])


def contradictions(pack: Pack, provider: Provider) -> list[tuple[str, str]]:
    """Give the fields in which a profile contradicts itself, each with what is wrong.

    What contradicts only together with a provider's history is told when it is assessed.
    """
    # A field is what it is on every day; a view needs one all the same.
    view = View(pack, ProviderRecord(provider=provider), pack.identity.in_force, {})
    return _contradictions(view)


def _contradictions(view: View) -> list[tuple[str, str]]:
    return [
        (name, text)
        for name, when, text in view.pack.laid_out.contradictions
        if when.stirs & view.told and view.truth_of(when)
    ]


def _refuse_contradictions(view: View) -> None:
    faults = [
        Diagnostic(
            text,
            place=f"provider {view.record.provider.id}, field {name}",
            help=CORRECT,
            code="contradiction",
        )
        for name, text in _contradictions(view)
    ]
    if faults:
        raise InputError(faults)


def _row_value(schedule: Schedule) -> Value:
    chosen = [r.row for r in schedule.rows if r.row is not None]
    if not chosen:
        return Value(None)
    return Value(chosen[0] if len(chosen) == 1 else frozenset(chosen))


def _confirmed(view: View) -> Rating | None:
    activity = view.pack.identity.rating.confirmed_by
    ratings = [r for r in view.record.confirmed if r.on <= view.until]
    newest = max(reversed(ratings), key=lambda r: r.on, default=None)  # of one day the last entered
    if activity is None:
        return newest
    for done in view.records[(activity,)]:
        outcome = done.record.outcome
        day = done.record.completed
        if day is None or outcome is None or not outcome.isdecimal():
            continue
        told = Rating(level=int(outcome), on=day, by="", framework=view.pack.id)
        same_day_worse = newest is not None and not newest.by and told.level > newest.level
        if newest is None or day > newest.on or (day == newest.on and same_day_worse):
            newest = told  # of records of one day the worse stands, in whatever order they come
    return newest


def _engine_values(view: View, suggestion: Suggestion, confirmed: Rating | None) -> None:
    suggested = suggestion.level if suggestion.status == "suggested" else None
    matched = suggestion.matched
    support = tuple([e for c in matched if c.mode == "any" for e in c.reason.support()])
    rating = (Evidence("rating", "confirmed", confirmed.on),) if confirmed else ()
    level = confirmed.level if confirmed else None
    worse: tuple[Evidence, ...] = ()
    if suggested is not None and suggested >= (level or 0):
        worse = (*worse, *support)
    if level is not None and level >= (suggested or 0):
        worse = (*worse, *rating)
    view.put("rating_status", Value(suggestion.status))
    view.put("suggested_level", Value(suggested or 0, support))
    view.put("confirmed_level", Value(level or 0, rating))
    view.put("level", Value(max(suggested or 0, level or 0), worse))
    view.put("gap", Value(suggestion.gap))
    units = {e.unit for c in matched if c.level == suggested for e in c.reason.support()}
    view.sole_support = next(iter(units)) if len(units) == 1 else None


def _value(view: View, name: str) -> Value:
    """Give what a name reads; where it means that nothing was found, who looked stands behind it."""
    read = view.values[name]
    spec = view.pack.facts.get(name)
    if read.evidence or read.value is None or spec is None or spec.tie is None:
        return read
    looked = view.looked_at(spec.tie.kind)
    return read._replace(evidence=(looked.evidence,)) if looked is not None else read


def _limit(view: View) -> str:
    """Say until when a thing may be dated, and recorded where that is another day."""
    return f"{view.on}" if view.known == view.on else f"{view.on} (known on {view.known})"


def _nothing(say: Any) -> Suggestion:  # a function of the explanation
    return Suggestion("none", None, None, None, (), say=say)
