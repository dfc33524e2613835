import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

import qaf_rules
from qaf_rules.attention import MOST, SEVERITIES, attention
from qaf_rules.registers import read_register
from qaf_rules.result import Keyed

TEXTS = Path(__file__).parent / "golden" / "texts"
ON = dt.date(2026, 11, 22)
ADULTS = qaf_rules.load("adults")

HOME = """
  - provider: {{provider_id: {id}, name: {name}, service_type: care_home, regulator: cqc,
      cqc_regulated: true, regulator_overall: good, contract_start: 2022-04-01}}
    activities:
      - {{activity: qm3, completed: 2026-06-15}}
      - {{activity: qm4, completed: 2026-07-20, outcome: no_improvements}}
      - {{activity: feedback_to_provider, completed: 2026-09-12}}
      - {{activity: send_activity_form, completed: 2026-09-12}}
      - {{activity: allocate_pqr, completed: 2026-09-12, outcome: "{level}"}}
      - {{activity: tell_provider_rating, completed: 2026-09-12}}
      - {{activity: share_at_sif, completed: 2026-09-12}}
      - {{activity: local_data_return, period: 2026-{month}, completed: 2026-{month}-20}}
"""


def home(id_="a", *lines, name="A", level=1, month="10"):
    """Give a home in order but for the contract meeting, which is given among the lines."""
    return HOME.format(id=id_, name=name, level=level, month=month) + "\n".join(
        f"      {line}" if line.startswith("-") else f"    {line}" for line in lines
    )


def found(text):
    """Give a finding of two days before."""
    return f"findings: [{{on: 2026-11-20, {text}}}]"


MET = "- {activity: qm1, completed: 2026-09-10, covered: all, outcome: no_improvements}"
LATE = "- {activity: qm1, completed: 2025-09-10, covered: all, outcome: no_improvements}"


@pytest.fixture
def monday(tmp_path):
    """Give Monday's list of a register in YAML."""

    def make(*providers, framework=ADULTS):
        path = tmp_path / "register.yaml"
        path.write_text("framework: adults\nproviders:\n" + "\n".join(providers), encoding="utf-8")
        register = read_register(path, framework)
        assert not register.faults
        assessments = [framework.assess(record, on=ON) for record in register]
        return attention(assessments, framework.pack, records=register.records)

    return make


def only(found):
    """Give the lines of the only provider."""
    (entry,) = found.providers
    return entry.lines


def test_who_needs_nothing_is_counted_and_not_listed(monday):
    """A provider in order has no line."""
    listed = monday(home("a", MET))
    assert listed.providers == ()
    assert (listed.totals.providers, listed.totals.needing, listed.totals.overdue_items) == (
        1,
        0,
        0,
    )


def test_an_overdue_visit_is_one_line_with_what_only_repeats_or_prepares_it(monday):
    """The action to hold the visit, and the actions that prepare it, are told in its line."""
    (line,) = only(monday(home("a", LATE)))
    assert (line.severity, line.items, line.due) == ("overdue", ("qm1",), dt.date(2026, 9, 10))
    assert line.what == "quality and contract monitoring meeting"
    assert line.why == "last held 10 Sep 2025, every 12 months; 73 days late; 1 thing to prepare"
    assert set(line.actions) == {"hold_activity", "review_additional_intelligence"}
    assert line.clause == "A-055"


def test_several_periods_of_one_return_are_one_line(monday):
    """Three months that did not come are one line, with the request for them."""
    line, *_ = only(monday(home("a", MET, month="07")))
    assert line.what == "local data return, 3 outstanding (Aug 2026 to Oct 2026)"
    assert line.due == dt.date(2026, 9, 8)
    assert "request_missing_return" in line.actions
    assert len(line.items) == 3


def test_what_the_provider_owes_concerns_nobody_until_it_is_late(monday):
    """A return that falls due next month is no line."""
    listed = monday(home("a", MET))
    assert listed.totals.needing == 0


def test_what_may_be_done_is_one_line_after_what_must_be(monday):
    """Actions that the document only allows come together, below those it demands."""
    fact = found("kind: judgement, by: cqmo, fact: breach_of_agreement, value: true")
    told = only(monday(home("a", LATE, fact)))
    assert [line.severity for line in told] == sorted(
        (line.severity for line in told), key=SEVERITIES.index
    )
    (maybe,) = [line for line in told if line.severity == "consider"]
    assert len(maybe.actions) > 1


def test_what_follows_one_event_is_one_line(monday):
    """A safeguarding enquiry starts several actions, told together with the enquiry."""
    enquiry = found("kind: safeguarding, ref: SG-1, source: other_professional, stage: enquiry")
    told = only(monday(home("a", MET, enquiry)))
    (line,) = [line for line in told if "report_to_safeguarding_team" in line.actions]
    assert {"share_with_relevant_services", "deploy_support"} <= set(line.actions)
    assert line.why == "because of safeguarding concern or enquiry SG-1 of 20 Nov 2026"
    assert line.severity == "do"


def test_an_action_past_its_day_is_overdue(monday):
    """What was to be done by a day that is gone presses like a visit that is late."""
    form = home("a", MET).replace(
        "      - {activity: send_activity_form, completed: 2026-09-12}\n", ""
    )
    (line,) = only(monday(form))
    assert (line.severity, line.due) == ("overdue", dt.date(2026, 9, 24))
    assert line.why.endswith("59 days late")


def test_activities_without_history_are_one_line(monday):
    """A provider of whom nothing is on record has one line that names them."""
    new = (
        "  - provider: {provider_id: new, service_type: care_home, cqc_regulated: true, "
        "contract_start: 2026-11-10}"
    )
    (line,) = only(monday(new))
    assert line.severity == "unknown"
    assert line.what.startswith("nothing on record: quality and contract monitoring meeting")
    assert len(line.items) == 4


def test_what_is_late_is_not_told_again_as_without_history(monday):
    """A return that never came is told as late, the visits as without history."""
    new = (
        "  - provider: {provider_id: new, service_type: care_home, cqc_regulated: true, "
        "contract_start: 2026-07-10}"
    )
    told = only(monday(new))
    (late,) = [line for line in told if line.severity == "overdue"]
    (unknown,) = [line for line in told if line.severity == "unknown"]
    assert {i.partition("@")[0] for i in late.items} == {"local_data_return"}
    assert "local_data_return" not in {i.partition("@")[0] for i in unknown.items}


def test_an_arranged_visit_says_for_when_and_what_is_wrong(monday):
    """A visit that is due and arranged without notice says both."""
    planned = "- {activity: qm1, planned: 2026-12-01}"
    (line,) = only(monday(home("a", LATE, planned)))
    assert "arranged for 1 Dec 2026" in line.why
    assert line.why.endswith("1 thing wrong with how it is arranged")


def test_a_visit_due_soon_or_today_is_told_as_due(monday):
    """The council's own visits are told before they are late."""
    soon = "- {activity: qm1, completed: 2025-12-01, covered: all, outcome: no_improvements}"
    today = "- {activity: qm1, completed: 2025-11-22, covered: all, outcome: no_improvements}"
    listed = monday(home("a", soon), home("b", today))
    assert [entry.lines[0].severity for entry in listed.providers] == ["due", "due"]
    assert "in 9 days" in listed.providers[0].lines[0].why
    assert "; today" in listed.providers[1].lines[0].why


def test_there_are_at_most_five_lines_and_none_is_lost():
    """Of a provider with more to do the rest is counted and named in the last line."""
    register = read_register(TEXTS / "adults.yaml", ADULTS)
    assessment = ADULTS.assess(register["larch-house"], on=ON)
    (entry,) = attention([assessment], ADULTS.pack).providers
    assert len(entry.lines) == MOST
    assert entry.lines[-1].what.startswith("and ")
    told = {a for line in entry.lines for a in line.actions}
    assert told == {a.id for a in assessment.actions}
    late = {i.id for i in assessment.schedule if i.status == "overdue"}
    assert late <= {i for line in entry.lines for i in line.items}


def test_what_is_missing_and_what_has_no_cause_is_told_all_the_same():
    """An item without history says what it came without; actions of no event have lines too."""
    register = read_register(TEXTS / "adults.yaml", ADULTS)
    assessment = ADULTS.assess(register["beech-court"], on=ON)
    item = next(i for i in assessment.schedule if i.activity == "qm1")
    late = item._replace(status="overdue", days=-2, last_done=None, missing=("invoice", "policy"))
    action = ADULTS.assess(register["larch-house"], on=ON).actions["deploy_support"]
    own = [replace(action, id=f"a{n}", text=f"Do {n}", reasons=()) for n in range(2)]
    changed = replace(assessment, schedule=(late,), actions=Keyed(own))
    (entry,) = attention([changed], ADULTS.pack).providers
    first, *rest = entry.lines
    assert first.why == "2 days late; came without invoice and policy"
    assert [(line.what, line.why) for line in rest] == [("do 0", ""), ("do 1", "")]


def test_many_actions_of_one_event_are_counted():
    """Of more than four the first three are named."""
    register = read_register(TEXTS / "adults.yaml", ADULTS)
    assessment = ADULTS.assess(register["larch-house"], on=ON)
    action = assessment.actions["deploy_support"]
    own = [replace(action, id=f"a{n}", text=f"Do {n}") for n in range(6)]
    (entry,) = attention(
        [replace(assessment, schedule=(), actions=Keyed(own))], ADULTS.pack
    ).providers
    (line,) = entry.lines
    assert line.what == "do 0; do 1; do 2; and 3 more"
    assert len(line.actions) == 6


def test_who_is_overdue_comes_first_then_the_worst_level_then_the_name(monday):
    """The order is: something overdue, the worse rating, what presses most, the name."""
    listed = monday(
        home("z", MET.replace("no_improvements", "improvements_found"), name="Zeta", level=4),
        home("y", LATE, name="Yew", level=1),
        home("x", LATE, name="Xylo", level=3),
        home("w", LATE, name="Wren", level=1),
    )
    assert [entry.name for entry in listed.providers] == ["Xylo", "Wren", "Yew", "Zeta"]


def test_totals_count_providers_items_levels_and_questions(monday):
    """The totals are over all providers, those without need among them."""
    listed = monday(home("a", MET), home("b", LATE, month="07", level=2))
    totals = listed.totals
    assert (totals.providers, totals.needing, totals.overdue_providers) == (2, 1, 1)
    assert totals.overdue_items == 4
    assert totals.confirmed == {1: 1, 2: 1}
    assert sum(totals.suggested.values()) == 2
    assert totals.questions > 0


def test_what_only_the_rating_asks_is_apart_while_there_is_nothing_to_go_on(monday):
    """Of a provider whose rating nobody has looked at the other questions are counted."""
    (entry,) = monday(home("a", LATE)).providers
    assert (entry.suggested, entry.questions < 10, entry.rating_questions > 10) == (
        "nothing to go on",
        True,
        True,
    )


def test_an_empty_register_has_an_empty_list():
    """With no provider there is nothing to say."""
    found = attention([], ADULTS.pack)
    assert (found.on, found.providers, found.totals.providers) == (None, (), 0)
