"""A comparison in pictures, each of which is read without colour: what it shows is also written.

Every function takes a `Comparison` and gives an Altair chart, which can be changed like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qaf_rules.errors import Diagnostic, InputError, did_you_mean, quoted
from qaf_rules.words import Words, a_day, counted, joined
from qaf_rules.workload import Workload

if TYPE_CHECKING:
    from qaf_rules.comparing import Comparison

try:
    import altair as alt
except ImportError:
    _MISSING = Diagnostic(
        "a plot needs altair, which is not installed",
        help="install it: pip install 'qaf-rules[plots]'",
    )
    raise InputError([_MISSING]) from None

__all__ = ["longest_unseen", "ratings_moved", "workload"]

BEFORE, AFTER = "before", "after"
MOST = 15  # providers in one picture; who goes longest unseen comes first

_PALE, _DARK, _LINE = "white", "#333333", "#333333"
_MONTH, _ROW, _WIDTH = 38, 26, 480  # in pixels: of a month, of a provider, of a row of days
_WIDE, _HIGH = 128, 34  # of a cell
_NOBODY = "none"  # a provider for which no level is suggested

_FILL = alt.Scale(domain=[BEFORE, AFTER], range=[_PALE, _DARK])


def workload(told: Comparison, *, activity: str | None = None) -> alt.LayerChart:
    """Draw how many due dates there are in each month of the period, before and after.

    What was overdue before it is not among them. Without `activity`, an id of the pack, it draws those
    of every activity that has more or fewer. InputError where the comparison is of one day, or there
    is no such activity.
    """
    _refuse_one_day(told)
    known = told.after.pack.activities
    if activity is not None and activity not in known:
        message = f"there is no activity {quoted(activity)}"
        raise InputError([Diagnostic(message, help=did_you_mean(activity, known))])
    shown = sorted({v.activity for v in told.visits}) if activity is None else [activity]
    counts = [
        Counter(d.month for d in dues if d.activity in shown and not d.late) for dues in told.dues
    ]
    months = Workload(told.on, told.until or told.on, ()).months
    rows = [
        {"month": month, "when": when, "due": count[month]}
        for month in months
        for when, count in zip((BEFORE, AFTER), counts, strict=True)
        if any(count[month] for count in counts)
    ]
    x = alt.X("month:O", title="month", scale=alt.Scale(domain=months), axis=alt.Axis(grid=False))
    by = alt.XOffset("when:N", scale=alt.Scale(domain=[BEFORE, AFTER]))
    chart = alt.Chart(_data(rows)).encode(x=x, xOffset=by, y=alt.Y("due:Q", title="due dates"))
    bars = chart.mark_bar(stroke=_LINE).encode(fill=alt.Fill("when:N", title=None, scale=_FILL))
    numbers = chart.mark_text(dy=-7, color=_LINE).encode(text="due:Q")
    words = Words(told.after.pack)
    whose = joined((words.item(each) for each in shown), limit=3)
    what = f"of the {whose}" if shown else "no activity has more or fewer"
    return _titled(
        [bars, numbers],
        "Due dates by month, before and after",
        [what, _when(told)],
        width=_MONTH * len(months),
        height=200,
    )


def ratings_moved(told: Comparison) -> alt.LayerChart:
    """Draw how many providers move from which suggested level to which, as a table of numbers."""
    pack = told.after.pack
    names = [f"{level} {pack.levels[level].name}" for level in pack.levels]
    names = [*names, _NOBODY]
    by_level: Mapping[int | None, str] = dict(zip([*pack.levels, None], names, strict=True))
    moved = {
        (by_level[old], by_level[new]): len(ids) for (old, new), ids in told.ratings_moved.items()
    }
    rows = [
        {
            BEFORE: old,
            AFTER: new,
            "providers": moved.get((old, new), 0),
            "cell": _cell(moved, old, new),
        }
        for old in names
        for new in names
    ]
    chart = alt.Chart(_data(rows)).encode(
        x=alt.X(f"{AFTER}:O", title="suggested after", sort=names, axis=_levels(orient="top")),
        y=alt.Y(f"{BEFORE}:O", title="suggested before", sort=names, axis=_levels()),
    )
    cells = chart.mark_rect(stroke=_LINE, strokeWidth=0.5).encode(
        fill=alt.condition("datum.providers > 0", alt.value("#dddddd"), alt.value(_PALE))
    )
    numbers = chart.mark_text(fontSize=15, color=_LINE).encode(text="cell:N")
    return _titled(
        [cells, numbers],
        "Providers whose suggested rating moves",
        [f"{counted(sum(moved.values()), 'provider')} of {told.providers}, {_when(told)}"],
        width=_WIDE * len(names),
        height=_HIGH * len(names),
    )


def _cell(moved: Mapping[tuple[str, str], int], old: str, new: str) -> str:
    return "=" if old == new else str(moved.get((old, new), ""))


def longest_unseen(told: Comparison) -> alt.LayerChart:
    """Draw the longest that a provider goes without contact, before and after, where it is longer.

    The longest first; of more than fifteen the rest are counted. InputError where the comparison is
    of one day.
    """
    _refuse_one_day(told)
    names = {due.provider: due.name or due.provider for dues in told.dues for due in dues}
    shown = told.unseen[:MOST]
    rows = [
        {"provider": names.get(u.provider, u.provider), BEFORE: u.before, AFTER: u.after}
        for u in shown
    ]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("provider:N", title="provider", sort=None, axis=alt.Axis(labelLimit=260))
    )
    rule = base.mark_rule(color=_LINE).encode(x=alt.X(f"{BEFORE}:Q", title="days"), x2=f"{AFTER}:Q")
    points = [
        base.mark_point(filled=True, size=90, opacity=1, stroke=_LINE, shape=shape).encode(
            x=f"{when}:Q", fill=alt.value(fill)
        )
        for when, shape, fill in ((BEFORE, "circle", _PALE), (AFTER, "diamond", _DARK))
    ]
    numbers = [
        base.mark_text(dx=dx, color=_LINE).encode(x=f"{when}:Q", text=f"{when}:Q")
        for when, dx in ((BEFORE, -20), (AFTER, 20))
    ]
    rest = f", the longest {MOST} of {len(told.unseen)}" if told.unseen[MOST:] else ""
    what = f"providers who would go longer{rest}" if shown else "nobody would go longer"
    return _titled(
        [rule, *points, *numbers],
        "Longest without contact, before and after",
        [what, _when(told), "circle: before; diamond: after"],
        width=_WIDTH,
        height=_ROW * max(len(rows), 1),
    )


def _refuse_one_day(told: Comparison) -> None:
    if told.until is None:
        message = "a comparison of one day says nothing of a period"
        raise InputError([Diagnostic(message, help="compare with `since=…, until=…`")])


def _when(told: Comparison) -> str:
    return a_day(told.on) if told.until is None else f"{a_day(told.on)} to {a_day(told.until)}"


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _levels(**options: Any) -> alt.Axis:
    return alt.Axis(labelAngle=0, labelLimit=160, ticks=False, **options)


def _titled(
    layers: list[alt.Chart], title: str, subtitle: list[str], width: float, height: float
) -> alt.LayerChart:
    """Say what is shown, on a ground that is white also where the page is dark."""
    said = alt.TitleParams(title, subtitle=subtitle, anchor="start", offset=16)
    return alt.LayerChart(
        layer=layers, title=said, background="white", padding=12, width=width, height=height
    )
