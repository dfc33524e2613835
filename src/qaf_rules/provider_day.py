"""ProviderDay: one provider on one day under a pack; its assessment is the story from top to bottom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

from qaf_rules import explain, notebook
from qaf_rules.actions import suggest_actions
from qaf_rules.brief import brief
from qaf_rules.brought import brought_due
from qaf_rules.condition import Condition
from qaf_rules.conduct import conduct_of
from qaf_rules.errors import Diagnostic, InputError, quoted
from qaf_rules.facts import View
from qaf_rules.frequency import texts
from qaf_rules.history import Verdict, judged
from qaf_rules.lasting import as_it_was
from qaf_rules.model import Provider, ProviderRecord, Rating
from qaf_rules.obligations import Obliged, obliged
from qaf_rules.outlook import ranked
from qaf_rules.pack import Pack
from qaf_rules.plan import Forecast, Planned, forecast, plan
from qaf_rules.questions import all_questions
from qaf_rules.rating import suggest
from qaf_rules.result import Assessment, Evidence, Flag, Keyed, Note, Reason, Suggestion, Truth
from qaf_rules.schedule import Schedule, count_missed, make_schedule
from qaf_rules.sharing import sharing
from qaf_rules.standing import Pathways
from qaf_rules.triangulation import triangulated
from qaf_rules.value_tests import Value
from qaf_rules.why import shared
from qaf_rules.whynot import why_of

CORRECT = "correct this, or what it contradicts"


class Rated(NamedTuple):
    """What the evidence suggests, and the rating that a person confirmed."""

    suggestion: Suggestion
    confirmed: Rating | None


class ProviderDay:
    """One provider on one day under a pack and a council's settings.

    `record` is what is known of the provider, `on` the day of the question, `known_at` the day by
    which a thing must have been recorded, `on` where left out. `view_of` makes the view of it as
    `View` does, and says how each condition comes out. What several answers rest on is found once.
    """

    def __init__(
        self,
        pack: Pack,
        settings: Mapping[str, object],
        record: ProviderRecord,
        on: dt.date,
        known_at: dt.date | None = None,
        view_of: Callable[..., View] = View,
    ) -> None:
        self.pack = pack
        self.settings = settings
        self.record = record
        self.on = on
        self.known_at = known_at
        self.view_of = view_of
        self.view = view_of(pack, record, on, settings, known_at or on)
        self.view.earlier = partial(_earlier, pack, settings, view_of, record, known_at or on)

    @cached_property
    def outside(self) -> bool:
        """Whether the provider is outside the framework."""
        return is_outside(self.view)

    @cached_property
    def obliged(self) -> Obliged:
        """The rows of the provider, and what they bring, of which the schedule is made."""
        return Obliged((), []) if self.outside else obliged(self.view)

    @cached_property
    def schedule(self) -> Schedule:
        """What is due by when."""
        if self.outside:
            return Schedule((), [], [], [])
        return make_schedule(self.view, self.obliged)

    @cached_property
    def rated(self) -> Rated:
        """The ratings, on which actions, questions and pathways rest."""
        view = self.view
        _ready_to_rate(view, self.schedule)
        say = partial(explain.suggestion, self.pack, record=self.record)
        suggestion = _nothing(say) if self.outside else suggest(view, say)
        confirmed = _confirmed(view)
        _engine_values(view, suggestion, confirmed)
        return Rated(suggestion, confirmed)

    def refuse_contradictions(self) -> None:
        """Refuse a profile that contradicts itself: InputError with every fault."""
        faults = [
            Diagnostic(
                text,
                place=f"provider {self.record.provider.id}, field {name}",
                help=CORRECT,
                code="contradiction",
            )
            for name, text in _contradictions(self.view)
        ]
        if faults:
            raise InputError(faults)

    def assessment(self) -> Assessment:
        """Say what is due, suggested, to be done and to be asked.

        InputError where the profile contradicts itself.
        """
        return self._assessment

    @cached_property
    def _assessment(self) -> Assessment:
        self.refuse_contradictions()
        view, out, schedule = self.view, self.outside, self.schedule
        suggestion, confirmed = self.rated
        scope = self.pack.identity.scope
        actions, undecided = suggest_actions(view, scope.still if scope and out else None)
        flags = tuple(self._flags())
        questions = (
            () if out else all_questions(view, schedule.rows, schedule.items, undecided, suggestion)
        )
        provider = self.record.provider
        return Assessment(
            framework=self.pack.id,
            version=self.pack.identity.version,
            provider=provider.id,
            name=provider.name,
            on=self.on,
            rows=schedule.rows,
            schedule=notebook.Items(schedule.items, partial(notebook.schedule, view)),
            suggestion=suggestion,
            confirmed=confirmed,
            actions=Keyed(actions),
            questions=Keyed(questions),
            flags=Keyed(flags),
            notes=(*schedule.notes, *self._notes()),
            conduct_of=partial(conduct_of, view),
            brief_of=partial(brief, self.pack, view),
            levels=tuple(self.pack.levels),
            roles=tuple(self.pack.roles),
            known_at=self.known_at,
            value_of=partial(_value, view),
            why_of=partial(why_of, view),
            ranked_of=partial(ranked, view),
            triangulation_of=partial(triangulated, view),
            brought_of=partial(brought_due, view),
            pathways_of=partial(Pathways, view, out=out),
            sharing_of=partial(sharing, view, partial(shared, view)),
            html_of=partial(notebook.assessment, view),
        )

    def planned(self, until: dt.date) -> Mapping[str, list[Planned]]:
        """Give the plan by activity with what is overdue, each with its window and who has to act."""
        day = self._before("schedule")
        return plan(day.view, day.obliged.obligations, until)

    def forecast(self) -> tuple[Forecast, ...]:
        """Say for what is not done when it can be, is due, is overdue and counts as missed."""
        day = self._before("rated")
        return forecast(day.view, day.schedule)

    def history(self) -> tuple[Verdict, ...]:
        """Judge each record of what was done by itself: what it counted for, or why it did not."""
        day = self._before("rated")
        return judged(day.view, day.schedule)

    def _before(self, found: str) -> ProviderDay:
        """Give the day as it is before something is found of it, which dates must not rest on."""
        if found not in vars(self):
            return self
        return ProviderDay(
            self.pack, self.settings, self.record, self.on, self.known_at, self.view_of
        )

    def _flags(self) -> Iterator[Flag]:
        view, scope = self.view, self.pack.identity.scope
        if view.on < self.pack.identity.in_force:
            text = f"the day is before {self.pack.identity.in_force}, when this version came into force"
            reason = Reason(None, True, Value(self.pack.identity.in_force))  # noqa: FBT003  # a truth
            yield Flag("before_version", text, clauses=self._source("approved"), reason=reason)
        if self.outside:
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
                names = tuple(n for n in spec.names if view.read(n).value is True)
                yield Flag(id_, spec.text, names, spec.on, spec.clause, spec.readings, reason)

    def _source(self, key: str) -> tuple[str, ...]:
        """The clauses of one entry of what the pack tells of its source."""
        source = self.pack.identity.source
        entry = source.get(key) if isinstance(source, Mapping) else None
        return texts(entry.get("clause")) if isinstance(entry, Mapping) else ()

    def _notes(self) -> Iterator[Note]:
        view = self.view
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
        yield from _about_nothing(view)
        for kind, count in view.displaced():
            yield Note(
                "displaced",
                f"what was stated takes the place of {count} recorded findings of kind {kind}",
            )


def as_rated(
    pack: Pack,
    settings: Mapping[str, object],
    record: ProviderRecord,
    *,
    on: dt.date,
    known_at: dt.date | None = None,
    schedule: Schedule | None = None,
) -> View:
    """Read a record as the rating does, with its schedule or with one that is the same."""
    view = View(pack, record, on, settings, known_at or on)
    if schedule is None:
        schedule = make_schedule(view)
    else:
        view.list_items(schedule.items)
    _ready_to_rate(view, schedule)
    return view


def _ready_to_rate(view: View, schedule: Schedule) -> None:
    """Let a view say which rows the provider has, and which returns it missed."""
    chosen = [r.row for r in schedule.rows if r.row is not None]
    several = frozenset(chosen) if chosen else None
    view.put("row", Value(chosen[0] if len(chosen) == 1 else several))
    count_missed(view)


def is_outside(view: View) -> bool:
    """Say whether the provider of a view is outside the framework."""
    scope = view.pack.identity.scope
    return scope is not None and view.truth(scope.out_when) is True


def _earlier(
    pack: Pack,
    settings: Mapping[str, object],
    view_of: Callable[..., View],
    record: ProviderRecord,
    known: dt.date,
    day: dt.date,
    condition: Condition,
) -> Truth:
    """Say whether a condition held on an earlier day, by what is known now."""
    was = ProviderDay(pack, settings, as_it_was(pack, record, day), day, known, view_of)
    if not pack.silence.reads_values_alone(condition):
        was.rated  # noqa: B018  # from which the view reads
    return was.view.truth(condition)


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


def _confirmed(view: View) -> Rating | None:
    activity = view.pack.identity.rating.confirmed_by
    ratings = [r for r in view.record.confirmed if r.on <= view.until]
    newest = max(reversed(ratings), key=lambda r: r.on, default=None)  # of one day the last entered
    if activity is None:
        return newest
    for done in view.records((activity,)):
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
    decisive = [e for c in matched if c.level == suggested for e in c.reason.support()]
    units = {e.unit for e in decisive if e.type != "setting"}  # a council's limit finds nothing
    view.sole_support = next(iter(units)) if len(units) == 1 else None


def _about_nothing(view: View) -> Iterator[Note]:
    """Tell of what was done after something that is not on record: it closes nothing."""
    for record in view.record.activities:
        about, day, done = record.about, record.about_day, record.completed
        if about is None or day is None or done is None or not day <= done <= view.until:
            continue
        if all(day not in (other.day, other.record.planned) for other in view.records((about,))):
            text = f"the {quoted(record.activity)} of {done} is about {quoted(about)} of {day}"
            yield Note("about_nothing", f"{text}, of which there is no record, and closes nothing")


def _value(view: View, name: str) -> Value:
    """Give what a name reads; where it means that nothing was found, who looked stands behind it."""
    read = view.read(name)
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
