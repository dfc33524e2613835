"""What comes out alike for all providers of whom nothing is told that a condition reads."""

import datetime as dt
from pathlib import Path

import pytest

from qaf_rules import alike
from qaf_rules.condition import parse
from qaf_rules.engine import Framework, load
from qaf_rules.facts import View
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.pack import amended
from qaf_rules.registers import read_register

EXAMPLES = Path(__file__).parents[1] / "examples"
DAYS = (dt.date(2026, 11, 22), dt.date(2026, 1, 5))


@pytest.fixture(params=["adults", "children"], scope="module")
def council(request):
    """Give a framework and the records of its example."""
    framework = load(request.param)
    register = read_register(EXAMPLES / f"{request.param}.yaml", framework)
    return framework.using(settings=dict(register.settings)), list(register)


def answers(council):
    """Assess every provider."""
    framework, records = council
    return [framework.assess(record, on=on) for on in DAYS for record in records[::3]]


def test_what_is_shared_is_what_each_provider_has_by_itself(council, monkeypatch):
    """With everything told of everybody nothing is shared, and every answer stays what it was."""
    shared = [*answers(council), *answers(council)]
    take = View._take_profile  # noqa: SLF001  # there is no other way to tell everything

    def tell_all(view):
        take(view)
        view.told = -1

    monkeypatch.setattr(View, "_take_profile", tell_all)
    alone = answers(council)
    assert shared == alone + alone


def test_what_is_kept_is_bounded(council, monkeypatch):
    """Where nothing more may be kept the answers are the same."""
    framework, records = council
    fresh = load(framework.id).using(settings=framework.settings), records
    with monkeypatch.context() as patch:
        patch.setattr(alike, "KEPT", 1)
        short_of_room = answers(fresh)
        assert len(fresh[0].pack.silence.conditions) == 1
    assert answers(fresh) == short_of_room


def test_what_nothing_stirs_is_false(council):
    """A rule that is passed over for a provider does not hold of it and is not undecided."""
    passed_over = 0
    for assessment in [*answers(council), *answers(council)]:
        view = assessment.value_of.args[0]
        for rule in view.pack.silence.conditions.values():
            if not rule.stirs & view.told:
                passed_over += 1
                assert rule.condition.holds(None, view) is False
    assert passed_over > len(council[1])


def test_the_flag_of_the_scope_may_be_left_out():
    """Of a provider out of scope nothing is flagged where the pack declares no flag for it."""
    framework = load("adults")
    record = ProviderRecord(
        provider=Provider(id="a", fields={"commissioned_by_bolton": False}),
    )
    assert [f.id for f in framework.assess(record, on=DAYS[0]).flags] == ["out_of_scope"]
    without = Framework(amended(framework.pack, {"flags": {"out_of_scope": {"remove": True}}}))
    assert not without.assess(record, on=DAYS[0]).flags


@pytest.mark.parametrize(
    ("raw", "fields", "shared"),
    [
        ({"service_type": "care_home"}, {"service_type": frozenset({"care_home"})}, True),
        ({"cqc_domains": {"any": "inadequate"}}, {"cqc_domains": {"safe": "inadequate"}}, True),
        ({"cqc_domains": {"any": "inadequate"}}, {"cqc_domains": {"safe": ["odd"]}}, False),
        ({"contract_start": {"known": True}}, {"contract_start": DAYS[1]}, False),
        ({"contract_start": {"known": True}}, {}, True),
        ({"regulator_overall": "good"}, {"regulator_overall": "good"}, True),
        (
            {"regulator_overall": "good"},
            {"regulator_overall": "good", "regulator_rating_date": DAYS[1]},
            False,
        ),
        ({"kpis_unmet": {"at_least": 1}}, {"kpis_unmet": 2}, False),
        ({"some": "complaint"}, {}, True),
        ({"this.activity": "qm1"}, {}, False),
    ],
)
def test_what_a_provider_shares(raw, fields, shared):
    """A word of a closed list is shared; a day or a number is a provider's own."""
    pack = load("adults").pack
    condition, _ = parse(raw)

    def view():
        record = ProviderRecord(provider=Provider(id="a", fields=fields))
        return View(pack, record, DAYS[0], {})

    assert (view().judge(condition) is view().judge(condition)) is shared
    assert view().truth(condition) is condition.holds(None, view())
