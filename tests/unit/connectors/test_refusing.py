"""Whether a carrier's error code is one that its table knows."""

from __future__ import annotations

import pytest

from connectors.calling import Answer
from connectors.refusing import Family, Refusals
from doorstep.errors import RemoteError
from doorstep.quote import Decline

REFUSALS = Refusals(
    "courier",
    "Courier",
    {"too_heavy": Family.PARCEL, "slow_down": Family.SLOW_DOWN},
    code_of=lambda answer: str(answer.body.get("code", "")),
    message_of=lambda _answer: "",
    family_of_code=lambda code: Family.ADDRESS if code.startswith("ADDRESS.") else None,
)


@pytest.mark.parametrize(
    ("status", "code", "known"),
    [
        (400, "too_heavy", True),
        (429, "slow_down", True),
        (422, "ADDRESS.HOUSE_NUMBER", True),
        (503, "", True),  # no code at all: a proxy's word
        (400, "too_purple", False),
        (429, "too_curious", False),
        (500, "reactor_on_fire", False),
    ],
)
def test_a_code_that_the_table_lacks_is_told_apart(status: int, code: str, known: bool) -> None:
    answer = Answer(status, {"code": code} if code else None, b"", {})
    said: Decline | RemoteError
    try:
        said = REFUSALS.decline_or_raise(answer)
    except RemoteError as error:
        said = error

    assert said.is_known_code is known
    assert REFUSALS.error_of(answer).is_known_code is known
