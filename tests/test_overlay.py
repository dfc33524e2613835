import shutil
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.errors import InputError, PackError
from qaf_rules.overlay import Overlay, Part, laid_over
from qaf_rules.pack import load_pack

GENERIC = Path(__file__).parent / "packs" / "generic"
BREAD = qaf.load(GENERIC)


def lay(data, change):
    """The data with a change laid over it, and what it removes in vain."""
    overlay = Overlay(change, {name: Part(name, None) for name in change})
    whole, _, faults = laid_over(data, {}, overlay)
    return whole, [fault.message for fault in faults]


def refused(made, *args, **kwargs):
    """The faults with which something is refused, as text."""
    with pytest.raises(PackError) as caught:
        made(*args, **kwargs)
    return [str(fault) for fault in caught.value.diagnostics]


def written(path, text):
    """A file of some text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# --- laying over ---------------------------------------------------------------------------------


def test_mappings_merge_and_all_else_replaces():
    """A change merges into mappings, replaces all else, and leaves the data as it was."""
    data = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": 1, "g": 2}}}
    change = {"a": {"c": [3], "h": {"i": 4}}, "d": {"e": {"f": {"remove": True}}}}
    merged = {"a": {"b": 1, "c": [3], "h": {"i": 4}}, "d": {"e": {"g": 2}}}
    assert lay(data, change) == (merged, [])
    assert data == {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": 1, "g": 2}}}
    assert lay(data, {}) == (data, [])
    assert lay({}, {"a": {"b": 1}}) == ({"a": {"b": 1}}, [])


def test_remove_is_a_word_only_where_it_is_true():
    """An entry may itself have a key `remove`; only `remove: true` removes."""
    assert lay({"a": {"b": 1}}, {"a": {"remove": False}})[0] == {"a": {"b": 1, "remove": False}}


def test_what_is_not_there_cannot_be_removed():
    """To remove what is not there is a slip, and is told with the name that was meant."""
    (fault,) = refused(BREAD.amend, {"rating": {"drity": {"remove": True}}})
    assert (
        fault == "rating.drity: error: there is no `drity` to remove\n  help: did you mean `dirty`?"
    )


def test_what_is_removed_has_nothing_said_of_it():
    """What stands beside `remove: true` would be lost without a word, so it is told."""
    (fault,) = refused(BREAD.amend, {"rating": {"dirty": {"remove": True, "level": 4}}})
    assert fault.startswith("rating.dirty.level: error: `level` is said of `dirty`")
    assert "leave out `level`, or `remove: true`" in fault


def test_a_row_may_stand_before_another():
    """Of rows too the first that holds answers: a new one goes before the one that it names."""
    whole = {"before": "licensed_bread", "name": "All", "when": {"licensed": True}}
    row = {**whole, "activities": {"tasting": {"class": "minimum"}}, "clause": "B-020"}
    made = BREAD.amend({"matrix": {"all_licensed": row}})
    names = list(made.pack.matrix)
    assert names.index("all_licensed") + 1 == names.index("licensed_bread")


def test_a_rule_may_stand_before_another():
    """What a change adds comes last, or just before the rule that it names, however they name each other."""
    data = {"sharing": {"a": {"x": 1}, "z": {"x": 2}}}
    change = {"p": {"before": "q"}, "q": {"before": "z", "x": 3}, "n": {}, "r": {"before": "q"}}
    whole, faults = lay(data, {"sharing": change})
    assert (list(whole["sharing"]), faults) == (["a", "p", "r", "q", "z", "n"], [])
    assert whole["sharing"]["q"] == {"x": 3}
    moved, _ = lay(data, {"sharing": {"z": {"before": "a"}}})
    assert list(moved["sharing"].items()) == [("z", {"x": 2}), ("a", {"x": 1})]


def test_before_is_a_word_only_where_rules_have_an_order():
    """Elsewhere an entry may have a key of that name."""
    assert lay({}, {"a": {"b": {"before": "c"}}})[0] == {"a": {"b": {"before": "c"}}}


def test_a_rule_stands_before_one_that_is_there():
    """A name that is not there, and two that are each to stand before the other, are told."""
    data = {"sharing": {"unlisted": {}}}
    change = {"p": {"before": "unlistd"}, "q": {"before": "r"}, "r": {"before": "q"}}
    assert lay(data, {"sharing": change})[1] == [
        "there is no `unlistd` to stand before",
        "`q` cannot stand before `r`, which is to stand before it",
        "`r` cannot stand before `q`, which is to stand before it",
    ]
    (fault,) = refused(
        qaf.load("adults").amend, {"sharing": {"unlisted": {"before": "enforcemnt"}}}
    )
    assert fault.startswith("sharing.unlisted.before: error: there is no `enforcemnt`")
    assert "did you mean `enforcement`?" in fault


# --- where a value is written --------------------------------------------------------------------


def test_a_fault_stands_where_the_value_was_last_written(tmp_path):
    """A fault of a change is told in its file; one of what it leaves alone, in the pack's."""
    file = written(tmp_path / "ours.yaml", "rating:\n  dirty:\n    level: bad\n")
    (fault,) = refused(BREAD.amend, file)
    assert fault.startswith(f"{file}:3:12: error: ")
    (fault,) = refused(BREAD.amend, {"rating": {"dirty": {"level": "bad"}}})
    assert fault.startswith("rating.dirty.level: error: ")
    # The flag still asks for the fact that is gone: the place to mend is the pack's.
    told = refused(BREAD.amend, {"vocabulary": {"facts": {"clean": {"remove": True}}}})
    assert any(f"{GENERIC / 'rating.yaml'}:" in each for each in told)


def test_a_key_that_is_missing_is_told_where_it_was_removed():
    """What a change removes and the pack language needs is the change's fault."""
    (fault,) = refused(BREAD.amend, {"rating": {"dirty": {"level": {"remove": True}}}})
    assert fault == "rating.dirty.level: error: `level` is missing"


def test_a_misspelt_path_is_told_with_the_one_that_was_meant():
    """A change of a name that is not there is a new entry, or a slip: the nearest name is told."""
    (fault, *_) = refused(BREAD.amend, {"activities": {"tastign": {"every": "6 months"}}})
    assert "did you mean `tasting`?" in fault
    (fault,) = refused(BREAD.amend, {"activities": {"tasting": {"evry": "6 months"}}})
    assert "does not know `evry` here" in fault
    assert "did you mean `every`?" in fault
    (fault,) = refused(BREAD.amend, {"activities": {"tasting": None}})
    assert fault == "activities.tasting: error: `null` is not a mapping of names"


def test_every_value_remembers_where_it_came_from(tmp_path):
    """The place of a value is that of the overlay where it writes it, else that of the pack."""
    file = written(tmp_path / "o.yaml", f"extends: {GENERIC}\nrating:\n  dirty: {{level: 4}}\n")
    pack = load_pack(file)
    assert pack.rating["dirty"].level == 4
    assert pack.place("rating", ("dirty", "level")) == f"{file}:3:18"
    assert pack.place("rating", ("dirty", "when")).startswith(f"{GENERIC / 'rating.yaml'}:")
    assert pack.place("activities", ("tasting", "every")).startswith(f"{GENERIC}")
    assert pack.place("rating", ("dirty", "level", "high")) == f"{file}:3:18"  # what is replaced
    assert pack.place("rating", ("many_batches",)).startswith(f"{GENERIC / 'rating.yaml'}:")


def test_a_change_names_nothing_that_is_not_there(tmp_path):
    """A level, role, clause or activity that the pack declares nowhere is refused, with its place."""
    change = {
        "rating": {"dirty": {"level": 9, "clause": "B-999"}},
        "activities": {"tasting": {"owner": "tastre"}},
        "matrix": {"licensed_bread": {"activities": {"tastign": {"class": "minimum"}}}},
    }
    told = refused(BREAD.amend, change)
    assert any(each.startswith("rating.dirty.level: error: there is no level `9`") for each in told)
    assert any(each.startswith("rating.dirty.clause: error: there is no clause") for each in told)
    assert any("did you mean `taster`?" in each for each in told)
    assert any("did you mean `tasting`?" in each for each in told)
    file = written(tmp_path / "o.yaml", f"extends: {GENERIC}\nrating: {{dirty: {{level: 9}}}}\n")
    (fault,) = refused(qaf.load, file)
    assert fault.startswith(f"{file}:2:25: error: there is no level `9`")


@pytest.mark.parametrize(
    "change",
    [
        {"pack": {"scope": {"out_when": {"any": [{"lisenced": True}]}}}},
        {"activities": {"tasting": {"every": {"remove": True}, "cases": [{"when": {"lisenced": True}, "use": {"every": "3 months"}}]}}},
        {"activities": {"tasting": {"conduct": {"agenda": [{"is": "papers", "when": {"lisenced": True}}]}}}},
        {"matrix": {"cakes": {"activities": {"tasting": {"every": {"remove": True}, "cases": [{"when": {"lisenced": True}, "use": {"every": "3 months"}}]}}}}},
    ],
    ids=str,
)  # fmt: skip
def test_a_condition_names_nothing_that_is_not_there(change):
    """Wherever a condition stands, of scope, frequency or conduct, a slip in a name is a fault."""
    base = qaf.load("adults") if "pack" in change else BREAD
    told = refused(base.amend, change)
    assert any("there is no value `lisenced` in this pack" in each for each in told)
    event = {"when": {"decision": "answer"}, "force": "may", "event": {"lisenced": True}}
    action = {"text": "Look", "owner": "taster", "triggers": [event], "clause": "B-010"}
    (fault, *_) = refused(BREAD.amend, {"actions": {"look": action}})
    assert fault.startswith("actions.look.triggers.0.event.lisenced: error: there is no value")


# --- what it extends -----------------------------------------------------------------------------


def test_an_overlay_is_loaded_like_a_pack(tmp_path):
    """A file, or a folder with only what is other, is a pack when it says what it extends."""
    shutil.copytree(GENERIC, tmp_path / "bread")
    written(tmp_path / "ours" / "pack.yaml", "extends: bread\nid: ours\nversion: '2'\n")
    written(tmp_path / "ours" / "rating.yaml", "dirty: {level: 4}\n")
    ours = qaf.load(tmp_path / "ours")
    assert (ours.id, ours.pack.identity.version, ours.pack.rating["dirty"].level) == (
        "ours",
        "2",
        4,
    )
    file = written(tmp_path / "dirtier.yaml", "extends: ours\nrating: {dirty: {level: 3}}\n")
    dirtier = qaf.load(file)
    assert (dirtier.id, dirtier.pack.rating["dirty"].level) == ("ours", 3)


def test_an_overlay_of_the_wrong_base_or_version(tmp_path):
    """A change that says what it is of is laid over nothing else."""
    (fault,) = refused(BREAD.amend, {"extends": "cake", "rating": {"dirty": {"level": 4}}})
    assert "this changes the pack `cake`, not `bread_rounds`" in fault
    base = {"pack": "bread_rounds", "version": "1999"}
    (fault,) = refused(BREAD.amend, {"extends": base})
    assert "this changes version `1999` of `bread_rounds`, which is at `V1`" in fault
    right = {"extends": {"pack": "bread_rounds", "version": "V1"}}
    assert BREAD.amend(right).pack.data == BREAD.pack.data
    assert BREAD.amend({"extends": str(GENERIC)}).pack.data  # a path to it names it too
    (fault,) = refused(BREAD.amend, {"extends": {"pack": "bread_rounds", "edition": 3}})
    assert "does not name a pack" in fault
    (fault,) = refused(BREAD.amend, {"extends": {"pack": "bread_rounds", "version": 1.0}})
    assert fault.startswith("extends.version: error: `1.0` is a number, and a version is text")
    assert 'write `version: "1.0"`' in fault
    file = written(tmp_path / "o.yaml", "extends: braed\n")
    (fault,) = refused(qaf.load, file)
    assert f"{file}:1:10" in fault
    assert "there is no pack `braed`" in fault


def test_what_extends_nothing_or_itself(tmp_path):
    """A file that is no overlay, and packs that rest on each other, are refused."""
    file = written(tmp_path / "o.yaml", "rating: {dirty: {level: 4}}\n")
    (fault,) = refused(qaf.load, file)
    assert "the file does not say what it changes" in fault
    one = written(tmp_path / "one.yaml", "extends: two.yaml\n")
    written(tmp_path / "two.yaml", "extends: one.yaml\n")
    (fault,) = refused(qaf.load, one)
    assert "the pack `one.yaml` rests on this one, which rests on it" in fault


def test_every_fault_of_an_overlay_at_once(tmp_path):
    """Unknown sections, sections that are no mapping: all are told, each with its place."""
    file = written(tmp_path / "o.yaml", "ratign: {}\nactivities: [tasting]\n")
    one, two = refused(BREAD.amend, file)
    assert f"{file}:1:9: error: a pack has no section `ratign`" in one
    assert "did you mean `rating`?" in one
    assert "is not a mapping of names" in two
    file = written(tmp_path / "p.yaml", "ratign: {}\n")
    (fault,) = refused(qaf.load, file)
    assert "did you mean `rating`?" in fault
    file = written(tmp_path / "v.yaml", f"extends: {{pack: {GENERIC}, version: V2}}\n")
    (fault,) = refused(qaf.load, file)
    assert "which is at `V1`" in fault
    with pytest.raises(InputError, match="is not a mapping of names"):
        BREAD.amend(["tasting"])
    written(tmp_path / "ours" / "pack.yaml", f"extends: {GENERIC}\n")
    written(tmp_path / "ours" / "rating.yaml", "- dirty\n")
    written(tmp_path / "ours" / "flags.yaml", "# none yet\n")
    (fault,) = refused(qaf.load, tmp_path / "ours")
    assert "a list is not a mapping" in fault


def test_a_change_names_no_attribute_that_nothing_has():
    """What a changed rule asks of an item, a finding or a record is an attribute of such a thing."""
    wrong = {
        "text": "Look.",
        "owner": "taster",
        "for_each": {"item": "tasting", "where": {"liv": True}},
        "triggers": [{"when": {"item": "tasting"}, "force": "will", "clause": "B-002"}],
    }
    with pytest.raises(qaf.PackError, match="`liv` is no attribute") as error:
        BREAD.amend({"actions": {"look": wrong}})
    assert "did you mean `live`?" in str(error.value)


def test_a_version_does_not_end_before_it_begins():
    """The last day in force comes after the first, or the change is refused."""
    with pytest.raises(qaf.PackError, match="in force until 2020-01-01, before"):
        BREAD.amend({"pack": {"in_force_until": "2020-01-01"}})
