"""What more than one kind of evidence confirms, and how much of a suggestion rests on the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.listing import fact_of, leaves_of
from qaf_rules.words import Words, joined, sentence

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.model import Finding
    from qaf_rules.result import Assessment, Evidence

ENOUGH = 2
"""More than one piece of evidence of different kinds confirms a thing."""


class Confirmed(NamedTuple):
    """A fact that the suggestion rests on, with the kinds of evidence behind it.

    `seek` names the kinds that the pack would look for and that are not there yet.
    """

    fact: str
    evidence: tuple[str, ...]
    sources: tuple[str, ...]
    seek: tuple[str, ...]

    @property
    def triangulated(self) -> bool:
        """Whether two distinct kinds of evidence confirm it."""
        return len(self.evidence) >= ENOUGH


@dataclass(frozen=True, slots=True)
class Triangulation:
    """The facts that a suggestion rests on; as text, how many of them are untriangulated and which."""

    facts: tuple[Confirmed, ...]
    text: str

    @property
    def untriangulated(self) -> tuple[Confirmed, ...]:
        """The facts that fewer than two kinds of evidence confirm."""
        return tuple(fact for fact in self.facts if not fact.triangulated)

    @property
    def share(self) -> float:
        """How much of the suggestion rests on untriangulated facts, from 0 to 1."""
        return len(self.untriangulated) / len(self.facts) if self.facts else 0.0

    def __str__(self) -> str:
        return self.text


def triangulated(view: View, a: Assessment) -> Triangulation:
    """Say which facts behind the suggested level are confirmed by two kinds of evidence."""
    given = a.suggestion
    behind = [c for c in given.matched if c.level == given.level]
    found: dict[str, Confirmed] = {}
    for leaf in (leaf for criterion in behind for leaf in leaves_of(criterion.reason)):
        findings = [f for e in leaf.evidence if leaf.truth for f in _findings(view, e)]
        if findings:
            name = fact_of(leaf, view).name
            found.setdefault(name, _confirmed(view, name, findings))
    for evidence in given.passed_over if given.status == "gap" else ():
        for finding in _findings(view, evidence):
            name = finding.fact or finding.kind
            found.setdefault(name, _confirmed(view, name, [finding]))
    facts = tuple(found.values())
    text = _told(Words(view.pack, view.record), facts)
    if not facts and any(c.reason.support() for c in behind):
        text = "The suggestion rests on what the schedule shows, and on nothing found or stated."
    return Triangulation(facts, text)


def _confirmed(view: View, name: str, findings: list[Finding]) -> Confirmed:
    evidence = tuple(sorted({kind for f in findings for kind in f.evidence}))
    sources = tuple(sorted({f.source for f in findings if f.source is not None}))
    kinds = dict.fromkeys(kind for f in findings for kind in _kinds(view, f))
    sought = dict.fromkeys(each for kind in kinds for each in view.pack.kinds[kind].seek)
    return Confirmed(name, evidence, sources, tuple(k for k in sought if k not in evidence))


def _kinds(view: View, finding: Finding) -> tuple[str, ...]:
    """Give the kind of a finding; of a statement the kinds that its fact speaks of."""
    if finding.fact is None:
        return (finding.kind,)
    spec = view.pack.values[finding.fact]
    tie = spec.tie or spec.marks
    return (tie.kind,) if tie is not None else spec.judges


def _findings(view: View, evidence: Evidence) -> Iterator[Finding]:
    """Give what was recorded or stated behind a piece of evidence."""
    if evidence.type == "statement":
        names = evidence.ref.split(", ")
        yield from (view.statements[name].finding for name in names if name in view.statements)
        return
    for world in view.kept["world"].values():
        for known in world.elements:
            if known.number == evidence.unit and known.source_finding is not None:
                yield known.source_finding


def _told(words: Words, facts: tuple[Confirmed, ...]) -> str:
    if not facts:
        return "The suggestion rests on nothing that anybody recorded or stated."
    open_ = [fact for fact in facts if not fact.triangulated]
    one = "is" if len(open_) == 1 else "are"
    head = f"{len(open_) or 'none'} of the {len(facts)} facts that the suggestion rests on {one}"
    if len(facts) == 1:
        head = "the one fact that the suggestion rests on is"
    how = "untriangulated" if open_ or len(facts) > 1 else "triangulated"
    told = [sentence(f"{head} {how}")]
    for fact in open_:
        had = joined(map(words.token, fact.evidence)) or "no kind of evidence named"
        seek = f"; to seek: {joined(map(words.token, fact.seek))}" if fact.seek else ""
        label = joined(words.label(name) for name in fact.fact.split(", "))
        told.append(sentence(f"{label}: {had}{seek}"))
    return " ".join(told)
