"""Masking: nobody gets another's telephone number or address by way of a thread. Pure."""

from __future__ import annotations

import re

from doorstep.thread import Participant, ThreadMessage

# From nine digits on, or seven behind a plus: order numbers and times of day stay readable.
_NUMBER = re.compile(r"(?<![\w#])(\+\d(?:[ \-./()]{0,2}\d){6,14}|\d(?:[ \-./()]{0,2}\d){8,14})(?!\w)")
_MAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().,;:!?]+")
MASK = "•••"


def shown_to(viewer: Participant, message: ThreadMessage) -> str:
    """What a side reads: the desk and whoever wrote it all of it, the others without numbers."""
    if viewer in {Participant.DESK, message.sender} or message.sender is Participant.DESK:
        return message.body
    return masked(message.body)


def masked(text: str) -> str:
    """Without telephone numbers and e-mail addresses."""
    return _MAIL.sub(MASK, _NUMBER.sub(MASK, text))
