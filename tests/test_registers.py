"""A register reads the same from each of its forms, and tells every fault with its place."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qaf_rules.errors import InputError
from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord, Rating
from qaf_rules.pack import load_pack
from qaf_rules.provider_day import contradictions
from qaf_rules.registers import Register, read_register, template, write_register
from qaf_rules.shapes import CONSENT, JUDGEMENT, STATUSES, record_ids, stateable
from qaf_rules.values import MapOf, OneOf, SetOf
from qaf_rules.workbook import example
from qaf_rules.workdays import Term

ADULTS, CHILDREN = load_pack("adults"), load_pack("children")
PROVIDERS = "provider_id,name,service_type,cqc_domains.safe,contract_start,cqc_regulated\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of CSV files: call it with the text of each sheet."""

    def make(**sheets):
        for name, text in sheets.items():
            raw = text if isinstance(text, bytes) else text.encode()
            (tmp_path / f"{name}.csv").write_bytes(raw)
        return tmp_path

    return make


@pytest.fixture
def register_file(tmp_path):
    """A YAML register: call it with its text."""

    def make(text):
        path = tmp_path / "register.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def refused(path, pack=ADULTS):
    """Give the faults for which a file is refused."""
    with pytest.raises(InputError) as told:
        read_register(path, pack)
    return told.value.diagnostics


def messages(register):
    """Give what the faults say."""
    return [fault.message for fault in register.faults]


# Any register that a pack allows.

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31))
# A cell holds no text that begins with `=`, which Excel would run, and none with stray spaces.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1).filter(
    lambda text: not text.startswith("=") and text != "-" and not text.startswith("#")
)
WORDS = TEXTS.filter(lambda text: ";" not in text)
ANYTHING = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-1000, 1000),
    st.sampled_from(["TRUE", "010", "1.5", "[x", '"']),
)


def values(kind):
    """Any value of a type."""
    match kind:
        case OneOf(words):
            return st.sampled_from(words)
        case SetOf(words):
            return st.frozensets(st.sampled_from(words) if words else WORDS, max_size=3)
        case MapOf(keys, words):
            return st.dictionaries(st.sampled_from(keys), st.sampled_from(words), min_size=1)
        case _:
            return {
                "boolean": st.booleans(),
                "count": st.integers(0, 500),
                "number": st.integers(-9, 9) | st.floats(-9, 9).map(lambda n: round(n, 3)),
                "date": DAYS,
                "text": TEXTS,
                "token": TEXTS,
                "any": ANYTHING,
            }[kind.name]


def some(words):
    """Some of the words, in any order."""
    return st.lists(st.sampled_from(tuple(words)), max_size=3, unique=True).map(tuple)


def maybe(strategy):
    """That, or nothing."""
    return st.none() | strategy


@st.composite
def findings(draw, pack):
    """Any finding or judgement."""
    common = {
        "on": draw(DAYS),
        "recorded": draw(maybe(DAYS)),
        "ref": draw(maybe(TEXTS)),
        "source": draw(maybe(st.sampled_from(tuple(pack.sources)))),
        "status": draw(st.sampled_from(STATUSES)),
        "evidence": draw(some(pack.evidence)),
        "urgent": draw(st.booleans()),
        "by": draw(maybe(st.sampled_from(tuple(pack.roles)))),
    }
    if draw(st.booleans()):
        stated = stateable(pack)
        fact = draw(st.sampled_from(tuple(stated)))
        value = draw(values(stated[fact].type))
        return Finding(kind=JUDGEMENT, fact=fact, value=value, attributes={}, **common)
    kind = draw(st.sampled_from([kind for kind in pack.kinds if kind != JUDGEMENT]))
    own = {name: values(declared) for name, declared in pack.kinds[kind].attributes.items()}
    return Finding(kind=kind, attributes=draw(st.fixed_dictionaries({}, optional=own)), **common)


def activities(pack):
    """Any record of an activity."""
    names = [name for name in record_ids(pack) if name != pack.identity.rating.confirmed_by]
    names = [n for n in names if n not in pack.activities or not pack.activities[n].outcomes]
    authority = pack.facts.get("authorised_by")
    return st.builds(
        Activity,
        activity=st.sampled_from(names),
        completed=DAYS,
        planned=maybe(DAYS),
        requested=maybe(DAYS),
        recorded=maybe(DAYS),
        period=st.sampled_from([None, "2026-01", "2026-Q4", "2026-autumn", "2026-03-27"]),
        missing=some(pack.evidence),
        deadline=maybe(DAYS),
        notified=maybe(DAYS),
        attendees=maybe(some(pack.roles)),
        location=maybe(st.sampled_from(tuple(pack.places))),
        consent=maybe(st.sampled_from(CONSENT)),
        evidence=some(pack.evidence),
        covered=some((*pack.topics, "all")),
        format=maybe(st.sampled_from(tuple(pack.formats))),
        outcome=maybe(TEXTS),
        audience=maybe(st.sampled_from(tuple(pack.identity.audiences))),
        what=some(pack.identity.subjects),
        authorised_by=maybe(values(authority.type)) if authority else maybe(TEXTS),
    )


def decisions(pack):
    """Any decision."""
    sorts = {
        "activity": st.sampled_from(record_ids(pack)),
        "interval": st.sampled_from(["6 months", "28 days"]),
        "count": st.integers(0, 31),
        "day": st.integers(1, 31),
        "any": ANYTHING,
        "subject": st.sampled_from(tuple(pack.identity.subjects)),
        "audience": st.sampled_from(tuple(pack.identity.audiences)),
        "date": st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    }
    return st.sampled_from(tuple(pack.decisions)).flatmap(
        lambda name: st.builds(
            Decision,
            decision=st.just(name),
            on=st.dates(dt.date(2020, 1, 1), dt.date(2024, 1, 1)),
            by=maybe(st.sampled_from(tuple(pack.roles))),
            until=maybe(st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1))),
            reason=maybe(TEXTS),
            carries=st.fixed_dictionaries(
                {key: sorts.get(sort, TEXTS) for key, sort in pack.decisions[name].carries.items()}
            ),
        )
    )


@st.composite
def ratings(draw, pack):
    """Any confirmed rating."""
    level = st.sampled_from(tuple(pack.levels))
    return Rating(
        level=draw(level),
        on=draw(DAYS),
        by=draw(st.sampled_from(tuple(pack.roles))),
        suggested=draw(maybe(level)),
        reason=draw(TEXTS),
        framework=draw(maybe(TEXTS)),
    )


@st.composite
def registers(draw, pack):
    """Any register."""
    fields = {
        name: values(field.type)
        for name, field in pack.fields.items()
        if name not in ("provider_id", "contract_start")
    }
    records = {}
    for id_ in draw(st.lists(TEXTS, max_size=3, unique_by=str.lower)):
        found = draw(st.lists(findings(pack), max_size=3))
        provider = Provider(
            id=id_,
            name=draw(maybe(TEXTS)),
            fields=draw(st.fixed_dictionaries({}, optional=fields)),
        )
        opposed = [name for name, _ in contradictions(pack, provider)]
        while opposed:  # such a profile is not read; the others are to be
            kept = {n: v for n, v in provider.fields.items() if n not in opposed}
            provider = Provider(id=id_, name=provider.name, fields=kept)
            opposed = [name for name, _ in contradictions(pack, provider)]
        records[id_] = ProviderRecord(
            provider=provider,
            activities=tuple(draw(st.lists(activities(pack), max_size=3))),
            findings=tuple(sorted(found, key=lambda finding: finding.kind == JUDGEMENT)),
            ratings=tuple(draw(st.lists(ratings(pack), max_size=2))),
            decisions=tuple(draw(st.lists(decisions(pack), max_size=2))),
        )
    given_once = {
        name: values(setting.type) for name, setting in pack.settings.items() if name != "terms"
    }
    once = draw(st.fixed_dictionaries({}, optional=given_once))
    if draw(st.booleans()):
        once["terms"] = (Term("autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 18)),)
    return Register(records, settings=once)


def there_and_back(register, pack, path):
    """Write a register, read it back, and find the same."""
    write_register(register, path, pack)
    back = read_register(path, pack)
    assert str(back.faults) == "no faults"
    assert back == register
    assert not back.incomplete


QUICK = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("pack", [ADULTS, CHILDREN], ids=lambda pack: pack.id)
@pytest.mark.parametrize("name", ["register.yaml", "sheets", "register.xlsx"])
@QUICK
@given(data=st.data())
def test_same_register_back(data, name, pack, tmp_path):
    """Whatever a register holds, each of its forms reads back to the same register."""
    there_and_back(data.draw(registers(pack)), pack, tmp_path / name)


@pytest.mark.parametrize("name", ["register.yaml", "sheets", "register.xlsx"])
def test_what_a_record_is_about_is_kept(name, tmp_path):
    """Which activity something was done for, and its day, are in every form of a register."""
    day = dt.date(2026, 6, 1)
    own = Activity(activity="feedback_to_provider", completed=day, about="qm7", about_day=day)
    records = {"a": ProviderRecord(provider=Provider(id="a"), activities=(own,))}
    adults = load_pack("adults")
    write_register(Register(records), tmp_path / name, adults)
    assert read_register(tmp_path / name, adults)["a"].activities == (own,)


# A register as a value.


def test_register_is_a_collection(folder):
    """A register has its records by id and in order, and says what it does not have."""
    register = read_register(str(folder(providers=PROVIDERS + "b,B,,,,\na,A,,,,\n")), ADULTS)
    assert [record.provider.id for record in register] == ["b", "a"]
    assert len(register) == 2
    assert "a" in register
    assert register["a"].provider.name == "A"
    with pytest.raises(KeyError, match="no provider"):
        register["zzz"]
    assert str(register.faults) == "no faults"


def test_framework_or_pack(folder):
    """A framework serves as well as the pack that it wraps."""

    class Framework:
        pack = ADULTS

    path = folder(providers=PROVIDERS + "a,A,,,,\n")
    assert read_register(path, Framework()) == read_register(path, ADULTS)


def test_unknown_form(tmp_path):
    """A file of another form is refused with the forms that are read."""
    assert "workbook" in refused(tmp_path / "register.docx")[0].help


@pytest.mark.parametrize("name", ["none.xlsx", "none.yaml", "none.json"])
def test_missing_file(tmp_path, name):
    """A file that is not there is one fault."""
    assert len(refused(tmp_path / name)) == 1


def test_cannot_write(tmp_path):
    """Where nothing can be written that is a fault, in every form."""
    (tmp_path / "file").write_text("")
    for name in ("file/a.yaml", "file/a", "file/a.xlsx"):
        with pytest.raises(InputError, match="cannot write"):
            write_register(Register(), tmp_path / name, ADULTS)


# Rows of sheets, here as CSV.


def test_row_over_several_lines(folder):
    """A row with a line break in a cell is told at its first line."""
    register = read_register(
        folder(providers='provider_id,name,contract_start\na,"one\ntwo",soon\n'), ADULTS
    )
    assert [(f.line, f.column, f.message) for f in register.faults] == [
        (2, None, "`soon` is not a day")
    ]


def test_capitals(folder):
    """A kind or a fact written with capitals and spaces is still that kind or fact."""
    register = read_register(
        folder(
            providers="provider_id\na\n",
            findings="provider_id,kind,on,safety_impact\na,Standards Shortfall,2026-01-02,MAY\n",
            judgements="provider_id,fact,value,on\na,Complaints-count,2,2026-01-02\n",
        ),
        ADULTS,
    )
    assert str(register.faults) == "no faults"
    assert register["a"].findings[0].attributes == {"safety_impact": "may"}
    assert register["a"].findings[1].value == 2


def test_good_rows_are_answered(folder):
    """Each bad row is told with line and column, and the good rows are still there."""
    register = read_register(
        folder(
            providers=PROVIDERS
            + "good,Good,Care Home; home-care,good,01/04/2024,yes\n"
            + "bad,Bad,care_hoem,goood,2024-02-30,maybe\n",
            activities="provider_id,activity,completed,period\n"
            "good,qm1,2025-01-15,\n"
            "good,qm1,2024-03-31,\n"
            "bad,qm1,2025-01-15,\n"
            "god,qm1,2025-01-15,\n"
            ",qm1,2025-01-15,\n",
            findings="provider_id,kind,on,severity\ngood,complaint,2025-02-30,minor\n",
        ),
        ADULTS,
    )
    assert list(register.records) == ["good"]
    assert register["good"].provider.fields["service_type"] == {"care_home", "home_care"}
    assert register["good"].provider.fields["contract_start"] == dt.date(2024, 4, 1)
    assert len(register["good"].activities) == 1
    assert register.incomplete == {"good"}
    places = [(f.file.rsplit("/", 1)[-1], f.line, f.column, f.message) for f in register.faults]
    assert places == [
        ("providers.csv", 3, 9, "`care_hoem` is none of the values"),
        ("providers.csv", 3, 19, "`goood` is none of the values"),
        ("providers.csv", 3, 25, "`2024-02-30` is a day that does not exist"),
        ("providers.csv", 3, 36, "`maybe` is neither yes nor no"),
        ("activities.csv", 3, 10, "an activity before the contract start: `2024-03-31`"),
        ("activities.csv", 5, 1, "no provider `god`"),
        ("activities.csv", 6, None, "the row has no `provider_id`"),
        ("findings.csv", 2, 16, "`2025-02-30` is a day that does not exist"),
    ]
    assert "did you mean `good`?" in str(register.faults)
    assert str(register.faults).endswith("8 faults")


def test_two_providers_with_one_id(folder):
    """Of two providers with one id both rows are told, and the first is kept."""
    register = read_register(folder(providers=PROVIDERS + "a,One,,,,\na,Two,,,,\n"), ADULTS)
    assert register["a"].provider.name == "One"
    assert [(f.line, f.column, f.message) for f in register.faults] == [
        (2, 1, "another provider has the id `a`"),
        (3, 1, "another provider has the id `a`"),
    ]
    assert register.faults[0].help == "line 3 has it too; this one is kept"


def test_sheets_settings(folder):
    """Settings and terms have sheets of their own, and their faults their places."""
    register = read_register(
        folder(
            providers="provider_id\n",
            settings="setting,value\ndue_soon_days,14\ndue_soon_days,15\ndue_son_days,1\n"
            'capacity,much\nroll_to_working_day,no\npathway_steps,"[""meet"", ""plan""]"\n',
            terms="name,start,end\nautumn,2026-09-01,18/12/2026\n",
        ),
        ADULTS,
    )
    assert register.settings == {
        "due_soon_days": 14,
        "roll_to_working_day": False,
        "pathway_steps": ["meet", "plan"],
        "terms": (Term("autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 18)),),
    }
    assert [(f.line, f.column, f.message) for f in register.faults] == [
        (3, 1, "the setting `due_soon_days` is there twice"),
        (4, 1, "unknown setting `due_son_days`"),
        (5, 10, "`much` is not a number"),
    ]


@pytest.mark.parametrize(
    ("terms", "line"),
    [
        ("autumn,2026-09-01,2026-08-01\n", 2),
        ("autumn,2026-09-01,2026-12-18\nspring,2026-12-01,2027-03-01\n", 3),
        ("autumn,45000,2026-12-18\n", 2),
    ],
)
def test_bad_terms(folder, terms, line):
    """A calendar of terms with a fault is left out, and the fault is told."""
    register = read_register(
        folder(providers="provider_id\n", terms="name,start,end\n" + terms), ADULTS
    )
    assert "terms" not in register.settings or terms.startswith("autumn,45000")
    assert [fault.line for fault in register.faults] == [line]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"\xef\xbb\xbf" + PROVIDERS.encode() + b"a,A,care_home,,,\n", None),
        (PROVIDERS.replace(",", ";").encode() + b"a;A;care_home;;;\n", None),
        (PROVIDERS.replace(",", "\t").encode() + b"a\tA\tcare_home\t\t\t\n", None),
        (PROVIDERS.replace("\n", "\r\n").encode() + b'a,"A ""1"", the old",care_home,,,\r\n', None),
        (PROVIDERS.encode() + b"a,A,care_home,,,\n\n , ,,,,\n", None),
        (PROVIDERS.encode() + b"a,A,care_home,,,\nb,St Ann\x92s,care_home,,,\n", 3),
    ],
    ids=["byte order mark", "semicolons", "tabs", "quotes", "empty rows", "cp1252"],
)
def test_kinds_of_csv(folder, raw, line):
    """CSV is read as Excel writes it; a row that is not UTF-8 is told and left out."""
    register = read_register(folder(providers=raw), ADULTS)
    assert [record.provider.id for record in register] == ["a"]
    assert register["a"].provider.fields["service_type"] == {"care_home"}
    assert [(f.line, f.column) for f in register.faults] == ([] if line is None else [(line, 3)])
    assert "\udc92" not in str(register.faults)


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({}, "there is no file `providers.csv`"),
        ({"providers": ""}, "the file is empty"),
        ({"providers": "name,size\nA,3\n"}, "no row of column names with `provider_id`"),
        ({"providers": "provider_id,nmae\n"}, "unknown column `nmae`"),
        ({"providers": "provider_id,name,Name\n"}, "the column `name` is there twice"),
        ({"providers": "provider_id\n", "finding": ""}, "unknown sheet `finding`"),
        ({"providers": b"\xff\xfep\0"}, "the file is not UTF-8"),
        ({"providers": 'provider_id,name\na,"A\n'}, "unexpected end of data"),
    ],
)
def test_refused_folders(folder, sheets, message):
    """A folder whose columns or files are at fault is refused as a whole."""
    (fault,) = refused(folder(**sheets))
    assert fault.message == message


def test_own_columns(folder):
    """A column that begins with `#`, or has no name, is the officer's own."""
    path = folder(providers="provider_id,# my notes,,name\na,ask Sam,x,A\n", my_list="a,b\n")
    assert read_register(path, ADULTS)["a"].provider.name == "A"


def test_too_large(folder, monkeypatch):
    """A file beyond all measure is refused unread."""
    monkeypatch.setattr("qaf_rules.registers._LARGEST", 10)
    (fault,) = refused(folder(providers=PROVIDERS))
    assert "larger than the 10 bytes" in fault.message


def test_formula_in_csv(folder):
    """What Excel would run is no value in CSV either."""
    register = read_register(folder(providers="provider_id,name\na,=1+1\n"), ADULTS)
    assert messages(register) == ["a formula is not read"]


# YAML.


def test_yaml_register(register_file):
    """A register in YAML has its providers as a list or by id, and its good entries stand."""
    register = read_register(
        register_file(
            """\
framework: adults
settings: {due_soon_days: 14, sif_anchor: 2026-02-30}
providers:
  larch:
    provider: {service_type: care_home, contract_start: 2024-04-01}
    findings:
      - {kind: judgement, fact: experience, value: good, on: 2026-01-01}
      - {kind: complaint, on: 2026-01-01, severity: mnior}
      - {kind: complaint, on: 2026-01-02}
    activities:
      - {activity: qm1, completed: 2024-03-31}
  010:
    provider: {regulator: cqc}
  elm:
    provider: {sevice_type: care_home}
"""
        ),
        ADULTS,
    )
    assert list(register.records) == ["larch", "010"]
    assert [finding.kind for finding in register["larch"].findings] == ["complaint", "judgement"]
    assert register.incomplete == {"larch"}
    assert register.settings == {"due_soon_days": 14}
    assert [(f.line, f.column, f.message) for f in register.faults] == [
        (2, 43, "`2026-02-30` is a day that does not exist"),
        (8, 53, "`mnior` is none of the values"),
        (11, 36, "an activity before the contract start: `2024-03-31`"),
        (15, 16, "unknown field `sevice_type`"),
    ]


def test_yaml_list(register_file):
    """In a list each provider names its id; two with one id are both told."""
    register = read_register(
        register_file(
            "providers:\n"
            "  - provider: {provider_id: a, name: One}\n"
            "  - provider: {provider_id: a, name: Two}\n"
            "  - provider: {name: Three}\n"
        ),
        ADULTS,
    )
    assert register["a"].provider.name == "One"
    assert [(f.line, f.message) for f in register.faults] == [
        (2, "another provider has the id `a`"),
        (3, "another provider has the id `a`"),
        (4, "the provider has no id"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no register"),
        ("- a\n", "this is no register"),
        ("provider: {}\n", "this is no register"),
        ("providers: 3\n", "`providers` is not a list"),
        ("providers: []\nsetting: {}\n", "unknown key `setting`"),
        ("framework: children\nproviders: []\n", "the register is of `children`, not of `adults`"),
        ("providers:\n  a: {}\n  a: {}\n", "the key `a` is given twice"),
    ],
)
def test_refused_yaml(register_file, text, message):
    """A file that is no register of this framework is refused as a whole."""
    (fault,) = refused(register_file(text))
    assert fault.message == message


@pytest.mark.parametrize("name", ["new.xlsx", "new.yaml", "new"])
def test_template_in_every_form(tmp_path, name):
    """A template of any form holds the same example, which gives way to the first provider."""
    template(ADULTS, tmp_path / name)
    register = read_register(tmp_path / name, ADULTS)
    assert list(register) == [example(ADULTS)]
    elm = ProviderRecord(provider=Provider(id="elm", fields={}))
    write_register(Register({**register.records, "elm": elm}), tmp_path / name, ADULTS)
    assert list(read_register(tmp_path / name, ADULTS).records) == ["elm"]


def test_no_providers(register_file):
    """A register without providers is an empty one."""
    assert len(read_register(register_file("providers:\n"), ADULTS)) == 0


# JSON.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is not JSON: expecting value"),
        ('[{"locationId": "1"},]', "the file is not JSON: "),
        ("[" * 100_000, "the file is nested too deeply"),
        ('[{"name": "x"}]', "the file holds no locations of the regulator's API"),
    ],
)
def test_refused_json(tmp_path, text, message):
    """A file that is not what a regulator publishes is refused as a whole."""
    path = tmp_path / "locations.json"
    path.write_text(text)
    (fault,) = refused(path)
    assert fault.message.startswith(message)


def test_pack_without_regulator(tmp_path):
    """A pack that does not say what the words mean cannot read a regulator's file."""
    path = tmp_path / "locations.json"
    path.write_text(json.dumps([{"locationId": "1"}]))
    assert "does not say how" in refused(path, CHILDREN)[0].message


def test_location_twice(tmp_path):
    """Of two locations with one id both are told, and the first is kept."""
    path = tmp_path / "locations.json"
    path.write_text(json.dumps([{"locationId": "1", "name": "One"}, {"locationId": "1"}]))
    register = read_register(path, ADULTS)
    assert register["1"].provider.name == "One"
    assert [fault.place for fault in register.faults] == [
        "locations.0.provider",
        "locations.1.provider",
    ]


# What is told beside what is read.


def test_a_contradiction_has_its_place_in_a_sheet(folder):
    """A profile that contradicts itself is a faulty row; the others are read."""
    text = "provider_id,regulator,registered\na,none,yes\nb,cqc,yes\n"
    register = read_register(folder(providers=text), ADULTS)
    assert [record.provider.id for record in register] == ["b"]
    (fault,) = register.faults
    assert (fault.line, fault.column) == (2, 8)
    assert fault.help == "correct this, or what it contradicts"


def test_a_row_with_more_cells_than_names_is_left_out(folder):
    """In CSV a comma too many shifts the cells; cells that are empty do no harm."""
    text = "provider_id,name\na,House, The\nb,B,,\n"
    register = read_register(folder(providers=text), ADULTS)
    assert [record.provider.id for record in register] == ["b"]
    assert messages(register) == ["the row has more cells than there are column names"]


def test_a_file_that_is_none_of_a_registers_is_told(folder):
    """It is not passed over in silence, unless its name says that it is one's own."""
    sheets = {"providers": "provider_id\na\n", "payments": "x\n", "#notes": "x\n"}
    register = read_register(folder(**sheets), ADULTS)
    assert len(register) == 1
    assert messages(register) == ["a register has no file `payments.csv`; it was not read"]


def test_every_bad_word_of_a_set_is_told(folder):
    """Whoever mends the row mends it once."""
    register = read_register(folder(providers="provider_id,service_type\na,hotel; inn\n"), ADULTS)
    assert len(register.faults) == 2


def test_an_id_that_is_called_so_has_a_hint(folder, register_file):
    """The column and the field are called `provider_id`."""
    (fault,) = refused(folder(providers="id,name\na,A\n"))
    assert fault.help == "call the column `id` `provider_id`"
    register = read_register(register_file("providers:\n  - provider: {id: a}\n"), ADULTS)
    assert "did you mean `provider_id`?" in [fault.help for fault in register.faults]


def test_a_day_with_the_month_first_is_quoted_as_written(folder):
    """What was written is what is told."""
    text = "provider_id,contract_start\na,12/25/2025\n"
    assert messages(read_register(folder(providers=text), ADULTS)) == ["`12/25/2025` is no day"]
