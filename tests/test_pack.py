"""A folder of YAML becomes a pack, or every fault of it is told with its place."""

import shutil
from pathlib import Path

import pytest

from qaf_rules.condition import Is
from qaf_rules.engine import load
from qaf_rules.errors import InputError, PackError, did_you_mean
from qaf_rules.folders import pack_path
from qaf_rules.frequency import AsRequired, Every, Monthly
from qaf_rules.keys import keys_at
from qaf_rules.names import conditions, place_of
from qaf_rules.pack import amended, changed, load_pack, make_pack
from qaf_rules.schema import SECTIONS
from qaf_rules.workdays import Interval

GENERIC = Path(__file__).parent / "packs" / "generic"
BREAD = load_pack(GENERIC)


@pytest.fixture
def folder(tmp_path):
    """A copy of the pack to change."""
    return Path(shutil.copytree(GENERIC, tmp_path / "bread"))


def change(folder, file, old, new):
    """Change one place in a file of a pack."""
    path = folder / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def faults(folder, **options):
    """Give the faults that are told."""
    with pytest.raises((PackError, InputError)) as caught:
        load_pack(folder, **options)
    return caught.value.diagnostics


def only(folder):
    """Give the one fault of a folder."""
    (fault,) = faults(folder)
    return fault


# --- finding it ----------------------------------------------------------------------------------


def test_pack_by_its_folder_or_id():
    """A pack is found by its folder, or by its id where it comes with the library."""
    assert load_pack(str(GENERIC)).id == load_pack(GENERIC).id == "bread_rounds"
    assert pack_path("adults").name == "adults"
    assert load("children").id == "children"


def test_pack_that_is_not_there():
    """A name of no pack gets the nearest one, or all there are."""
    with pytest.raises(PackError, match="there is no pack `adult`") as caught:
        load("adult")
    assert caught.value.diagnostics[0].help == "did you mean `adults`?"
    with pytest.raises(PackError, match="give a folder, or one of"):
        load("zzzzzz")


# --- what it holds -------------------------------------------------------------------------------


def test_sections():
    """A pack gives what its files say, by id."""
    assert BREAD.identity.name == "Bread Round Framework"
    assert BREAD.clauses["B-010"].says == "Every round is tasted once a year."
    assert list(BREAD.levels) == [1, 2, 3, 4]
    assert (BREAD.levels[4].name, BREAD.roles["miller"], BREAD.places["town_hall"]) == (
        "Burnt",
        "Council miller",
        "In the town hall",
    )
    assert (BREAD.channels["hatch"], BREAD.formats["tour"], BREAD.topics["ovens"]) == (
        "Through the hatch",
        "A tour",
        "Ovens",
    )
    assert (BREAD.sources["miller"], BREAD.evidence["photo"]) == ("Miller", "Photo")
    assert (set(BREAD.settings), "staff" in BREAD.fields, "clean" in BREAD.facts) == (
        {"terms", "due_soon_days", "table_day", "large_from", "many_from"}, True, True,
    )  # fmt: skip
    assert BREAD.decisions["sooner"].effect == "interval"
    assert BREAD.activities["tasting"].rule.frequency == Every(Interval(months=12))
    assert BREAD.matrix["licensed_bread"].activities["spot_visit"][0].required == "as_required"


def test_what_may_be_recorded():
    """Activities, actions and what else the pack lists may be recorded."""
    assert {"tasting", "send_letter", "phone_call"} <= BREAD.record_ids
    assert "burnt_batch" not in BREAD.record_ids


def test_groups_stand_for_their_members():
    """A group's name stands for its members, `any` for every kind, an id for itself, each once."""
    assert BREAD.members("activity", ("visits", "tasting")) == (
        "tasting",
        "oven_check",
        "late_look",
    )
    assert BREAD.members("kind", ("troubles", "praise")) == ("burnt_batch", "short_order", "praise")
    assert BREAD.members("kind", ("any",)) == tuple(BREAD.kinds)


def test_place_of_a_value():
    """Every value knows its file, line and column."""
    place = BREAD.place("rating", ["dirty", "level"])
    file, line, column = place.rsplit(":", 2)
    assert file.endswith("rating.yaml")
    text = (GENERIC / "rating.yaml").read_text("utf-8").splitlines()[int(line) - 1]
    assert text[int(column) - 1 :].startswith("2, when: {clean: false}")
    assert BREAD.place("imports", ["x"]) == "imports"


def test_conditions_of_a_pack():
    """Every condition of a pack can be had with its place."""
    found = {(section, path) for section, path, _ in conditions(BREAD)}
    assert ("rating", ("dirty", "when")) in found
    assert ("readings", ("X-B-01", "asked_when")) in found
    assert ("actions", ("tell_baker", "closed_when")) in found
    assert ("vocabulary", ("fields", "large", "derive", 0, "when")) in found
    assert ("vocabulary", ("fields", "guild", "invalid", 0, "when")) in found


# --- readings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "following"),
    [
        ({}, True),
        ({"X-B-03": "same_month"}, False),
        ({"X-B-03": "r2"}, False),
        ({"X-B-03": "r1"}, True),
    ],
)
def test_choice_by_a_reading(readings, following):
    """A choice by an ambiguity takes the option of the reading chosen, else that of the first."""
    found = load_pack(GENERIC, readings=readings)
    assert found.activities["flour_return"].rule.frequency == Monthly(8, int(following))
    assert found.chosen == set(readings)
    assert found.choices["X-B-03"] == ("following_month" if following else "same_month")


def test_rule_names_the_reading_it_rests_on():
    """The rule in which a choice stands names its ambiguity, and no other rule does."""
    assert BREAD.activities["flour_return"].readings == ("X-B-03",)
    assert BREAD.identity.rating.readings == ("X-B-05", "X-B-01")
    assert BREAD.activities["tasting"].readings == ()


def test_choice_of_nothing(folder):
    """An option that is null takes the entry out of its list, or the key away."""
    change(
        folder,
        "pack",
        "visits: [tasting, oven_check, late_look]",
        "visits: [tasting, {by_reading: X-B-04, monthly: late_look}]",
    )
    assert load_pack(folder).groups["visits"] == ("tasting",)
    assert load_pack(folder, readings={"X-B-04": "monthly"}).groups["visits"] == (
        "tasting",
        "late_look",
    )
    change(
        folder,
        "activities",
        "oven_check: {name: Oven check, force: must",
        "oven_check: {name: Oven check, force: {by_reading: X-B-04, monthly: must}",
    )
    assert load_pack(folder).activities["oven_check"].force is None


def test_choice_within_a_choice(folder):
    """A choice may stand in the option of another, and the rule names both."""
    change(
        folder,
        "rating",
        "dirty: {level: 2,",
        "dirty: {level: {by_reading: X-B-04, otherwise: 2,"
        " monthly: {by_reading: X-B-03, same_month: 4, otherwise: 3}},",
    )
    inner = {"X-B-04": "monthly"}
    told = [
        load_pack(folder, readings=readings).rating["dirty"]
        for readings in ({}, inner, {**inner, "X-B-03": "same_month"})
    ]
    assert [rule.level for rule in told] == [2, 3, 4]
    both = ("X-B-04", "X-B-03")
    assert [rule.readings for rule in told] == [("X-B-04",), both, both]


@pytest.mark.parametrize("where", ["case", "about"])
def test_choice_inside_a_smaller_condition(folder, where):
    """A choice deep in a case's or a question's condition is named by the rule."""
    if where == "case":
        change(
            folder,
            "activities",
            "- {when: {large: true}",
            "- {when: {large: {by_reading: X-B-03, same_month: false, otherwise: true}}",
        )
        assert load_pack(folder).activities["soot_sweep"].readings == ("X-B-03",)
    else:
        change(
            folder,
            "questions",
            "when: {licensed: true}}",
            "when: {licensed: {by_reading: X-B-03, same_month: false, otherwise: true}}}",
        )
        assert load_pack(folder).questions["D-B-02"].readings == ("X-B-03",)


def test_choice_by_no_ambiguity(folder):
    """A choice by an ambiguity that is not declared is a fault."""
    change(folder, "activities", "by_reading: X-B-03", "by_reading: X-B-33")
    assert any(
        "`by_reading: X-B-33` names no ambiguity of readings.yaml" in f.message
        for f in faults(folder)
    )


# --- faults --------------------------------------------------------------------------------------


def test_every_fault_of_every_file(folder):
    """Every fault of every file is told at once, each with its file, line and column."""
    change(
        folder,
        "rating",
        "dirty: {level: 2, when: {clean: false}",
        "dirty: {level: two, when: {clean: {}}",
    )
    change(folder, "activities", "every: 28 days", "every: 28 dais")
    change(folder, "pack", "due_soon: 30 days", "due_son: 30 days")
    change(folder, "vocabulary", "type: count, label: staff", "type: cuont, label: staff")
    found = {(Path(f.file).name, f.message) for f in faults(folder)}
    assert {
        ("rating.yaml", "an empty test says nothing"),
        ("activities.yaml", "`28 dais` is not an interval"),
        ("pack.yaml", "`due_son` is no rule for dates"),
        ("vocabulary.yaml", "`cuont` is not a type"),
    } <= found
    assert any("`two`" in message for name, message in found if name == "rating.yaml")
    assert all(f.line and f.column and f.source for f in faults(folder))


@pytest.mark.parametrize(
    ("file", "old", "new", "at"),
    [
        (
            "activities",
            "every: 12 months\n  force: will",
            "every: 12 munths\n  force: will",
            "12 munths",
        ),
        (
            "rating",
            "{some: short_order, where: {lasting: slow, hits: true}}",
            "{some: 5, where: {lasting: slow}}",
            "5,",
        ),
        ("pack", "in_force: 2025-01-01", "in_force: 2025-02-30", "2025-02-30"),
        ("questions", "who: taster\n  ask: Is another", "whom: taster\n  ask: Is another", "whom"),
        ("vocabulary", 'as: {"true": small, "false": large}', "as: small", "small"),
        ("actions", "force: usually, clause: B-020", "force: perhaps, clause: B-020", "perhaps"),
    ],
)
def test_fault_has_line_and_column(folder, file, old, new, at):
    """A fault points at the very value, or key, that is wrong."""
    change(folder, file, old, new)
    fault = only(folder)
    assert Path(fault.file).name == f"{file}.yaml"
    assert fault.source[fault.column - 1 :].startswith(at)


def test_fault_of_an_amendment_has_its_path(folder):
    """What an amendment brings to no file of the pack has its path for a place."""
    (folder / "supplements.yaml").unlink()
    with pytest.raises(PackError) as caught:
        load(folder).amend({"supplements": {"wide": {"whne": {}}}})
    assert {d.place for d in caught.value.diagnostics} == {
        "supplements.wide.when",
        "supplements.wide.whne",
    }


def test_missing_key(folder):
    """A rule that lacks what it needs is a fault at the rule."""
    change(folder, "rating", "text: The bakehouse is dirty., ", "")
    fault = only(folder)
    assert fault.message == "`text` is missing"
    assert fault.source.startswith("dirty:")


def test_file_that_is_missing(folder):
    """A pack without one of its files says which, and which are there besides."""
    (folder / "rating.yaml").unlink()
    (folder / "matrix.yaml").unlink()
    fault = only(folder)
    assert fault.message == "the pack has no `matrix.yaml` or `rating.yaml`"


def test_files_that_may_be_left_out(folder):
    """A pack needs no supplements, actions, flags or questions."""
    for name in ("supplements", "flags", "questions"):
        (folder / f"{name}.yaml").unlink()
    change(folder, "pack", "  flag: not_ours\n", "")
    assert load_pack(folder).questions == {}


def test_file_of_no_section(folder):
    """A file that is no section of a pack is a fault with the nearest section."""
    (folder / "ratings.yaml").write_text("{}\n", "utf-8")
    fault = only(folder)
    assert (fault.message, fault.help) == (
        "`ratings.yaml` is no section of a pack",
        "did you mean `rating`?",
    )


def test_files_that_are_not_yaml(folder):
    """Faults of YAML in several files are told together."""
    (folder / "flags.yaml").write_text("a: [1\n", "utf-8")
    (folder / "questions.yaml").write_text("b: {\n", "utf-8")
    assert {Path(f.file).name for f in faults(folder)} == {"flags.yaml", "questions.yaml"}


@pytest.mark.parametrize(
    "section",
    [
        "pack",
        "clauses",
        "readings",
        "vocabulary",
        "activities",
        "matrix",
        "rating",
        "actions",
        "flags",
        "questions",
    ],
)
@pytest.mark.parametrize("text", ["- 1\n", "word\n", "x: 3\n", "x: [a]\n", "x: null\n"])
def test_section_of_the_wrong_shape(folder, section, text):
    """A section of the wrong shape is faults with a place, never a traceback."""
    (folder / f"{section}.yaml").write_text(text, "utf-8")
    found = faults(folder)
    assert found
    assert any(f.file and Path(f.file).name == f"{section}.yaml" for f in found)


@pytest.mark.parametrize(
    ("file", "change_of", "told"),
    [
        (
            "rating",
            ("when: {clean: false}", "when: {claen: false}"),
            ("there is no value `claen` in this pack", "did you mean `clean`?"),
        ),
        (
            "rating",
            ("{some: short_order,", "{some: short_ordre,"),
            ("there is no finding kind `short_ordre` in this pack", "did you mean `short_order`?"),
        ),
        (
            "rating",
            ("at_least: {value: many_from}", "at_least: {value: many_form}"),
            ("there is no value `many_form` in this pack", "did you mean `many_from`?"),
        ),
        (
            "actions",
            ("{when: {latest: tasting}", "{when: {latest: testing}"),
            ("there is no latest `testing` in this pack", "did you mean `tasting`?"),
        ),
        (
            "actions",
            ("{when: {decision: more_looks}", "{when: {decision: more_look}"),
            ("there is no decision `more_look` in this pack", "did you mean `more_looks`?"),
        ),
        (
            "vocabulary",
            ("{guild: no_guild, guild_grade", "{guild: no_guild, guild_garde"),
            ("there is no value `guild_garde` in this pack", "did you mean `guild_grade`?"),
        ),
        (
            "readings",
            ("asked_when: {gap: true}", "asked_when: {gab: true}"),
            ("there is no value `gab` in this pack", "did you mean `gap`?"),
        ),
        (
            "flags",
            ("{harm: [some, much]}", "{matched: dirtyy}"),
            ("there is no matched `dirtyy` in this pack", "did you mean `dirty`?"),
        ),
        (
            "questions",
            ("when: {some: letter, recorded: true}", "when: {suggested: look_agian}"),
            ("there is no suggested `look_agian` in this pack", "did you mean `look_again`?"),
        ),
        (
            "flags",
            (
                "{harm: [some, much]}",
                "{not: {item: tasting, where: {due: {before: {value: table_dya}}}}}",
            ),
            ("there is no value `table_dya` in this pack", "did you mean `table_day`?"),
        ),
    ],
)
def test_name_that_is_declared_nowhere(folder, file, change_of, told):
    """A name in a condition that the pack declares nowhere is a fault with the nearest one."""
    change(folder, file, *change_of)
    fault = only(folder)
    assert (fault.message, fault.help) == told
    assert Path(fault.file).name == f"{file}.yaml"


def test_names_inside_where_are_the_elements(folder):
    """Inside `where` the names are those of the element, and a limit's name is the pack's."""
    change(
        folder,
        "rating",
        "where: {lasting: slow, hits: true}",
        "where: {lasting: slow, hits: true, age_days: {at_most: {value: many_form}}}",
    )
    assert only(folder).message == "there is no value `many_form` in this pack"


def test_unchecked_names(folder):
    """A pack may be read without checking its names, as a tool that tells of them does."""
    change(folder, "rating", "when: {clean: false}", "when: {claen: false}")
    when = load_pack(folder, check=False).rating["dirty"].when
    assert isinstance(when, Is)
    assert when.name == "claen"


# --- changing it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "path", "raw", "read"),
    [
        (
            "rating",
            ("dirty",),
            {"level": 4, "when": {"clean": False}, "text": "Dirty."},
            lambda p: p.rating["dirty"].level == 4,
        ),
        ("rating", ("dirty",), None, lambda p: "dirty" not in p.rating),
        ("vocabulary", ("facts", "clean"), None, lambda p: "clean" not in p.facts),
        (
            "vocabulary",
            ("settings", "large_from"),
            {"type": "count", "absent": 3},
            lambda p: p.settings["large_from"].absent == 3,
        ),
        (
            "activities",
            ("tasting",),
            {"name": "T", "as_required": True},
            lambda p: p.activities["tasting"].rule.frequency == AsRequired(),
        ),
    ],
)
def test_one_entry_changed(section, path, raw, read):
    """A pack with one entry changed differs in that entry alone."""
    other = changed(BREAD, section, path, raw)
    assert read(other)
    assert not read(BREAD)
    assert other.matrix == BREAD.matrix
    assert other.choices == BREAD.choices


def test_identity_changed():
    """The identity of a pack is changed as a whole."""
    other = changed(BREAD, "pack", (), {**BREAD.data["pack"], "dates": {"due_soon": "7 days"}})
    assert (other.identity.dates.due_soon, BREAD.identity.dates.due_soon) == (7, 30)


def test_entry_changed_wrongly():
    """An entry changed wrongly is a fault."""
    with pytest.raises(PackError, match="`level` is missing"):
        changed(BREAD, "rating", ("dirty",), {"when": {}, "text": "x"})


def test_change_chooses_by_the_readings_taken():
    """A changed entry is read under the readings of its pack."""
    pack = load_pack(GENERIC, readings={"X-B-03": "same_month"})
    raw = {
        "level": {"by_reading": "X-B-03", "same_month": 4, "otherwise": 3},
        "when": {},
        "text": "x",
    }
    assert changed(pack, "rating", ("dirty",), raw).rating["dirty"].level == 4
    assert changed(BREAD, "rating", ("dirty",), raw).rating["dirty"].level == 3


# --- where it stands, and what was meant ---------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ("{all: [{guild_grade: plain}, {any: [{not: {guild_gradee: plain}}]}]}", "guild_gradee"),
        ("{all: [{guild_grade: plain}, {some: [short_order, short_ordr]}]}", "short_ordr"),
        ("{any: [{guild_grade: plain}, {latest: tastng}]}", "tastng"),
    ],
)
def test_an_unknown_name_is_placed_where_it_stands(folder, condition, name):
    """However deep in a condition, the caret is below the name itself."""
    change(folder, "actions", "{guild_grade: plain}, force: should", f"{condition}, force: should")
    fault = only(folder)
    assert f"`{name}` in this pack" in fault.message
    assert fault.source[fault.column - 1 :].startswith(name)


def test_a_condition_that_is_written_otherwise_is_placed_as_a_whole():
    """Where the files write it in another shape, or the name is not in it, its own place is told."""
    data = {"rule": {"when": [{"clean": True}], "source": {"is": "told"}}}
    assert place_of(data, ("rule", "source", 0), ("clean",)) == (("rule", "source", 0), False)
    assert place_of(data, ("rule", "when"), ("dirty",)) == (("rule", "when"), False)
    assert place_of(data, ("rule", "when", 0), ("clean",)) == (("rule", "when", 0, "clean"), True)
    assert place_of(data, ("rule", "source"), ("told",)) == (("rule", "source", "is"), False)


@pytest.mark.parametrize(
    ("section", "path", "meant"),
    [
        ("sharing", ("rule", "whn"), "when"),
        ("sharing", ("rule", "steps", 0, "where_apropriate"), "where_appropriate"),
        ("pathway", ("own", "transitions", "go", "form"), "from"),
        ("pathway", ("own", "staets"), "states"),
        ("pathway", ("own", "states", "calm", "actoins"), "actions"),
        ("vocabulary", ("facts", "clean", "absnt"), "absent"),
        ("pack", ("audiences", "guild", "alises"), "aliases"),
        ("pack", ("smallest_cout",), "smallest_count"),
    ],
)
def test_a_misspelt_key_gets_the_one_that_was_meant(section, path, meant):
    """The keys of the very mapping are looked through, not those of others."""
    assert did_you_mean(path[-1], keys_at(SECTIONS[section], path)) == f"did you mean `{meant}`?"


def test_keys_of_nowhere():
    """Where a path leads to nothing that has keys, there are none."""
    assert keys_at(SECTIONS["sharing"], ("rule", "text", "own")) == ()
    assert keys_at(SECTIONS["pathway"], ("own", "states", "any name")) == ()
    assert keys_at(SECTIONS["sharing"], ("rule", "steps", "first", "own")) == ()


def test_help_with_a_key_is_told_with_its_place(folder):
    """A pack with a misspelt key is refused where the key stands, with what it was meant to be."""
    change(folder, "actions", "{when: {guild_grade: plain}", "{whn: {guild_grade: plain}")
    fault = only(folder)
    assert (fault.message, fault.help) == (
        "the pack language does not know `whn` here",
        "did you mean `when`?",
    )
    assert fault.source[fault.column - 1 :].startswith("whn")


def test_what_a_reading_means_may_be_written_otherwise():
    """Where options are numbered anew, what is read by their numbers is read again."""
    when = {"by_reading": "X-B-04", "r1": {"licensed": True}, "r2": {"licensed": False}}
    flag = {"when": when, "text": "New.", "clause": "B-002"}
    base = amended(BREAD, {"flags": {"new": flag}})
    reading = base.data["readings"]["X-B-04"]
    turned = {**reading, "options": dict(reversed(reading["options"].items()))}
    data = {**base.data, "readings": {**base.data["readings"], "X-B-04": turned}}
    taken = {"X-B-04": base.choices["X-B-04"]}
    own = make_pack(data, base.documents, readings=taken)
    like = make_pack(data, base.documents, readings=taken, like=base)
    assert repr(like.flags["new"]) == repr(own.flags["new"]) != repr(base.flags["new"])


def test_the_readings_that_a_rule_names_may_be_by_reading():
    """A rule that names readings by a reading is read again where another option is taken."""
    named = {"by_reading": "X-B-04", "monthly": ["X-B-02"], "otherwise": ["X-B-03"]}
    framework = load(GENERIC).amend({"actions": {"pass_on": {"readings": named}}})
    monthly = framework.using(readings={"X-B-04": "monthly"})
    assert framework.pack.actions["pass_on"].readings == ("X-B-03", "X-B-04")
    assert monthly.pack.actions["pass_on"].readings == ("X-B-02", "X-B-04")
