"""Reading foreign JSON into typed values, with `InvalidInput` that names the field and never its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from doorstep.errors import InvalidInput

_WORDED = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<where>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `([^`]+)`")
_STEP = re.compile(r"\.?([^.\[\]]+)")


def decoded[T](read: Callable[[], T]) -> T:
    """What a msgspec call gives; its complaints become `InvalidInput`.

    msgspec words a wrong value as "Expected `int`, got `str` - at `$.positions[3].lat`" and a missing one as
    "Object missing required field `lat` - at `$.positions[3]`": types and names, never content.
    """
    try:
        return read()
    except msgspec.ValidationError as error:
        worded = _WORDED.match(str(error))
        what, where = (worded["what"], worded["where"] or "") if worded else (str(error), "")
        path = (*_STEP.findall(where), *_MISSING.findall(what))
        name = ".".join(path) or "the message"
        raise InvalidInput(f"{name}: {what}", path=path) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("The message is no JSON.") from None


def surplus_path(given: Any, known: Any) -> tuple[str, ...] | None:
    """The path of the first key that was given and is not known; None where all are."""
    if isinstance(given, Mapping) and isinstance(known, Mapping):
        for key, value in given.items():
            if key not in known:
                return (str(key),)
            if (deeper := surplus_path(value, known[key])) is not None:
                return (str(key), *deeper)
    if isinstance(given, (list, tuple)) and isinstance(known, (list, tuple)):
        for number, (one, other) in enumerate(zip(given, known, strict=False)):
            if (deeper := surplus_path(one, other)) is not None:
                return (str(number), *deeper)
    return None
