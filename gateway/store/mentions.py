"""Conditions that find a person in text of any kind: columns, JSON, raw bodies of webhooks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, func, or_

from doorstep.address import Address

SHORTEST = 6
"""Shorter words are found everywhere: a name of two letters would empty half of the inbox."""

_NO_DIGIT = re.compile(r"\D")


def words_in(*addresses: Address | None) -> set[str]:
    """What others may have quoted of these places and the people at them.

    A floor or "leave it at the door" is said of many: where it stands, a name or a street stands as well.
    """
    found: set[str] = set()
    for address in filter(None, addresses):
        found |= {address.name, address.company, address.line1}
        found |= {address.email, address.phone or "", address.phone_raw}
    return telling(found)


def telling(words: Iterable[str]) -> set[str]:
    """Those that are long enough to mean one person."""
    return {word.strip() for word in words if len(word.strip()) >= SHORTEST}


def in_text(text: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether a text, or JSON within it, holds one of the words in either case."""
    lowered = func.lower(text)
    return or_(false(), *(func.strpos(lowered, spelled) > 0 for spelled in _spellings(words)))


def in_doc(doc: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """The same for a column of JSON."""
    return in_text(cast(doc, Text), words)


def in_bytes(body: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """The same for raw bytes, which need not be text at all."""
    # PostgreSQL's "escape" shows any bytes as text, so that case can be ignored.
    lowered = func.lower(func.encode(body, "escape"))
    return or_(false(), *(func.strpos(lowered, _escaped(spelled)) > 0 for spelled in _spellings(words)))


def goes_to(destination: ColumnElement[Any], email: str, phone: str) -> ColumnElement[bool]:
    """Whether an address in JSON has this e-mail address or this number, however it was written."""
    same: list[ColumnElement[bool]] = []
    if email.strip():
        same.append(func.lower(destination["email"].astext) == email.strip().lower())
    digits = _NO_DIGIT.sub("", phone)
    if len(digits) >= SHORTEST:
        for name in ("phone", "phone_raw"):
            same.append(func.regexp_replace(destination[name].astext, r"\D", "", "g") == digits)
    return or_(false(), *same)


def _spellings(words: Iterable[str]) -> set[str]:
    """As they stand in text and in JSON, whose writers escape more or less: PHP's escapes slashes too."""
    found: set[str] = set()
    for word in telling(words):
        for inner in (word, json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]):
            found |= {inner.lower(), inner.replace("/", "\\/").lower()}
    return found


def _escaped(word: str) -> str:
    """The word as PostgreSQL's "escape" writes its UTF-8."""
    shown = (
        "\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}"
        for byte in word.encode()
    )
    return "".join(shown)
