"""Reads and writes about notices to shoppers; parts of the roots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from doorstep import notice as ground
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import built, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.notices import (
    NoticeRules,
    NoticeTemplate,
    RecordConsentInput,
    RecordConsentResult,
    RecordConsentSuccess,
    RemoveNoticeTemplateInput,
    RemoveNoticeTemplateResult,
    RemoveNoticeTemplateSuccess,
    SaveNoticeRulesInput,
    SaveNoticeRulesResult,
    SaveNoticeRulesSuccess,
    SaveNoticeTemplateInput,
    SaveNoticeTemplateResult,
    SaveNoticeTemplateSuccess,
)

_AT = ("input",)
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_TEMPLATES = 500


@shape()
class NoticeQueries:
    """Reads about notices."""

    @root(scope=Scope.CONFIGURE, most=MOST_TEMPLATES)
    async def notice_templates(self, info: Info) -> list[NoticeTemplate]:
        """The merchant's own words; where there are none, ours are sent."""
        kept = await info.context.reads.notice_templates()
        return [NoticeTemplate.of(template) for template in kept[:MOST_TEMPLATES]]


@shape()
class NoticeMutations:
    """Writes about notices."""

    @root(scope=Scope.CONFIGURE)
    async def save_notice_rules(
        self, info: Info, given: Annotated[SaveNoticeRulesInput, INPUT]
    ) -> SaveNoticeRulesResult:
        """Says what shoppers are told, by which channels, and when not."""
        usual = ground.NoticeRules()
        rules = built(
            ground.NoticeRules,
            _AT,
            events=tuple(dict.fromkeys(given.events)),
            channels=_once(given.channels, usual.channels),
            needs_consent=_once(given.needs_consent, usual.needs_consent),
            quiet_from=given.quiet_from,
            quiet_until=given.quiet_until,
            nearby_minutes=given.nearby_minutes,
            most_a_day=given.most_a_day,
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveNoticeRulesSuccess(notice_rules=NoticeRules.of(kept.notices))

    @root(scope=Scope.CONFIGURE)
    async def save_notice_template(
        self, info: Info, given: Annotated[SaveNoticeTemplateInput, INPUT]
    ) -> SaveNoticeTemplateResult:
        """Puts the merchant's own words in the place of ours."""
        template = ground.NoticeTemplate(
            given.event,
            given.channel,
            given.language.strip().lower(),
            given.subject.strip(),
            given.text.strip(),
            read_text(given.approved_template, (*_AT, "approvedTemplate"), 64),
        )
        saved = await info.context.commands.save_notice_template(template=template)
        return SaveNoticeTemplateSuccess(template=NoticeTemplate.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def remove_notice_template(
        self, info: Info, given: Annotated[RemoveNoticeTemplateInput, INPUT]
    ) -> RemoveNoticeTemplateResult:
        """Lets our words be sent again."""
        left = await info.context.commands.remove_notice_template(
            event=given.event,
            channel=given.channel,
            language=given.language.strip().lower(),
        )
        return RemoveNoticeTemplateSuccess(
            templates=[NoticeTemplate.of(one) for one in left[:MOST_TEMPLATES]]
        )

    @root(scope=Scope.OPERATE)
    async def record_consent(
        self, info: Info, given: Annotated[RecordConsentInput, INPUT]
    ) -> RecordConsentResult:
        """Writes down that somebody agrees to a channel or no longer does, with where they said so."""
        source = read_text(given.source, (*_AT, "source"), 100)
        if not source:
            raise wrong((*_AT, "source"), "source must not be empty", "REQUIRED")
        channel = given.channel
        await info.context.commands.record_consent(
            channel=channel,
            recipient=_read_recipient(channel, given.recipient.strip()),
            source=source,
            is_given=given.is_given,
        )
        return RecordConsentSuccess(is_given=given.is_given)


def _once(
    given: Sequence[ground.NoticeChannel] | None, usual: tuple[ground.NoticeChannel, ...]
) -> tuple[ground.NoticeChannel, ...]:
    return usual if given is None else tuple(dict.fromkeys(given))


def _read_recipient(channel: ground.NoticeChannel, given: str) -> str:
    path = (*_AT, "recipient")
    if channel is ground.NoticeChannel.EMAIL:
        if not _MAIL.fullmatch(given):
            raise wrong(path, "recipient must be an e-mail address")
        return given.lower()
    if not _PHONE.fullmatch(given):
        raise wrong(path, "recipient must be a number in E.164 form such as +34911234567")
    return given
