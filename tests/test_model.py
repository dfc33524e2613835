"""What is handed in is checked once, frozen, and travels well."""

import copy
import datetime as dt
import json
import pickle

import pytest
from pydantic import ValidationError

from qaf_rules.errors import InputError
from qaf_rules.model import (
    Activity,
    Decision,
    Finding,
    FrozenDict,
    Provider,
    ProviderRecord,
    Rating,
    named,
)
from qaf_rules.result import Lacking, Question

ON = dt.date(2026, 3, 2)
FINDING = Finding(
    kind="burnt_batch", on=ON, source="taster", evidence=("photo",), attributes={"size": "large"}
)
ACTIVITY = Activity(activity="tasting", completed=ON, attendees=("taster",))
DECISION = Decision(decision="more_looks", on=ON, by="taster", carries={"number": 2})
RATING = Rating(level=2, on=ON, by="taster")
PROVIDER = Provider(id="loaf", fields={"service_type": frozenset({"cakes", "bread"}), "staff": 3})
RECORD = ProviderRecord(
    provider=PROVIDER,
    activities=(ACTIVITY,),
    findings=(FINDING,),
    ratings=(RATING,),
    decisions=(DECISION,),
)
ALL = [FINDING, ACTIVITY, DECISION, RATING, PROVIDER, RECORD]
EACH = pytest.mark.parametrize("value", ALL, ids=lambda v: type(v).__name__)


@EACH
def test_frozen(value):
    """Nothing that is handed in can be changed afterwards."""
    name = next(iter(type(value).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, name, getattr(value, name))


@EACH
def test_strict_about_names(value):
    """A word that the model does not know is refused, not dropped."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        type(value).model_validate({**dict(value), "colour": "brown"})


def pickled(value):
    """Send a value through pickle."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # its own


@EACH
@pytest.mark.parametrize("travel", [pickled, copy.deepcopy, copy.copy])
def test_travels(value, travel):
    """Pickled or copied, it is equal, of the same type, and still frozen."""
    arrived = travel(value)
    assert arrived == value
    assert type(arrived) is type(value)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(arrived, next(iter(type(value).model_fields)), None)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Finding, {"kind": "burnt_batch", "on": "2026-03-02"}),
        (Finding, {"kind": "burnt_batch", "on": ON, "urgent": 1}),
        (Activity, {"activity": "tasting", "completed": "2026-03-02"}),
        (Activity, {"activity": "tasting", "attendees": ["taster"]}),
        (Rating, {"level": "2", "on": ON, "by": "taster"}),
        (Rating, {"level": 2.0, "on": ON, "by": "taster"}),
        (Provider, {"id": 7}),
        (Decision, {"decision": "more_looks"}),
    ],
)
def test_strict_about_types(model, values):
    """Values are of their type already; text is no day, and a number no level's text."""
    with pytest.raises(ValidationError):
        model(**values)


def test_mappings_do_not_change():
    """The mappings inside refuse every way to change them."""
    fields = PROVIDER.fields
    assert isinstance(fields, FrozenDict)
    for change in (
        lambda: fields.__setitem__("staff", 4),
        lambda: fields.__delitem__("staff"),
        lambda: fields.update(staff=4),
        lambda: fields.setdefault("oven", 1),
        lambda: fields.pop("staff"),
        fields.popitem,
        fields.clear,
        lambda: fields.__ior__({"staff": 4}),
    ):
        with pytest.raises(TypeError, match="does not change"):
            change()
    assert fields == {"service_type": frozenset({"cakes", "bread"}), "staff": 3}


def test_given_mapping_is_not_kept():
    """Changing the mapping that was handed in does not change what was made of it."""
    given = {"staff": 3}
    provider = Provider(id="loaf", fields=given)
    given["staff"] = 9
    assert provider.fields["staff"] == 3


def test_plain_form_is_json():
    """The plain form of a record is JSON, its sets sorted lists."""
    plain = json.loads(RECORD.model_dump_json())
    assert plain["provider"]["fields"]["service_type"] == ["bread", "cakes"]
    assert plain["findings"][0]["attributes"] == {"size": "large"}
    assert plain["activities"][0]["completed"] == "2026-03-02"


@pytest.mark.parametrize(
    ("add", "part", "more"),
    [
        (ProviderRecord.with_finding, "findings", FINDING),
        (ProviderRecord.with_activity, "activities", ACTIVITY),
        (ProviderRecord.with_decision, "decisions", DECISION),
        (ProviderRecord.with_rating, "ratings", RATING),
    ],
)
def test_with_adds_one_and_leaves_the_record(add, part, more):
    """A record with one more entry is a new one, with the entry last; the old one is as it was."""
    before = RECORD.model_dump()
    added = add(RECORD, more)
    assert getattr(added, part) == (*getattr(RECORD, part), more)
    assert {n: getattr(added, n) for n in ProviderRecord.model_fields if n != part} == {
        n: getattr(RECORD, n) for n in ProviderRecord.model_fields if n != part
    }
    assert RECORD.model_dump() == before


@pytest.mark.parametrize(("fact", "part"), [("clean", "findings"), (None, "decisions")])
def test_answering_a_question(fact, part):
    """A question about a fact is answered by stating it, any other by a decision."""
    question = Question("clean", "Is it clean?", (), ("clean",), fact=fact)
    reason = None if fact else "seen"
    answered = RECORD.with_answer(question, value=True, by="taster", on=ON, reason=reason)
    new = getattr(answered, part)[-1]
    assert len(getattr(answered, part)) == len(getattr(RECORD, part)) + 1
    assert (new.on, new.by) == (ON, "taster")
    if fact:
        assert (new.kind, new.fact, new.value) == ("judgement", "clean", True)
    else:
        assert (new.decision, new.carries, new.reason) == (
            "answer",
            {"to": "clean", "value": True},
            "seen",
        )


def test_equal_by_value():
    """Two records that say the same are the same."""
    assert ProviderRecord.model_validate(dict(RECORD)) == RECORD
    assert RECORD.with_rating(RATING) != RECORD


@pytest.mark.parametrize(
    ("suggested", "status"), [(None, "confirmed"), (2, "confirmed"), (3, "overridden")]
)
def test_rating_tells_an_override(suggested, status):
    """A rating is overridden where it differs from what was suggested, else confirmed."""
    assert (
        Rating(level=2, on=ON, by="taster", suggested=suggested, reason="seen it").status == status
    )


def test_nothing_is_known_of_a_bare_provider():
    """A record needs no more than a provider's id."""
    record = ProviderRecord(provider=Provider(id="loaf"))
    assert (record.provider.fields, record.findings, record.activities, record.decisions) == (
        {},
        (),
        (),
        (),
    )


def question(lacking):
    """A question about what findings of burnt batches do not say."""
    return Question("fixed", "Is it fixed?", (), ("fixed",), completes=Lacking(*lacking))


def burnt(ref=None, day=ON, **attributes):
    """A finding of a burnt batch."""
    return Finding(kind="burnt_batch", on=day, ref=ref, attributes=attributes)


def test_an_answer_about_a_finding_is_said_in_it():
    """The finding that the question names says it, and no other."""
    record = ProviderRecord(
        provider=Provider(id="loaf"), findings=(burnt("BB-1"), burnt("BB-2", smoke=True))
    )
    asked = question(("burnt_batch", "fixed", "BB-2"))
    told = record.with_answer(asked, value=True, by="taster", on=ON)
    assert told.findings == (burnt("BB-1"), burnt("BB-2", smoke=True, fixed=True))


def test_an_answer_about_a_state_is_a_further_finding():
    """What tells a state no finding names is one more finding, of the day of the answer."""
    asked = question(("burnt_batch", "fixed", None))
    record = ProviderRecord(provider=Provider(id="loaf"))
    told = record.with_answer(asked, value=True, by="taster", on=ON)
    assert told.findings == (burnt(fixed=True),)


def test_a_finding_without_a_reference_is_named_by_its_kind_and_day():
    """Several of one day are numbered: the open ones, then the others, each as they were entered."""
    day, eve = ON, ON - dt.timedelta(days=1)
    late = burnt().model_copy(update={"recorded": day + dt.timedelta(days=2)})
    over = burnt().model_copy(update={"status": "closed"})
    names = [name for name, _ in named([over, late, burnt(), burnt("BB-1"), burnt(day=eve)])]
    plain = f"burnt_batch of {day}"
    assert names == [f"{plain} (3)", f"{plain} (2)", plain, "BB-1", f"burnt_batch of {eve}"]


def test_an_answer_about_no_finding_on_record_is_refused():
    """Nothing is said in a finding that is not there."""
    asked = question(("burnt_batch", "fixed", "BB-9"))
    with pytest.raises(InputError, match="there is no burnt_batch finding `BB-9` on record"):
        RECORD.with_answer(asked, value=True, by="taster", on=ON)
