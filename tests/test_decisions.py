"""A decision is kept with its grounds, and whatever no longer agrees is told field by field."""

import datetime as dt
import json
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules import canonical, decisions, signing
from qaf_rules.decisions import (
    DecisionRecord,
    content_digest,
    read_decision,
    record_decision,
    sign,
    verify,
)
from qaf_rules.folders import pack_path
from qaf_rules.model import Rating

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)


@cache
def council(name):
    """Give a framework with its example register."""
    framework = qaf.load(name)
    register = qaf.read_register(ROOT / "examples" / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def confirmed(framework, record, level=None, *, on=ON, known_at=None):
    """Give the rating that agrees with the suggestion, or another level with a reason."""
    a = framework.assess(record, on=on, known_at=known_at)
    return a.confirm(level or a.suggestion.level or 1, by="cqmo", reason="seen at the visit")


@cache
def kept(id_="ellesby-grange", level=None):
    """Give the record of a decision about one provider of the adults' example."""
    framework, register = council("adults")
    record = register[id_]
    return record_decision(framework, record, confirmed(framework, record, level))


def resealed(change):
    """Give the record with its data changed and a fitting digest."""
    data = kept().data
    change(data)
    return decisions.sealed(data)


def refusal(call, *arguments, **options):
    """Give the messages of what is refused, each of which comes with help."""
    with pytest.raises(qaf.QafError) as told:
        call(*arguments, **options)
    assert any(d.help for d in told.value.diagnostics)
    return [d.message for d in told.value.diagnostics]


# --- draft, comment, final -----------------------------------------------------------------------


def test_a_draft_is_not_the_confirmed_rating():
    """A draft and the provider's comment are kept, and only the final rating counts."""
    framework, register = council("adults")
    home = register["birch-lea"]
    a = framework.assess(home, on=ON)
    draft = a.draft(4, by="cqmo", reason="the notes of the visit")
    comment = draft.commented(
        by="registered_manager", on=ON + dt.timedelta(5), ref="LET-7", outcome="partly_accepted"
    )
    assert (draft.stage, comment.stage, comment.level) == ("draft", "comment", 4)
    assert (draft.status, comment.status) == ("draft", "comment")
    assert comment.reason is None
    heard = home.with_rating(draft).with_rating(comment)
    later = framework.assess(heard, on=ON + dt.timedelta(10))
    assert later.confirmed == a.confirmed
    assert later.value("confirmed_level") == a.value("confirmed_level")
    final = later.confirm(3, by="cqmo", reason="what the provider showed")
    assert final.stage == "final"
    whole = heard.with_rating(final)
    assert framework.assess(whole, on=ON + dt.timedelta(11)).confirmed == final
    assert whole.ratings[-3:] == (draft, comment, final)
    assert whole.confirmed[-1:] == (final,)


def test_only_a_draft_is_commented_on():
    """A final rating takes no comment, and no comment is older than its draft."""
    draft = Rating(level=2, on=ON, by="cqmo", stage="draft")
    with pytest.raises(ValueError, match="only a draft is commented on"):
        Rating(level=2, on=ON, by="cqmo").commented(by="cqmo", on=ON)
    with pytest.raises(ValueError, match="the comment of 2026-11-21 is older than the draft"):
        draft.commented(by="cqmo", on=ON - dt.timedelta(1))


@pytest.mark.parametrize("ref", ["", " ", "two\nlines", "a letter " * 9])
def test_a_comment_is_kept_as_a_reference(ref):
    """Where a comment is kept is told by a word, and who commented by a role."""
    draft = Rating(level=2, on=ON, by="cqmo", stage="draft")
    with pytest.raises(ValueError, match="`ref` says where the comment is kept"):
        draft.commented(by="cqmo", on=ON, ref=ref)
    for nobody in ("", " ", None):
        with pytest.raises(ValueError, match="say which role commented"):
            draft.commented(by=nobody, on=ON, ref="LET-7")


def test_what_cannot_be_confirmed():
    """A level off the scale, an unknown role and an override without a reason are refused."""
    framework, register = council("adults")
    a = framework.assess(register["ellesby-grange"], on=ON)
    level = a.suggestion.level
    for given_, message in (
        ({"level": 6, "by": "cqmo"}, "there is no level 6: the scale has 1, 2, 3, 4, 5"),
        ({"level": level, "by": "cqm"}, "there is no role `cqm`: did you mean `cqmo`"),
        ({"level": level, "by": "x" * 90}, "the roles are"),
        ({"level": level % 5 + 1, "by": "cqmo", "reason": " "}, "differs from the suggested"),
        ({"level": True, "by": "cqmo"}, "there is no level True"),
        ({"level": "3", "by": "cqmo"}, "there is no level '3'"),
        ({"level": level, "by": None}, "there is no role `None`"),
    ):
        with pytest.raises(ValueError, match=message):
            a.confirm(**given_)
        with pytest.raises(ValueError, match=message):
            a.draft(**given_)


def test_a_level_below_the_floor_needs_a_reason():
    """Of a gap no better level than its floor is confirmed without a reason."""
    framework, register = council("adults")
    assessment = framework.assess(register["dunmere-nursing"], on=ON)
    assert assessment.suggestion.status == "gap"
    with pytest.raises(ValueError, match="level 1 is below 2, the least that is suggested"):
        assessment.confirm(1, by="cqmo")
    assert assessment.confirm(1, by="cqmo", reason="it was put right the same day").level == 1
    assert assessment.confirm(2, by="cqmo").level == 2


@pytest.mark.parametrize("suffix", [".xlsx", ".yaml", ""])
def test_registers_keep_drafts_and_comments(tmp_path, suffix):
    """A register reads back every stage of a rating as it was written."""
    framework, register = council("adults")
    draft = framework.assess(register["birch-lea"], on=ON).draft(3, by="cqmo", reason="x")
    comment = draft.commented(by="service_manager", on=ON, ref="LET-7", outcome="accepted")
    home = register["birch-lea"].with_rating(draft).with_rating(comment)
    changed = qaf.Register({home.provider.id: home})
    from qaf_rules.registers import read_register, write_register

    path = tmp_path / f"register{suffix}"
    write_register(changed, path, framework)
    assert read_register(path, framework).records == changed.records


def test_only_a_comment_has_an_outcome():
    """An outcome of anything but a comment is a slip, and is told."""
    from qaf_rules.intake import read_rating

    raw = {"level": 2, "on": "2026-11-22", "by": "cqmo", "outcome": "accepted"}
    _, faults = read_rating(raw, council("adults")[0].pack)
    assert [f.message for f in faults] == ["only a comment has an outcome"]
    _, faults = read_rating(raw | {"stage": "coment"}, council("adults")[0].pack)
    assert next(f.message for f in faults) == "`coment` is no stage of a rating"


# --- what was known ------------------------------------------------------------------------------


def test_what_was_recorded_later_was_not_known():
    """With `known_at` the answer is what would have been said with what was recorded by then."""
    framework, register = council("adults")
    home = qaf.ProviderRecord(provider=register["birch-lea"].provider)
    day = dt.date(2026, 3, 1)
    late = qaf.Finding(
        kind="safeguarding",
        on=day,
        recorded=dt.date(2026, 5, 1),
        attributes={"stage": "enquiry"},
    )
    visit = qaf.Activity(activity="qm1", completed=day, recorded=dt.date(2026, 5, 1))
    rating = Rating(level=2, on=dt.date(2026, 4, 15), by="cqmo")
    whole = home.with_finding(late).with_activity(visit).with_rating(rating)

    def told(record, on, known_at=None):
        a = framework.assess(record, on=on, known_at=known_at)
        items = [i.last_done for i in a.schedule if i.activity == "qm1"]
        return a.suggestion.status, items, a.confirmed, [f.id for f in a.actions]

    april, may = dt.date(2026, 4, 20), dt.date(2026, 5, 2)
    assert told(whole, may) == told(whole, may, may)
    assert told(whole, may, dt.date(2026, 3, 2)) == told(home, may)
    assert told(whole, may, april) == told(home.with_rating(rating), may)
    # Recorded since, but dated by the day of the question: with hindsight it counts.
    assert told(whole, april, may) != told(whole, april)
    assert told(whole, april, may)[1] == [day]
    # What is dated after the day is left out even with hindsight.
    assert told(whole, dt.date(2026, 2, 1), may) == told(home, dt.date(2026, 2, 1))
    notes = framework.assess(whole, on=may, known_at=april).notes
    assert any("(known on 2026-04-20)" in n.text for n in notes)


def test_a_decision_is_known_on_its_own_day():
    """A standing decision, and an answer that chooses a reading, count from their day."""
    framework, register = council("adults")
    shorter = qaf.Decision(
        decision="shorter_interval",
        on=dt.date(2026, 6, 1),
        by="cqmo",
        carries={"activity": "qm1", "every": "1 month"},
    )
    chosen = qaf.Decision(
        decision="answer",
        on=dt.date(2026, 6, 1),
        by="cqmo",
        carries={"to": "X-A-10", "value": "monthly"},
    )
    home = register["birch-lea"]
    for decision in (shorter, chosen):
        decided = home.with_decision(decision)
        before = framework.assess(decided, on=ON, known_at=dt.date(2026, 5, 31))
        since = framework.assess(decided, on=ON, known_at=dt.date(2026, 6, 1))
        plain = framework.assess(home, on=ON, known_at=dt.date(2026, 5, 31))
        assert before.schedule == plain.schedule
        assert since.schedule != before.schedule or since.questions != before.questions


@pytest.fixture
def versions(tmp_path):
    """Give a pack with two earlier versions beside the newest, in force from 2024 on."""
    minimal = ROOT / "tests" / "golden" / "good" / "minimal"
    newest = tmp_path / "minimal"
    for folder, version, since in (
        (newest, "V1", "2024-01-01"),
        (newest / "versions" / "first", "V0", "2022-03-01"),
        (newest / "versions" / "trial", "V0.5", "2023-03-01"),
    ):
        shutil.copytree(minimal, folder, ignore=shutil.ignore_patterns("versions"))
        pack = folder / "pack.yaml"
        text = pack.read_text().replace("version: V1", f"version: {version}")
        pack.write_text(text.replace("2024-01-01", since))
    return newest


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2021-01-01", "V0"),  # before the earliest, which is used
        ("2022-03-01", "V0"),
        ("2023-02-28", "V0"),
        ("2023-03-01", "V0.5"),
        ("2024-01-01", "V1"),
        ("2026-11-22", "V1"),
    ],
)
def test_the_rules_in_force_on_a_day(versions, day, version):
    """K25: the version in force on the day is loaded; without a day it is the newest."""
    on = dt.date.fromisoformat(day)
    framework = qaf.load(versions, on=on)
    assert framework.pack.identity.version == version
    boat = qaf.ProviderRecord(provider=qaf.Provider(id="gull", fields={"service_type": "boat"}))
    early = framework.assess(boat, on=on).flags.has("before_version")
    assert early is (on < dt.date(2022, 3, 1))
    assert qaf.load(versions).pack.identity.version == "V1"


def test_a_version_is_of_the_same_framework(versions):
    """A folder of another framework among the versions is a fault with its place."""
    pack = versions / "versions" / "trial" / "pack.yaml"
    pack.write_text(pack.read_text().replace("id: minimal", "id: other"))
    with pytest.raises(qaf.PackError, match="this is a version of `other`, not of `minimal`"):
        qaf.load(versions, on=ON)


def test_before_the_first_version_it_is_said():
    """K25: on a day before the rules came into force they are used, and the answer says so."""
    framework, register = council("adults")
    a = framework.assess(register["birch-lea"], on=dt.date(2019, 1, 1))
    assert a.flags.has("before_version")


# --- keeping and checking ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["adults", "children"])
def test_untouched_records_agree(name):
    """The record of each provider of the examples holds its inputs exactly, and agrees."""
    framework, register = council(name)
    for record in register:
        made = record_decision(framework, record, confirmed(framework, record))
        assert decisions.inputs_of(made.data, framework) == record
        assert DecisionRecord(canonical.write(canonical.read(made.content))) == made
        assert verify(made, framework) == ()


def test_a_record_says_what_it_rests_on(tmp_path):
    """It holds the framework with its digest, the library, facts with evidence, and who decided."""
    made = kept(level=5)
    data = made.data
    framework, _ = council("adults")
    assert data["framework"] == {
        "id": "adults",
        "version": "V3",
        "digest": content_digest(framework),
        "readings": {},
    }
    assert data["decision"]["status"] == "overridden"
    assert data["decision"]["reason"] == "seen at the visit"
    assert data["digest"] == made.digest
    ties = {name: spec.tie for name, spec in framework.pack.facts.items()}
    assert all(fact["evidence"] for name, fact in data["facts"].items() if ties[name])
    looked = {"type": "record", "ref": "qm1", "day": "2026-05-12"}
    assert data["facts"]["complaints_count"] == {"value": 0, "evidence": [looked]}
    assert data["assessment"]["suggestion"]["level"] == data["decision"]["suggested"]
    made.save(tmp_path / "a.json")
    assert read_decision(tmp_path / "a.json") == made
    assert verify(made) == ()


def test_readings_and_hindsight_are_kept():
    """The chosen readings and the day of what was known are inputs like any other."""
    framework, register = council("adults")
    monthly = framework.using(readings={"X-A-10": "monthly"})
    day = dt.date(2026, 6, 1)
    home = register["birch-lea"]
    rating = confirmed(monthly, home, known_at=day)
    made = record_decision(monthly, home, rating, known_at=day)
    assert made.data["framework"]["readings"] == {"X-A-10": "monthly"}
    assert made.data["known_at"] == "2026-06-01"
    assert verify(made) == ()
    assert verify(made, framework) == ()


def test_terms_are_kept():
    """A calendar of terms among the settings is read back as it was."""
    framework, register = council("children")
    termly = framework.using(
        settings={"terms": [{"name": "autumn", "start": "2026-09-01", "end": "2026-12-18"}]}
    )
    home = next(iter(register))
    assert verify(record_decision(termly, home, confirmed(termly, home))) == ()


def test_what_is_not_kept():
    """A rating of another framework, stage or suggestion is not kept, nor what no pack knows."""
    framework, register = council("adults")
    home = register["ellesby-grange"]
    rating = confirmed(framework, home)
    other = rating.model_copy(update={"framework": "adults V2"})
    assert refusal(record_decision, framework, home, other) == [
        "the rating was given under `adults V2`, not under `adults V3`"
    ]
    comment = rating.model_copy(update={"stage": "comment", "suggested": rating.suggested})
    assert refusal(record_decision, framework, home, comment) == ["a comment decides nothing"]
    moved = rating.model_copy(update={"suggested": None})
    assert refusal(record_decision, framework, home, moved) == [
        f"the rating was given where `null` was suggested, not `{rating.suggested}`"
    ]
    off = rating.model_copy(update={"level": 9, "reason": "x"})
    assert refusal(record_decision, framework, home, off) == ["`9` is no level of the scale"]
    bare = rating.model_copy(update={"level": rating.level % 5 + 1, "reason": None})
    (told,) = refusal(record_decision, framework, home, bare)
    assert told.endswith("without a reason")
    strange = home.with_finding(qaf.Finding(kind="rumour", on=ON))
    assert "`rumour` is no finding kind" in refusal(record_decision, framework, strange, rating)
    listed = home.with_activity(
        qaf.Activity(activity="qm1", completed=ON, evidence=("complaints_data",), period=" ")
    )
    assert refusal(record_decision, framework, listed, rating)


def test_what_does_not_read_back_is_not_kept():
    """A value that the pack reads as another one is refused, before anything is written."""
    framework, register = council("adults")
    home = register["ellesby-grange"]
    fields = {**home.provider.fields, "service_type": "care_home"}
    plain = qaf.ProviderRecord(provider=qaf.Provider(id="a", fields=fields))
    rating = confirmed(framework, plain)
    assert refusal(record_decision, framework, plain, rating) == [
        "the provider's record is not read back as it is"
    ]


@given(st.data())
@settings(max_examples=60)
def test_an_altered_byte_is_found(data):
    """Any byte of a record that is another one is refused, or told as a difference."""
    content = bytearray(kept().content)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
    try:
        found = verify(DecisionRecord(bytes(content)), council("adults")[0])
    except qaf.QafError:
        return
    assert found


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["", "x", "2026-02-30"]),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.just("kind"), below, max_size=1),
    max_leaves=3,
)


def places(value, path=()):
    """Give the path of every value within plain data."""
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else inner:
        yield from places(each, (*path, key))


PLACES = sorted(
    (p for p in places({n: v for n, v in kept().data.items() if n != "assessment"}) if p), key=str
)


@given(st.data())
@settings(max_examples=60)
def test_a_forged_record_is_found(data):
    """Whatever is put into a record with a fitting digest is refused, told, or what was there."""
    path, put = data.draw(st.sampled_from(PLACES)), data.draw(JSONS)

    def change(whole):
        inner = whole
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = put

    if path[0] == "digest":
        return
    record = resealed(change)
    try:
        found = verify(record, council("adults")[0])
    except qaf.QafError:
        return
    inputs = path[0] in ("inputs", "settings", "on", "known_at", "decision", "masked", "library")
    assert found or inputs or record == kept()


def test_an_altered_answer_is_told_by_its_field():
    """Each field that no longer follows from the inputs is told with both values."""

    def change(data):
        data["assessment"]["suggestion"]["level"] = 1
        data["facts"]["experience"] = {"value": "good", "evidence": []}
        data["assessment"]["rows"].append({})

    found = {d.path: d for d in verify(resealed(change))}
    assert found["assessment.suggestion.level"].recorded == 1
    assert {"assessment.rows.1", "assessment.suggestion.level"} <= set(found)
    assert str(found["assessment.rows.1"]) == "assessment.rows.1: recorded `{}`, now `(nothing)`"


def test_an_override_cannot_be_hidden():
    """A recorded suggestion that was brought in line with the level is told."""

    def change(data):
        data["decision"] |= {"suggested": 5, "level": 5, "status": "confirmed"}

    assert "decision.suggested" in {d.path for d in verify(resealed(change))}


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("decision.framework", lambda data: data["decision"].update(framework="children V7")),
        ("decision.stage", lambda data: data["decision"].update(stage="comment")),
        ("masked", lambda data: data.update(masked="whatever")),
        ("facts.forged", lambda data: data["facts"].update(forged="(nothing)")),
    ],
)
def test_what_was_put_in_is_told(path, change):
    """A decision of another framework, a comment, a mask that is none and what nothing gives are told."""
    assert path in {each.path for each in verify(resealed(change))}


def test_a_word_is_no_signature():
    """A signature that is a text is none, whatever it says."""
    data = {**kept().data, "signature": "(nothing)"}
    told = {each.path for each in verify(decisions.DecisionRecord(canonical.write(data)))}
    assert told == {"signature"}


def test_a_broken_digest_is_told_beside_what_it_breaks():
    """Where the altered inputs cannot be read any more, it is said that the record was altered."""
    data = kept().data
    data["inputs"]["provider"]["regulator"] = "nobody"
    broken = DecisionRecord(canonical.write(data))
    messages = refusal(verify, broken)
    assert messages[0].startswith("the record was altered: digest: recorded")
    assert len(messages) == 2
    data = kept().data
    data["decision"]["level"] = 0
    assert refusal(verify, DecisionRecord(canonical.write(data)))[1:] == [
        "`0` is no level of the scale"
    ]
    data = kept().data
    data["known_at"] = "today"
    assert refusal(verify, DecisionRecord(canonical.write(data)))[1:] == ["`today` is not a day"]


def test_other_rules_are_told():
    """Under changed rules the digest of the framework differs, and what follows from it."""
    framework, _ = council("adults")
    changed = framework.amend({"activities": {"qm1": {"every": "24 months"}}})
    found = [d.path for d in verify(kept("ash-lodge"), changed)]
    assert found[0] == "framework.digest"
    assert any(path.startswith("assessment.schedule.") for path in found)


def test_the_digest_of_a_framework(tmp_path):
    """It follows the rules, the readings and the settings, and not how the files are laid out."""
    plain = qaf.load("adults")
    own = content_digest(plain)
    for path in pack_path("adults").glob("*.yaml"):
        text = "# laid out otherwise\n" + path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_bytes(text.replace("\n", "\r\n").encode())
    assert content_digest(qaf.load(tmp_path)) == own
    others = [
        plain.amend({"activities": {"qm1": {"every": "11 months"}}}),
        plain.using(readings={"X-A-10": "monthly"}),
        plain.using(settings={"variance_tolerance": 5}),
    ]
    assert len({own, *map(content_digest, others)}) == 4


def test_another_framework_is_refused():
    """A record is checked under its own framework; another one, or none of its name, is refused."""
    children, _ = council("children")
    assert refusal(verify, kept(), children) == [
        "the record is of the framework `adults`, not of `children`"
    ]

    def change(data):
        data["framework"]["id"] = "adlts"

    assert refusal(verify, resealed(change)) == ["there is no pack `adlts`"]

    def unread(data):
        data["framework"]["readings"] = ["X-A-10"]

    assert refusal(verify, resealed(unread)) == ["`['X-A-10']` are no readings"]


def test_a_newer_library_is_refused_and_an_older_one_told():
    """A newer library's record needs that library; an older one's is told where it differs."""
    for change in (
        lambda data: data.update(library="99.0"),
        lambda data: data.update(format="qaf decision record 2"),
        lambda data: data.update(format="qaf decision record 2", library=None),
    ):
        (message,) = refusal(verify, resealed(change))
        assert re.search("was written by (the|a) newer library", message)
    assert verify(resealed(lambda data: data.update(library="0.0.1"))) == ()

    def older(data):
        data["library"] = "0.0.1"
        data["facts"].clear()

    assert verify(resealed(older))[0].path == "library"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.pop("format"), "this is no decision record"),
        (lambda data: data.pop("facts"), "the record has no usable `facts`"),
        (lambda data: data.update(on=5), "the record has no usable `on`"),
        (lambda data: data.update(note="x"), "no record has `note`"),
    ],
)
def test_other_json_is_refused(tmp_path, change, message):
    """What is no whole decision record is refused when it is read."""
    data = kept().data
    change(data)
    path = tmp_path / "a.json"
    path.write_bytes(canonical.write(data))
    assert refusal(read_decision, path) == [message]


def test_files_that_cannot_be_used(tmp_path, monkeypatch):
    """No file, one too large, one that was laid out again, and one that is there already."""
    assert refusal(read_decision, tmp_path / "none.json")[0].startswith("cannot read the file")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(kept().data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    assert refusal(read_decision, path) == ["spaces or line breaks were added to the file"]
    assert refusal(kept().save, path) == ["there is something of that name already"]
    assert refusal(kept().save, tmp_path / "no" / "a.json")[0].startswith("cannot write the file")
    monkeypatch.setattr(decisions, "_LARGEST", 10)
    assert refusal(read_decision, path) == ["the file is too large for a record"]


# --- signatures ----------------------------------------------------------------------------------


@cache
def keys(kind="Ed25519", password=None):
    """Give a private key and its public half, as PEM."""
    asymmetric = pytest.importorskip(
        f"cryptography.hazmat.primitives.asymmetric.{kind.lower()}", reason="needs `sign`"
    )
    from cryptography.hazmat.primitives import serialization as pem

    key = getattr(asymmetric, f"{kind}PrivateKey").generate()
    hidden = pem.BestAvailableEncryption(password) if password else pem.NoEncryption()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, hidden)
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def test_a_signed_record():
    """A signature is checked by the key that it names, and by the one that is asked for."""
    private, public = keys()
    signed = sign(kept(), private)
    assert verify(signed) == ()
    assert verify(signed, public_key=public) == ()
    assert signed.digest == kept().digest
    assert sign(signed, private) == signed
    other = keys(password=b"")[1]
    (told,) = verify(signed, public_key=other)
    assert (told.path, told.recorded) == ("signature.key", signed.data["signature"]["key"])
    (told,) = verify(kept(), public_key=public)
    assert (told.path, str(told.recorded)) == ("signature", "(nothing)")


@given(st.data())
@settings(max_examples=60)
def test_an_altered_signature_is_found(data):
    """Any byte of a signature that is another one is found, without the key of who signed too."""
    signed = sign(kept(), keys()[0])
    start = signed.content.index(b'"signature"')
    at = data.draw(st.integers(start, len(signed.content) - 1))
    content = bytearray(signed.content)
    content[at] = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
    try:
        found = verify(DecisionRecord(bytes(content)), council("adults")[0])
    except qaf.QafError:
        return
    assert found


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["decision"].update(reason="another"),
        lambda data: data["signature"].update(value="0" * 128),
        lambda data: data["signature"].update(value=data["signature"]["value"].upper() + " "),
        lambda data: data["signature"].update(algorithm="none"),
        lambda data: data["signature"].update(more=""),
        lambda data: data.update(signature="yes"),
    ],
)
def test_what_is_no_signature(change):
    """A signature of something else, or in another form, signs nothing."""
    data = sign(kept(), keys()[0]).data
    change(data)
    data["digest"] = canonical.digest_of(
        {n: v for n, v in data.items() if n not in ("digest", "signature")}
    )
    found = verify(DecisionRecord(canonical.write(data)))
    assert [(d.path, d.now) for d in found] == [("signature", "does not sign this record")]


def test_keys_that_cannot_sign():
    """A key of another kind, with a password, or none at all is refused with what to do."""
    for private in (b"", keys()[1], keys("X25519")[0]):
        assert refusal(sign, kept(), private) == ["this is no private key of Ed25519 in PEM"]
    for public in (b"", keys()[0], keys("X25519")[1]):
        with pytest.raises(qaf.InputError, match="this is no public key of Ed25519 in PEM"):
            verify(kept(), public_key=public)
    locked = keys(password=b"secret")[0]
    assert refusal(sign, kept(), locked) == ["the private key has a password"]


def test_signing_is_an_extra(monkeypatch):
    """Without the extra an unsigned record is checked all the same, and a signed one is refused."""
    signed = sign(kept(), keys()[0])
    monkeypatch.setattr(signing, "find_spec", lambda _: None)
    assert verify(kept()) == ()
    for call in (lambda: verify(signed), lambda: sign(kept(), b"")):
        assert refusal(call) == ["signatures need the `sign` extra"]


def test_the_telling_questions_are_those_of_what_was_known():
    """The ranking of questions rests on what was known too, as the assessment does."""
    framework, register = council("adults")
    home = register["fernlea"]
    early = dt.date(2026, 3, 1)
    late = qaf.Finding(kind="concern", on=early, recorded=ON, source="cqmo")
    then = framework.assess(home, on=ON, known_at=early)
    also = framework.assess(home.with_finding(late), on=ON, known_at=early)
    told = [[(each.question.id, each.expected) for each in a.ranked()] for a in (also, then)]
    assert told[0] == told[1] != []
