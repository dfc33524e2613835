"""Every pathway driven at random: whatever is told in whatever order, its table alone moves a provider."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import qaf_rules as qaf
from qaf_rules import pathway as table
from qaf_rules.pathway import Judged, Position
from qaf_rules.result import Evidence, Reason
from qaf_rules.value_tests import Value

PACKS = {name: qaf.load(name).pack for name in ("adults", "children")}
BINDING = {"must", "will"}
TRUTHS = st.sampled_from([True, False, None])


class Driven(RuleBasedStateMachine):
    """A provider on one pathway, to whom anything may be told on any day by anybody."""

    pack = PACKS["adults"]
    pathway = "contract"

    @initialize()
    def begin(self):
        """Begin where the pathway starts."""
        self.spec = self.pack.pathway[self.pathway]
        self.on = dt.date(2026, 1, 1)
        self.position = Position(
            framework=self.pack.id,
            version=self.pack.identity.version,
            pathway=self.pathway,
            state=self.spec.start,
            since=self.on,
        )

    def judge(self, truths, event=None):
        """Give a judge of rows, each with a truth that was drawn for it, all behind one dated event."""
        rows = [id(row) for row in self.spec.transitions.values()]
        drawn = dict(zip(rows, truths, strict=True))
        seen = Value("seen", (Evidence("record", "x", event),) if event else ())
        return lambda row, _days: Judged(Reason(None, drawn[id(row)], seen, (), ("something",)))

    def truths(self, data):
        """Draw a truth for every row of the table."""
        many = len(self.spec.transitions)
        return data.draw(st.lists(TRUTHS, min_size=many, max_size=many), label="truths")

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        """Let days pass."""
        self.on += dt.timedelta(days=days)

    @rule(data=st.data())
    def tell(self, data):
        """Tell any event, by any roles."""
        ids = [
            *self.spec.transitions,
            *{t.event for t in self.spec.transitions.values() if t.event},
        ]
        event = data.draw(st.sampled_from([*ids, "nothing_known"]), label="event")
        roles = st.sampled_from(list(self.pack.roles))
        by = data.draw(st.lists(roles, min_size=1, max_size=3, unique=True).map(tuple), label="by")
        truths = self.truths(data)
        before, written = self.position, self.position.model_dump_json()
        try:
            after = table.step(
                self.spec, before, event, on=self.on, by=by, judge=self.judge(truths)
            )
        except qaf.InputError:
            assert before.model_dump_json() == written  # a refusal leaves it as it was
            return
        done = after.history[-1]
        transition = self.spec.transitions[done.transition]
        assert not transition.automatic
        assert self.spec.event_of(done.transition) == event
        assert done.by == by
        assert not {*by}.isdisjoint(transition.takers)
        assert {*transition.decided_with} <= {*by} <= {*transition.takers, *transition.decided_with}
        assert truths[list(self.spec.transitions).index(done.transition)] is True
        self.taken(after, 1)

    @rule(data=st.data())
    def follow(self, data):
        """Take what follows by itself."""
        judge = self.judge(self.truths(data))
        before = self.position
        after = table.follow(self.spec, before, on=self.on, judge=judge)
        steps = after.history[len(before.history) :]
        assert len({step.transition for step in steps}) == len(steps)  # each at most once
        for step in steps:
            assert step.by == ()
            transition = self.spec.transitions[step.transition]
            strengths = {self.pack.clauses[clause].strength for clause in transition.clause}
            assert strengths & BINDING or transition.settled_by  # a clause or the council says so
            assert transition.force in BINDING
            assert not transition.deciders
        self.taken(after, len(steps))
        assert table.follow(self.spec, after, on=self.on, judge=judge).state in self.spec.states

    @rule(data=st.data(), days=st.integers(1, 30))
    def tell_too_late(self, data, days):
        """Tell something of a day before the last step: it is refused, whatever it is."""
        day = self.position.last - dt.timedelta(days=days)
        judge = self.judge(self.truths(data))
        for take in (
            lambda: table.follow(self.spec, self.position, on=day, judge=judge),
            lambda: table.step(self.spec, self.position, "x", on=day, by=("cqmo",), judge=judge),
        ):
            with pytest.raises(qaf.InputError, match="before the last one"):
                take()

    @rule(days=st.integers(0, 60))
    def same_occurrence(self, days):
        """What was done since an event is open for it no more; for the next event it is."""
        event = self.on - dt.timedelta(days=days)
        certain = [True] * len(self.spec.transitions)
        told = table.moves(self.spec, self.position, on=self.on, judge=self.judge(certain, event))
        for move in told:
            closers = self.spec.transitions[move.id].closed_by
            done = [s.on for s in self.position.history if s.transition in closers]
            assert move.done == max((day for day in done if day >= event), default=None)
            assert not (move.done and move.open)

    def taken(self, after, many):
        """Take a position that came of some steps."""
        assert len(after.history) == len(self.position.history) + many
        assert after.history[: len(self.position.history)] == self.position.history
        self.position = after

    @invariant()
    def one_state(self):
        """The history leads from the start, by rows of the table, to the one state it is in."""
        state, since = self.spec.start, dt.date(2026, 1, 1)
        for step in self.position.history:
            row = self.spec.transitions[step.transition]
            assert step.left == state
            assert state in row.from_
            assert step.entered == row.target(state)
            since = since if step.entered == state else step.on
            state = step.entered
        assert (self.position.state, self.position.since) == (state, since)
        assert self.position.last <= self.on

    @invariant()
    def kept(self):
        """What is written of it is read back as it is."""
        assert Position.model_validate_json(self.position.model_dump_json()) == self.position


def machine(name, id_):
    """Give the machine of one pathway."""
    return type(f"Driven_{name}_{id_}", (Driven,), {"pack": PACKS[name], "pathway": id_})


@pytest.mark.parametrize(
    ("name", "id_"), [(name, id_) for name, pack in PACKS.items() for id_ in pack.pathway]
)
def test_only_its_table_moves_a_provider(name, id_):
    """Never in two states, never by itself what is a person's, and a refusal leaves all as it was."""
    case = machine(name, id_).TestCase
    case.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
    case().runTest()
