"""Which facts a condition can depend on, found from the pack alone.

More may be named than matter for one provider, never fewer: what is not named changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaf_rules.condition import Condition, Findings, Is, walk
from qaf_rules.once import nothing_made, once

if TYPE_CHECKING:
    from qaf_rules.pack import Pack
    from qaf_rules.value_tests import Test

Names = frozenset[str]


class Reach:
    """The facts that names, kinds of finding and conditions of a pack can depend on."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.kept = nothing_made()

    def of(self, condition: Condition) -> Names:
        """Give the facts that the truth of a condition can depend on."""
        names, kinds = self._read(condition)
        return frozenset().union(*map(self.of_name, names), *map(self.of_kind, kinds))

    def readable(self, condition: Condition) -> Names:
        """Give the facts and the kinds of finding that a condition may have read where it holds."""
        found: set[str] = set()
        for part in walk(condition):
            match part:
                case Findings(quantifier, kinds) if quantifier != "none":
                    found.update(self.pack.members("kind", kinds))
                case Is(name, test) if name in self.pack.facts:
                    found.update(self._readable_by(name, test))
                case _:
                    continue
        return frozenset(found)

    def _readable_by(self, name: str, test: Test) -> Iterator[str]:
        spec = self.pack.facts[name]
        yield name
        yield from spec.judges
        counted = spec.number
        if spec.tie is not None and (counted is None or _some_meets(test)):
            yield spec.tie.kind
        for option in spec.derive:
            yield from self.readable(option.when)

    @once
    def of_kind(self, kind: str) -> Names:
        """Give the facts that what the rating reads of a kind can depend on."""
        return self._closure(None, kind)

    @once
    def of_name(self, name: str) -> Names:
        """Give the facts that the value of a name can depend on."""
        return self._closure(name, None)

    def _closure(self, name: str | None, kind: str | None) -> Names:
        """Follow names and kinds to all that they rest on."""
        names: list[str] = [] if name is None else [name]
        kinds: list[str] = [] if kind is None else [kind]
        seen_names, seen_kinds = set(names), set(kinds)
        while names or kinds:
            below = self._below_name(names.pop()) if names else self._below_kind(kinds.pop())
            for more_names, more_kinds in below:
                names += set(more_names) - seen_names
                kinds += set(more_kinds) - seen_kinds
                seen_names.update(more_names)
                seen_kinds.update(more_kinds)
        return frozenset(n for n in seen_names if n in self.pack.facts)

    def _below_name(self, name: str) -> Iterator[tuple[Iterable[str], Iterable[str]]]:
        spec = self.pack.values.get(name)
        if spec is None:
            return
        if spec.tie is not None:
            yield (), (spec.tie.kind,)
        conditions = [option.when for option in spec.derive]
        yield from map(
            self._read, [*conditions, *([spec.adverse_when] if spec.adverse_when else [])]
        )

    def _below_kind(self, kind: str) -> Iterator[tuple[Iterable[str], Iterable[str]]]:
        for name, spec in self.pack.facts.items():
            if any(tie and tie.kind == kind for tie in (spec.tie, spec.also, spec.marks)):
                yield (name,), ()
        declared = self.pack.kinds[kind]
        for condition in (declared.adverse, declared.benign):
            if condition is not None and not isinstance(condition, bool):
                yield self._read(condition)

    def _read(self, condition: Condition) -> tuple[list[str], list[str]]:
        """Give the names and the kinds that a condition reads; attributes may be values too."""
        names: list[str] = []
        kinds: list[str] = []
        for part in walk(condition):
            match part:
                case Is(name, test):
                    names += [name, *test.names]
                case Findings(kinds=of, test=test):
                    kinds += self.pack.members("kind", of)
                    names += test.names if test is not None else ()
                case _:
                    continue
        return names, kinds


def _some_meets(test: Test) -> bool:
    """Whether there may be some of what is counted: a test for none of them reads none."""
    return any(test.check(number, None, None) is not False for number in (True, *range(1, _MANY)))


_MANY = 100
