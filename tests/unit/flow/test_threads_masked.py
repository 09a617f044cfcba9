"""Numbers stay where they belong: nobody gets another's by way of a thread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.thread import MessageChannel, Participant, ThreadMessage
from gateway.flow.messaging.threads.masking import masked, shown_to

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call me: +49 170 1234567", "call me: •••"),
        ("0170-123 45 67 89 please", "••• please"),
        ("(212) 555-0111 22", "(•••"),
        ("ana@example.com is mine", "••• is mine"),
        ("mail ana.b@shop.example.com.", "mail •••."),
        ("order #1001234567", "order #1001234567"),
        ("between 15:00 and 17:30", "between 15:00 and 17:30"),
        ("code 4711, 3rd floor, flat 12", "code 4711, 3rd floor, flat 12"),
    ],
)
def test_what_is_masked_and_what_stays_readable(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_the_desk_and_the_writer_read_all_of_it() -> None:
    said = ThreadMessage(
        "msg_1", "mer", "del", Participant.SHOPPER, MessageChannel.WEB, "+491701234567", NOW, "k"
    )
    assert shown_to(Participant.DESK, said) == "+491701234567"
    assert shown_to(Participant.SHOPPER, said) == "+491701234567"
    assert shown_to(Participant.DRIVER, said) == "•••"
