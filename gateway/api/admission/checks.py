"""Root fields, and the check of every list that a client gives in against its `@bounded`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from doorstep.errors import InvalidInput, Issue
from gateway.api.marks import Bounded, resolved
from gateway.api.ports.records import Audience, Scope

Path = tuple[str, ...]


def root(
    *,
    to: Sequence[Audience] = (),
    scope: Scope = Scope.READ,
    most: int | None = None,
    points: int | None = None,
    is_subscription: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """A root field: its access is always written out, and its arguments are checked."""
    return resolved(
        to=to,
        scope=scope,
        most=most,
        points=points,
        extensions=(CheckBounds(),),
        is_subscription=is_subscription,
    )


class CheckBounds(FieldExtension):
    """Made anew for each root field; raises `InvalidInput` naming the list that is too long."""

    def __init__(self) -> None:
        self._bounds: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def apply(self, field: StrawberryField) -> None:
        """Read the bounds of the arguments once."""
        for argument in field.arguments:
            self._names[argument.python_name] = argument.graphql_name or _camel(argument.python_name)
            bound = _bound(argument.directives)
            if bound is not None:
                self._bounds[argument.python_name] = bound

    def map_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Check, change nothing."""
        for name, value in kwargs.items():
            _check(value, self._bounds.get(name), (self._names.get(name, name),))
        return kwargs


def _check(value: object, bound: int | None, path: Path) -> None:
    if isinstance(value, list):
        if bound is not None and len(value) > bound:
            message = f"{path[-1]} may hold {bound} items, got {len(value)}"
            raise InvalidInput(message, path=path, issues=(Issue(path, message, "TOO_MANY"),))
        for index, item in enumerate(value):
            _check(item, None, (*path, str(index)))
        return
    definition = getattr(type(value), "__strawberry_definition__", None)
    if isinstance(definition, StrawberryObjectDefinition):
        for field in definition.fields:
            inner = getattr(value, field.python_name, None)
            if inner is not None:
                _check(inner, _bound(field.directives), (*path, _camel(field.python_name)))


def _bound(directives: object) -> int | None:
    marks = directives if isinstance(directives, list | tuple) else ()
    return next((mark.max for mark in marks if isinstance(mark, Bounded)), None)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
