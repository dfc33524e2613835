"""An editor that is given the schemas validates packs, registers and answers."""

import datetime as dt
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator as Validator

from qaf_rules import _yaml, frequency, schemas
from qaf_rules.engine import load
from qaf_rules.folders import pack_path
from qaf_rules.model import Finding, Provider, ProviderRecord
from qaf_rules.schema import SECTIONS

MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
FOLDERS = [pack_path("adults"), pack_path("children"), MINIMAL]
FILES = [path for folder in FOLDERS for path in sorted(folder.glob("*.yaml"))]


def as_json(data):
    """Give plain data as JSON has it: every key is text."""
    return json.loads(json.dumps(data))


def faults(schema, data):
    """Give what a validator says of data."""
    return [error.message for error in Validator(schema).iter_errors(as_json(data))]


@pytest.mark.parametrize("section", [None, *SECTIONS])
def test_pack_schemas_are_schemas(section):
    """Each schema of a pack is one of the 2020-12 draft, and defines all that it names."""
    schema = schemas.pack_schema(section)
    Validator.check_schema(schema)
    for part in json.dumps(schema).split('"#/$defs/')[1:]:
        assert part[: part.index('"')] in schema["$defs"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_packs_validate(path):
    """Every file of the packs is what its schema says."""
    assert faults(schemas.pack_schema(path.stem), _yaml.read(path).data) == []


def test_a_whole_pack_validates():
    """The schema of all files is that of each under its name."""
    data = {path.stem: _yaml.read(path).data for path in MINIMAL.glob("*.yaml")}
    assert faults(schemas.pack_schema(), data) == []
    assert faults(schemas.pack_schema(), {"rules": {}}) != []


def test_there_is_no_schema_of_another_file():
    """A file that a pack does not have has no schema."""
    with pytest.raises(KeyError):
        schemas.pack_schema("rules")


@pytest.mark.parametrize(
    ("section", "data"),
    [
        ("rating", {"tight": {"level": 1, "when": {}, "text": "!", "clauses": "B-01"}}),
        ("rating", {"tight": {"level": "one", "when": {}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {}}}),
        ("rating", {"tight": {"level": 1, "mode": "each", "when": {}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": "leaks", "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"all": {"leaks": 0}}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"leaks": {"atleast": 1}}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"leaks": {}}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"some": "leak", "leaks": 0}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"where": {"size": "large"}}, "text": "!"}}),
        ("rating", {"tight": {"level": 1, "when": {"by_reading": 1}, "text": "!"}}),
        ("activities", {"look": {"name": "A look", "every": "a year"}}),
        ("activities", {"look": {"name": "A look", "evry": "1 year"}}),
        ("activities", {"look": {"name": "A look", "by_day": 32}}),
        ("activities", {"look": {"name": "A look", "cases": [{"use": {"every": "1 day"}}]}}),
        ("activities", {"look": {"name": "A look", "conduct": {"agenda": [{"when": {}}]}}}),
        ("activities", {"look": {"name": "A look", "every": {"by_reading": "X-1", "a": "a year"}}}),
        ("matrix", {"boats": {"when": {}, "activities": {"look": {"class": "maximum"}}}}),
        ("vocabulary", {"fields": {"deck": {"type": "flag"}}}),
        ("vocabulary", {"kinds": {"leak": {"tense": "future"}}}),
        ("actions", {"pump": {"text": "Pump", "triggers": [{"force": "shall"}]}}),
        ("actions", {"pump": {"text": "Pump"}}),
        ("clauses", {"B-01": {"key": "a", "section": "1", "strength": "will", "rule": "none"}}),
        ("questions", {"D-1": {"who": "mate"}}),
    ],
    ids=str,
)  # fmt: skip
def test_mistakes_are_caught(section, data):
    """What the pack language does not know is told by the schema alone."""
    assert faults(schemas.pack_schema(section), data) != []


@pytest.mark.parametrize(
    "value",
    [
        "12 months",
        {"by_reading": "X-1", "rolling": "12 months", "otherwise": None},
        {"by_reading": "X-1", "otherwise": {"by_reading": "X-2", "otherwise": "1 year"}},
        None,
    ],
    ids=str,
)
def test_a_choice_by_reading_stands_for_any_value(value):
    """Wherever a value stands, a choice by reading may stand, and nothing may be chosen."""
    data = {"look": {"name": "A look", "every": value}}
    assert faults(schemas.pack_schema("activities"), data) == []


def test_every_kind_of_frequency_has_its_schema():
    """What a frequency may say in a pack, it may say under the schema."""
    known = schemas.pack_schema("activities")["$defs"]["frequency"]["properties"]
    assert {*frequency.KEYS, *frequency.BESIDE} == set(known)


def test_a_register_validates():
    """The schema of a register has the pack's own words, and no others."""
    schema = schemas.register_schema(load(MINIMAL).pack)
    Validator.check_schema(schema)
    record = {"provider": {"provider_id": "b1", "service_type": "boat"}}
    finding = {"kind": "leak", "on": "2025-01-01", "size": "large"}
    assert faults(schema, {"providers": [{**record, "findings": [finding]}]}) == []
    assert (
        faults(schema, {"providers": [{**record, "findings": [{**finding, "size": "huge"}]}]}) != []
    )


def plain(value):
    """Give an answer as JSON has it, reasons as far as the schema knows them."""
    from qaf_rules.result import Evidence, Reason

    if isinstance(value, Reason):
        return {"truth": value.truth, "evidence": [plain(e) for e in value.support()]}
    if isinstance(value, Evidence):
        return {"type": value.type, "ref": value.ref, "day": plain(value.day)}
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        return {name: plain(v) for name, v in value._asdict().items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "__dataclass_fields__"):
        fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
        return {name: plain(v) for name, v in fields.items() if not callable(v)}
    return value


def test_an_assessment_validates():
    """An answer is what its schema says, and nothing else is."""
    schema = schemas.assessment_schema()
    Validator.check_schema(schema)
    leak = Finding(kind="leak", on=dt.date(2025, 1, 1), attributes={"size": "large"})
    provider = Provider(id="b1", fields={"service_type": frozenset({"boat"})})
    record = ProviderRecord(provider=provider, findings=(leak,))
    answer = plain(load(MINIMAL).assess(record, on=dt.date(2025, 2, 1)))
    assert faults(schema, answer) == []
    assert faults(schema, {**answer, "attention": [{"what": "leak"}]}) == []
    assert faults(schema, {**answer, "on": None}) != []
    assert faults(schema, {**answer, "mood": "good"}) != []
    assert faults(schema, {k: v for k, v in answer.items() if k != "actions"}) != []


def test_the_source_of_steps_may_be_a_word():
    """A pathway may say where its steps come from in a word, in one entry or in a list of them."""
    schema = schemas.pack_schema("pathway")
    states = {"a": {"name": "A", "start": True}}
    entry = {"is": "council", "when": {"deck": "wet"}}
    for source in ("council", entry, [entry, "incomplete"]):
        spec = {"name": "Watch", "states": states, "transitions": {}, "steps_source": source}
        assert faults(schema, {"watch": spec}) == []
    assert faults(schema, {"watch": {"name": "Watch", "states": states}}) != []
