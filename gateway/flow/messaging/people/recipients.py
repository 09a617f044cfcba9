"""Whom a notice goes to: addresses in one form, and the key by which somebody is known after they went."""

from __future__ import annotations

import hashlib
import re

from doorstep.address import Address
from doorstep.notice import NoticeChannel

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def address_of(destination: Address, channel: NoticeChannel) -> str:
    """Where somebody is reached by a channel; "" where they are not."""
    if channel is NoticeChannel.EMAIL:
        mail = destination.email.strip().lower()
        return mail if _MAIL.fullmatch(mail) else ""
    number = destination.phone or ""
    return number if _NUMBER.fullmatch(number) else ""


def key_of(merchant_id: str, recipient: str) -> str:
    """A digest of an address, its own with each merchant: the lists of two say nothing of one another."""
    return hashlib.sha256(f"{merchant_id} {recipient.strip().lower()}".encode()).hexdigest()
