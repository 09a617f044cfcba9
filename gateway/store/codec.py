"""Dataclasses of the ground floor to JSON and back, exactly."""

from __future__ import annotations

from typing import Any

import msgspec


def to_json(value: object) -> Any:
    """Plain JSON values (dict, list, str, …) of a dataclass; instants become RFC 3339."""
    return msgspec.to_builtins(value)


def from_json[T](doc: object, kind: type[T]) -> T:
    """The dataclass again; a field that a later version added takes its default.

    Raises
    ------
    msgspec.ValidationError
        If the document does not fit, which means that a migration was forgotten.
    """
    return msgspec.convert(doc, kind)
