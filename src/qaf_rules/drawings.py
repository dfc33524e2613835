"""A pathway drawn from its table: as Mermaid, as SVG, and as lines of text.

The SVG is a ladder: a column for each state, a row for each transition from each of its states,
with what it says, its force, who decides and its clauses beside it. Automatic steps are drawn
through, the others dashed.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from qaf_rules.pathway import PathwaySpec, TransitionSpec

__all__ = ["Edge", "edges", "mermaid", "svg", "told"]


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


def _force(transition: TransitionSpec) -> str:
    """Say the force, and who decides or takes the step."""
    who = transition.deciders or ((transition.owner,) if transition.owner else ())
    return f"{transition.force}: {', '.join(who)}" if who else transition.force


# --- text ----------------------------------------------------------------------------------------


def told(spec: PathwaySpec) -> Iterator[str]:
    """Say the table in lines: the states, then what leads from one to another."""
    yield spec.name
    for id_, state in spec.states.items():
        marks = [word for word, is_ in (("start", state.start), ("end", state.end)) if is_]
        yield f"  {id_}{f' ({marks[0]})' if marks else ''}: {state.name}"
    for edge in edges(spec):
        transition = spec.transitions[edge.transition]
        event = spec.event_of(edge.transition)
        how = "automatic" if event is None else f"event {event}"
        cited = ", ".join(transition.clause)
        yield f"  {edge.source} -> {edge.target}: {edge.transition} [{how}; {_force(transition)}; {cited}]"


# --- Mermaid -------------------------------------------------------------------------------------


def mermaid(spec: PathwaySpec) -> str:
    """Give the pathway as a state diagram of Mermaid."""
    lines = ["stateDiagram-v2"]
    lines.extend(f'    state "{state.name}" as {id_}' for id_, state in spec.states.items())
    lines.append(f"    [*] --> {spec.start}")
    lines.extend(
        f"    {edge.source} --> {edge.target}: "
        f"{edge.transition} ({_force(spec.transitions[edge.transition])})"
        for edge in edges(spec)
    )
    lines.extend(f"    {id_} --> [*]" for id_, state in spec.states.items() if state.end)
    return "\n".join(lines) + "\n"


# --- SVG -----------------------------------------------------------------------------------------

_TEXT: Final = 500  # the width of what stands beside the ladder
_COLUMN: Final = 130
_BOX: Final = 116
_LINE: Final = 15
_ROW: Final = 40
_LETTERS: Final = 17  # of a state's name in a line of its box
_WORDS: Final = 78  # letters of what a transition says
_STYLE: Final = (
    "text{font:13px sans-serif;fill:#222}.small{font-size:11px;fill:#555}"
    ".state{fill:#fff;stroke:#222}.start{stroke-width:3}.end{stroke-dasharray:2 2;stroke-width:3}"
    ".life{stroke:#ccc}.step{stroke:#222;fill:none;stroke-width:1.5;marker-end:url(#head)}"
    ".decided{stroke-dasharray:6 4}"
)
_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)


def svg(spec: PathwaySpec) -> str:
    """Give the pathway as a drawing of its own."""
    names = {id_: wrap(state.name, _LETTERS) for id_, state in spec.states.items()}
    top = _LINE * max(map(len, names.values())) + 22
    at = {id_: _TEXT + _COLUMN * n + _COLUMN // 2 for n, id_ in enumerate(spec.states)}
    rows = list(edges(spec))
    width, height = _TEXT + _COLUMN * len(at), top + _ROW * len(rows) + 20
    size, name = f'viewBox="0 0 {width} {height}"', quoteattr(spec.name)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={name}>',
        f"<title>{escape(spec.name)}</title><style>{_STYLE}</style>{_HEAD}",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for id_, x in at.items():
        parts.append(f'<path class="life" d="M{x} {top} V{height - 10}"/>')
        parts.append(_box(spec, id_, names[id_], x, top))
    for n, edge in enumerate(rows):
        parts.append(_step(spec, edge, at, top + _ROW * n + 26))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(spec: PathwaySpec, id_: str, lines: list[str], x: int, top: int) -> str:
    state = spec.states[id_]
    kind = "state start" if state.start else "state end" if state.end else "state"
    left = x - _BOX // 2
    box = f'<rect class="{kind}" data-state="{id_}" x="{left}" y="8" width="{_BOX}" height="{top - 10}" rx="6"/>'
    texts = [
        f'<text x="{x}" y="{26 + _LINE * n}" text-anchor="middle">{escape(line)}</text>'
        for n, line in enumerate(lines)
    ]
    return "".join([box, *texts])


def _step(spec: PathwaySpec, edge: Edge, at: dict[str, int], y: int) -> str:
    transition = spec.transitions[edge.transition]
    start, end = at[edge.source], at[edge.target]
    way = f"M{start} {y} H{end}"
    if start == end:
        way = f"M{start} {y - 6} C{start + 40} {y - 14} {start + 40} {y + 14} {start + 2} {y + 6}"
    kind = "step" if transition.automatic else "step decided"
    line = (
        f'<path class="{kind}" data-transition="{edge.transition}" data-from="{edge.source}" '
        f'data-to="{edge.target}" d="{way}"/>'
    )
    cited = ", ".join(transition.clause)
    small = escape(f"{_force(transition)} · {cited}" if cited else _force(transition))
    text = wrap(transition.text, _WORDS)
    said = escape(text[0] + (" …" if len(text) > 1 else ""))
    words = f'<text x="8" y="{y - 4}">{said}</text><text class="small" x="8" y="{y + 10}">{small}</text>'
    return line + words
