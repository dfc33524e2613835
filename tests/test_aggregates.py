"""What is told of many together singles out no provider and nobody."""

import datetime as dt
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaf_rules.aggregates import aggregate, suppressed
from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.export import as_json, plain_part
from qaf_rules.intake import read_record
from qaf_rules.registers import read_register
from qaf_rules.words import Words

EXAMPLES = Path(__file__).parents[1] / "examples"
ADULTS, CHILDREN = load("adults"), load("children")
ON = dt.date(2026, 11, 22)


def homes(count, start=0, **parts):
    """Read care homes that are alike but for their ids."""
    found = []
    for number in range(start, start + count):
        profile = {"service_type": "care_home", **parts.get("profile", {})}
        given = {"provider": {"provider_id": f"home-{number}", **profile}}
        given |= {key: value for key, value in parts.items() if key != "profile"}
        made, faults = read_record(given, ADULTS.pack, on=ON)
        assert faults == []
        found.append(made)
    return found


COMPLAINT = {"kind": "complaint", "on": "2026-11-01"}
RATED = {"activity": "allocate_pqr", "completed": "2026-10-01", "outcome": "2"}


def together(records, what="aggregated_evidence", audience="commissioners", framework=ADULTS):
    """Count what may be told of these providers."""
    return aggregate(framework, records, what, audience=audience, on=ON).told


# --- suppression ---------------------------------------------------------------------------------

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), max_size=8)
SMALLEST, OTHERS = st.integers(3, 8), st.integers(0, 9)


@given(COUNTS, SMALLEST, OTHERS)
def test_no_number_that_is_not_told_can_be_worked_out(counts, smallest, others):
    """Of each name that is not told at least two numbers fit what is told and how many there are."""
    told = suppressed(counts, smallest, others)
    hidden = [name for name, number in told.items() if number is None]
    assert all(n is None or n == counts[name] >= smallest for name, n in told.items())
    if hidden:
        missing = sum(counts.values()) + others - sum(n or 0 for n in told.values())
        assert missing >= smallest
        assert missing > len(hidden)  # else each is one
        assert len(hidden) > 1 or others  # else it is what is missing


@given(COUNTS, SMALLEST, OTHERS)
def test_what_is_in_no_list_is_nothing_or_not_small(counts, smallest, others):
    """Those of whom nothing is known are not told by the rest either, where some of it is told."""
    told = suppressed(counts, smallest, others)
    if any(number is not None for number in told.values()):
        missing = sum(counts.values()) + others - sum(n or 0 for n in told.values())
        assert missing == 0 or missing >= smallest


@pytest.mark.parametrize("smallest", [3, 4, 5])
@pytest.mark.parametrize("names", [1, 2, 3, 4])
def test_who_knows_how_it_is_done_cannot_tell_either(names, smallest):
    """Whatever is told of a few providers, more than one number could stand behind each None."""
    behind = {}
    for providers in range(smallest, 10):
        for numbers in itertools.product(range(1, providers + 1), repeat=names):
            if sum(numbers) <= providers:
                counts = dict(zip("abcd", numbers, strict=False))
                told = suppressed(counts, smallest, providers - sum(numbers))
                behind.setdefault((providers, *told.items()), []).append(counts)
    for (_, *told), possible in behind.items():
        for name, number in told:
            fitting = {counts[name] for counts in possible}
            assert fitting == {number} if number is not None else len(fitting) > 1


@given(COUNTS, SMALLEST)
def test_large_numbers_alone_are_all_told(counts, smallest):
    """Where none is too small, and none is left over, nothing is kept back."""
    large = {name: number + smallest for name, number in counts.items()}
    assert suppressed(large, smallest) == large


# --- of a register -------------------------------------------------------------------------------


def test_levels_values_and_kinds_are_counted():
    """Providers are counted by level, by value and by kind of finding, each provider once."""
    records = homes(6, activities=[RATED], findings=[COMPLAINT, COMPLAINT])
    told = together([*records, *homes(5, start=6)])
    assert (told.providers, told.smallest) == (11, 5)
    assert told.parts == {
        "rating": {"2": 6},
        "service_type": {"care_home": 11},
        "findings": {"complaint": 6},
    }


def test_too_few_are_not_told_of():
    """Of fewer providers than the smallest count nothing is told, not even how many there are."""
    told = together(homes(4, activities=[RATED]))
    assert (told.providers, told.parts, told.sharing.answer) == (None, {}, "permitted")


def test_one_that_stands_alone_is_not_told_of():
    """The one home that differs cannot be worked out from the number of all and of the others."""
    worse = {**RATED, "outcome": "4"}
    told = together([*homes(6, activities=[RATED]), *homes(1, start=6, activities=[worse])])
    assert told.parts["rating"] == {"2": None, "4": None}


def test_a_kind_that_stands_alone_is_not_told_of():
    """A finding of one home is told neither by its number nor by those of the other kinds."""
    incident = {"kind": "incident", "on": "2026-11-01", "harm": "minor"}
    records = [
        *homes(6, findings=[COMPLAINT]),
        *homes(7, start=6, findings=[{"kind": "kpi", "on": "2026-11-01"}]),
        *homes(1, start=13, findings=[incident]),
    ]
    told = together(records)
    assert told.parts["findings"] == {"complaint": None, "incident": None, "kpi": 7}


def test_a_service_that_stands_alone_is_not_told_of_where_others_have_several():
    """A provider of two services counts for each: so many that nothing seems to be left."""
    records = [
        *homes(6, profile={"service_type": ["care_home", "home_care"]}),
        *homes(5, start=6, profile={"service_type": "home_care"}),
        *homes(1, start=11, profile={"service_type": "supported_living"}),
    ]
    told = together(records)
    services = {"care_home": None, "home_care": 11, "supported_living": None}
    assert (told.providers, told.parts["service_type"]) == (12, services)


def test_where_each_stands_alone_there_is_not_even_a_name():
    """Five homes with five kinds of finding: that there is one of each would be told by the names."""
    kinds = ("complaint", "kpi", "incident", "finance", "turnover")
    records = [
        home
        for n, kind in enumerate(kinds)
        for home in homes(1, start=n, findings=[{"kind": kind, "on": "2026-11-01"}])
    ]
    assert "findings" not in together(records).parts


def test_only_what_may_be_shared_is_counted():
    """An audience that may not be told, or of which a person has to decide, is told nothing."""
    for audience, answer in (("public", "not_permitted"), ("regulator", "ask")):
        told = together(homes(9, activities=[RATED]), audience=audience)
        assert (told.sharing.answer, told.providers, told.parts) == (answer, None, {})


def test_who_is_outside_is_not_counted_and_who_contradicts_itself_is_a_fault():
    """A provider outside is not counted; of one that cannot be assessed the team alone is told."""
    outside = homes(3, start=10, facts={"commissioned_by_bolton": False})
    wrong = homes(1, start=20, profile={"regulator": "none", "cqc_regulated": True})
    records = [*homes(5), *outside, *wrong]
    told, faults = aggregate(ADULTS, records, "learning", audience="sector", on=ON)
    assert told.providers == 5
    assert {fault.place.split(",")[0] for fault in faults} == {"provider home-20"}
    assert "home-20" not in as_json(plain_part(told, Words(ADULTS.pack)))


def test_a_pack_that_names_no_smallest_count_tells_nothing():
    """Without a threshold of the pack's own there is no telling what is too small: it is refused."""
    framework = ADULTS.amend({"pack": {"smallest_count": None}})
    with pytest.raises(InputError, match="too small to be told"):
        together(homes(9), framework=framework)


@pytest.mark.parametrize("framework", [ADULTS, CHILDREN], ids=lambda f: f.id)
@pytest.mark.parametrize(
    ("what", "audience"), [("aggregated_evidence", "gmicb"), ("learning", "sector")]
)
def test_no_provider_is_named(framework, what, audience):
    """In what is told together there is no id, no name and no reference of any provider."""
    register = read_register(EXAMPLES / f"{framework.id}.yaml", framework)
    told = together(register, what, audience, framework)
    text = json.loads(as_json(plain_part(told, Words(framework.pack))))
    told_of = json.dumps({key: text[key] for key in ("providers", "parts")})
    own = {r.provider.id for r in register} | {r.provider.name for r in register}
    own |= {f.ref for r in register for f in r.findings if f.ref}
    assert told.providers
    assert not [word for word in own if f'"{word}"' in told_of]


def test_a_provider_that_is_there_twice_is_refused():
    """Six records of one provider are no six providers, and would tell of it alone."""
    (home,) = homes(1, activities=[RATED])
    with pytest.raises(InputError) as caught:
        together([home, *homes(3, start=1), home, home])
    (fault,) = caught.value.diagnostics
    assert fault.message == "the provider `home-0` is there more than once"


def test_learning_goes_to_the_sector_without_identities():
    """The sector's digest is permitted with identities taken out, and counts kinds alone."""
    told = together(homes(5, findings=[COMPLAINT]), "learning", "sector")
    assert [step.value for step in told.sharing.steps] == ["de_identify"]
    assert told.parts == {"findings": {"complaint": 5}}


def test_what_one_may_hear_of_itself_is_not_counted_over_all():
    """A provider hears its own rating, and not how many others have each."""
    assert together(homes(8), "pqr", "provider").providers is None
