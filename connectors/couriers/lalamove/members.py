"""The members of a JSON object with the very bytes that each was written in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

_BLANKS = " \t\r\n"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Members:
    """Values by name, parsed and as they were written."""

    values: Mapping[str, object]
    raw: Mapping[str, bytes]

    def plain(self, name: str) -> str:
        """A string's text, or a whole number's digits as they were written; "" for anything else."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.raw[name].decode()
        return value if isinstance(value, str) else ""


def members_of(body: bytes) -> Members | None:
    """Read an object; None where it is none, where something follows it, or where a name comes twice.

    With a name that came twice, one reader could verify the first value and another act upon the second.
    """
    try:
        return _read(body.decode())
    except (ValueError, IndexError, RecursionError):
        return None


def _read(text: str) -> Members:
    values: dict[str, object] = {}
    raw: dict[str, bytes] = {}
    place = _expect(text, _skip(text, 0), "{")
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        if not isinstance(name, str) or name in values:
            raise ValueError("a name is no string or comes twice")
        start = _expect(text, _skip(text, place), ":")
        values[name], place = _DECODER.raw_decode(text, start)
        raw[name] = text[start:place].encode()
        place = _skip(text, place)
        if text[place] == ",":
            place = _skip(text, place + 1)
            if text[place] == "}":
                raise ValueError("a comma before the end")
        elif text[place] != "}":
            raise ValueError("no comma between members")
    if _skip(text, place + 1) != len(text):
        raise ValueError("something follows the object")
    return Members(values, raw)


def _expect(text: str, place: int, sign: str) -> int:
    if text[place] != sign:
        raise ValueError(f"no {sign} where one belongs")
    return _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place
