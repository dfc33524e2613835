"""What is wrong with the sharing rules of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from qaf_rules.condition import ALWAYS
from qaf_rules.pathway import NOBODY
from qaf_rules.sharing import fitting
from qaf_rules.soundness import Flaw

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = ["LEAKS"]

Finder: TypeAlias = "Callable[[Pack, tuple[Pack, ...]], Iterator[Flaw]]"
LEFT_OPEN: Final = "may"


def never_reached(pack: Pack, variants: tuple[Pack, ...]) -> Iterator[Flaw]:
    """Find rules that never answer, since others before them always do."""
    spoken: set[str] = set()
    reached: set[str] = set()
    for variant in (pack, *(v for v in variants if v.sharing is not pack.sharing)):
        for what, audience in _pairs(variant):
            rules = list(fitting(variant, what, audience))
            always = (n for n, (_, rule) in enumerate(rules, start=1) if rule.when == ALWAYS)
            spoken.update(id_ for id_, _ in rules)
            reached.update(id_ for id_, _ in rules[: next(always, None)])
    for id_ in pack.sharing:
        if id_ in spoken - reached:
            message = f"the rule `{id_}` never answers: rules before it answer for all it speaks of"
            yield Flaw("sharing", (id_,), message, "put it before them, or remove it")


def without_answer(pack: Pack, _variants: tuple[Pack, ...]) -> Iterator[Flaw]:
    """Find subjects and audiences of which no rule speaks in every case."""
    for what, audience in _pairs(pack):
        if not any(rule.when == ALWAYS for _, rule in fitting(pack, what, audience)):
            message = f"no rule says in every case whether `{what}` may go to `{audience}`"
            help_ = "it is asked, and no clause says so; end with a rule for `any`"
            yield Flaw("sharing", (), message, help_)
            return


def undecided(pack: Pack, _variants: tuple[Pack, ...]) -> Iterator[Flaw]:
    """Find what is given with nobody to decide, where a clause of it leaves that open.

    What another reading makes binding is that reading's: only those that are taken are looked at.
    """
    for id_, rule in pack.sharing.items():
        open_ = [c for c in rule.clause if c in pack.clauses and _leaves_open(pack, c)]
        if rule.answer == "permitted" and open_ and not set(rule.decided_by) - {NOBODY}:
            message = (
                f"nobody decides the rule `{id_}`, and `{open_[0]}` says that it may be shared"
            )
            help_ = "name the role in `decided_by`, or cite only what says that it will be"
            yield Flaw("sharing", (id_,), message, help_)


def forbidden(pack: Pack, variants: tuple[Pack, ...]) -> Iterator[Flaw]:
    """Find what is not refused, where a clause of it forbids to share it."""
    for variant in (pack, *variants):
        for id_, rule in variant.sharing.items():
            cited = [c for c in rule.clause if c in pack.clauses and pack.clauses[c].forbids]
            if cited and rule.answer != "not_permitted":
                message = f"the rule `{id_}` does not refuse what its clause `{cited[0]}` forbids"
                help_ = "write `answer: not_permitted`, or cite what permits it"
                yield Flaw("sharing", (id_,), message, help_)


def _leaves_open(pack: Pack, clause: str) -> bool:
    return pack.clauses[clause].strength == LEFT_OPEN


def _pairs(pack: Pack) -> Iterator[tuple[str, str]]:
    for what in pack.identity.subjects:
        for audience in pack.identity.audiences:
            yield what, audience


LEAKS: Final[tuple[tuple[str, Literal["error", "notice"], Finder], ...]] = (
    ("never-reached", "error", never_reached),
    ("no-answer", "notice", without_answer),
    ("nobody-decides-sharing", "error", undecided),
    ("forbidden-sharing", "error", forbidden),
)
"""Each check of the sharing rules: its id, how much it matters, and what finds it."""
