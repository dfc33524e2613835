import datetime as dt
import re
from pathlib import Path

import pytest

import qaf_rules
from qaf_rules import explain
from qaf_rules.cases import read_cases
from qaf_rules.change import Change
from qaf_rules.condition import parse
from qaf_rules.facts import View
from qaf_rules.least import LeastChange
from qaf_rules.model import Rating
from qaf_rules.registers import read_register
from qaf_rules.result import Evidence, Reason
from qaf_rules.words import Words, joined

TEXTS = Path(__file__).parent / "golden" / "texts"
ON = dt.date(2026, 11, 22)
PACKS = ("adults", "children")


@pytest.fixture(scope="module")
def known():
    """Give a framework and its register, by the framework's id."""
    found = {}
    for id_ in PACKS:
        framework = qaf_rules.load(id_)
        register = read_register(TEXTS / f"{id_}.yaml", framework)
        assert not register.faults
        found[id_] = (framework.using(settings=dict(register.settings)), register)
    return found


def told(known, id_, provider):
    """Give the framework, the record and the assessment of one provider."""
    framework, register = known[id_]
    record = register[provider]
    return framework, record, framework.assess(record, on=ON)


def page_text(framework, record, assessment):
    """Give a page as one text."""
    parts = explain.page(framework.pack, assessment, record)
    return "\n\n".join("\n".join([heading, *sentences]) for heading, sentences in parts) + "\n"


# --- golden texts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "provider"),
    [
        ("adults", "larch-house"),
        ("adults", "beech-court"),
        ("adults", "elm-court"),
        ("adults", "play-barn"),
        ("children", "oak-lodge"),
        ("children", "ash"),
    ],
)
def test_a_page_reads_as_agreed(known, golden, id_, provider):
    """Every part of an assessment has its sentence, and the sentences are those last agreed."""
    golden(f"page-{provider}", page_text(*told(known, id_, provider)))


@pytest.mark.parametrize(
    ("id_", "provider", "activity"),
    [
        ("adults", "larch-house", "qm1"),
        ("adults", "larch-house", "qm2"),
        ("adults", "beech-court", "qm4"),
        ("children", "oak-lodge", "qmc1"),
        ("children", "oak-lodge", "qmc9a"),
    ],
)
def test_a_brief_reads_as_agreed(known, golden, id_, provider, activity):
    """A brief holds what an officer takes along, in the words last agreed."""
    _, _, assessment = told(known, id_, provider)
    golden(f"brief-{provider}-{activity}", assessment.brief(activity) + "\n")


def test_a_typical_brief_fits_two_screens(known):
    """What an officer takes to a provider in order is two screens of forty lines at most."""
    _, _, assessment = told(known, "adults", "beech-court")
    lines = assessment.brief("qm1").splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 79


def test_a_brief_of_an_unknown_activity_is_refused(known):
    """An activity that the pack does not have is no activity to prepare."""
    _, _, assessment = told(known, "adults", "beech-court")
    with pytest.raises(KeyError):
        assessment.brief("qm11")


# --- what every sentence keeps to ----------------------------------------------------------------


def every_record():
    """Give a sample of the records of the packs' own cases, each with its framework."""
    folders = Path(__file__).parents[1] / "frameworks"
    for id_ in PACKS:
        files = sorted((folders / id_ / "cases").glob("*.yaml"))
        for path in files[::3]:
            file = read_cases(path)
            for case in file.cases[::40]:
                yield file.framework, case


def test_no_id_is_told_where_there_is_a_label():
    """Officers read words: over the packs' own cases no sentence holds an id of a pack."""
    ids = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
    count = 0
    for framework, case in every_record():
        try:
            assessment = framework.assess(case.record, on=case.on)
        except qaf_rules.InputError:
            continue
        text = page_text(framework, case.record, assessment)
        text += "".join(assessment.brief(a.activity) for a in assessment.schedule if a.live)
        assert not ids.findall(text), case.id
        count += 1
    assert count > 5


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "due_today", "days": 0}, "is due today, 3 March 2026: last held 3 March 2025"),
        ({"status": "conflict"}, "The document contradicts itself on the quality and contract"),
        ({"missing": ("invoice", "policy")}, "; came without invoice and policy"),
        ({"note": "2 of 3 still to be held"}, "; 2 of 3 still to be held"),
        ({"attached_to": "qm4"}, "; held with the self-assessment validation visit (PAMMS), on"),
        ({"planned": dt.date(2026, 12, 1)}, "; arranged for 1 December 2026"),
        ({"last_done": None}, "never held so far"),
    ],
)
def test_an_item_says_whatever_is_known_of_it(known, change, told):
    """Each status and each thing beside it has its words."""
    framework, record, assessment = told_of(known)
    item = next(i for i in assessment.schedule if i.activity == "qm1")
    words = Words(framework.pack, record)
    assert told in explain.scheduled(words, item._replace(**change), "Larch House")


def told_of(known):
    """Give what is told of the provider that is in trouble."""
    return told(known, "adults", "larch-house")


def test_nobodys_words_are_repeated(known):
    """A reason that somebody wrote, and who wrote it, stay out of what is told."""
    text = page_text(*told(known, "adults", "larch-house"))
    assert "nobody else" not in text


def test_every_item_action_and_criterion_is_told_with_its_clause(known):
    """What is told of a provider cites each clause that the assessment cites."""
    for id_, provider in (("adults", "larch-house"), ("children", "oak-lodge")):
        framework, record, assessment = told(known, id_, provider)
        text = page_text(framework, record, assessment)
        done = [i for i in assessment.schedule if i.status == "not_applicable"]
        quiet = {c for i in done for c in i.clauses}
        shown = assessment.suggestion.level
        quiet |= {
            c
            for m in assessment.suggestion.matched
            if m.mode == "all" and m.level != shown
            for c in m.clauses
        }
        missing = {c for c in assessment.cited() if c not in text} - quiet
        assert not missing


def test_why_is_the_text_of_the_suggestion(known):
    """`why` says the level, what it rests on and what could still change it."""
    _, _, assessment = told(known, "adults", "larch-house")
    why = assessment.suggestion.why()
    assert why.startswith("Level 3 (Moderate concern) is suggested, possibly 5")
    assert "aspect of the contract not met CS-114 of 2 September 2026" in why
    assert "registered manager in place: no (stated 10 September 2026)" in why
    assert "complaint CMP-31 of 4 October 2026 (K18)" in why
    assert "stays possible until it is known" in why


def test_a_reason_without_a_record_still_names_its_findings(known):
    """Without the record a finding is told by its reference and day alone."""
    framework, _, assessment = told(known, "adults", "larch-house")
    why = explain.suggestion(framework.pack, assessment.suggestion)
    assert "Read: finding CS-114 of 2 September 2026" in why


def test_no_finding_at_all_is_said_as_that(known):
    """A condition over findings of any kind says that there is none."""
    framework, record, _ = told_of(known)
    nothing, faults = parse({"none": "any", "recorded": True, "where": {"urgent": True}})
    assert not faults
    words = Words(framework.pack, record)
    assert words.support(Reason(nothing, truth=True)) == ["no finding that fits"]


def test_no_answer_is_said_as_no_decision(known):
    """A condition over answers says that there is no decision."""
    framework, record, _ = told_of(known)
    nothing, faults = parse({"not": {"decision": "answer"}})
    assert not faults
    reason = nothing.evaluate(View(framework.pack, record, ON, framework.settings))
    assert Words(framework.pack, record).support(reason) == ["no decision on record"]


def test_a_finding_without_a_reference_is_named_once(words):
    """Where its label stands before its kind and day, the label is not told again."""
    text = (
        "What does intelligence from a professional professional_intelligence of 2026-05-19 mean?"
    )
    assert words.plain(text) == "What does intelligence from a professional of 19 May 2026 mean?"


def test_the_reason_of_an_overridden_rating_is_told(known):
    """Why a person gave another level than the suggested one is told; other reasons are not."""
    framework, record, _ = told_of(known)
    rating = Rating(level=4, on=ON, by="cqmo", suggested=3, reason="two visits were refused")
    record = record.with_rating(rating)
    assessment = framework.assess(record, on=ON)
    whole = page_text(framework, record, assessment) + assessment.brief("qm1")
    assert " ".join(whole.split()).count("than the suggested 3: two visits were refused") == 2


def test_what_is_not_true_has_no_support(known):
    """Nothing supports a reason that does not hold."""
    framework, _ = known["adults"]
    assert Words(framework.pack).support(Reason(None, truth=False)) == []


# --- words ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words(known):
    """Give the words for one provider."""
    framework, register = known["adults"]
    return Words(framework.pack, register["larch-house"])


@pytest.mark.parametrize(
    ("period", "phrase"),
    [
        ("2026-08", "for August 2026"),
        ("2026-Q3", "for quarter 3 of 2026"),
        ("2026-autumn", "for autumn 2026"),
        ("2026-08-17", "of 17 August 2026"),
    ],
)
def test_a_period_is_said_in_words(words, period, phrase):
    """Months, quarters, terms and days of payment are said as people say them."""
    assert words.period(period) == phrase


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not known"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (ON, "22 November 2026"),
        ("care_home", "care home"),
        ("asc_cqc_regulated", "Adult social care, CQC regulated"),
        ("cqmo", "Contract and Quality Monitoring Officer"),
        (frozenset({"policy", "rota"}), "policy and rota"),
        (frozenset(), "none"),
        ({"safe": "good"}, "safe good"),
    ],
)
def test_a_value_is_written_in_words(words, value, text):
    """Values are written as an officer would write them."""
    assert words.value(value) == text


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            Evidence("finding", "SG-9", dt.date(2026, 10, 20)),
            "safeguarding concern or enquiry SG-9 of 20 October 2026",
        ),
        (Evidence("finding", "SG-9", dt.date(2026, 1, 1)), "finding SG-9 of 1 January 2026"),
        (
            Evidence("finding", "local_data_return@2026-08", dt.date(2026, 9, 8)),
            "the local data return for August 2026, due 8 September 2026",
        ),
        (
            Evidence("statement", "registered_manager_in_place", dt.date(2026, 9, 10)),
            "registered manager in place: no, stated 10 September 2026",
        ),
        (Evidence("statement", "complaints_count"), "complaints, stated"),
        (
            Evidence("record", "qm1", dt.date(2025, 3, 3)),
            "the quality and contract monitoring meeting of 3 March 2025",
        ),
        (Evidence("record", "allocate_pqr"), "“Allocate the provider's quality rating”"),
        (
            Evidence("record", "allocate_pqr", dt.date(2026, 9, 15)),
            "the rating confirmed on 15 September 2026",
        ),
        (Evidence("rating", "confirmed"), "the confirmed rating"),
        (
            Evidence("field", "regulator_overall", dt.date(2026, 2, 10)),
            "the regulator's overall grade: requires improvement, 10 February 2026",
        ),
        (Evidence("setting", "sif_anchor"), "a sitting of the Safeguarding Intelligence Forum"),
        (
            Evidence("item", "qm1", None, dt.date(2026, 3, 3)),
            "the quality and contract monitoring meeting, due 3 March 2026",
        ),
        (
            Evidence("item", "provider_information_return@2026-08-17", None, dt.date(2026, 8, 17)),
            "the provider information return of 17 August 2026",
        ),
        (
            Evidence("decision", "answer", ON),
            "the decision of 22 November 2026: an answer to a question, or no to a suggestion",
        ),
        (Evidence("decision", "shorter_interval"), "a shorter interval"),
        (
            Evidence("criterion", "contract_met"),
            "“Every aspect of the specification and the contract is met” does not hold",
        ),
        (
            Evidence("action", "deploy_support", ON),
            "“Support the provider, with partners, to lower the risk and to improve”",
        ),
    ],
)
def test_evidence_is_named_by_what_it_is(words, evidence, text):
    """Each type of evidence has its phrase."""
    assert words.evidence(evidence) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("decision answer", "a decision"),
        ("decision shorter_interval", "a decision on a shorter interval"),
        ("reading X-A-17", "a choice of reading X-A-17"),
        (
            "record qm1 location",
            "a record of the quality and contract monitoring meeting with its location",
        ),
        ("qm2", "the quality and safety assurance visit"),
        ("kpis_unmet", "key performance indicators not met"),
        ("the judged fact", "the judged fact"),
        ("rating", "a confirmed rating"),
        ("CMP-31", "the status of complaint CMP-31 of 4 October 2026"),
        ("local_data_return@2026-08", "a record of the local data return for August 2026"),
        ("kpis_unmet, complaints_count", "key performance indicators not met and complaints"),
        (
            "contract_met",
            "what shows that this holds: Every aspect of the specification and the contract is met",
        ),
    ],
)
def test_what_answers_a_question_is_named(words, name, text):
    """Each form of input that answers a question has its phrase."""
    assert words.answer(name) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("level", "rating, the worse of suggested and confirmed"),
        ("this.attendees", "attendees"),
        ("qm1.consent", "consent of the quality and contract monitoring meeting"),
        ("X-A-28", "What a year is for the yearly activities"),
        ("nothing_known", "nothing known"),
    ],
)
def test_a_label_is_found_for_any_name(words, name, text):
    """Names that the pack does not label are words all the same."""
    assert words.label(name) == text


def test_words_join_as_in_a_sentence():
    """Lists end in a conjunction; more than a limit are counted; one too many is not counted."""
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined(["a", "b", "c"], "or", limit=2) == "a, b or c"
    assert joined(["a", "b", "c", "d"], limit=2) == "a, b and 2 more"


def test_short_words_shorten_months(known):
    """In a list the months are short."""
    framework, _ = known["adults"]
    assert Words(framework.pack, short=True).period("2026-08") == "for Aug 2026"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            LeastChange(None, None),
            "The service is outside the framework: nothing changes its rating.",
        ),
        (
            LeastChange(3, None, bound=2),
            "Level 3 (Moderate concern): not found with up to 2 changes.",
        ),
        (
            LeastChange(2, (Change("complaints_count", None, 1),)),
            "Level 2 (Minor concern) would take 1 change: complaints: 1 (now not known).",
        ),
        (
            LeastChange(1, None, ("contract_met", "complaint"), ("complaints_count",), ()),
            "Level 1 (No concerns): nothing that can change brings it; in the way: “Every aspect of the specification and the contract is met”; complaint; what happened stays: complaints.",
        ),
        (
            LeastChange(1, None, (), (), ("whistleblowing_raised",)),
            "Level 1 (No concerns): nothing that can change brings it; to be found out: whistleblowing raised.",
        ),
    ],
)
def test_a_least_change_is_told(found, told):
    """The fewest changes are told with what is there now; else what is in the way, or how far it went."""
    assert explain.changing(Words(qaf_rules.load("adults").pack), found) == told
