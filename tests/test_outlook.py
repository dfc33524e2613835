"""What the rating may still become, and the questions that tell most of it."""

import datetime as dt
import random
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.facts import View
from qaf_rules.model import Finding, Provider, ProviderRecord
from qaf_rules.outlook import answers, suggested
from qaf_rules.result import Question
from qaf_rules.schedule import make_schedule

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)
PACKS = ("adults", "children")
ORDERS = 1000


def opened(name):
    """Give a framework with its example register."""
    framework = qaf.load(name)
    register = qaf.read_register(ROOT / "examples" / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


class Walk:
    """A provider of whose questions each has one hidden answer; every state is worked out once."""

    def __init__(self, framework, record):
        self.framework = framework
        self.assessment = framework.assess(record, on=ON)
        self.view = View(framework.pack, record, ON, framework.settings)
        make_schedule(self.view)
        self.known = {frozenset(): self.state(self.assessment.suggestion, record, {})}

    def state(self, given, record, asked):
        """A suggestion with its record and the questions that can still change it."""
        if given.lowest == given.highest:
            return given, record, {}
        open_ = {id_: q for id_, q in asked.items() if set(q.about) & set(given.unknown)}
        if not open_:
            a = self.framework.assess(record, on=ON)
            needed = set(a.suggestion.unknown)
            open_ = {q.id: q for q in a.questions if needed & set(q.about) and self.answers(q)}
        return given, record, open_

    def answers(self, question):
        """The answers to a question that can make a difference."""
        return answers(self.framework.pack, question)

    def hidden(self, question):
        """The answer that a question of this provider has, whenever it is put."""
        seed = f"{self.assessment.provider} {question.id}"
        return random.Random(seed).choice(self.answers(question))  # noqa: S311  # nothing secret

    def most_telling(self, open_, record):
        """The question that the library puts first."""
        ranked = self.framework.assess(record, on=ON).ranked()
        return next((t.question.id for t in ranked if t.question.id in open_), open_[0])

    def tell(self, said, name):
        """Answer one more question of those said so far."""
        further = said | {name}
        if further not in self.known:
            _, record, asked = self.known[said]
            record = record.with_answer(asked[name], self.hidden(asked[name]), by="cqmo", on=ON)
            left = {id_: question for id_, question in asked.items() if id_ != name}
            self.known[further] = self.state(suggested(self.view, record), record, left)
        return further

    def needed(self, pick, most=1000):
        """Count the questions that it takes to settle the level, at most so many and one."""
        said = frozenset()
        while len(said) <= most:
            _, record, asked = self.known[said]
            open_ = [name for name in asked if name not in said]
            if not open_:
                break
            said = self.tell(said, pick(open_, record))
        return len(said)


@pytest.mark.no_cover  # many small assessments: their lines are covered elsewhere
def test_the_most_telling_question_first_needs_the_fewest():
    """Over the registers neither the declared order nor any of 1,000 random ones needs fewer."""
    walks = [Walk(framework, r) for framework, register in map(opened, PACKS) for r in register]
    walks = [walk for walk in walks if walk.assessment.suggestion.unknown]
    walks.sort(key=lambda walk: len(walk.assessment.suggestion.unknown), reverse=True)
    ranked = sum(walk.needed(walk.most_telling) for walk in walks)
    assert 0 < ranked < sum(walk.needed(lambda open_, _: open_[0]) for walk in walks)
    for seed in range(ORDERS):

        def by_chance(open_, _, seed=seed):
            return min(open_, key=lambda name: random.Random(f"{seed} {name}").random())  # noqa: S311

        total = 0
        for walk in walks:
            total += walk.needed(by_chance, ranked - total)
            if total >= ranked:
                break
        assert total >= ranked, f"the order of seed {seed} needs {total}, the ranked one {ranked}"


def test_a_question_says_how_many_levels_it_would_settle():
    """Of a provider with one open question every answer settles the level that is left."""
    framework, register = opened("adults")
    (telling,) = framework.assess(register["ellesby-grange"], on=ON).ranked()
    assert telling.question.id == "safeguarding_numerous"
    assert (telling.settles, telling.surely, telling.expected) == (1, 1, 1.0)


def test_what_is_settled_has_no_telling_question():
    """Where only one level is possible no question is ranked."""
    framework, register = opened("adults")
    assert framework.assess(register["alder-court"], on=ON).ranked() == ()


def test_the_worst_that_may_be_is_asked_first():
    """Of a provider of which nothing is known the question that rules out most levels leads."""
    framework = qaf.load("adults")
    provider = Provider(id="p", fields={"service_type": frozenset({"care_home"})})
    ranked = framework.assess(ProviderRecord(provider=provider), on=ON).ranked()
    assert ranked[0].settles == 4
    expected = [telling.expected for telling in ranked]
    assert expected == sorted(expected, reverse=True)


def home(*findings, **fields):
    """A care home with findings."""
    provider = Provider(id="p", fields={"service_type": frozenset({"care_home"}), **fields})
    return ProviderRecord(provider=provider, findings=findings)


def found(kind, ref=None, on=dt.date(2026, 10, 1), **attributes):
    """A finding of a kind with attributes."""
    return Finding(kind=kind, on=on, ref=ref, attributes=attributes)


def about(a, name):
    """The questions of an assessment about a fact or an attribute."""
    return [q for q in a.questions if name in q.about]


def test_each_finding_is_asked_for_what_it_does_not_say():
    """Two complaints do not say whether they were reported: each is asked and completed by itself."""
    framework = qaf.load("adults")
    record = home(
        found("complaint", "C-1", severity="minor"),
        found("complaint", "C-2", severity="minor", handled_appropriately=True),
        found("incident", "C-2"),
    )
    asked = about(framework.assess(record, on=ON), "complaints_reported_to_qa")
    assert [q.id for q in asked] == ["complaint:C-1.reported_to_qa", "complaint:C-2.reported_to_qa"]
    assert asked[0].text == "Complaint C-1: Did the provider report it to quality assurance?"
    assert asked[0].completes == ("complaint", "reported_to_qa", "C-1")
    told = record.with_answer(asked[0], value=True, by="cqmo", on=ON)
    assert [f.attributes.get("reported_to_qa") for f in told.findings] == [True, None, None]
    (left,) = about(framework.assess(told, on=ON), "complaints_handled_appropriately")
    assert left.id == "complaint:C-1.handled_appropriately"
    with pytest.raises(qaf.InputError, match="there is no complaint finding `C-1` on record"):
        home().with_answer(asked[0], value=True, by="cqmo", on=ON)


def test_findings_of_a_day_without_a_reference_are_told_apart():
    """Two incidents of one day are asked about each by a name of its own."""
    framework = qaf.load("adults")
    record = home(found("incident", investigated=True), found("incident"))
    asked = about(framework.assess(record, on=ON), "incident.harm")
    names = ["incident of 2026-10-01", "incident of 2026-10-01 (2)"]
    assert [q.completes.finding for q in asked] == names
    told = record.with_answer(asked[1], value="significant", by="cqmo", on=ON)
    assert [f.attributes.get("harm") for f in told.findings] == [None, "significant"]


def test_a_finding_is_asked_only_for_what_a_criterion_still_needs():
    """A shortfall that affects nothing need not say whether it is a significant part."""
    framework = qaf.load("adults")
    harmless = found("contract_shortfall", "S-1", affects_delivery_or_quality=False)
    felt = found("contract_shortfall", "S-2", affects_delivery_or_quality=True)
    asked = about(framework.assess(home(harmless, felt), on=ON), "contract_significant_part_unmet")
    assert [q.completes.finding for q in asked] == ["S-2"]


@pytest.mark.parametrize("source", [None, "provider"])
def test_who_takes_up_a_concern_is_told_in_the_concern(source):
    """The source of a finding is one of the pack's; that of another concern stays what it is."""
    framework = qaf.load("adults")
    record = home(
        found("concern", "K-1", severity="minor", safety_impact="none").model_copy(
            update={"source": source}
        ),
        found("concern", "K-2", severity="minor").model_copy(update={"source": "regulator"}),
    )
    (asked,) = about(framework.assess(record, on=ON), "concern_source")
    assert asked.id == "concern:K-1.source"
    assert ("known only from the provider" in asked.text) == (source == "provider")
    assert asked.takes.values == tuple(framework.pack.sources)
    told = record.with_answer(asked, "cqmo", by="cqmo", on=ON)
    assert [f.source for f in told.findings] == ["cqmo", "regulator"]
    assert about(framework.assess(told, on=ON), "concern_source") == []


def test_a_state_that_a_criterion_reads_as_one_is_told_in_the_finding():
    """That there are plans is told where it is told that recruitment is a struggle."""
    framework = qaf.load("adults")
    record = home(found("recruitment", "R-1", recruitment_struggling=True))
    (asked,) = about(framework.assess(record, on=ON), "recruitment_plans")
    assert asked.completes == ("recruitment", "recruitment_plans", "R-1")
    told = record.with_answer(asked, value=True, by="cqmo", on=ON)
    matched = [c.id for c in framework.assess(told, on=ON).suggestion.matched]
    assert matched == ["recruitment_struggling_with_plans"]


def test_a_state_that_is_read_by_itself_is_told_by_a_further_finding():
    """What was found of the paperwork in October stays, and what is told today stands beside it."""
    framework = qaf.load("adults")
    record = home(found("paperwork", "P-1", insurances_valid=True))
    (asked,) = about(framework.assess(record, on=ON), "paperwork_complete")
    assert asked.completes == ("paperwork", "paperwork_complete", None)
    told = record.with_answer(asked, value=True, by="cqmo", on=ON)
    assert told.findings == (*record.findings, found("paperwork", on=ON, paperwork_complete=True))
    assert about(framework.assess(told, on=ON), "paperwork_complete") == []


def stated(fact, value, on=ON):
    """A judgement of a fact."""
    return Finding(kind="judgement", fact=fact, value=value, by="cqmo", on=on)


def test_what_was_described_is_asked_by_the_facts_that_count_it():
    """Of an indicator that was described and not recorded it is asked how many are not met."""
    framework = qaf.load("adults")
    a = framework.assess(home(stated("kpi_solution_in_progress", value=False)), on=ON)
    asked = [t.question for t in a.ranked() if "kpi.state" in t.question.about]
    assert {"kpi_at_risk_reported", "kpis_unmet"} <= {q.id for q in asked}
    assert all(q.completes is None for q in asked)


def test_what_differs_of_the_day_itself_is_stated():
    """One more finding of today would differ too, so a person states which of the two is right."""
    framework = qaf.load("adults")
    of_today = [found("experience", on=ON, experience=each) for each in ("good", "poor")]
    record = home(*of_today)
    asked = framework.assess(record, on=ON).questions["experience"]
    assert (asked.completes, asked.fact) == (None, "experience")
    told = record.with_answer(asked, "poor", by="cqmo", on=ON)
    assert framework.assess(told, on=ON).value("experience") == "poor"


def test_what_is_lacking_is_answered_in_the_words_of_the_attribute():
    """Whether all complaints are minor is asked of one by how severe it is."""
    framework = qaf.load("adults")
    record = home(found("complaint", "C-1"))
    (asked,) = about(framework.assess(record, on=ON), "complaints_all_minor")
    assert answers(framework.pack, asked) == ("minor", "serious")


def test_an_answer_speaks_for_nothing_that_was_found_since():
    """What was described in March is told as of then, and the concern of May is still counted."""
    framework = qaf.load("adults")
    described = Finding(
        kind="judgement", fact="concerns_identified", value=True, by="cqmo", on=dt.date(2026, 3, 1)
    )
    grave = found("concern", "K-2", on=dt.date(2026, 5, 1), severity="beyond_minor")
    record = home(described, grave)
    asked = {q.id: q for q in about(framework.assess(record, on=ON), "concern_severity")}
    assert asked["concern_severity"].as_of == dt.date(2026, 4, 30)
    told = record.with_answer(asked["concern_severity"], "minor", by="cqmo", on=ON)
    stated = told.findings[-1]
    assert (stated.on, stated.recorded) == (dt.date(2026, 4, 30), ON)
    kept = [(f.kind, f.ref) for f in told.findings]
    assert kept == [("judgement", None), ("concern", "K-2"), ("judgement", None)]
    view = View(framework.pack, told, ON, framework.settings)
    severities = [k.attributes.get("severity") for k in view.world("concern").elements]
    assert severities == ["minor", "beyond_minor"]


def question(name):
    """A question about a fact of the adults' pack."""
    declared = qaf.load("adults").pack.values[name].type
    return Question(name, "?", (), (name,), fact=name, takes=declared)


@pytest.mark.parametrize("value", ["yes", 3, None, "banana"])
def test_an_answer_of_another_type_is_refused(value):
    """What is no truth answers no question for one, and nothing is recorded."""
    framework, record = qaf.load("adults"), home()
    asked = framework.assess(record, on=ON).questions["market_exit_notice"]
    with pytest.raises(qaf.InputError, match="is not `true` or `false`") as told:
        record.with_answer(asked, value, by="cqmo", on=ON)
    assert told.value.diagnostics[0].place == "answer to market_exit_notice"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("market_exit_notice", (True, False)),
        ("complaints_count", (0, 1, 2, 3)),
        ("experience", ("good", "mixed", "poor", "very_poor")),
        ("incident_recurring_theme", ("given",)),
        ("contract_start", ()),
        ("cqc_domains", ()),
    ],
)
def test_answers_are_those_that_can_make_a_difference(name, expected):
    """A truth has two, a number those near a limit, an enumeration all; a day or a mapping none."""
    assert answers(qaf.load("adults").pack, question(name)) == expected


def test_a_set_is_answered_by_each_of_its_members():
    """Where several values may be given each is tried by itself."""
    name = "concern_source"
    told = answers(qaf.load("adults").pack, question(name))
    assert frozenset({"cqmo"}) in told
    assert all(len(each) == 1 for each in told)


def test_what_is_no_value_has_no_answers():
    """A question that a decision answers is asked for no value."""
    assert answers(qaf.load("adults").pack, Question("D-A-01", "?", (), ("D-A-01",))) == ()


# --- what fuzzing found ---------------------------------------------------------------------------

MARCH = dt.date(2026, 3, 10)
VISIT = qaf.Activity(activity="qm1", completed=dt.date(2026, 3, 1), covered=("all",))


def told(*findings, visited=False, **fields):
    """The answer for a care home on 10 March 2026."""
    record = home(*findings, **fields)
    return qaf.load("adults").assess(record.with_activity(VISIT) if visited else record, on=MARCH)


def struggling(day, **attributes):
    """A finding on recruitment."""
    return found("recruitment", on=dt.date(2026, *day), **attributes)


@pytest.mark.parametrize(
    "second",
    [
        struggling((3, 1), recruitment_plans=False),
        struggling((3, 1), recruitment_struggling=True),
        struggling((2, 1), recruitment_struggling=True),
    ],
)
def test_what_is_repeated_takes_nothing_away(second):
    """A state that a second finding only repeats is still told whole by the first."""
    first = struggling((2, 1), recruitment_struggling=True, recruitment_plans=False)
    a = told(first, second)
    assert [c.id for c in a.suggestion.matched] == ["recruitment_struggling_without_plans"]
    assert about(a, "recruitment_plans") == []
    assert not a.suggestion.gap


@pytest.mark.parametrize("kind", ["market_exit", "regulator", "viability", "finance"])
def test_an_open_finding_that_says_nothing_is_asked_about(kind):
    """However old, as long as it is open it may be adverse."""
    a = told(found(kind, on=dt.date(2025, 2, 3)), visited=True)
    assert a.suggestion.highest >= 4
    assert [q for q in a.questions if q.completes is not None and q.completes.kind == kind]
    closed = found(kind, on=dt.date(2025, 2, 3)).model_copy(update={"status": "closed"})
    assert told(closed, visited=True).suggestion.highest < 4


def test_a_finding_that_says_nothing_is_no_absence():
    """That leadership was looked at says nothing of a manager where what was found is silent."""
    silent = found("leadership", on=dt.date(2026, 3, 5))
    a = told(silent, visited=True, registered_manager_required=True)
    assert a.value("registered_manager_in_place") is None
    (asked,) = about(a, "registered_manager_in_place")
    assert asked.completes == ("leadership", "registered_manager_in_place", None)


def test_what_is_stated_is_not_asked_because_a_later_finding_is_silent():
    """Only the finding is asked; an answer to the statement would take back what was stated."""
    day = dt.date(2026, 2, 9)
    a = told(
        stated("incidents_moderate_harm", 2, on=day),
        stated("incident_learning_evidenced", value=False, on=day),
        found("incident", on=dt.date(2026, 3, 1)),
    )
    asked = [q.id for q in about(a, "incident_learning_evidenced")]
    assert asked == ["incident:incident of 2026-03-01.learning_evidenced"]
    assert a.questions["incident_investigated"].as_of == dt.date(2026, 2, 28)


def test_a_number_that_is_none_leaves_nothing_to_describe():
    """No standard is unmet, whatever the concerns do to safety."""
    a = told(
        stated("standards_unmet", 0, on=MARCH),
        stated("concerns_identified", value=True, on=MARCH),
        stated("concern_safety_impact", "may", on=MARCH),
    )
    assert "no_breach" in [c.id for c in a.suggestion.matched]
    none = told(
        stated("kpis_unmet", 0, on=MARCH),
        stated("kpi_at_risk_reported", value=False, on=MARCH),
        stated("kpi_improvement_evidence", value=False, on=MARCH),
    )
    assert not {"kpis_unmet", "kpi_at_risk_reported"} & {q.id for q in none.questions}
    assert not none.suggestion.gap


def test_what_is_said_of_incidents_is_not_how_many_there_are():
    """Improvements after an incident do not say that there was none."""
    facts = ("issues_identified_by_manager", "issues_identified_by_cqmo", "concerns_identified")
    plain = [stated(fact, value=False, on=MARCH) for fact in facts]
    a = told(
        *plain,
        stated("complaints_count", 0, on=MARCH),
        stated("incident_improvements_in_place", value=True, on=MARCH),
    )
    assert a.value("learning_undertaken") is None


def test_what_was_not_known_is_changed_as_it_was_known():
    """A change is entered on the last day that counts, also where less was known."""
    framework, register = opened("adults")
    record, then = register["ellesby-grange"], dt.date(2026, 11, 1)
    changed = framework.what_if(record, {"market_exit_notice": True}, on=ON, known_at=then)
    assert changed.suggestion.level == 5
    assert len(framework.least_change(record, on=ON, to=5, known_at=then).changes) == 1


def test_a_finding_is_named_by_its_own_name():
    """One without a reference is not told as its neighbour of the same day."""
    mild = found("concern", on=MARCH, severity="minor", safety_impact="none", harm_risk="none")
    grave = found("concern", "C-2", on=MARCH, severity="beyond_minor")
    a = told(*(f.model_copy(update={"source": "cqmo"}) for f in (mild, grave)))
    text = a.why("minor_concerns").paragraph
    assert "concern of 10 March 2026 (" in text
    assert text.count("concern C-2 of 10 March 2026") == 1


def test_a_question_of_a_finding_is_told_by_the_fact_that_it_is_about():
    """Asked why not, a fact that findings are asked about tells that it is asked."""
    a = told(found("concern", "C-1", on=MARCH), found("concern", "C-2", on=MARCH))
    text = a.why("concern_safety_impact").paragraph
    assert "Concern C-1" in text
    assert "It is asked of 2 findings in all." in text
    alone = told(found("concern", "C-1", on=MARCH)).why("concern_safety_impact").paragraph
    assert "Concern C-1" in alone
    assert "in all" not in alone


@pytest.mark.parametrize(
    ("fact", "values", "highest"),
    [
        ("financial_problems", (True, False), 5),
        ("recruitment_plans", (True, False), 4),
        ("contract_aspects_unmet", (0, 2), 4),
        ("concerns_identified", (True, False), 4),
        ("incidents_significant_harm", (0, 1), 4),
        ("statutory_enquiries_substantiated", (0, 1), 4),
    ],
)
def test_two_statements_that_differ_are_not_none(fact, values, highest):
    """K17: what two say otherwise of one day is unknown, also where a visit found nothing of it."""
    a = told(*(stated(fact, value, on=MARCH) for value in values), visited=True)
    assert a.suggestion.highest == highest
    assert a.questions[fact].text.startswith("Two statements of one day differ.")


def test_two_statements_that_differ_leave_unknown_what_they_could_have_told():
    """Where one says that there are financial problems, none of their kind is ruled out."""
    differing = (stated("financial_problems", value, on=MARCH) for value in (True, False))
    needed = told(*differing).suggestion.unknown
    assert {"close_to_failure", "financial_problems", "warned_may_not_pay_staff"} <= {*needed}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("financial_problems", False),
        ("warned_may_not_pay_staff", False),
        ("very_urgent_attention_required", False),
        ("recruitment_plans", True),
        ("contract_aspects_unmet", 0),
    ],
)
def test_what_repeats_that_nothing_was_found_takes_nothing_away(fact, value):
    """K16: where a visit found nothing of a kind, to state one part of that leaves the rest none."""
    plain = told(visited=True)
    a = told(stated(fact, value, on=MARCH), visited=True)
    assert plain.value(fact) == a.value(fact) == value
    assert (a.suggestion.lowest, a.suggestion.highest) == (1, plain.suggestion.highest)
    assert set(a.suggestion.unknown) == set(plain.suggestion.unknown)


def test_what_repeats_nothing_leaves_what_was_found_unknown():
    """Where something was found of the kind, a statement takes its place and tells no more than it says."""
    struggle = found("finance", on=dt.date(2026, 3, 5), financial_problems=True)
    a = told(struggle, stated("warned_may_not_pay_staff", value=False, on=MARCH), visited=True)
    assert "close_to_failure" in a.suggestion.unknown


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("contract_resolution", "easily_resolved"),
        ("contract_significant_part_unmet", False),
        ("rectification_evidence_sufficient", True),
    ],
)
def test_what_is_put_right_is_not_described_anew(fact, value):
    """Nothing adverse is said of the contract: a shortfall that was resolved does not come back with it."""
    resolved = found("contract_shortfall", "S-1", on=dt.date(2026, 2, 1), resolution="takes_time")
    resolved = resolved.model_copy(update={"status": "resolved"})
    a = told(resolved, stated(fact, value, on=MARCH), visited=True)
    assert "contract_met" in [c.id for c in a.suggestion.matched]
    assert not a.suggestion.gap


def test_to_say_what_was_missed_does_not_undo_it():
    """Which return was missed is told by stating it, and one stays missed."""
    framework, register = opened("adults")
    record = register["birch-lea"]
    kind = stated("missed_return_kind", "invoice")
    a = framework.assess(record.with_finding(kind), on=ON)
    assert a.suggestion.level == framework.assess(record, on=ON).suggestion.level == 2
    assert a.value("missed_return_kind") == "invoice"
    none = framework.assess(record.with_finding(stated("missed_returns", 0)), on=ON)
    assert none.value("missed_returns") == 0


def test_an_answer_that_is_ruled_out_is_not_tried():
    """Of a shortfall that was described there is one at least, so that none is no answer to rank by."""
    framework = qaf.load("adults")
    described = [
        stated("contract_resolution", "takes_time", on=MARCH),
        stated("contract_affects_delivery_or_quality", value=True, on=MARCH),
    ]
    for findings in (described[:1], described):
        ranked = framework.assess(home(*findings), on=MARCH).ranked()
        assert "contract_aspects_unmet" in [t.question.id for t in ranked]
        assert all(telling.surely >= 0 for telling in ranked)
