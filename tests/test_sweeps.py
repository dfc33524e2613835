"""One value tried at several settings, and readings ranked by what they change."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.sweeps import Ranked, changed_at

EXAMPLES = Path(__file__).parents[1] / "examples"
BREAD = qaf.load(Path(__file__).parent / "packs" / "generic")
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)


@cache
def council(name):
    """An example council: its framework and its register."""
    framework = qaf.load(name)
    register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def baker(id_, *findings, activity="tasting"):
    """A baker that was tasted, or whatever is told, in October 2025."""
    fields = {"service_type": frozenset({"bread"}), "licensed": True}
    done = qaf.Activity(activity=activity, completed=dt.date(2025, 10, 1))
    return qaf.ProviderRecord(
        provider=qaf.Provider(id=id_, fields=fields), activities=(done,), findings=findings
    )


def test_an_interval_is_swept():
    """Each step is a comparison with the framework as it is, in the order of the values."""
    values = ["6 months", "12 months", "24 months"]
    steps = qaf.sweep(
        BREAD, "activities.tasting.every", values, [baker("one")], since=ON, until=UNTIL
    )
    assert [step.value for step in steps] == values
    counts = [sum(d.activity == "tasting" for d in step.comparison.dues[1]) for step in steps]
    assert counts == [4, 2, 1]
    assert [bool(step.comparison) for step in steps] == [True, False, True]


def test_only_whom_a_step_touches_is_answered_anew():
    """A step that leaves a provider's obligations as they are takes its answers over."""
    framework, register = council("children")
    path = "matrix.special_school_ib.activities.qmc1.every"
    steps = qaf.sweep(framework, path, ["18 months", "24 months"], register, on=ON)
    for step in steps:
        assert 0 < len(step.comparison.touched) <= step.answered < len(register) / 2


def test_a_threshold_and_a_reading_are_swept():
    """A setting of the council and a reading are swept by their names."""
    burnt = [
        qaf.Finding(
            kind="burnt_batch", on=dt.date(2026, 11, n), ref=str(n), attributes={"size": "small"}
        )
        for n in range(1, 4)
    ]
    steps = qaf.sweep(BREAD, "setting.many_from", [2, 3, 4], [baker("one", *burnt)], on=ON)
    levels = [step.comparison.ratings_moved for step in steps]
    assert levels == [{(2, 3): ("one",)}, {(2, 3): ("one",)}, {}]
    flour = baker("one", activity="flour_return")
    (step,) = qaf.sweep(BREAD, "reading.X-B-03", ["same_month"], [flour], on=ON)
    assert [edit.id for edit in step.comparison.edits] == ["reading.X-B-03"]


@pytest.mark.parametrize(
    ("path", "message", "help_"),
    [
        ("activities.tastign.every", "no `tastign` in `activities`", "did you mean `tasting`?"),
        ("activites.tasting.every", "no `activites`", "did you mean `activities`?"),
        ("activities.tasting.every.often", "no `often` in `activities.tasting.every`", "leave the rest of the path out"),
        ("pack.groups.visits.9", "no `9` in `pack.groups.visits`", "there is `0`, `1` or `2`"),
    ],
)  # fmt: skip
def test_a_path_to_nothing_is_refused(path, message, help_):
    """A sweep changes what is there: a path to nothing is told with what was meant."""
    with pytest.raises(qaf.InputError) as caught:
        qaf.sweep(BREAD, path, ["6 months"], [baker("one")], on=ON)
    assert message in caught.value.diagnostics[0].message
    assert help_ in caught.value.diagnostics[0].help


def test_a_value_is_set_where_the_path_leads():
    """What is swept is the whole value at the path: a mapping is not merged, a place in a list is its number."""
    when = {"all": [{"clean": False}, {"count": "burnt_batch", "at_least": 2}]}
    before = BREAD.amend({"rating": {"dirty": {"when": {"clean": {"remove": True}, **when}}}})
    stricter = changed_at(before, "rating.dirty.when.all.1.at_least", 3)
    assert stricter.pack.data["rating"]["dirty"]["when"]["all"][1]["at_least"] == 3
    assert before.pack.data["rating"]["dirty"]["when"] == when
    other = changed_at(before, "rating.dirty.when", {"clean": False})
    assert other.pack.data["rating"]["dirty"]["when"] == {"clean": False}
    assert changed_at(BREAD, "pack.scale.levels.1.name", "Brown").pack.levels[1].name == "Brown"


def test_a_value_that_does_not_fit_is_refused():
    """A value that the pack language does not take at the path is a fault of the pack."""
    with pytest.raises(qaf.PackError, match="`often` is not an interval"):
        changed_at(BREAD, "activities.tasting.every", "often")
    with pytest.raises(qaf.InputError, match="there is no provider"):
        qaf.sweep(BREAD, "activities.tasting.every", ["6 months"], [], on=ON)


def test_one_value_is_no_sweep():
    """A text in place of a list of values is refused, and not tried letter by letter."""
    with pytest.raises(qaf.InputError, match="`values` is one value, `6 months`"):
        qaf.sweep(BREAD, "activities.tasting.every", "6 months", [baker("one")], on=ON)


def test_readings_are_ranked_by_whom_they_would_change():
    """The readings that change the answers of most providers come first, each option apart."""
    flour, other = baker("one", activity="flour_return"), baker("two")
    told = []
    ranked = qaf.readings(BREAD, [flour, other], on=ON, progress=lambda n, m: told.append((n, m)))
    counts = [len(each.providers) for each in ranked]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0 == counts[-1]
    first = next(each for each in ranked if each.ambiguity == "X-B-03")
    assert (first.taken, first.option) == ("following_month", "same_month")
    assert first.about == BREAD.pack.readings["X-B-03"].about
    assert told == [(n, len(ranked)) for n in range(len(ranked))]


def test_the_question_of_an_ambiguity_is_not_what_its_readings_change():
    """That an ambiguity is no longer asked about once it is settled is no other answer."""
    framework, register = council("adults")
    asked = [
        (record, question.id)
        for record in register
        for question in framework.assess(record, on=ON).questions
        if question.id in framework.pack.readings
    ]
    assert asked
    record, ambiguity = asked[0]
    for option in framework.pack.readings[ambiguity].options:
        settled = framework.using(readings={ambiguity: option})
        told = qaf.compare(framework, settled, [record], on=ON)
        ranked = Ranked(ambiguity, "", framework.pack.choices[ambiguity], option, told)
        assert bool(ranked.providers) == any(d.id != ambiguity for d in told.differences)
