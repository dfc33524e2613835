"""What loads and is doubtful all the same is found, each thing where it stands."""

import datetime as dt
import os
from pathlib import Path

import pytest

from qaf_rules.check import CHECKS, check, deferred
from qaf_rules.pack import amended, load_pack

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"  # the flag by which golden files change
MINIMAL = load_pack(GOLDEN / "good" / "minimal")
DOUBTFUL = load_pack(GOLDEN / "bad" / "doubtful")


TALK = {"name": "Talk", "every": "28 days", "anchor": "contract_start", "clause": "B-01"}


def told(pack, on=None):
    """Give what is found as text, with file names that are the same everywhere."""
    text = "\n".join(f"{d} [{d.code}]" for d in check(pack, on=on))
    return text.replace(f"{pack.folder}{os.sep}", "") + "\n"


def codes(change):
    """Give what is found in the good pack after a change."""
    return [(d.code, d.severity) for d in check(amended(MINIMAL, change))]


@pytest.mark.parametrize("name", ["adults", "children"])
def test_what_is_never_public_cannot_be_made_so(name):
    """A-188, C-180: an overlay that opens it to the public is refused, whichever answer it gives."""
    for answer in ("permitted", "ask"):
        change = {"sharing": {"anything_to_the_public": {"answer": answer}}}
        found = {d.code for d in check(amended(load_pack(name), change))}
        assert "forbidden-sharing" in found


def test_a_good_pack_is_clean():
    """Of a pack that uses each part of the language as it should, nothing is said."""
    assert check(MINIMAL) == ()


def test_everything_doubtful_is_found():
    """Each doubtful thing is told with its file, line and column, the line, a caret and help."""
    golden = GOLDEN / "bad" / "doubtful.txt"
    found = told(DOUBTFUL, on=dt.date(2025, 1, 1))
    if UPDATE:
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("when", "help_"),
    [
        ({"licensed": "perhaps"}, "`perhaps` is not `true` or `false`"),
        ({"licensed": 1}, "`1` is not `true` or `false`"),
        ({"staff": "lots"}, "`lots` is not a whole number from 0"),
        ({"staff": {"in": [1, True]}}, "`True` is not a whole number from 0"),
        ({"contract_start": "soon"}, "write it as YYYY-MM-DD"),
        ({"stated": {"taste_good": "fine"}}, "`fine` is not `true` or `false`"),
        ({"some": "burnt_batch", "where": {"smelt": "much"}}, "`much` is not `true` or `false`"),
    ],
)
def test_a_value_of_another_type_is_never_read(when, help_):
    """What is tested for a value that its type has not can never hold, whatever its type."""
    generic = load_pack(Path(__file__).parent / "packs" / "generic")
    change = {"flags": {"new": {"when": when, "text": "New.", "clause": "B-002"}}}
    found = [d for d in check(amended(generic, change)) if d.code == "impossible-value"]
    assert [d.help for d in found] == [help_]


def test_each_check_finds_something():
    """No check is idle: the doubtful pack has something for each of them."""
    found = {d.code for d in check(DOUBTFUL)}
    assert {c.id for c in CHECKS} - found == set()


def test_findings_are_in_the_order_of_the_files():
    """What is found is read from the top of a file to its end."""
    found = check(DOUBTFUL)
    assert [(d.file, d.line) for d in found] == sorted((d.file, d.line) for d in found)


@pytest.mark.parametrize(
    ("day", "late"), [("2026-12-31", False), ("2027-01-01", True), (None, False)]
)
def test_review_date(day, late):
    """A document is past its review date from the day after, and only where a day is given."""
    found = check(MINIMAL, on=dt.date.fromisoformat(day) if day else None)
    assert [(d.code, d.severity) for d in found] == ([("past-review", "notice")] if late else [])


def test_deferred_clauses_are_counted():
    """How many clauses are put off is known by the topic they wait for."""
    assert deferred(MINIMAL) == {"pathway": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rating": {"tight": {"clause": "B-90"}}}, "undeclared"),
        ({"rating": {"tight": {"readings": "X-9"}}}, "undeclared"),
        ({"rating": {"tight": {"clause": {"by_reading": "X-1", "rolling": "B-09", "calendar": "B-90"}}}}, "undeclared"),  # one slip a line
        ({"rating": {"tight": {"conventions": "K99"}}}, "undeclared"),
        ({"rating": {"tight": {"level": 7}}}, "undeclared"),
        ({"pack": {"lapses": [{"fact": "deek", "from": 1, "to": 2, "why": "so"}]}}, "undeclared"),
        ({"pack": {"lapses": [{"fact": "leek.deep", "from": 1, "to": 2, "why": "so"}]}}, "undeclared"),  # one slip a line
        ({"rating": {"tight": {"mode": "qualifier", "of": "lleaky"}}}, "undeclared"),
        ({"activities": {"look": {"channel": "pigeon"}}}, "undeclared"),
        ({"activities": {"look": {"waits_on": "glance"}}}, "undeclared"),
        ({"activities": {"dive": {"name": "A dive", "cases": [{"when": {"deck": "wet"}, "use": {"every": "1 day", "waits_on": "glance"}}]}}}, "undeclared"),  # one slip a line
        ({"activities": {"dive": {"name": "A dive", "by_value": "deck", "options": {"wet": {"every": "1 day"}}, "otherwise": {"every": "2 days", "waits_on": "glance"}}}}, "undeclared"),  # one slip a line
        ({"activities": {"dive": {"name": "A dive", "by_value": "deck", "options": {"wet": {"every": "1 day"}}, "otherwise": {"attached_to": "look", "when": {"deck": "damp"}}}}}, "impossible-value"),  # one slip a line
        ({"activities": {"log": {"returns": "lgo"}}}, "undeclared"),
        ({"activities": {"look": {"conduct": {"location": "moon"}}}}, "undeclared"),
        ({"activities": {"look": {"conduct": {"attendance": {"required": "cook"}}}}}, "undeclared"),
        ({"matrix": {"boats": {"blank": {"activities": "swimm"}}}}, "undeclared"),
        ({"matrix": {"boats": {"replaces": "swimm"}}}, "undeclared"),
        ({"pack": {"groups": {"visits": ["lok"]}}}, "undeclared"),
        ({"pack": {"kind_groups": {"issues": ["lek"]}}}, "undeclared"),
        ({"pack": {"officer_sources": ["cook"]}}, "undeclared"),
        ({"pack": {"scope": {"still": ["swim"]}}}, "undeclared"),
        ({"pack": {"forums": {"talk": {**TALK, "audience": "gulls"}}}}, "undeclared"),
        ({"pack": {"forums": {"talk": {**TALK, "takes": ["ratings"]}}}}, "undeclared"),
        ({"pack": {"forums": {"talk": {**TALK, "actions": ["pumpp"]}}}}, "undeclared"),
        ({"pack": {"subjects": {"rating": {"name": "the rating", "holds": {"values": "dek"}}}}}, "undeclared"),  # one slip a line
        ({"pack": {"subjects": {"rating": {"name": "the rating", "holds": {"findings": "leek"}}}}}, "undeclared"),  # one slip a line
        ({"pack": {"subjects": {"rating": {"name": "the rating", "holds": {"findings": [{"is": "leak", "where": {"sise": "large"}}]}}}}}, "undeclared-attribute"),  # one slip a line
        ({"sharing": {"unlisted": {"gives": {"findings": "leek"}}}}, "undeclared"),
        ({"sharing": {"unlisted": {"gives": {"findings": [{"is": "leak", "where": {"size": "huge"}}]}}}}, "impossible-value"),  # one slip a line
        ({"sharing": {"unlisted": {"discretion": "D-9"}}}, "undeclared"),
        ({"sharing": {"late": {"what": "any", "audience": "mate", "answer": "ask", "text": "Late", "clause": "B-25"}}}, "never-reached"),  # one slip a line
        ({"sharing": {"unlisted": {"remove": True}}, "clauses": {"B-25": {"rule": "guidance", "because": "so"}}}, "no-answer"),  # one slip a line
        ({"sharing": {"no_talk": {"answer": "permitted"}}, "clauses": {"B-21": {"forbids": True}}}, "forbidden-sharing"),  # one slip a line
        ({"sharing": {"no_talk": {"answer": "ask"}}, "clauses": {"B-21": {"forbids": True}}}, "forbidden-sharing"),  # one slip a line
        ({"actions": {"pump": {"due": {"every": "28 days", "anchor": "tide"}}}}, "undeclared"),
        ({"actions": {"pump": {"due": {"by_choice": "X-8", "a": {"monthly_on": "tide"}}}}}, "undeclared"),  # one slip a line
        ({"actions": {"pump": {"enough": {"records": "lok", "decision": "anwser"}}}}, "undeclared"),
        ({"flags": {"wet": {"names": "dek"}}}, "undeclared"),
        ({"vocabulary": {"facts": {"leaks": {"counts": "leek"}}}}, "undeclared"),
        ({"vocabulary": {"kinds": {"leak": {"asks": "D-9"}}}}, "undeclared"),
        ({"pack": {"contacts": {"chandler": {"value": "1"}}}}, "no-clause"),
        ({"flags": {"wet": {"clause": []}}}, "no-clause"),
        ({"pack": {"rating": {"clause": "B-16"}}}, "guidance-cited"),
        ({"vocabulary": {"settings": {"tide": {"type": "date"}}}}, "unused"),
        ({"actions": {"pump": {"closed_by": []}}}, "never-closed"),
        ({"questions": {"D-2": {"answered_by": "record lok"}}}, "never-answered"),
        ({"questions": {"D-2": {"answered_by": "decision anser"}}}, "never-answered"),
        ({"questions": {"D-2": {"answered_by": "reading X-7"}}}, "never-answered"),
        ({"questions": {"D-2": {"answered_by": "paint the boat"}}}, "never-answered"),
        ({"rating": {"leaking_badly": {"level": 2, "when": {"leaks": 9}, "text": "!", "clause": "B-10"}}}, "level-in-id"),  # one slip a line
        ({"flags": {"wet": {"when": {"all": [{"item": "look", "where": {"stat": "done"}}]}}}}, "undeclared-attribute"),  # one slip a line
        ({"flags": {"wet": {"when": {"all": [{"latest": "look", "where": {"atendees": "mate"}}]}}}}, "undeclared-attribute"),  # one slip a line
        ({"flags": {"wet": {"when": {"all": [{"decision": "answer", "where": {"too": "x"}}]}}}}, "undeclared-attribute"),  # one slip a line
        ({"flags": {"wet": {"when": {"all": [{"suggested": "pump", "where": {"claus": "x"}}]}}}}, "undeclared-attribute"),  # one slip a line
        ({"flags": {"wet": {"when": {"deck": {"not": ["damp"]}}}}}, "impossible-value"),
        ({"vocabulary": {"kinds": {"leak": {"adverse": {"size": "huge"}}}}}, "impossible-value"),
        ({"vocabulary": {"kinds": {"leak": {"adverse": {"sise": "large"}}}}}, "undeclared-attribute"),
        ({"flags": {"wet": {"when": {"by_reading": "X-1", "otherwise": {"deck": "wet"}, "calendar": {"dek": "wet"}}}}}, "invalid"),  # one slip a line
        ({"flags": {"wet": {"when": {"by_reading": "X-1", "otherwise": {"deck": "wet"}, "calendar": {"deck": {}}}}}}, "invalid"),  # one slip a line
    ],
    ids=str,
)  # fmt: skip
def test_slips_of_the_pen(change, code):
    """A single slip in a good pack is found, in the reading that is not taken too."""
    assert code in [found for found, _ in codes(change)]


@pytest.mark.parametrize(
    "change",
    [
        {"questions": {"D-2": {"answered_by": ["record look", "decision answer", "reading X-1"]}}},
        {"questions": {"D-2": {"answered_by": ["planned look", "record look attendees"]}}},
        {"questions": {"D-2": {"answered_by": ["status of the finding", "paint"]}}},
        {"rating": {"tight": {"when": {"leaks": 0, "this.attendees": {"known": True}}}}},
        {"rating": {"tight": {"clause": {"by_reading": "X-1", "otherwise": ["B-09", "B-10"]}}}},
        {
            "flags": {
                "wet": {
                    "when": {"all": [{"some": "any", "where": {"size": "large", "open": True}}]}
                }
            }
        },
        {"actions": {"pump": {"standing": True}}},
        {"imports": {"note": "copied out by hand"}},
        {"activities": {"look": {"conduct": {"format": "walk_round"}}}},
    ],
    ids=str,
)
def test_what_is_meant_is_not_told(change):
    """What may well be meant is left alone."""
    change = {**change, "vocabulary": {"fields": {"deck": {"label": "deck of the boat"}}}}
    assert [
        code for code, severity in codes(change) if severity == "error" and code != "unused"
    ] == []


def test_what_makes_a_finding_adverse_is_read():
    """A field that only says when findings of a kind are adverse is used, one of many too."""
    names = [f"hold_{n}" for n in range(9)]
    fields = {n: {"type": "boolean", "label": n, "ask": f"Is it so of {n}?"} for n in names}
    kinds = {f"wet_{n}": {"label": n, "topic": "hull", "adverse": {n: True}} for n in names}
    assert codes({"vocabulary": {"fields": fields}}) == [("unused", "error")] * len(names)
    assert codes({"vocabulary": {"fields": fields, "kinds": kinds}}) == []


def test_what_held_before_a_change_is_read():
    """A setting that only the recurrence before a change reads is used."""
    gap = {"type": "interval", "label": "the old interval", "ask": "How often was it?"}
    was = {"on": "2026-04-01", "was": {"every": {"value": "gap"}}}
    dive = {"name": "A dive", "every": "6 months", "changed": was, "clause": "B-08"}
    change = {"vocabulary": {"settings": {"gap": gap}}, "activities": {"dive": dive}}
    assert codes(change) == []


def test_what_has_no_file_is_told_by_its_path():
    """In a section that an amendment brings, a fault has its path for a place."""
    change = {"supplements": {"wide": {"when": {"deck": "wet"}, "clause": "B-90"}}}
    (fault,) = check(amended(MINIMAL, change))
    assert (fault.code, fault.place) == ("undeclared", "supplements.wide.clause")


def test_two_packs_are_checked_in_every_reading():
    """Both councils' packs have no error that a check can find, whatever reading is taken."""
    for name in ("adults", "children"):
        errors = [str(d) for d in check(load_pack(name)) if d.severity == "error"]
        assert errors == []
