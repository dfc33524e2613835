"""A clause is exercised when the cases would not all pass without a rule that cites it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qaf_rules.cases import read_cases
from qaf_rules.coverage import Coverage, measure
from qaf_rules.engine import Framework, load
from qaf_rules.pack import changed
from qaf_rules.removal import rules_of, without

FOLDER = Path(__file__).parent / "golden" / "good" / "minimal"
FILE = read_cases(FOLDER / "cases" / "all.yaml", pack=FOLDER)
CASES = {case.id: case for case in FILE.cases}
WHOLE = measure(FILE.framework, FILE.cases)
RULES = {(rule.kind, rule.name): rule for rule in rules_of(FILE.framework.pack)}


def by(*ids):
    """Measure with some of the cases."""
    return measure(FILE.framework, [CASES[id_] for id_ in ids])


LEAK = "{kind: leak, on: 2025-02-28}"
LEVEL = "{rating: {level: 1}}"


@pytest.fixture
def read(tmp_path):
    """Read one case of a boat from what is known of it and what is expected."""

    def made(known, expect, *, craft="boat"):
        path = tmp_path / "cases.yaml"
        head = f"cases:\n  - id: own\n    on: 2025-03-01\n    provider: {{service_type: {craft}}}\n"
        path.write_text(f"{head}    {known}\n    expect: {expect}\n", encoding="utf-8")
        return read_cases(path, pack=FOLDER).cases

    return made


def lacking(kind, name):
    """Give the pack without a rule."""
    pack = FILE.framework.pack
    for section, path, raw in next(iter(without(pack, RULES[kind, name]))).changes:
        pack = changed(pack, section, path, raw)
    return pack


def amended(change):
    """Give the framework after a change, with its cases."""
    return FILE.framework.amend(change), list(FILE.cases)


def test_all_clauses_of_a_good_pack_are_exercised():
    """A pack whose cases try every clause has all of them, those left aside not counted."""
    assert (WHOLE.percent, WHOLE.not_exercised, WHOLE.guidance, WHOLE.deferred) == (100.0, {}, 1, 1)
    assert (WHOLE.stumbled, WHOLE.faulty) == ((), ())


def test_nothing_is_exercised_without_cases():
    """Without a case nothing is exercised, and every rule is idle."""
    nothing = by()
    assert nothing.percent == 0.0
    assert nothing.idle == nothing.rules == WHOLE.rules
    assert all(rules for rules in nothing.not_exercised.values())


@pytest.mark.parametrize(
    ("case", "clauses"),
    [
        ("raft", {"B-04", "B-15"}),
        ("log", {"B-04", "B-18"}),
        ("rated", {"B-03"}),
        ("out", {"B-04"}),
        ("tight", {"B-01", "B-09"}),
        ("late-log", {"B-02", "B-04", "B-18", "B-19"}),
        ("leak", {"B-02", "B-10", "B-11", "B-12", "B-13", "B-20"}),
        ("yearly", {"B-04", "B-05", "B-06", "B-07", "B-08", "B-14"}),
    ],
)
def test_a_case_exercises_what_it_rests_on(case, clauses):
    """A case exercises the clauses without whose rules its answer would be another."""
    assert clauses <= set(by(case).exercised)


def test_expecting_nothing_exercises_nothing():
    """A case through which rules pass, but which asserts nothing of them, is no evidence."""
    silent = [replace(case, expect={}) for case in FILE.cases]
    assert measure(FILE.framework, silent).exercised == ()


def test_a_rule_beside_others_is_told_idle():
    """Where one of several rules that cite a clause is not exercised, it is told by its place."""
    (idle,) = WHOLE.partly["B-06"]
    assert (idle.kind, idle.name) == ("ambiguity", "readings.X-1")
    assert idle.place.endswith("readings.yaml:2:3")
    assert "B-06" in WHOLE.exercised


def test_rules_are_found_by_what_they_are():
    """Cells, frequencies, criteria, triggers and actions are rules, and whatever cites a clause."""
    assert {kind for kind, _ in RULES} == {
        *(
            "action",
            "activity",
            "ambiguity",
            "audience",
            "blank",
            "cell",
            "conduct",
            "contact",
            "criterion",
        ),
        *("field", "flag", "frequency", "kind", "level", "method", "missed_return", "question"),
        *("row", "scope", "sharing", "step", "trigger"),
    }
    assert ("trigger", "actions.pump.triggers.0") in RULES
    assert ("frequency", "matrix.rafts.activities.look") in RULES


def test_tests_of_clauses_are_no_citations():
    """A condition on the clause of a suggested action cites nothing."""
    change = {
        "flags": {"wet": {"when": {"all": [{"suggested": "pump", "where": {"clause": "B-11"}}]}}}
    }
    framework, _ = amended(change)
    assert [r.name for r in rules_of(framework.pack)] == [r.name for r in WHOLE.rules]


def test_a_frequency_becomes_as_required():
    """Without its frequency an activity is never due; without that it is not applicable."""
    loose = lacking("frequency", "activities.look").activities["look"].rule.frequency
    looser = lacking("frequency", "activities.swim").activities["swim"].rule.frequency
    assert type(loose).__name__ == "AsRequired"
    assert type(looser).__name__ == "NotApplicable"


def test_an_activity_goes_with_its_cells():
    """An activity that others name keeps its name, and no row brings it."""
    pack = lacking("activity", "activities.look")
    assert pack.activities["look"].name == "A look at the boat"
    assert all("look" not in row.activities for row in pack.matrix.values())


def test_a_level_goes_with_its_criteria():
    """Without a level no criterion can speak for it."""
    pack = lacking("level", "pack.scale.levels.2")
    assert (list(pack.levels), list(pack.rating)) == ([1], ["tight"])


def test_a_blank_is_filled():
    """What a row leaves out becomes as required."""
    cells = lacking("blank", "matrix.boats.blank").matrix["boats"].activities
    assert [cells[a][0].required for a in ("swim", "rate")] == ["as_required", "as_required"]


def test_a_kind_says_nothing():
    """A kind of finding that is gone says nothing, and findings of it are not read."""
    out = next(iter(without(FILE.framework.pack, RULES["kind", "vocabulary.kinds.leak"])))
    assert out.kind == "leak"
    assert not lacking("kind", "vocabulary.kinds.leak").kinds["leak"].adverse


def test_what_cannot_stand_goes_with_what_holds_it():
    """Where a pack would not load without a part, what the part stands in goes too."""
    use = {"use": {"every": "9 months", "clause": "B-08"}, "when": {"deck": "wet"}}
    change = {"matrix": {"rafts": {"activities": {"swim": {"cases": [use], "clause": "B-08"}}}}}
    framework, cases = amended(change)
    found = measure(framework, cases)
    names = {(r.kind, r.name) for r in found.rules}
    assert ("frequency", "matrix.rafts.activities.swim.cases.0.use") in names
    assert not found.stumbled


def rules(found):
    """Give the names of the rules that some case exercises."""
    return {rule.name for rule in found.rules if rule not in found.idle}


def test_what_was_looked_at_exercises_its_kinds(read):
    """A kind is exercised by a case that rests on there being no finding of it."""
    cases = read("activities: [{activity: look, completed: 2025-02-28, covered: [hull]}]", LEVEL)
    assert "vocabulary.kinds.leak" in rules(measure(FILE.framework, cases))


def test_a_fact_is_exercised_by_the_findings_it_counts(read):
    """A case that names the findings exercises the fact that counts them."""
    flag = {"when": {"leaks": {"at_least": 1}}, "text": "It leaks", "clause": "B-13"}
    change = {"vocabulary": {"facts": {"leaks": {"clause": "B-09"}}}, "flags": {"leaking": flag}}
    framework, _ = amended(change)
    cases = read(f"findings: [{LEAK}]", "{flags: {includes: [leaking]}}")
    assert "vocabulary.facts.leaks" in rules(measure(framework, cases))


def test_a_decision_is_exercised_where_one_is_taken(read):
    """A decision of the pack is idle until a case takes one that changes its answer."""
    framework, cases = amended({"vocabulary": {"decisions": {"answer": {"clause": "B-12"}}}})
    assert "vocabulary.decisions.answer" not in rules(measure(framework, cases))
    large = LEAK.replace("}", ", size: large}")
    taken = "decisions: [{decision: answer, to: D-1, by: captain, on: 2025-03-01}]"
    cases = read(f"findings: [{large}]\n    {taken}", "{questions: {excludes: [D-1]}}")
    assert "vocabulary.decisions.answer" in rules(measure(framework, cases))


def test_a_rule_is_exercised_under_its_own_reading(read):
    """Of a choice by reading a case exercises the option that it takes, and no other."""
    options = {"rolling": {"every": "6 months"}, "calendar": {"every": "3 months"}}
    cell = {"by_reading": "X-1", **{k: {**v, "clause": "B-15"} for k, v in options.items()}}
    framework, _ = amended({"matrix": {"rafts": {"activities": {"swim": cell}}}})
    raft = "activities: [{activity: swim, completed: 2025-01-01}]"
    here = "matrix.rafts.activities.swim"
    half = read(raft, "{schedule: {swim: {due: 2025-07-01}}}", craft="raft")
    found = rules(measure(framework, half))
    assert (f"{here}.rolling" in found, f"{here}.calendar" in found) == (True, False)
    other = f"{raft}\n    readings: {{X-1: calendar}}"
    quarter = read(other, "{schedule: {swim: {due: 2025-04-01}}}", craft="raft")
    found = rules(measure(framework, quarter))
    assert (f"{here}.rolling" in found, f"{here}.calendar" in found) == (False, True)


def test_a_rule_of_the_register_is_exercised_by_several_providers(read):
    """What is asked of a whole register exercises the rules of the register."""
    when = {"count": "leak", "across": "providers", "recorded": True, "at_least": 2}
    trigger = {"when": when, "force": "may", "clause": "B-12"}
    tell = {"text": "Tell the harbour", "owner": "mate", "portfolio": True, "triggers": [trigger]}
    framework, _ = amended({"actions": {"tell": tell}})
    both = f"findings: [{LEAK}]\n    others: [{{provider: {{provider_id: b}}, findings: [{LEAK}]}}]"
    cases = read(both, "{portfolio: {actions: {includes: [tell]}}}")
    assert "actions.tell.triggers.0" in rules(measure(framework, cases))


def test_what_no_pack_can_be_without_is_idle():
    """A rule without which nothing would load is never shown to be exercised."""
    framework, cases = amended({"pack": {"scale": {"clause": "B-01"}}})
    found = measure(framework, cases)
    assert "pack.scale" in {rule.name for rule in found.idle}
    assert not found.stumbled


def test_a_failing_case_is_no_evidence():
    """A case that fails as the pack stands is left aside and named."""
    framework, cases = amended({"rating": {"leaky": {"level": 1}}})
    found = measure(framework, cases)
    assert found.faulty == ("leak",)
    assert "B-10" in found.not_exercised
    assert any("case leak" in line for line in found.lines())


def test_a_refused_profile_is_an_answer(monkeypatch):
    """A profile that comes to contradict itself shows the rule; a crash of the engine does not."""
    invalid = [{"when": {"deck": "dry"}, "text": "no deck is dry"}]
    derive = [{"when": {"deck": {"known": False}}, "value": True}]
    change = {
        "vocabulary": {
            "fields": {
                "deck": {
                    "derive": [{"when": {"all": []}, "value": "wet", "clause": "B-20"}],
                    "absent": "dry",
                },
                "afloat": {"type": "boolean", "derive": derive, "invalid": invalid},
            }
        }
    }
    framework, cases = amended(change)
    found = measure(framework, [c for c in cases if c.id == "raft"])
    assert "B-20" in found.exercised

    assess = Framework.assess

    def crashes(self, record, *, on):
        if "deck" not in self.pack.fields:
            raise RuntimeError
        return assess(self, record, on=on)

    monkeypatch.setattr(Framework, "assess", crashes)
    broken = measure(FILE.framework, FILE.cases)
    assert [r.name for r in broken.stumbled] == ["vocabulary.fields.deck"]
    assert "B-20" in broken.not_exercised


def test_a_clause_that_no_rule_cites_is_told():
    """An executable clause without a rule is not exercised, and told so."""
    framework, cases = amended({"clauses": {"B-16": {"rule": "executable"}}})
    found = measure(framework, cases)
    assert found.not_exercised == {"B-16": ()}
    assert found.percent < 100
    assert next(found.lines()) == "B-16 is cited by no rule"


def test_the_percent_is_never_rounded_up():
    """One clause in two thousand that is not exercised is seen in the percent."""
    found = Coverage("x", tuple(map(str, range(1999))), {"last": ()}, (), ())
    assert found.percent == 99.9
    assert Coverage("x", (), {}, (), ()).percent == 100.0


def test_progress_is_told():
    """Whoever waits is told after each rule how far it is."""
    seen = []
    measure(FILE.framework, [], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, len(RULES)) for n in range(1, len(RULES) + 1)]


def test_measuring_changes_nothing():
    """The pack that was measured is the same afterwards, and so is a second measurement."""
    assert measure(FILE.framework, FILE.cases) == WHOLE
    assert load(FOLDER).pack.data == FILE.framework.pack.data


def test_the_sum_is_told_last():
    """The last line tells the clauses, the rules and what was left aside."""
    *_, last = WHOLE.lines()
    assert last == (
        "minimal: 23 of 23 executable clauses exercised (100.0%), "
        f"{len(WHOLE.rules) - len(WHOLE.idle)} of {len(WHOLE.rules)} rules; "
        "left aside: 1 guidance, 1 deferred"
    )


WATCH = {
    "name": "Watch",
    "escalation": True,
    "clause": "B-11",
    "steps_source": [{"is": "own", "clause": "B-13"}],
    "states": {
        "afloat": {"name": "Afloat", "start": True},
        "watched": {"name": "Watched", "end": True, "clause": "B-11"},
    },
    "transitions": {
        "watch": {"text": "Watch it", "from": "afloat", "to": "watched", "when": {"deck": "wet"}, "force": "must", "clause": "B-11"},  # one row a line
        "call": {"text": "Call", "from": "afloat", "to": "watched", "decided_by": "captain", "clause": "B-12"},  # one row a line
    },
}  # fmt: skip


def test_transitions_are_exercised_by_steps(tmp_path):
    """A row of a pathway is exercised by a case that takes it, and idle where none does."""
    framework = FILE.framework.amend({"pathway": {"watch": WATCH}})
    follows = "{pathway: {entered: true, steps_source: own}, steps: {watch: [{follow: true, to: watched}]}}"
    tells = "{steps: {watch: [{event: call, by: captain, to: watched}]}}"
    found = {}
    for expect in (follows, tells):
        path = tmp_path / "cases.yaml"
        path.write_text(
            "cases:\n  - id: own\n    on: 2025-03-01\n    provider: {service_type: boat, deck: wet}\n"
            f"    expect: {expect}\n"
        )
        folder = tmp_path / "pack"
        folder.mkdir(exist_ok=True)
        for source in FOLDER.glob("*.yaml"):
            (folder / source.name).write_bytes(source.read_bytes())
        (folder / "pathway.yaml").write_text(json.dumps({"watch": WATCH}))
        measured = measure(framework, read_cases(path, pack=folder).cases)
        idle = {r.name for r in measured.idle if r.section == "pathway"}
        found[expect] = {r.name for r in measured.rules if r.section == "pathway"} - idle
    whole = {"pathway.watch", "pathway.watch.states.watched"}
    assert found[follows] == {*whole, "pathway.watch.transitions.watch", "pathway.watch.steps_source.0"}  # fmt: skip
    assert found[tells] == {*whole, "pathway.watch.transitions.call"}


def test_what_an_activity_brings_is_exercised_by_its_channel(read):
    """What is cited beside an action that an activity brings is exercised where a case names it."""
    brings = [{"is": "pump", "channel": "flag_signal", "clause": "B-05"}, "call_coast_guard"]
    pump = {"triggers": [{"when": {"latest": "look"}, "force": "must", "clause": "B-11"}]}
    framework = FILE.framework.amend(
        {"activities": {"look": {"brings": brings}}, "actions": {"pump": pump}}
    )
    looked = "activities: [{activity: look, completed: 2025-02-20}]"
    rules = {r.name: r for r in rules_of(framework.pack)}
    assert rules["activities.look.brings.0"].kind == "brought"
    assert "activities.look.brings.1" not in rules

    def idle(expect):
        return {r.name for r in measure(framework, read(looked, expect)).idle}

    named = "{brought: {look: {pump: {channel: flag_signal}}}}"
    assert "activities.look.brings.0" not in idle(named)
    assert "activities.look.brings.0" in idle("{actions: {includes: [{action: pump}]}}")
