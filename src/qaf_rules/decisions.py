"""Decision records: what was decided on which grounds, kept so that it can be checked later.

A record is canonical JSON. It holds the provider as it was known, the facts that were read with
their evidence, the settings and readings, the framework with a digest of its content, the version
of the library, the assessment, what a person decided, and the digest of all that. From its inputs
the assessment is made again, and compared field by field.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from qaf_rules import canonical, intake
from qaf_rules.engine import Framework, load
from qaf_rules.errors import Diagnostic, InputError, QafError, quoted
from qaf_rules.export import plain_assessment, plain_part
from qaf_rules.pack import Pack, make_pack
from qaf_rules.plain import plain_entry, plain_map, plain_record
from qaf_rules.signing import is_signature_of, key_of, signature_of
from qaf_rules.value_tests import NOTHING
from qaf_rules.values import Fault, parse_day
from qaf_rules.words import Words

if TYPE_CHECKING:
    from qaf_rules.model import ProviderRecord, Rating
    from qaf_rules.result import Assessment

__all__ = [
    "DecisionRecord",
    "Difference",
    "content_digest",
    "differences",
    "framework_of",
    "inputs_of",
    "read_decision",
    "record_decision",
    "sign",
    "verify",
]

FORMAT: Final = "qaf decision record 1"
"""What a record says it is; another form of it would bear another number."""

_SEALS: Final = ("digest", "signature")
_MEMBERS: Final = {
    "format": str,
    "library": str,
    "framework": dict,
    "settings": dict,
    "on": str,
    "known_at": str | None,
    "inputs": dict,
    "facts": dict,
    "assessment": dict,
    "decision": dict,
    "masked": str | None,
    "digest": str,
}
_LARGEST: Final = 20_000_000
"""Bytes of a file; the record of a provider with a long history has a hundredth of this."""


class _Nothing:
    """What is not there; no value that a record may hold is the same."""

    def __repr__(self) -> str:
        return "(nothing)"


_MISSING: Final = _Nothing()
_MASK: Final = re.compile(r"masked-[0-9a-f]{8,64}")
_AGAIN: Final = "it was altered: get the file again from where it is kept"


@dataclass(frozen=True)
class DecisionRecord:
    """One decision with its grounds: `content` are the bytes of its canonical JSON.

    Two records are equal when their bytes are.
    """

    content: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What it holds, as plain data of one's own. InputError where the bytes are no record."""
        return _members(canonical.read(self.content), None)

    @property
    def digest(self) -> str:
        """The SHA-256 digest that it bears."""
        return str(self.data["digest"])

    @property
    def on(self) -> dt.date:
        """The day of the decision. InputError where what it bears is no day."""
        return _day("on", self.data)

    def save(self, path: Path | str) -> None:
        """Write it to a new file. InputError where there is one of that name, or it cannot be."""
        try:
            with Path(path).open("xb") as file:
                file.write(self.content)
        except FileExistsError:
            message, help_ = "there is something of that name already", "give another name"
            raise InputError([Diagnostic(message, str(path), help=help_)]) from None
        except OSError as error:
            why = error.strerror or "no reason is given"
            message, help_ = f"cannot write the file: {why}", "give a file in a folder of yours"
            raise InputError([Diagnostic(message, str(path), help=help_)]) from None


class Difference(NamedTuple):
    """Where a record no longer agrees: the path of the field, what is recorded, and what is now."""

    path: str
    recorded: object
    now: object

    def __str__(self) -> str:
        return f"{self.path}: recorded {quoted(self.recorded)}, now {quoted(self.now)}"


# --- keeping -------------------------------------------------------------------------------------


def record_decision(
    framework: Framework,
    record: ProviderRecord,
    rating: Rating,
    *,
    known_at: dt.date | None = None,
) -> DecisionRecord:
    """Keep a rating, confirmed or drafted, with everything it rests on.

    `record` is the provider as it was known before the rating, `rating` what a person gave on an
    assessment of it, `known_at` as for `Framework.assess`. InputError where the rating is not of
    this framework and version, not of its scale or roles, an override without a reason, or was
    given on another suggestion; and where the pack has no word for something in the inputs.
    """
    faults = [*_not_given_here(framework, rating)]
    _, found = intake.read_rating(plain_entry(rating), framework.pack)
    faults += [_told("rating", fault) for fault in found]
    data = derived(framework, _as_kept(record, framework), rating, known_at)
    if data["decision"].get("suggested") != rating.suggested:
        now = data["decision"].get("suggested")
        message = f"the rating was given where {quoted(rating.suggested)} was suggested, not {quoted(now)}"
        help_ = "confirm it on an assessment of this record"
        faults.append(Diagnostic(message, place="rating.suggested", help=help_))
    if faults:
        raise InputError(faults)
    return sealed(data)


def _as_kept(record: ProviderRecord, framework: Framework) -> ProviderRecord:
    """Give a provider as it is read back: a sentence follows the order in which values stand."""
    kept = inputs_of(canonical.read(canonical.write({"inputs": _inputs(record)})), framework)
    if kept != record:
        message = "the provider's record is not read back as it is"
        help_ = "read it with the pack: `read_register`, or `qaf_rules.intake.read_record`"
        raise InputError([Diagnostic(message, place="inputs", help=help_)])
    return kept


def _inputs(record: ProviderRecord) -> dict[str, object]:
    plain = plain_record(record)
    profile = plain["provider"]
    assert isinstance(profile, dict)
    return {**plain, "provider": {"provider_id": record.provider.id, **profile}}


def _not_given_here(framework: Framework, rating: Rating) -> Iterator[Diagnostic]:
    own = _name(framework)
    if rating.framework != own:
        message = f"the rating was given under {quoted(rating.framework)}, not under {quoted(own)}"
        help_ = "confirm it on an assessment of this framework"
        yield Diagnostic(message, place="rating.framework", help=help_)
    if rating.stage == "comment":
        help_ = "keep the draft, or the final rating"
        yield Diagnostic("a comment decides nothing", place="rating.stage", help=help_)


def _name(framework: Framework) -> str:
    return f"{framework.id} {framework.pack.identity.version}"


def sealed(data: Mapping[str, Any]) -> DecisionRecord:
    """Make a record of what it is to hold, with the digest of that."""
    whole = {name: value for name, value in data.items() if name not in _SEALS}
    return DecisionRecord(canonical.write({**whole, "digest": canonical.digest_of(whole)}))


def derived(
    framework: Framework,
    record: ProviderRecord,
    rating: Rating,
    known_at: dt.date | None,
    masked: str | None = None,
) -> dict[str, Any]:
    """Give all that a record holds but its seals, made anew."""
    pack = framework.pack
    assessment = framework.assess(record, on=rating.on, known_at=known_at)
    words = Words(pack, record)
    suggestion = assessment.suggestion
    suggested = suggestion.level if suggestion.status == "suggested" else None
    now = rating.model_copy(update={"suggested": suggested})
    return {
        "format": FORMAT,
        "library": version("qaf-rules"),
        "framework": {
            "id": pack.id,
            "version": pack.identity.version,
            "digest": content_digest(framework),
            "readings": _chosen(pack),
        },
        "settings": plain_map(framework.settings),
        "on": rating.on.isoformat(),
        "known_at": None if known_at is None else known_at.isoformat(),
        "inputs": _inputs(record),
        "facts": dict(_facts(framework, assessment, words)),
        "assessment": plain_assessment(assessment, words),
        "decision": {**plain_entry(now), "status": now.status},
        "masked": masked,
    }


def _chosen(pack: Pack) -> dict[str, str]:
    return {name: pack.choices[name] for name in sorted(pack.chosen)}


def _facts(
    framework: Framework, assessment: Assessment, words: Words
) -> Iterator[tuple[str, dict[str, object]]]:
    """Give every fact that is known, with what it rests on."""
    for name in framework.pack.facts:
        value = assessment.value(name)
        if value is not None and value is not NOTHING:
            evidence = plain_part(assessment.evidence(name), words)
            yield name, {"value": plain_part(value, words), "evidence": evidence}


def content_digest(framework: Framework) -> str:
    """Give the SHA-256 digest of a framework's rules, its readings and its settings.

    It speaks for the data of the pack with every change of it, in its order; how its files are
    laid out, commented or ended makes no difference.
    """
    settings = plain_map(framework.settings)
    return canonical.digest_of({"pack": framework.pack.digest, "settings": settings})


# --- reading -------------------------------------------------------------------------------------


def read_decision(path: Path | str) -> DecisionRecord:
    """Read a record from a file.

    InputError where the file cannot be read, is not canonical JSON, or holds no decision record.
    What it says is not checked here: see `verify`.
    """
    file = str(path)
    try:
        with Path(path).open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        message = f"cannot read the file: {error.strerror or 'no reason is given'}"
        told = Diagnostic(message, file, help="give the file of a decision record", code="no-file")
        raise InputError([told]) from None
    if len(content) > _LARGEST:
        help_ = "give the file of a decision record"
        raise InputError([Diagnostic("the file is too large for a record", file, help=help_)])
    _members(canonical.read(content, file), file)
    return DecisionRecord(content)


def _members(data: dict[str, Any], file: str | None) -> dict[str, Any]:
    """Give what a record holds; InputError where it is none, or of a newer library."""
    told = data.get("format")
    if told != FORMAT and not (isinstance(told, str) and told.startswith("qaf decision record")):
        help_ = "give a file that `qaf confirm --record` wrote"
        raise InputError([Diagnostic("this is no decision record", file, help=help_)])
    library, own = data.get("library"), version("qaf-rules")
    if told != FORMAT or (isinstance(library, str) and _numbers(library) > _numbers(own)):
        named = isinstance(library, str)
        writer = f"the newer library {quoted(library)}" if named else "a newer library"
        message = f"the record was written by {writer}; this is {own}"
        help_ = f"pip install 'qaf-rules>={library}'" if named else "pip install -U qaf-rules"
        raise InputError([Diagnostic(message, file, help=help_, code="newer-library")])
    wrong = [n for n, sort in _MEMBERS.items() if n not in data or not isinstance(data[n], sort)]
    strange = sorted({*data} - {*_MEMBERS, "signature"})
    if wrong or strange:
        message = f"the record has no usable {quoted(wrong[0])}" if wrong else ""
        message = message or f"no record has {quoted(strange[0])}"
        raise InputError([Diagnostic(message, file, help=_AGAIN)])
    return data


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", text))


def framework_of(data: Mapping[str, Any], framework: Framework | None = None) -> Framework:
    """Give the framework of a record, under its readings and settings.

    `framework` is the one to take; else that of its id which comes with the library, in the
    version in force on the day of the decision. InputError where it is another one, or does not
    have these readings and settings.
    """
    told = data["framework"]
    if framework is None:
        framework = load(str(told.get("id")), on=_day("on", data))
    if framework.id != told.get("id"):
        message = f"the record is of the framework {quoted(told.get('id'))}, not of {quoted(framework.id)}"
        help_ = "give that framework: `--framework` with its id or folder"
        raise InputError([Diagnostic(message, help=help_, code="other-framework")])
    pack, readings = framework.pack, told.get("readings")
    if not isinstance(readings, dict) or not all(isinstance(o, str) for o in readings.values()):
        message = f"{quoted(readings)} are no readings"
        raise InputError([Diagnostic(message, place="framework.readings", help=_AGAIN)])
    if readings != _chosen(pack):
        pack = make_pack(pack.data, pack.documents, folder=pack.folder, readings=readings)
    return Framework(pack).using(settings=data["settings"])


def inputs_of(data: Mapping[str, Any], framework: Framework) -> ProviderRecord:
    """Give the provider as it was known, with the types of the pack.

    InputError with every word that the framework does not know.
    """
    record, faults = intake.read_record(data["inputs"], framework.pack, open_lists=True)
    if record is None:
        raise InputError([_told("inputs", fault) for fault in faults])
    return record


def rating_of(data: Mapping[str, Any], framework: Framework) -> Rating:
    """Give the rating that was decided; InputError with what is wrong with it."""
    told = {name: value for name, value in data["decision"].items() if name != "status"}
    rating, faults = intake.read_rating(told, framework.pack)
    if rating is None:
        raise InputError([_told("decision", fault) for fault in faults])
    return rating


def known_of(data: Mapping[str, Any]) -> dt.date | None:
    """Give the day by which a thing must have been recorded; InputError where it is no day."""
    return None if data["known_at"] is None else _day("known_at", data)


def _day(name: str, data: Mapping[str, Any]) -> dt.date:
    try:
        return parse_day(data[name])
    except Fault as fault:
        raise InputError([_told(name, fault)]) from None


def _told(where: str, fault: Fault) -> Diagnostic:
    return Diagnostic(
        fault.message, help=fault.help, place=".".join(map(str, (where, *fault.path)))
    )


# --- checking ------------------------------------------------------------------------------------


def verify(
    record: DecisionRecord,
    framework: Framework | None = None,
    *,
    public_key: bytes | None = None,
) -> tuple[Difference, ...]:
    """Say, field by field, where a record no longer agrees; nothing where it does.

    The digest and the signature are checked, and the assessment is made again from the inputs.
    `framework` is the one to take; else that of its id which comes with the library. `public_key`
    is the PEM of the one who must have signed; without it a signature needs only to be whole.
    InputError where the record is of another framework or a newer library, cannot be read, or
    bears a signature and the `sign` extra is not there.
    """
    data = record.data
    seals = [*_of_digest(data), *_of_signature(data, public_key)]
    try:
        now = anew(data, framework)
    except QafError as error:
        altered = [Diagnostic(f"the record was altered: {seal}", help=_AGAIN) for seal in seals]
        raise InputError([*altered, *error.diagnostics]) from None
    told = {name: each for name, each in data.items() if name not in _SEALS}
    seals += _of_decision(data, framework)
    library = Difference("library", told.pop("library"), now.pop("library"))
    changed = [*differences(told, now, ())]
    if changed and library.recorded != library.now:
        changed.insert(0, library)
    return (*seals, *changed)


def anew(data: Mapping[str, Any], framework: Framework | None = None) -> dict[str, Any]:
    """Give what a record would hold, its seals aside, if it were made again now.

    QafError where its inputs do not fit the framework.
    """
    used = framework_of(data, framework)
    rating, known_at = rating_of(data, used), known_of(data)
    return derived(used, inputs_of(data, used), rating, known_at, data["masked"])


def _of_digest(data: Mapping[str, Any]) -> Iterator[Difference]:
    now = canonical.digest_of({n: each for n, each in data.items() if n not in _SEALS})
    if now != data["digest"]:
        yield Difference("digest", data["digest"], now)


def _signed(data: Mapping[str, Any]) -> bytes:
    return canonical.write({name: each for name, each in data.items() if name != "signature"})


def _of_decision(data: Mapping[str, Any], framework: Framework | None) -> Iterator[Difference]:
    """Say where the decision is none of this framework, or the mask is none."""
    used = framework_of(data, framework)
    decided = data["decision"]
    if decided.get("framework") != _name(used):
        yield Difference("decision.framework", decided.get("framework", _MISSING), _name(used))
    if decided.get("stage") == "comment":
        yield Difference("decision.stage", "comment", "a comment decides nothing")
    if data["masked"] is not None and not _MASK.fullmatch(data["masked"]):
        yield Difference("masked", data["masked"], "the keyed digest of an original")


def _of_signature(data: Mapping[str, Any], public_key: bytes | None) -> Iterator[Difference]:
    wanted = None if public_key is None else key_of(public_key)
    signature = data.get("signature", _MISSING)
    if signature is _MISSING:
        if wanted is not None:
            yield Difference("signature", _MISSING, f"wanted by the key {wanted}")
    elif not is_signature_of(signature, _signed(data)):
        yield Difference("signature", signature, "does not sign this record")
    elif wanted is not None and wanted != signature["key"]:
        yield Difference("signature.key", signature["key"], wanted)


def differences(recorded: Any, now: Any, path: tuple[str | int, ...]) -> Iterator[Difference]:
    """Compare plain data down to the fields that differ."""
    match recorded, now:
        case dict(), dict():
            for name in dict.fromkeys((*now, *recorded)):
                one, other = recorded.get(name, _MISSING), now.get(name, _MISSING)
                yield from differences(one, other, (*path, name))
        case list(), list():
            for n in range(max(len(recorded), len(now))):
                one, other = ((*each[n : n + 1], _MISSING)[0] for each in (recorded, now))
                yield from differences(one, other, (*path, n))
        case _ if recorded != now or type(recorded) is not type(now):
            yield Difference(".".join(map(str, path)), recorded, now)


def sign(record: DecisionRecord, private_key: bytes) -> DecisionRecord:
    """Give a record with a signature, in place of one that it bears.

    `private_key` is the PEM of an Ed25519 key without a password. InputError where it is none, or
    the `sign` extra is not there.
    """
    data = record.data
    data["signature"] = signature_of(_signed(data), private_key)
    return DecisionRecord(canonical.write(data))
