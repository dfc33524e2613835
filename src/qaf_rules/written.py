"""What every part of a pack is made of: checked values, their JSON Schema, and what it cites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from qaf_rules import condition as conditions
from qaf_rules.condition import Condition
from qaf_rules.errors import did_you_mean, listed
from qaf_rules.frequency import texts
from qaf_rules.values import Fault, parse_day, parse_type
from qaf_rules.workdays import parse_interval


def refused(faults: list[Fault]) -> PydanticCustomError:
    """Give faults as an error of pydantic's, the first of them as its message."""
    return PydanticCustomError(
        "faults", "{message}", {"message": faults[0].message, "faults": faults}
    )


def raise_all(faults: list[Fault]) -> None:
    """Raise faults together, where there are any."""
    if faults:
        raise refused(faults)


def read_condition(raw: object) -> Condition:
    """Read a condition; every fault in it is raised at once."""
    found, faults = conditions.parse(raw)
    raise_all(faults)
    return found


def read_plainly(read: Any) -> Any:  # a reader of any of the value types
    """Give a reader whose fault pydantic places."""

    def checked(raw: object) -> object:
        try:
            value: object = read(raw)
        except Fault as fault:
            raise_all([fault])
        return value

    return checked


def read_due(raw: object) -> object:
    """Give when an action is due as it is written; every fault in it is raised at once."""
    raise_all(list(_of_due(raw, ())))
    return raw


WAYS = {"working_days": (), "monthly_on": (), "every": ("anchor",)}  # each with what it needs
BESIDE = ("from_day_itself", "from")


def _of_due(raw: object, path: tuple[str, ...]) -> Iterator[Fault]:
    if not isinstance(raw, Mapping):
        if raw not in (None, "item"):
            help_ = "write `item`, or a mapping such as {working_days: 10}"
            yield Fault(f"`{raw}` does not say when an action is due", help_, path)
        return
    if "by_choice" in raw:
        if not isinstance(raw["by_choice"], str):
            message = f"`{raw['by_choice']}` is not the id of an ambiguity"
            yield Fault(message, "see readings.yaml of the pack", (*path, "by_choice"))
        for option, below in raw.items():
            yield from _of_due(below if option != "by_choice" else None, (*path, str(option)))
        return
    ways = [way for way in WAYS if way in raw]
    if len(ways) != 1:
        help_ = f"give one of {listed([*WAYS, 'by_choice'])}"
        yield Fault("it does not say when an action is due in one way", help_, path)
        return
    (way,) = ways
    needs = WAYS[way]
    help_ = "name a setting or a field that is one of its days"
    yield from (Fault(f"`{way}` needs `{key}`", help_, path) for key in needs if key not in raw)
    for key in raw:
        if key not in (way, *needs, *BESIDE):
            known = [*WAYS, *BESIDE, *chain(*WAYS.values())]
            help_ = did_you_mean(str(key), known) or f"leave it out, or `{way}`"
            yield Fault(f"`{key}` does not go with `{way}`", help_, (*path, str(key)))
    for key, value in raw.items():
        yield from _of_part(str(key), value, (*path, str(key)))


def _of_part(key: str, value: object, path: tuple[str, ...]) -> Iterator[Fault]:
    match key:
        case "every":
            try:
                parse_interval(value)
            except Fault as fault:
                yield Fault(fault.message, fault.help, path)
        case "anchor" | "monthly_on" if not isinstance(value, str):
            help_ = "name a setting, a field or a fact that is a date"
            yield Fault(f"`{value}` is not the name of a date", help_, path)
        case "working_days" if type(value) is not int or value < 0:
            yield Fault(f"`{value}` is not a number of working days", "write a whole number", path)
        case "from_day_itself" if not isinstance(value, bool):
            yield Fault(f"`{value}` is neither true nor false", None, path)
        case "from" if value != "today":
            yield Fault(f"`{value}` is not `today`", "leave `from` out for the event's day", path)


CONDITION_SCHEMA: dict[str, Any] = {"$ref": "#/$defs/condition"}

Cond: TypeAlias = Annotated[Any, BeforeValidator(read_condition), WithJsonSchema(CONDITION_SCHEMA)]
Texts: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Declared: TypeAlias = Annotated[Any, BeforeValidator(read_plainly(parse_type)), WithJsonSchema({})]
Span: TypeAlias = Annotated[
    Any, BeforeValidator(read_plainly(parse_interval)), WithJsonSchema({"type": "string"})
]
Day: TypeAlias = Annotated[
    Any,
    BeforeValidator(read_plainly(parse_day)),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Due: TypeAlias = Annotated[Any, BeforeValidator(read_due), WithJsonSchema({})]
Force: TypeAlias = Literal["must", "will", "should", "usually", "where_possible", "may", "item"]


class Part(BaseModel):
    """Anything of a pack: frozen, and with no key that the language does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


class Cited(Part):
    """Anything that comes from the source: with its clauses, readings and conventions."""

    clause: Texts = ()
    readings: Texts = ()
    conventions: Texts = ()


class Timed(Cited):
    """A rule with a condition that may have to have held for so long, or come together in time."""

    when: Cond = conditions.ALWAYS
    held_for: Span | None = None
    together_within: Span | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Timed:
        if self.held_for is not None and self.together_within is not None:
            help_ = "keep one of them"
            message = "`held_for` and `together_within` do not stand together"
            raise_all([Fault(message, help_, ("together_within",))])
        if self.timed and self.when == conditions.ALWAYS:
            key = "held_for" if self.held_for is not None else "together_within"
            message = f"`{key}` is about a condition, and there is none"
            raise_all([Fault(message, "give it in `when`", (key,))])
        return self

    @property
    def timed(self) -> bool:
        """Whether it says anything of time."""
        return self.held_for is not None or self.together_within is not None
