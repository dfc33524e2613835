"""Plain data becomes a checked record, and every fault is told at once."""

import dataclasses
import datetime as dt

import jsonschema
import pytest

from qaf_rules import _yaml
from qaf_rules.intake import (
    UnknownKey,
    located,
    read_activity,
    read_decision,
    read_facts,
    read_finding,
    read_provider,
    read_rating,
    read_record,
    read_settings,
)
from qaf_rules.pack import load_pack
from qaf_rules.schema import DecisionSpec
from qaf_rules.shapes import JUDGEMENT, record_ids, register_schema
from qaf_rules.workdays import Term

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def adults():
    """The pack for adults."""
    return load_pack("adults")


@pytest.fixture(scope="module")
def children():
    """The pack for children."""
    return load_pack("children")


def said(faults):
    """Give the place and the message of each fault."""
    return [(".".join(map(str, fault.path)), fault.message) for fault in faults]


def only(faults):
    """Give the one fault that there is."""
    (fault,) = faults
    return fault


def test_whole_record(adults):
    """Everything that a case may say of a provider becomes the record it describes."""
    record, faults = read_record(
        {
            "provider": {
                "service_type": ["care_home", "home_care"],
                "cqc_domains": {"safe": "good"},
                "contract_start": "2024-02-29",
                "sif_anchor": "2026-01-05",
                "cqc_regulated": None,
            },
            "activities": [
                {"activity": "qm1", "completed": "2026-01-15", "covered": "all", "attendees": []},
                {"activity": "local_data_return", "period": "2026-01", "completed": "2026-02-06"},
                {"activity": "qm3", "requested": "2026-02-01"},
            ],
            "findings": [
                {"kind": "complaint", "on": "2026-02-01", "severity": "minor", "ref": 12},
                {
                    "kind": "judgement",
                    "fact": "complaints_trend",
                    "value": False,
                    "on": "2026-02-01",
                },
            ],
            "facts": {
                "experience": "good",
                "concern_source": ["regulator"],
                "complaints_count": None,
            },
            "decisions": [
                {
                    "decision": "shorter_interval",
                    "activity": "qm1",
                    "every": "6 months",
                    "on": "2026-01-20",
                }
            ],
            "ratings": [{"level": 2, "on": "2026-01-20", "by": "cqmo"}],
        },
        adults,
        default_id="case-1",
        on=DAY,
    )
    assert faults == []
    assert record.provider.id == "case-1"
    assert record.provider.fields == {
        "service_type": frozenset({"care_home", "home_care"}),
        "cqc_domains": {"safe": "good"},
        "contract_start": dt.date(2024, 2, 29),
        "sif_anchor": dt.date(2026, 1, 5),
    }
    assert record.activities[0].covered == ("all",)
    assert record.activities[0].attendees == ()
    assert record.activities[1].attendees is None
    assert record.findings[0].ref == "12"
    assert record.findings[0].attributes == {"severity": "minor"}
    assert [(f.fact, f.value, f.on, f.by, f.source) for f in record.findings[2:]] == [
        ("experience", "good", DAY, None, None),
        ("concern_source", frozenset({"regulator"}), DAY, None, None),
    ]
    assert record.decisions[0].carries == {"activity": "qm1", "every": "6 months"}
    assert record.ratings[0].level == 2


def test_every_fault_at_once(adults):
    """A record with faults in every part is no record, and each fault leads to its place."""
    record, faults = read_record(
        {
            "provider": {"service_type": "care_hoem", "contract_start": "2026-02-30"},
            "activities": [{"activity": "qm11", "completed": "2026-01-01"}],
            "findings": [{"kind": "complain", "on": "2026-01-01"}],
            "facts": {"experiense": "good"},
            "decisions": [{"decision": "extra", "on": "2026-01-01"}],
            "ratings": [{"level": 6, "on": "2026-01-01", "by": "cqmo"}],
            "notes": "none",
        },
        adults,
        on=DAY,
    )
    assert record is None
    assert said(faults) == [
        ("notes", "unknown key `notes`"),
        ("provider.service_type", "`care_hoem` is none of the values"),
        ("provider.contract_start", "`2026-02-30` is a day that does not exist"),
        ("provider", "the provider has no id"),
        ("activities.0.activity", "`qm11` is no activity"),
        ("findings.0.kind", "`complain` is no finding kind"),
        ("decisions.0.decision", "`extra` is no decision"),
        ("ratings.0.level", "`6` is no level of the scale"),
        ("facts.experiense", "unknown fact `experiense`"),
    ]
    assert {f.path[0]: f.help for f in faults}["facts"] == "did you mean `experience`?"


def test_keep_good(adults):
    """Where the good is to be kept only the faulty entries are left out."""
    data = {
        "provider": {"provider_id": "x"},
        "findings": [
            {"kind": "complaint", "on": "2026-01-01"},
            {"kind": "complaint", "on": "2026-13-01"},
        ],
    }
    record, faults = read_record(data, adults, keep_good=True)
    assert len(record.findings) == 1
    assert said(faults) == [("findings.1.on", "`2026-13-01` is a day that does not exist")]
    spoilt, _ = read_record({**data, "provider": {"name": "x"}}, adults, keep_good=True)
    assert spoilt is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("x", "`x` is not a provider with its history"),
        ({"provider": {"provider_id": "x"}, "activities": "qm1"}, "`activities` is not a list"),
        ({"provider": "x"}, "`x` is not a provider's profile"),
        ({"provider": {"provider_id": "x"}, "facts": ["x"]}, "`['x']` is not a set of facts"),
    ],
)
def test_wrong_shapes(adults, raw, message):
    """What has the wrong shape is told once, and nothing follows from it."""
    record, faults = read_record(raw, adults, default_id="x", on=DAY)
    assert record is None
    assert only(faults).message == message


@pytest.mark.parametrize("read", [read_activity, read_finding, read_decision, read_rating])
def test_entry_not_a_mapping(adults, read):
    """An entry that is a word is told once."""
    entry, faults = read("qm1", adults)
    assert entry is None
    assert only(faults).help.startswith("write it as a mapping")


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        ({"regulated": True}, "regulated", "unknown field `regulated`"),
        ({"cqc_regulated": "no"}, "cqc_regulated", "`no` is not `true` or `false`"),
        ({"contract_due_day": "010"}, "contract_due_day", "`010` is not a whole number from 0"),
        ({"contract_start": "12:30"}, "contract_start", "`12:30` is not a day"),
        ({"regulator_overall": True}, "regulator_overall", "`true` is none of the values"),
        ({"provider_id": True}, "provider_id", None),
        ({"name": 7}, "name", None),
    ],
)
def test_profile_faults(adults, raw, place, message):
    """What YAML might take for something else is told as what was written."""
    _, faults = read_provider({"provider_id": "x", **raw}, adults)
    fault = only(faults)
    assert fault.path == (place,)
    assert message in (None, fault.message)


def test_fact_as_field(adults):
    """A fact among the fields is told where it belongs; a field may be stated as a fact."""
    _, faults = read_provider({"provider_id": "x", "experience": "good"}, adults)
    assert "state it as a fact" in only(faults).help
    stated, faults = read_facts({"contract_kind": "main"}, adults, on=DAY)
    assert [(f.fact, f.value) for f in stated] == [("contract_kind", "main")]
    judgement = {"kind": JUDGEMENT, "fact": "contract_kind", "value": "mian", "on": "2026-01-01"}
    assert only(read_finding(judgement, adults)[1]).help == "did you mean `main`?"


def test_open_lists(adults):
    """Where a pack leaves a list open, a value outside it is kept only if that is asked for."""
    fields = {
        name: spec.model_copy(update={"open": name in ("service_type", "contract_kind")})
        for name, spec in adults.fields.items()
    }
    vocabulary = adults.vocabulary.model_copy(update={"fields": fields})
    pack = dataclasses.replace(adults, vocabulary=vocabulary)
    data = {"provider": {"provider_id": "x", "service_type": "school", "contract_kind": "odd"}}
    assert len(read_record(data, pack)[1]) == 2
    record, faults = read_record(data, pack, open_lists=True)
    assert faults == []
    assert record.provider.fields["service_type"] == {"school"}


def test_schema_of_a_register(adults):
    """An editor with the schema of a register takes what is read and refuses what is not."""
    checker = jsonschema.Draft202012Validator(register_schema(adults))
    checker.check_schema(checker.schema)
    good = {
        "framework": "adults",
        "settings": {"due_soon_days": 14},
        "providers": {
            "larch": {
                "provider": {"service_type": "care_home", "cqc_domains": {"safe": "good"}},
                "activities": [{"activity": "qm1", "completed": "2026-01-15", "outcome": "x"}],
                "findings": [
                    {"kind": "complaint", "on": "2026-01-15", "severity": "minor"},
                    {"kind": JUDGEMENT, "on": "2026-01-15", "fact": "experience", "value": "good"},
                ],
                "ratings": [{"level": 2, "on": "2026-01-15", "by": "cqmo"}],
            }
        },
    }
    assert checker.is_valid(good)
    assert checker.is_valid({"providers": [{"provider": {"provider_id": 1}}]})
    for bad in (
        {"providers": [{"provider": {"sevice_type": "care_home"}}]},
        {"providers": [{"findings": [{"kind": "complaint", "on": "2026-01-15", "stage": "x"}]}]},
        {"providers": [{"ratings": [{"level": 6, "on": "2026-01-15", "by": "cqmo"}]}]},
        {"framework": "children", "providers": []},
    ):
        assert not checker.is_valid(bad)


def test_facts_need_a_day(adults):
    """Facts without a day are refused, since each is a judgement of a day."""
    stated, faults = read_facts({"experience": "good"}, adults, on=None)
    assert stated == []
    assert only(faults).message == "the facts have no day"
    assert read_facts({}, adults, on=None) == ([], [])


def test_numeric_id(adults):
    """A bare whole number is an id too; an empty map of grades says nothing."""
    provider, _ = read_provider({"provider_id": 1234, "cqc_domains": {}}, adults)
    assert provider.id == "1234"
    assert provider.fields == {}


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (
            {"activity": "local_data_return", "period": "2026-01"},
            "",
            "the activity has none of `completed`, `planned` and `requested`",
        ),
        ({"completed": "2026-01-01"}, "", "the record has no `activity`"),
        (
            {"activity": "qm1", "completed": "2023-12-31"},
            "completed",
            "an activity before the contract start: `2023-12-31`",
        ),
        ({"activity": "qm1", "completed": "2026-02-30"}, "completed", None),
        ({"activity": "qm1", "planned": "2026-02-01", "period": "2026-13"}, "period", None),
        ({"activity": "qm1", "planned": "2026-02-01", "period": "2026-02-30"}, "period", None),
        ({"activity": "qm1", "planned": "2026-02-01", "attendees": ["cqm"]}, "attendees", None),
        ({"activity": "qm1", "planned": "2026-02-01", "location": "office"}, "location", None),
        ({"activity": "qm1", "planned": "2026-02-01", "consent": True}, "consent", None),
        ({"activity": "qm1", "planned": "2026-02-01", "missing": ["bill"]}, "missing", None),
        ({"activity": "qm1", "planned": "2026-02-01", "covered": "most"}, "covered", None),
        ({"activity": "qm8", "planned": "2026-02-01", "format": "letter"}, "format", None),
        (
            {"activity": "qm1", "planned": "2026-02-01", "outcome": "improved"},
            "outcome",
            "`improved` is no outcome of `qm1`",
        ),
        (
            {"activity": "allocate_pqr", "completed": "2026-02-01", "outcome": 6},
            "outcome",
            "`6` is no outcome of `allocate_pqr`",
        ),
        ({"activity": "qm1", "planned": "2026-02-01", "place": "x"}, "place", None),
        (
            {"activity": "feedback_to_provider", "completed": "2026-02-01", "about": "qm11"},
            "about",
            "`qm11` is no activity",
        ),
        (
            {
                "activity": "feedback_to_provider",
                "completed": "2026-02-01",
                "about_day": "2026-01-31",
            },
            "about_day",
            "`about_day` is the day of an activity that is not named",
        ),
    ],
)
def test_activity_faults(adults, raw, place, message):
    """Each fault of an activity record is told at its own value."""
    record, faults = read_activity(raw, adults, contract_start=dt.date(2024, 1, 1))
    assert record is None
    fault = only(faults)
    assert ".".join(map(str, fault.path)) == place
    assert message in (None, fault.message)


@pytest.mark.parametrize(
    "period", ["2026-01", "2026-Q1", "2026-autumn", "2026-summer2", "2026-03-27"]
)
def test_periods(adults, period):
    """A period is a month, a quarter, a term with its year, or a due date."""
    record, faults = read_activity(
        {"activity": "qm5", "completed": "2026-02-01", "period": period}, adults
    )
    assert faults == []
    assert record.period == period


def test_period_as_day(adults):
    """A due date that is already a day names the same period as its text."""
    raw = {"activity": "qm5", "completed": DAY, "period": dt.date(2026, 3, 27)}
    assert read_activity(raw, adults)[0].period == "2026-03-27"


def test_any_action_is_a_record(adults):
    """Every action, and what is only ever recorded, may be an activity record."""
    ids = record_ids(adults)
    assert {"qm1", "allocate_pqr", "impact_and_risk_meeting", "information_request"} <= set(ids)
    record, _ = read_activity(
        {
            "activity": "information_request",
            "requested": "2026-02-01",
            "audience": "regulator",
            "what": ["pqr", "qm1_form"],
        },
        adults,
    )
    assert record.what == ("pqr", "activity_form")
    confirmed, _ = read_activity(
        {"activity": "allocate_pqr", "completed": "2026-02-01", "outcome": 3}, adults
    )
    assert confirmed.outcome == "3"


def test_field_named_as_a_fact(adults):
    """What a record holds under the name of a fact has that fact's values."""
    raw = {"activity": "actuals_sample_check", "completed": "2026-02-01", "authorised_by": "nobdy"}
    assert only(read_activity(raw, adults)[1]).help == "did you mean `nobody`?"


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        ({"on": "2026-01-01"}, "", "the finding has no `kind`"),
        ({"kind": "complaint"}, "", "the finding has no day"),
        ({"kind": "complaint", "on": "12:30"}, "on", "`12:30` is not a day"),
        (
            {"kind": "complaint", "on": "2026-01-01", "severity": "beyond_minor"},
            "severity",
            "`beyond_minor` is none of the values",
        ),
        (
            {"kind": "complaint", "on": "2026-01-01", "stage": "enquiry"},
            "stage",
            "unknown key `stage` in a complaint",
        ),
        ({"kind": "complaint", "on": "2026-01-01", "status": "shut"}, "status", None),
        ({"kind": "complaint", "on": "2026-01-01", "source": "cqm"}, "source", None),
        ({"kind": "complaint", "on": "2026-01-01", "urgent": "yes"}, "urgent", None),
        (
            {"kind": "complaint", "on": "2026-01-01", "value": True},
            "value",
            "only a judgement has a `value`",
        ),
        ({"kind": JUDGEMENT, "on": "2026-01-01", "value": 1}, "", "the judgement has no `fact`"),
        (
            {"kind": JUDGEMENT, "on": "2026-01-01", "fact": "experience"},
            "",
            "the judgement has no `value`",
        ),
        (
            {"kind": JUDGEMENT, "on": "2026-01-01", "fact": "complaints_count", "value": -1},
            "value",
            "`-1` is not a whole number from 0",
        ),
        (
            {"kind": JUDGEMENT, "on": "2026-01-01", "fact": "complaint_count", "value": 1},
            "fact",
            "`complaint_count` is no fact",
        ),
    ],
)
def test_finding_faults(adults, raw, place, message):
    """Each fault of a finding is told at its own value, and none is told twice."""
    finding, faults = read_finding(raw, adults)
    assert finding is None
    fault = only(faults)
    assert ".".join(map(str, fault.path)) == place
    assert message in (None, fault.message)


def test_unknown_kind_is_one_fault(adults):
    """Of an unknown kind the attributes are not told too: they may be right."""
    _, faults = read_finding({"kind": "complaintt", "on": "2026-01-01", "severity": "x"}, adults)
    assert only(faults).help == "did you mean `complaint`?"


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"decision": "extra_visits", "on": "2026-01-01", "number": "two"}, "number"),
        ({"decision": "shorter_interval", "on": "2026-01-01", "activity": "qmc1"}, ""),
        (
            {"decision": "shorter_interval", "on": "2026-01-01", "activity": "qmc1", "every": "1"},
            "every",
        ),
        (
            {
                "decision": "shorter_interval",
                "on": "2026-01-01",
                "activity": "qmc0",
                "every": "1 day",
            },
            "activity",
        ),
        ({"decision": "extra_visits"}, ""),
        ({"decision": "extra_visits", "on": "2026-01-02", "until": "2026-01-01"}, "until"),
        ({"decision": "extra_visits", "on": "2026-01-02", "by": "boss"}, "by"),
        ({"decision": "extra_visits", "on": "2026-01-02", "activity": "qmc1"}, "activity"),
        ({"on": "2026-01-02"}, ""),
    ],
)
def test_decision_faults(children, raw, place):
    """A decision carries what the pack says it carries, and nothing else."""
    decision, faults = read_decision(raw, children)
    assert decision is None
    assert ".".join(map(str, only(faults).path)) == place


def test_day_of_month(adults):
    """A day of the month that a decision carries lies between 1 and 31."""
    declared = DecisionSpec(effect="due_day", carries={"activity": "activity", "day": "day"})
    vocabulary = adults.vocabulary.model_copy(update={"decisions": {"due_day": declared}})
    pack = dataclasses.replace(adults, vocabulary=vocabulary)
    raw = {"decision": "due_day", "on": "2026-01-01", "activity": "qm5", "day": 31}
    assert read_decision(raw, pack)[1] == []
    assert only(read_decision({**raw, "day": 32}, pack)[1]).path == ("day",)


def test_a_decision_on_sharing_says_of_what_it_is(children):
    """Its subject and audience are read by any of their names; of others is told what was meant."""
    raw = {"decision": "answer", "on": "2026-01-02", "by": "cqmo", "to": "D-C-10", "value": True}
    said = {"what": "qmc1_form", "audience": "ofsted", "requested": "2026-01-01"}
    decision, faults = read_decision({**raw, **said}, children)
    assert faults == []
    about = ("what", "audience", "requested")
    assert [decision.carries[name] for name in about] == [
        *("activity_form", "regulator", dt.date(2026, 1, 1))
    ]
    _, faults = read_decision({**raw, "what": "pqrs", "audience": "ofstead"}, children)
    assert [(fault.message, fault.help) for fault in faults] == [
        ("`pqrs` is no subject", "did you mean `pqr`?"),
        ("`ofstead` is no audience", "did you mean `ofsted`?"),
    ]


def test_decision_without_its_number(children):
    """A decision stands without the number and the value that it may carry."""
    decision, faults = read_decision({"decision": "extra_visits", "on": "2026-01-01"}, children)
    assert (decision.carries, faults) == ({}, [])


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"on": "2026-01-01", "by": "cqmo"}, ""),
        ({"level": 2, "by": "cqmo"}, ""),
        ({"level": 2, "on": "2026-01-01"}, ""),
        ({"level": 0, "on": "2026-01-01", "by": "cqmo"}, "level"),
        ({"level": True, "on": "2026-01-01", "by": "cqmo"}, "level"),
        ({"level": 2, "on": "2026-01-01", "by": "cqmo", "suggested": 9}, "suggested"),
        ({"level": 2, "on": "2026-01-01", "by": "cqmo", "suggested": 3}, ""),
    ],
)
def test_rating_faults(adults, raw, place):
    """A rating is on the scale, has its day and its role, and a reason where it differs."""
    rating, faults = read_rating(raw, adults)
    assert rating is None
    assert ".".join(map(str, only(faults).path)) == place


def test_settings(children):
    """Settings are read by type, the calendar of terms as terms; faulty ones are left out."""
    terms = [{"name": "autumn", "start": "2026-09-01", "end": "2026-12-18"}]
    settings, faults = read_settings(
        {"terms": terms, "due_soon_days": 14, "capacity": "x", "trems": []}, children
    )
    assert settings == {
        "terms": (Term("autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 18)),),
        "due_soon_days": 14,
    }
    assert said(faults) == [
        ("capacity", "`x` is not a number"),
        ("trems", "unknown setting `trems`"),
    ]
    assert read_settings(None, children) == ({}, [])


def test_located(adults):
    """A fault of a file shows its line, at the key where the key is at fault."""
    document = _yaml.parse("cases:\n  - provider:\n      name: x\n      siz: 3\n", file="c.yaml")
    _, faults = read_provider(document.data["cases"][0]["provider"], adults, default_id="x")
    (diagnostic,) = located(document, faults, ("cases", 0, "provider"))
    assert (diagnostic.line, diagnostic.column) == (4, 7)
    assert diagnostic.code == "unknown-key"
    assert isinstance(faults[0], UnknownKey)


def test_same_pack_same_tables(adults, children):
    """Two packs are read each by its own words, in turns too."""
    for pack, field in (
        (adults, "cqc_regulated"),
        (children, "low_risk"),
        (adults, "cqc_regulated"),
    ):
        assert read_provider({"provider_id": "x", field: True}, pack)[1] == []


# --- requests for information --------------------------------------------------------------------

CHILDREN = load_pack("children")


def request_of(open_lists=False, **given):  # noqa: FBT002  # as in `read_record`
    """Read a provider with one request for information."""
    record = {"activity": "information_request", "requested": "2026-05-01", **given}
    data = {"provider": {"provider_id": "own"}, "activities": [record]}
    made, faults = read_record(data, CHILDREN, open_lists=open_lists)
    return made.activities[0] if made else None, faults


def test_a_request_is_for_a_subject_and_from_an_audience_by_any_of_their_names():
    """Other names of subjects and audiences are read as their ids, so that rules know them."""
    made, faults = request_of(audience="ofsted", what=["qmc1_form", "pqr"])
    assert (faults, made.audience, made.what) == ([], "regulator", ("activity_form", "pqr"))


@pytest.mark.parametrize(
    ("given", "message", "help_"),
    [
        ({"audience": "ofstead"}, "`ofstead` is none of the pack's `audience`", "did you mean"),
        ({"audience": "zzz"}, "`zzz` is none of", "it is one of `provider`"),
        ({"what": ["pqr", "pqrs"]}, "`pqrs` is none of the pack's `what`", "did you mean `pqr`?"),
    ],
)
def test_a_request_from_nobody_of_the_pack_is_a_fault(given, message, help_):
    """A subject or an audience that the pack does not have is told, with what may be meant."""
    made, (fault,) = request_of(**given)
    assert made is None
    assert fault.message.startswith(message)
    assert fault.help.startswith(help_)
    assert fault.path == ("activities", 0, *given)


def test_what_a_case_asks_for_may_be_outside_the_lists():
    """A worked case written for other words is read all the same."""
    made, faults = request_of(open_lists=True, audience="the_press", what="a_film")
    assert (faults, made.audience, made.what) == ([], "the_press", ("a_film",))
