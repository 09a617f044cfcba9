"""What shoppers are told by e-mail, SMS and WhatsApp: rules, words, and what became of each notice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import notice as ground
from gateway.api.marks import entry, open_enum, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

NoticeChannel = open_enum(ground.NoticeChannel)
NoticeEvent = open_enum(ground.NoticeEvent)
NoticeStatus = open_enum(ground.NoticeStatus)
NoticeFault = open_enum(ground.NoticeFault)

_EVENTS = "What shoppers are told of; empty tells them nothing."
_CHANNELS = "In the order in which they are tried: the first by which a shopper can be reached counts."
_CONSENT = "Channels for those alone who agreed to them."
_FROM = "Hour of the recipient's day from which nothing but e-mail goes out, 0 to 23."
_UNTIL = "Hour at which it goes out again; the same hour twice is never quiet."
_NEARBY = "The van is near when it arrives within so many minutes."
_MOST = "SMS and WhatsApp messages to one recipient within 24 hours."
_TEXT = "Placeholders in braces: {merchant}, {order}, {window}, {eta}, {link}, {carrier}."
_APPROVED = "The provider's id of a template that WhatsApp approved, HX…"


@shape()
class NoticeRules:
    """What shoppers are told, how, and when not."""

    events: list[ground.NoticeEvent] = part(_EVENTS, most=20)
    channels: list[ground.NoticeChannel] = part(_CHANNELS, most=10)
    needs_consent: list[ground.NoticeChannel] = part(_CONSENT, most=10)
    quiet_from: int = part(_FROM)
    quiet_until: int = part(_UNTIL)
    nearby_minutes: int = part(_NEARBY)
    most_a_day: int = part(_MOST)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.NoticeRules) -> NoticeRules:
        return NoticeRules(
            events=list(rules.events),
            channels=list(rules.channels),
            needs_consent=list(rules.needs_consent),
            quiet_from=rules.quiet_from,
            quiet_until=rules.quiet_until,
            nearby_minutes=rules.nearby_minutes,
            most_a_day=rules.most_a_day,
            version=version_of(rules),
        )


@shape()
class NoticeTemplate:
    """A merchant's own words for an event, in the place of ours."""

    event: ground.NoticeEvent
    channel: ground.NoticeChannel
    language: str = part("ISO 639-1, de.")
    subject: str
    text: str = part(_TEXT)
    approved_template: str | None = part(_APPROVED)

    @staticmethod
    def of(template: ground.NoticeTemplate) -> NoticeTemplate:
        return NoticeTemplate(
            event=template.event,
            channel=template.channel,
            language=template.language,
            subject=template.subject,
            text=template.text,
            approved_template=template.approved_template or None,
        )


@shape()
class Notice:
    """Something that a shopper was told, or is to be, by one channel."""

    id: strawberry.ID
    event: ground.NoticeEvent
    channel: ground.NoticeChannel
    status: ground.NoticeStatus
    created_at: datetime
    due_at: datetime | None = part("When it is sent, or tried again; null where nothing is to be done.")
    sent_at: datetime | None
    attempts: int
    fault: ground.NoticeFault | None = part("What follows from why it failed.")
    why: str | None = part("Why it failed, or was not sent.")

    @staticmethod
    def of(notice: ground.Notice) -> Notice:
        return Notice(
            id=strawberry.ID(notice.id),
            event=notice.event,
            channel=notice.channel,
            status=notice.status,
            created_at=notice.created_at,
            due_at=notice.due_at,
            sent_at=notice.sent_at,
            attempts=notice.attempts,
            fault=notice.fault,
            why=notice.why or None,
        )


@entry
class SaveNoticeRulesInput:
    """The rules whole: what is left out is as it usually is."""

    events: list[ground.NoticeEvent] = part(_EVENTS, most=20)
    channels: list[ground.NoticeChannel] | None = part(_CHANNELS, most=10, default=None)
    needs_consent: list[ground.NoticeChannel] | None = part(_CONSENT, most=10, default=None)
    quiet_from: int = part(_FROM, default=21)
    quiet_until: int = part(_UNTIL, default=8)
    nearby_minutes: int = part(_NEARBY, default=15)
    most_a_day: int = part(_MOST, default=8)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveNoticeTemplateInput:
    """A template whole; it takes the place of that for the same event, channel and language."""

    event: ground.NoticeEvent
    channel: ground.NoticeChannel
    language: str = part("ISO 639-1, de.")
    subject: str = ""
    text: str = part(_TEXT)
    approved_template: str | None = part(_APPROVED, default=None)


@entry
class RemoveNoticeTemplateInput:
    """Which template goes; our own words come in its place."""

    event: ground.NoticeEvent
    channel: ground.NoticeChannel
    language: str


@entry
class RecordConsentInput:
    """Somebody agreed to be written to by a channel, or takes that back."""

    channel: ground.NoticeChannel
    recipient: str = part("An e-mail address, or a number in E.164 form.")
    is_given: bool
    source: str = part("Where it was said: checkout, a form, a call.")


@shape()
class SaveNoticeRulesSuccess:
    """They are kept; the next event goes by them."""

    notice_rules: NoticeRules


@shape()
class SaveNoticeTemplateSuccess:
    """It is kept."""

    template: NoticeTemplate


@shape()
class RemoveNoticeTemplateSuccess:
    """It is gone."""

    templates: list[NoticeTemplate] = part("Those that are left.", most=500)


@shape()
class RecordConsentSuccess:
    """It is in the log."""

    is_given: bool


SaveNoticeRulesResult = Annotated[
    SaveNoticeRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveNoticeRulesResult", description="What saving the rules of notices led to."),
]
SaveNoticeTemplateResult = Annotated[
    SaveNoticeTemplateSuccess | InvalidInput,
    strawberry.union("SaveNoticeTemplateResult", description="What saving a template led to."),
]
RemoveNoticeTemplateResult = Annotated[
    RemoveNoticeTemplateSuccess | InvalidInput,
    strawberry.union("RemoveNoticeTemplateResult", description="What taking a template away led to."),
]
RecordConsentResult = Annotated[
    RecordConsentSuccess | InvalidInput,
    strawberry.union("RecordConsentResult", description="What recording a consent led to."),
]
