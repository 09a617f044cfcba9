"""Dataclasses of the ground floor to JSON and back, exactly."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_NOUGHT = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped nought, not the letters behind an escaped backslash."""


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


def write_json(value: object) -> str:
    """JSON that PostgreSQL takes: text from outside may hold noughts and halves of characters, it may not."""
    try:
        whole = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return _NOUGHT.sub(r"\1\\ufffd", whole) if r"\u0000" in whole else whole
