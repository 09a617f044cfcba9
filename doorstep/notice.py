"""Notices: what shoppers are told of a delivery by e-mail, SMS or WhatsApp, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class NoticeChannel(StrEnum):
    """The ways to a shopper."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"


class NoticeEvent(StrEnum):
    """What a shopper is told of."""

    BOOKED = "BOOKED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    NEARBY = "NEARBY"
    DELIVERED = "DELIVERED"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    DELAYED = "DELAYED"
    RESCHEDULED = "RESCHEDULED"
    MESSAGE = "MESSAGE"
    """The driver or the desk wrote to the shopper."""


class NoticeStatus(StrEnum):
    """How far a notice has come; see `RANK`."""

    WAITING = "WAITING"
    IN_DOUBT = "IN_DOUBT"
    """It was handed over, and nobody heard whether it was taken."""
    TAKEN = "TAKEN"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    """We decided not to send it."""


RANK: Mapping[NoticeStatus, int] = {
    NoticeStatus.WAITING: 0,
    NoticeStatus.IN_DOUBT: 5,
    NoticeStatus.TAKEN: 10,
    NoticeStatus.SENT: 20,
    NoticeStatus.FAILED: 30,
    NoticeStatus.DELIVERED: 30,
    NoticeStatus.READ: 40,
    NoticeStatus.DROPPED: 50,
}
"""A status never goes to a lower rank: what providers say of it comes twice and in any order."""


class NoticeFault(StrEnum):
    """Why a notice could not be sent, by what follows from it."""

    SUPPRESSED = "SUPPRESSED"
    """The recipient wants no more of this channel."""
    BAD_RECIPIENT = "BAD_RECIPIENT"
    """Nobody is there; it is not tried again."""
    TRY_AGAIN = "TRY_AGAIN"
    TRY_LATER = "TRY_LATER"
    """Once more, after a while: a telephone that is off."""
    CONTENT = "CONTENT"
    """A carrier or provider objects to the words."""
    TEMPLATE = "TEMPLATE"
    """Free words are not allowed now; an approved template is needed."""
    ACCOUNT = "ACCOUNT"
    """Our account or our set-up; the merchant has to do something."""
    UNKNOWN = "UNKNOWN"


FINAL_FAULTS = frozenset(
    {
        NoticeFault.SUPPRESSED,
        NoticeFault.BAD_RECIPIENT,
        NoticeFault.CONTENT,
        NoticeFault.TEMPLATE,
        NoticeFault.ACCOUNT,
        NoticeFault.UNKNOWN,
    }
)
"""The same again would fail again; another channel may be tried."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A row of the outbox: one event of one delivery for one recipient by one channel.

    Attributes
    ----------
    occasion
        Tells two failed attempts of one delivery apart; "" where an event comes once.
    recipient
        Number or address; personal data, "" once it was forgotten.
    recipient_key
        A digest of it, by which who wants no more is known after they were forgotten.
    due_at
        When it is sent; None once nothing is to be done.
    reference
        Made once: a repeat after a lost answer carries the same, and replies to it are told apart.
    provider_id
        The provider's own name for it; "" before it was taken.
    why
        Why it failed or was dropped, in words without personal data.
    """

    id: str
    merchant_id: str
    delivery_id: str
    event: NoticeEvent
    occasion: str
    channel: NoticeChannel
    recipient: str = field(repr=False)
    recipient_key: str
    created_at: datetime
    due_at: datetime | None
    status: NoticeStatus = NoticeStatus.WAITING
    attempts: int = 0
    account_id: str = ""
    reference: str = ""
    provider_id: str = ""
    sent_at: datetime | None = None
    fault: NoticeFault | None = None
    why: str = ""
    raw_code: str = ""

    def raised_to(self, status: NoticeStatus) -> bool:
        """Whether this status leads on from the present one."""
        return RANK[status] > RANK[self.status]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a provider is asked to send.

    Attributes
    ----------
    reference
        Stable over repeats; letters, digits, dots and underscores.
    thread
        References of what it belongs with, oldest first: mail programs show them together.
    template, variables
        Of an approved template, where the channel needs one; free words are `text`.
    valid_s
        After so many seconds it is worth nothing any more.
    stop_url
        Where the recipient stops such mails; "" where there is no such place.
    """

    channel: NoticeChannel
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    reference: str
    thread: tuple[str, ...] = ()
    template: str = ""
    variables: tuple[str, ...] = field(default=(), repr=False)
    valid_s: int = 14_400
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A provider's yes."""

    provider_id: str
    status: NoticeStatus = NoticeStatus.TAKEN


@dataclass(frozen=True, slots=True)
class NoticeUpdate:
    """What a provider says of a notice later."""

    provider_id: str
    status: NoticeStatus
    fault: NoticeFault | None = None
    raw_code: str = ""


class Wish(StrEnum):
    """What somebody asks for with one word."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote back.

    Attributes
    ----------
    sender, our_address
        Numbers or addresses; personal data.
    wish
        Where it is one word that means STOP, START or HELP, and nothing else.
    """

    channel: NoticeChannel
    provider_id: str
    sender: str = field(repr=False)
    our_address: str
    text: str = field(repr=False)
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """Somebody who is not to be written to by a channel.

    Attributes
    ----------
    reason
        "STOP", "bounced", "by the merchant".
    """

    merchant_id: str
    channel: NoticeChannel
    recipient_key: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """A line of the log: somebody agreed to be written to by a channel, or takes that back.

    Attributes
    ----------
    source
        Where it was said: "checkout", "STOP by SMS", "by the merchant".
    """

    id: str
    merchant_id: str
    channel: NoticeChannel
    recipient_key: str
    is_given: bool
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeAccount:
    """A merchant's account with a provider; its credentials lie sealed beside it.

    Attributes
    ----------
    provider
        Code of the connector, "twilio".
    """

    id: str
    merchant_id: str
    provider: str
    name: str
    channels: tuple[NoticeChannel, ...]
    enabled: bool = True


class NoticeRefused(Exception):
    """A provider said no to a letter.

    Attributes
    ----------
    raw_code
        As the provider names it.
    """

    def __init__(self, fault: NoticeFault, raw_code: str, why: str) -> None:
        super().__init__(why)
        self.fault = fault
        self.raw_code = raw_code
        self.why = why


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """What shoppers of a merchant are told, how, and when not.

    Attributes
    ----------
    events
        What is told of; () tells nothing.
    channels
        In the order in which they are tried: the first that the shopper can be reached by counts.
    needs_consent
        Channels that only those are written to by who agreed to it.
    quiet_from, quiet_until
        Hours of the recipient's own day, 0 to 23, between which nothing but e-mail goes out; equal for never.
    nearby_minutes
        The van is near when it arrives within so many minutes.
    most_a_day
        Notices to one recipient by SMS or WhatsApp within 24 hours.
    """

    events: tuple[NoticeEvent, ...] = ()
    channels: tuple[NoticeChannel, ...] = (NoticeChannel.EMAIL,)
    needs_consent: tuple[NoticeChannel, ...] = (NoticeChannel.WHATSAPP,)
    quiet_from: int = 21
    quiet_until: int = 8
    nearby_minutes: int = 15
    most_a_day: int = 8

    def __post_init__(self) -> None:
        if not (0 <= self.quiet_from <= 23 and 0 <= self.quiet_until <= 23):
            raise ValueError("quiet_from and quiet_until must be 0 to 23")
        if not 1 <= self.nearby_minutes <= 120:
            raise ValueError("nearby_minutes must be 1 to 120")
        if not 1 <= self.most_a_day <= 50:
            raise ValueError("most_a_day must be 1 to 50")


@dataclass(frozen=True, slots=True)
class NoticeTemplate:
    """A merchant's own words for an event in a language; placeholders stand in braces.

    Attributes
    ----------
    language
        ISO 639-1, "de".
    approved_template
        The provider's id of a template that WhatsApp approved, with the placeholders of `text` as its
        variables in their order; "" where there is none.
    """

    event: NoticeEvent
    channel: NoticeChannel
    language: str
    subject: str
    text: str
    approved_template: str = ""
