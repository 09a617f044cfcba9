"""What an answer says beside its body."""

from __future__ import annotations

import pytest

from connectors.calling import LONGEST_WAIT_S, Answer


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        # Nobody is left alone for longer than a day, whatever they say.
        ("inf", LONGEST_WAIT_S),
        ("1e999", LONGEST_WAIT_S),
        ("nan", None),
        ("Wed, 25 Nov 2026 08:00:00 GMT", None),
        ("", None),
    ],
)
def test_how_long_a_carrier_wishes_to_be_left_alone(header: str, seconds: float | None) -> None:
    assert Answer(429, None, b"", {"Retry-After": header}).retry_after_s == seconds
