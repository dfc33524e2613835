"""A pathway drawn from its table: as Mermaid, as SVG, and as lines of text.

The SVG is a ladder: a column for each state, a row for each transition, which begins at the dot of
each of its states, with what it says, its force, who decides and its clauses beside it. Automatic steps are drawn
through, the others dashed. Each drawing says where its steps come from, its note and what its lines mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from qaf_rules.condition import ALWAYS
from qaf_rules.pathway import who_takes

if TYPE_CHECKING:
    from qaf_rules.pathway import PathwaySpec, TransitionSpec

__all__ = ["Edge", "edges", "mermaid", "svg", "told"]

Roles: TypeAlias = Mapping[str, str]  # the name of each role of the pack


class Edge(NamedTuple):
    """A transition from one of its states."""

    source: str
    transition: str
    target: str


def edges(spec: PathwaySpec) -> Iterator[Edge]:
    """Give every edge of a pathway, in the order of its table."""
    for id_, transition in spec.transitions.items():
        for state in transition.from_:
            yield Edge(state, id_, transition.target(state))


def _force(transition: TransitionSpec, roles: Roles) -> str:
    """Say the force, and who decides or takes the step."""
    who = who_takes(transition, lambda role: roles.get(role, role))
    return f"{transition.force}: {who}" if who else transition.force


def _beside(spec: PathwaySpec) -> Iterator[str]:
    """Say where the steps of a pathway come from whatever the council gives, and its note."""
    for source in spec.steps_source:
        if source.when == ALWAYS:
            cited = f" ({', '.join(source.clause)})" if source.clause else ""
            yield f"Its steps: {source.value}{cited}"
    if spec.note:
        yield spec.note.strip()


# --- text ----------------------------------------------------------------------------------------


def told(spec: PathwaySpec, roles: Roles) -> Iterator[str]:
    """Say the table in lines: its note, the states, then what leads from one to another."""
    yield spec.name
    yield from (f"  {line}" for line in _beside(spec))
    for id_, state in spec.states.items():
        marks = [word for word, is_ in (("start", state.start), ("end", state.end)) if is_]
        yield f"  {id_}{f' ({marks[0]})' if marks else ''}: {state.name}"
    for edge in edges(spec):
        transition = spec.transitions[edge.transition]
        event = spec.event_of(edge.transition)
        how = "automatic" if event is None else f"event {event}"
        cited = ", ".join(transition.clause)
        says = f"[{how}; {_force(transition, roles)}; {cited}]"
        yield f"  {edge.source} -> {edge.target}: {edge.transition} {says}"


# --- Mermaid -------------------------------------------------------------------------------------

_LEGEND: Final = (
    "A step that names nobody follows by itself. Every other one is taken by whom it names."
)


def mermaid(spec: PathwaySpec, roles: Roles) -> str:
    """Give the pathway as a state diagram of Mermaid; `roles` are the names of the pack's roles."""
    lines = ["stateDiagram-v2"]
    lines.extend(f'    state "{state.name}" as {id_}' for id_, state in spec.states.items())
    lines.append(f"    [*] --> {spec.start}")
    lines.extend(
        f"    {edge.source} --> {edge.target}: "
        f"{edge.transition} ({_force(spec.transitions[edge.transition], roles)})"
        for edge in edges(spec)
    )
    lines.extend(f"    {id_} --> [*]" for id_, state in spec.states.items() if state.end)
    lines.append(f"    note right of {spec.start}")
    lines.extend(
        f"        {line}" for text in (*_beside(spec), _LEGEND) for line in wrap(text, _NOTE)
    )
    lines.append("    end note")
    return "\n".join(lines) + "\n"


# --- SVG -----------------------------------------------------------------------------------------

_NOTE: Final = 60  # letters in a line of a note of Mermaid
_TEXT: Final = 500  # the width of what stands beside the ladder
_LINE: Final = 15
_WORDS: Final = 76  # letters of what a transition says, in a line
_SMALL: Final = 88  # letters of who decides it, in a line
_KEYS: Final = 18  # the height of a line of the key
_LETTER: Final = 7  # the width of a letter, about
_FEW: Final = 6  # so many states are named across their columns; more are named along them
_STYLE: Final = (
    "text{font:13px sans-serif;fill:#222}.title{font-weight:bold}.small{font-size:11px;fill:#555}"
    ".state{fill:#fff;stroke:#222}.start{stroke-width:3}.end{stroke-dasharray:2 2;stroke-width:3}"
    ".life{stroke:#ccc}.step{stroke:#222;fill:none;stroke-width:1.5;marker-end:url(#head)}"
    ".decided{stroke-dasharray:6 4}.on{marker-end:none}"
)
_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)
_KEY: Final = (
    ('<circle cx="28" cy="{y}" r="3"/>', "leads from this state"),
    ('<path class="step" d="M8 {y} H48"/>', "follows by itself"),
    ('<path class="step decided" d="M8 {y} H48"/>', "is taken by whom it names"),
    ('<rect class="state start" x="14" y="{top}" width="28" height="12" rx="3"/>', "the start"),
    ('<rect class="state end" x="14" y="{top}" width="28" height="12" rx="3"/>', "an end"),
)


class _Ladder(NamedTuple):
    """Where the columns of the states stand, and how they are named."""

    at: Mapping[str, int]
    names: Mapping[str, list[str]]
    column: int
    box: int  # the width of a state's box
    top: int  # where the boxes begin
    height: int  # of the boxes
    turned: bool  # named along the columns


def svg(spec: PathwaySpec, roles: Roles) -> str:
    """Give the pathway as a drawing of its own; `roles` are the names of the pack's roles."""
    turned = len(spec.states) > _FEW
    column, letters = (52, 20) if turned else (130, 16)
    names = {id_: wrap(state.name, letters) for id_, state in spec.states.items()}
    width = _TEXT + column * len(names)
    above = [line for text in _beside(spec) for line in wrap(text, width // _LETTER)]
    most = max(map(len, names.values()))
    height = letters * _LETTER + 20 if turned else _LINE * most + 12
    at = {id_: _TEXT + column * n + column // 2 for n, id_ in enumerate(names)}
    ladder = _Ladder(at, names, column, column - 8, 36 + _LINE * len(above), height, turned)
    y, rows = ladder.top + height + 26, []
    for id_ in spec.transitions:
        row, y = _row(spec, id_, ladder, roles, y)
        rows.append(row)
    whole = y + _KEYS * len(_KEY)
    name = quoteattr(spec.name)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {whole}" role="img" aria-label={name}>',
        f"<title>{escape(spec.name)}</title><style>{_STYLE}</style>{_HEAD}",
        f'<rect width="{width}" height="{whole}" fill="#fff"/>',
        f'<text class="title" x="8" y="20">{escape(spec.name)}</text>',
        *_lines(above, 8, 38, "small"),
    ]
    for id_, x in at.items():
        parts.append(f'<path class="life" d="M{x} {ladder.top + height} V{y - 12}"/>')
        parts.append(_box(spec, id_, ladder))
    return "\n".join([*parts, *rows, *_key(y), "</svg>"]) + "\n"


def _lines(lines: list[str], x: int, y: int, kind: str = "") -> Iterator[str]:
    given = f' class="{kind}"' if kind else ""
    for n, line in enumerate(lines):
        yield f'<text{given} x="{x}" y="{y + _LINE * n}">{escape(line)}</text>'


def _box(spec: PathwaySpec, id_: str, ladder: _Ladder) -> str:
    state, x, lines = spec.states[id_], ladder.at[id_], ladder.names[id_]
    kind = "state start" if state.start else "state end" if state.end else "state"
    left, top, height = x - ladder.box // 2, ladder.top, ladder.height
    box = f'<rect class="{kind}" data-state="{id_}" x="{left}" y="{top}" width="{ladder.box}" height="{height}" rx="6"/>'
    texts = []
    for n, line in enumerate(lines):
        if ladder.turned:
            across = x + _LINE * n - _LINE * (len(lines) - 1) // 2 + 4
            place = f'transform="translate({across} {top + height - 8}) rotate(-90)"'
        else:
            place = f'x="{x}" y="{top + 18 + _LINE * n}" text-anchor="middle"'
        texts.append(f"<text {place}>{escape(line)}</text>")
    return "".join([box, *texts])


def _row(spec: PathwaySpec, id_: str, ladder: _Ladder, roles: Roles, y: int) -> tuple[str, int]:
    """Draw a transition with what it says in a row, and give where the next row begins."""
    transition = spec.transitions[id_]
    said = wrap(transition.text, _WORDS)
    told = [_force(transition, roles), ", ".join(transition.clause), transition.note]
    small = wrap(" · ".join(filter(None, told)), _SMALL)
    below = y - 4 + _LINE * len(said)
    words = [*_lines(said, 8, y - 4), *_lines(small, 8, below, "small")]
    steps = (_step(spec, edge, ladder, y) for edge in edges(spec) if edge.transition == id_)
    return "".join([*words, *steps]), below + _LINE * len(small) + 14


def _step(spec: PathwaySpec, edge: Edge, ladder: _Ladder, y: int) -> str:
    """Draw a step from one state, as far as the next state from which the same one leads."""
    transition = spec.transitions[edge.transition]
    start, end = ladder.at[edge.source], ladder.at[edge.target]
    others = [ladder.at[state] for state in transition.from_]
    near = [x for x in others if min(start, end) < x < max(start, end)]
    stop = min(near, key=lambda x: abs(x - start), default=end)
    way = f"M{start} {y} H{stop}"
    if start == end:
        out = ladder.column // 3
        way = f"M{start} {y} C{start + out} {y - 14} {start + out} {y + 18} {start + 2} {y + 8}"
    kind = "step" if transition.automatic else "step decided"
    kind += " on" if near else ""
    line = (
        f'<path class="{kind}" data-transition="{edge.transition}" data-from="{edge.source}" '
        f'data-to="{edge.target}" d="{way}"/>'
    )
    return f'{line}<circle cx="{start}" cy="{y}" r="3"/>'


def _key(y: int) -> Iterator[str]:
    """Say what the lines and the boxes mean."""
    for n, (drawn, means) in enumerate(_KEY):
        at = y + _KEYS * n
        yield (
            drawn.format(y=at - 4, top=at - 10)
            + f'<text class="small" x="58" y="{at}">{means}</text>'
        )
