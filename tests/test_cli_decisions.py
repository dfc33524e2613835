"""The commands about decisions say what they did, and what to do where they cannot."""

import shutil
from pathlib import Path

import pytest

from qaf_rules import decisions
from qaf_rules.decisions import read_decision
from qaf_rules.registers import read_register

ROOT = Path(__file__).parents[1]
ADULTS = ROOT / "examples" / "adults.yaml"
ON = "2026-11-22"


@pytest.fixture
def confirm(qaf):
    """Run `qaf confirm` for one provider of the adults' example."""

    def run(level, *more, register=ADULTS, on=ON):
        options = ("--by", "cqmo", "--on", on)
        return qaf("confirm", register, "ellesby-grange", level, *options, *more)

    return run


@pytest.fixture
def keys(tmp_path):
    """Give the files of a private key, its public half, and a secret."""
    ed25519 = pytest.importorskip(
        "cryptography.hazmat.primitives.asymmetric.ed25519", reason="needs `sign`"
    )
    from cryptography.hazmat.primitives import serialization as pem

    key = ed25519.Ed25519PrivateKey.generate()
    private, public, secret = (tmp_path / name for name in ("key.pem", "key.pub", "secret"))
    private.write_bytes(
        key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    )
    secret.write_bytes(b"a secret of the council")
    return private, public, secret


def test_confirming(confirm):
    """What was confirmed is told, with the row to add as the register writes it."""
    status, out, _ = confirm(3)
    assert status == 0
    assert out.startswith(
        "ellesby-grange: 3 (Moderate concern) confirmed on 22 November 2026 by cqmo, as suggested\n"
        "add to `ratings` of ellesby-grange:\n- level: 3\n"
    )


def test_overriding_in_a_workbook(confirm):
    """An override says against what, and the row of a sheet quotes what has a comma in it."""
    _, out, _ = confirm(4, "--reason", "seen, at night", register=ROOT / "examples" / "adults.xlsx")
    assert "other than the suggested 3" in out
    assert out.endswith(
        "provider_id,level,on,by,suggested,reason,framework\n"
        'ellesby-grange,4,2026-11-22,cqmo,3,"seen, at night",adults V3\n'
    )


def test_the_row_is_read_back(confirm, tmp_path):
    """The row that is printed for a sheet goes into it as it is."""
    from qaf_rules import load
    from qaf_rules.registers import write_register

    framework = load("adults")
    folder = tmp_path / "register"
    write_register(read_register(ADULTS, framework), folder, framework)
    _, out, _ = confirm(3, "--draft", register=folder)
    assert "3 (Moderate concern) drafted on 22 November 2026 by cqmo, as suggested" in out
    header, row = out.splitlines()[-2:]
    sheet = folder / "ratings.csv"
    sheet.write_text(f"{header}\n{row}\n")
    (rating,) = read_register(folder, framework)["ellesby-grange"].ratings
    assert (rating.stage, rating.level, rating.suggested) == ("draft", 3, 3)


def test_where_nothing_is_suggested(qaf):
    """Where nothing was suggested, that is told, and any level may be confirmed."""
    _, out, _ = qaf("confirm", ADULTS, "ash-lodge", 2, "--by", "cqmo", "--on", ON)
    assert "by cqmo, nothing was suggested" in out


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (("4",), "level 4 differs from the suggested 3", "give a reason"),
        (("6",), "there is no level 6", "the scale has 1, 2, 3, 4, 5"),
        (("high",), "`high` is no level", "the scale has 1, 2, 3, 4, 5"),
        (("3", "--by", "cqm"), "there is no role `cqm`", "did you mean `cqmo`?"),
        (("3", "--key", "key.pem"), "there is no record to sign", "give the file"),
        (("3", "--record", "r.json", "--key", "none.pem"), "cannot read the file", "a key"),
    ],
)
def test_what_cannot_be_confirmed(confirm, tmp_path, monkeypatch, arguments, message, help_):
    """Each fault is told with what to do, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    status, out, err = confirm(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert help_ in err
    assert not [*tmp_path.iterdir()]


def test_an_incomplete_history_is_not_decided_on(confirm, tmp_path):
    """Where some of the history could not be read, that is to be corrected first."""
    text = ADULTS.read_text(encoding="utf-8")
    at = text.index("ellesby-grange:")
    torn = text[at:].replace("{kind: ", "{kind: x", 1)
    register = tmp_path / "adults.yaml"
    register.write_text(text[:at] + torn, encoding="utf-8")
    status, out, err = confirm(3, register=register)
    assert (status, out) == (2, "")
    assert "some of the history of `ellesby-grange` cannot be read" in err


def test_keeping_and_checking(qaf, confirm, keys, tmp_path):
    """A record is written once, signed, and agrees; one that is not signed is told as such."""
    private, public, _ = keys
    signed, plain = tmp_path / "a.json", tmp_path / "b.json"
    status, out, _ = confirm(3, "--record", signed, "--key", private)
    assert status == 0
    assert out.startswith(f"{signed}: kept, with the digest {read_decision(signed).digest}\n")
    confirm(3, "--record", plain)
    before = plain.read_bytes()
    status, _, err = confirm(3, "--record", plain)
    assert (status, plain.read_bytes()) == (2, before)
    assert "there is something of that name already" in err
    status, out, _ = qaf("verify", signed, plain)
    key = read_decision(signed).data["signature"]["key"]
    assert (status, out) == (0, f"{signed}: agrees, signed by the key {key}\n{plain}: agrees\n")
    status, out, _ = qaf("verify", signed, plain, "--key", public, "--framework", "adults")
    assert status == 1
    assert f"{plain}: no longer agrees\n  signature: recorded `(nothing)`" in out


def test_what_was_known_is_kept(qaf, confirm, tmp_path):
    """A rating on what was known earlier is kept with that day, and agrees."""
    path = tmp_path / "a.json"
    assert confirm(3, "--reason", "x", "--known-at", "2026-06-01", "--record", path)[0] == 0
    assert read_decision(path).data["known_at"] == "2026-06-01"
    assert qaf("verify", path)[0] == 0


def test_records_that_cannot_be_checked(qaf, confirm, tmp_path):
    """Every file that cannot be used is told by its name, and the others are checked all the same."""
    good, bad, other = (tmp_path / f"{name}.json" for name in ("good", "bad", "other"))
    confirm(3, "--record", good)
    bad.write_bytes(good.read_bytes()[:-9])
    data = read_decision(good).data
    data["framework"]["id"] = "nowhere"
    other.write_bytes(decisions.sealed(data).content)
    status, out, err = qaf("verify", bad, other, good)
    assert (status, out) == (2, f"{good}: agrees\n")
    assert f"{bad}: error: the file was cut off before its end" in err
    assert f"{other}: error: there is no pack `nowhere`" in err


def test_masking(qaf, confirm, keys, tmp_path):
    """A masked record is named after nobody, and agrees with its original under the key."""
    _, _, secret = keys
    original, other = tmp_path / "ellesby-grange.json", tmp_path / "other.json"
    confirm(3, "--record", original)
    confirm(3, "--record", other, on="2026-11-21")
    status, out, _ = qaf("mask", original, "--key-file", secret)
    (masked,) = tmp_path.glob("masked-*-2026-11-22.json")
    assert (status, out.split(":")[0]) == (0, str(masked))
    assert b"ellesby" not in masked.read_bytes()
    more = ("--key-file", secret)
    assert qaf("verify", masked, "--original", original, *more)[0] == 0
    assert qaf("verify", masked, "--original", other, *more)[0] == 1
    status, _, err = qaf("verify", masked, *more)
    assert status == 2
    assert "give both --original and --key-file" in err
    named = tmp_path / "shared.json"
    assert qaf("mask", original, "--key-file", secret, "--to", named)[0] == 0
    assert named.read_bytes() == masked.read_bytes()


def test_purging_a_folder(qaf, confirm, tmp_path, monkeypatch):
    """What is old is listed; it is deleted only when asked for, and what cannot be is told."""
    old, new, note = (tmp_path / f"{name}.json" for name in ("old", "new", "note"))
    confirm(3, "--record", old, "--reason", "x", on="2026-01-02")
    confirm(3, "--record", new)
    listed = f"{old}: decided on 2026-01-02\n1 record from before 2026-06-01; "
    status, out, _ = qaf("purge", tmp_path, "--before", "2026-06-01")
    assert (status, out) == (0, listed + "give --delete to delete them\n")
    with monkeypatch.context() as held:

        def refuse(_path):
            raise PermissionError(13, "Permission denied")

        held.setattr(Path, "unlink", refuse)
        status, _, err = qaf("purge", tmp_path, "--before", "2026-06-01", "--delete")
        assert status == 2
        assert "cannot delete the file: Permission denied" in err
    note.write_text("{}")
    status, out, err = qaf("purge", tmp_path, "--before", "2026-06-01", "--delete")
    assert (status, out) == (2, listed + "deleted\n")
    assert f"{note}: error: the file was cut off" in err
    assert sorted(tmp_path.iterdir()) == [new, note]


def test_purging_a_register(qaf, tmp_path):
    """A register is written anew without what is past; nothing is overwritten or lost."""
    options = ("--before", "2026-06-01", "--on", ON)
    status, out, _ = qaf("purge", ADULTS, *options)
    assert status == 0
    assert "alder-court: 22 activities, 1 finding, 1 rating\n" in out
    assert out.endswith("give --to FILE to write the register without what is listed\n")
    new = tmp_path / "new.yaml"
    assert qaf("purge", ADULTS, *options, "--to", new)[0] == 0
    assert new.stat().st_size < ADULTS.stat().st_size
    before = qaf("assess", ADULTS, "--on", ON)[1]
    assert qaf("assess", new, "--on", ON)[1] == before
    for more, message in (
        (("--to", new), "there is something of that name already"),
        (("--delete",), "nothing is deleted from a register"),
    ):
        status, _, err = qaf("purge", ADULTS, *options, *more)
        assert status == 2
        assert message in err
    status, _, err = qaf("purge", tmp_path, *options, "--to", tmp_path / "again")
    assert status == 2
    assert "a folder of records is not written anew" in err
    torn = tmp_path / "adults.yaml"
    shutil.copy(ADULTS, torn)
    torn.write_text(torn.read_text().replace("{kind: ", "{kind: x", 1))
    status, _, err = qaf("purge", torn, *options)
    assert status == 2
    assert "what cannot be read would be lost" in err


def test_what_was_known_on_a_day(qaf):
    """The list, one provider and a brief can be had as they would have been."""
    for command in (("assess",), ("assess", "--provider", "alder-court"), ("brief",)):
        name, *more = command
        words = ("alder-court", "qm1") if name == "brief" else ()
        now = qaf(name, ADULTS, *words, *more, "--on", ON)
        then = qaf(name, ADULTS, *words, *more, "--on", ON, "--known-at", "2025-12-01")
        assert now[0] == then[0] == 0
        assert now[1] != then[1]
