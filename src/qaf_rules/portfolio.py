"""What follows from a whole register: shared problems, forums, and what is asked of it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qaf_rules.actions import sitting, suggest_actions
from qaf_rules.condition import Findings
from qaf_rules.elements import Carried, Done, Known
from qaf_rules.engine import Framework
from qaf_rules.environment import Element, Group
from qaf_rules.errors import refuse_no_day
from qaf_rules.facts import View
from qaf_rules.model import Provider, ProviderRecord, records_of
from qaf_rules.once import once
from qaf_rules.provider_day import is_outside
from qaf_rules.questions import Asker
from qaf_rules.result import Action, Keyed, Question, Reason


@dataclass(frozen=True, slots=True)
class Shared:
    """A problem that several providers share: what brings it up, what it is, and at whom."""

    action: str
    problem: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What a register brings beside its providers' assessments, on one day."""

    on: dt.date
    actions: Keyed[Action]
    shared: tuple[Shared, ...]  # the problems behind those actions
    questions: Keyed[Question]
    sittings: Mapping[str, dt.date]  # the next sitting of each forum whose anchor is known


def portfolio(
    framework: Framework,
    records: Iterable[ProviderRecord],
    *,
    on: dt.date,
    known_at: dt.date | None = None,
) -> Portfolio:
    """Say what follows from all providers together on a day.

    `records` are those of a register; a problem that two of them share is the sector's, where they
    are within the framework.
    `known_at` is as for `Framework.assess`. InputError where a day is none, or a record.
    """
    refuse_no_day("on", on)
    if known_at is not None:
        refuse_no_day("known_at", known_at)
    view = _RegisterView.of(framework, records_of(records), on, known_at)
    actions, undecided = suggest_actions(view, None, portfolio=True)
    asker = Asker(view)
    asker.declared(portfolio=True)
    asker.triggers(undecided)
    sittings: dict[str, dt.date] = {}
    for id_, forum in framework.pack.identity.forums.items():
        anchor = view.read(forum.anchor).value
        if isinstance(anchor, dt.date):
            next_one = sitting(view, forum.every, forum.anchor, on)
            assert next_one is not None  # its anchor is known
            sittings[id_] = next_one
    shared = tuple(s for a in actions for r in a.reasons for s in _shared(view, a.id, r))
    return Portfolio(on, Keyed(actions), shared, Keyed(asker.questions()), sittings)


def _shared(view: View, action: str, reason: Reason) -> Iterator[Shared]:
    """Give the problems that are shared by the parts of a reason that hold."""
    condition = reason.condition
    if reason.truth and isinstance(condition, Findings) and condition.across:
        for problem, elements in condition.shared(view).items():
            providers = sorted({str(element.get("provider", view)) for element in elements})
            yield Shared(action, str(problem), tuple(providers))
    for part in reason.parts:
        yield from _shared(view, action, part)


class _RegisterView(View):
    """The findings and records of all providers as one, with the council's settings.

    Of a provider outside the framework no finding counts; what was done and decided there does.
    """

    views: tuple[View, ...] = ()
    inside: tuple[View, ...] = ()
    whose: dict[Element, View]  # the provider's of each finding

    @classmethod
    def of(
        cls,
        framework: Framework,
        records: Iterable[ProviderRecord],
        on: dt.date,
        known_at: dt.date | None,
    ) -> _RegisterView:
        """Make the view of a register."""
        pack, settings = framework.pack, framework.settings
        whole = ProviderRecord(provider=Provider(id="register"))
        made = cls(pack, whole, on, settings, known_at)
        made.whose = {}
        made.views = tuple(View(pack, r, on, settings, known_at) for r in records)
        made.inside = tuple(view for view in made.views if not is_outside(view))
        return made

    def _take_profile(self) -> None:
        super()._take_profile()
        self.told = -1  # all of it: no register is like another

    @once
    def findings(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds at all providers."""
        groups = [(view, view.findings(kinds)) for view in self.inside]
        return super().findings(kinds)._replace(elements=self._together(groups))

    @once
    def recorded(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds on record at all providers."""
        groups = [(view, view.recorded(kinds)) for view in self.inside]
        return super().recorded(kinds)._replace(elements=self._together(groups))

    def _together(self, groups: Iterable[tuple[View, Group]]) -> tuple[Element, ...]:
        """Give the findings of all providers, and keep whose each of them is."""
        found = {element: view for view, group in groups for element in group.elements}
        self.whose.update(found)
        return tuple(found)

    def beside(self, finding: Known, name: str) -> object:
        """Give what a name means for a finding of a provider: it is read of that provider."""
        return self.whose[finding].beside(finding, name)

    def decisions(self, name: str) -> tuple[Carried, ...]:
        """Give the standing decisions of all providers: one of them answers for the register."""
        return tuple(decision for view in self.views for decision in view.decisions(name))

    @once
    def records(self, activities: tuple[str, ...]) -> tuple[Done, ...]:
        """Give the records of some activities at all providers, oldest first."""
        found = [done for view in self.views for done in view.records(activities)]
        return tuple(sorted(found, key=lambda done: done.day or self.on))
