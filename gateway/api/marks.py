"""The schema's own directives, and the decorators that put them on types and fields.

Every type takes its GraphQL description from its docstring's first paragraph, so that none is without.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, dataclass_transform

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.enum import EnumValue
from strawberry.types.field import StrawberryField

from gateway.api.ports.records import Audience, Scope

SHOP = (Audience.PUBLISHABLE,)
SHOPPER = (Audience.PUBLISHABLE, Audience.TRACKING)
BY_DRIVER = (Audience.DRIVER,)
ANYONE = (Audience.PUBLISHABLE, Audience.TRACKING, Audience.DRIVER)


@strawberry.schema_directive(
    name="closed",
    locations=[Location.ENUM],
    description="An enum whose values will never grow, so that a client may handle it exhaustively.",
)
class Closed:
    """Marks an enum as complete."""


strawberry.enum(Audience, description="Kind of credential.", directives=[Closed()])
strawberry.enum(Scope, description="What a secret key may do.", directives=[Closed()])


@strawberry.schema_directive(
    name="access",
    locations=[Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION],
    description=(
        "Who may read a field besides a secret key, and which scope a secret key needs. A field without it "
        "follows its type; a type without it is for SECRET alone. Checked when the document is validated."
    ),
)
class Access:
    """Opens a type or field to more than secret keys."""

    to: list[Audience]
    scope: Scope = Scope.READ


@strawberry.schema_directive(
    name="bounded",
    locations=[Location.FIELD_DEFINITION, Location.ARGUMENT_DEFINITION, Location.INPUT_FIELD_DEFINITION],
    description=(
        "The longest list that this place gives or takes; longer input is an InvalidInput. "
        "extensions.cost multiplies by `usual`, else by `max`."
    ),
)
class Bounded:
    """Gives a list its greatest length, and how long it usually is."""

    max: int
    usual: int | None = strawberry.UNSET


@strawberry.schema_directive(
    name="cost",
    locations=[Location.FIELD_DEFINITION],
    description="Points that a field adds to extensions.cost.requested; 1 per object where absent.",
)
class Cost:
    """Prices a field."""

    points: int


def part(
    description: str | None = None,
    *,
    to: Sequence[Audience] | None = None,
    scope: Scope = Scope.READ,
    most: int | None = None,
    usual: int | None = None,
    default: Any = inspect.Parameter.empty,
) -> Any:
    """A field that is an attribute. `to=()` closes it to all but secret keys.

    Parameters
    ----------
    most, usual
        Greatest and usual length of a list; the latter prices it.
    """
    marks = _marks(to, scope, _bounded(most, usual), None)
    if default is inspect.Parameter.empty:
        return strawberry.field(description=description, directives=marks)
    return strawberry.field(description=description, directives=marks, default=default)


def resolved(
    *,
    to: Sequence[Audience] | None = None,
    scope: Scope = Scope.READ,
    most: int | None = None,
    usual: int | None = None,
    points: int | None = None,
    extensions: Sequence[FieldExtension] = (),
    is_subscription: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """A field that is a method; its docstring is the description."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver,
            is_subscription=is_subscription,
            description=_described(resolver),
            directives=_marks(to, scope, _bounded(most, usual), points),
            extensions=list(extensions),
        )

    return decorate


@dataclass_transform(order_default=False, kw_only_default=True, field_specifiers=(part, StrawberryField))
def shape(*, to: Sequence[Audience] = (), name: str | None = None) -> Callable[[type], Any]:
    """An output type; without `to` it is for secret keys alone."""

    def decorate[T](cls: type[T]) -> type[T]:
        return strawberry.type(cls, name=name, description=_described(cls), directives=_opened(to))

    return decorate


@dataclass_transform(order_default=False, kw_only_default=True, field_specifiers=(part, StrawberryField))
def interface(*, to: Sequence[Audience] = ()) -> Callable[[type], Any]:
    """An interface; without `to` it is for secret keys alone."""

    def decorate[T](cls: type[T]) -> type[T]:
        return strawberry.interface(cls, description=_described(cls), directives=_opened(to))

    return decorate


@dataclass_transform(order_default=False, kw_only_default=True, field_specifiers=(part, StrawberryField))
def entry[T](cls: type[T]) -> type[T]:
    """An input type."""
    return strawberry.input(cls, description=_described(cls))


def closed_enum[E: type[Enum]](cls: E, name: str | None = None) -> E:
    """Show an enum that will never grow."""
    return strawberry.enum(cls, name=name, description=_described(cls), directives=[Closed()])


def open_enum[E: type[Enum]](cls: E, name: str | None = None) -> E:
    """Show an enum that may grow: clients see OTHER even where we have no such value yet."""
    shown = strawberry.enum(cls, name=name, description=_described(cls))
    values: list[EnumValue] = shown.__strawberry_definition__.values  # type: ignore[attr-defined]  # set by the line above
    if not {"OTHER", "UNKNOWN"} & {value.name for value in values}:
        values.append(EnumValue("OTHER", "OTHER", description="A value that came later; never sent yet."))
    return shown


def asked_enum[E: type[Enum]](cls: E) -> E:
    """Show an enum that is only ever given in: a new value breaks nobody."""
    return strawberry.enum(cls, description=_described(cls))


def bounded_argument(most: int, description: str | None = None) -> object:
    """For `Annotated[list[X] | None, bounded_argument(100)]`."""
    return strawberry.argument(description=description, directives=[Bounded(max=most)])


def _opened(to: Sequence[Audience]) -> list[object]:
    return [Access(to=list(to))] if to else []


def _bounded(most: int | None, usual: int | None) -> Bounded | None:
    if most is None:
        return None
    return Bounded(max=most) if usual is None else Bounded(max=most, usual=usual)


def _marks(
    to: Sequence[Audience] | None, scope: Scope, bounded: Bounded | None, points: int | None
) -> list[object]:
    marks: list[object] = []
    if to is not None or scope is not Scope.READ:
        marks.append(Access(to=list(to or [Audience.SECRET]), scope=scope))
    if bounded is not None:
        marks.append(bounded)
    if points is not None:
        marks.append(Cost(points=points))
    return marks


def _described(thing: object) -> str:
    text = inspect.getdoc(thing)
    if not text:
        raise TypeError(f"{thing!r} needs a docstring: it becomes the description in the schema")
    return " ".join(text.split("\n\n")[0].split())
