"""Templates: names in braces are filled in, and nothing else is done: no attributes, no code, no formats."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput
from doorstep.merchant import Merchant
from doorstep.notice import NoticeChannel, NoticeEvent, NoticeTemplate
from gateway.flow.messaging.people.words import OF_COUNTRY, SPANS, WORDS

PLACEHOLDERS = {
    "merchant": "the merchant's name",
    "order": "the order's number as the shopper knows it",
    "window": "when it was promised",
    "eta": "when it arrives as it looks now",
    "link": "the page that follows the delivery",
    "carrier": "who brings it",
    "message": "what the driver or the desk wrote; of MESSAGE alone",
}
LONGEST_TEXT, LONGEST_SUBJECT = 1_000, 150
_NAME = re.compile(r"\{([^{}]*)\}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def check(template: NoticeTemplate) -> NoticeTemplate:
    """The template as it is kept.

    Raises
    ------
    InvalidInput
        If it names a placeholder that there is none of, is too long, or its language is no code.
    """
    if not _LANGUAGE.fullmatch(template.language):
        raise InvalidInput("language must be a code of two letters such as de.", path=("input", "language"))
    for field, text, most in (
        ("subject", template.subject, LONGEST_SUBJECT),
        ("text", template.text, LONGEST_TEXT),
    ):
        path = ("input", field)
        if len(text) > most:
            raise InvalidInput(f"{field} must not be longer than {most} characters.", path=path)
        for name in _NAME.findall(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                raise InvalidInput(f"{{{name}}} is no placeholder; there are {known}.", path=path)
        if set(_NAME.sub("", text)) & set("{}"):
            raise InvalidInput(f"{field} has a brace that belongs to no placeholder.", path=path)
    if not template.text.strip():
        raise InvalidInput("text must not be empty.", path=("input", "text"))
    if template.channel is NoticeChannel.EMAIL and not template.subject.strip():
        raise InvalidInput("subject must not be empty for e-mail.", path=("input", "subject"))
    return template


def fill(text: str, values: Mapping[str, str]) -> str:
    """The words with what belongs into them; what is filled in is not looked at again."""
    return _NAME.sub(lambda found: values.get(found.group(1), ""), text)


def variables_of(template: NoticeTemplate, values: Mapping[str, str]) -> tuple[str, ...]:
    """Values of an approved template: the placeholders of the text, in their order, once each."""
    names = dict.fromkeys(_NAME.findall(template.text))
    return tuple(values.get(name, "") for name in names)


def choose(
    kept: Sequence[NoticeTemplate], event: NoticeEvent, channel: NoticeChannel, language: str
) -> NoticeTemplate:
    """The merchant's own words in a language, else ours; English where there are none in it."""
    for template in kept:
        if (template.event, template.channel, template.language) == (event, channel, language):
            return template
    known = language if language in WORDS else "en"
    subject, text = WORDS[known][event]
    return NoticeTemplate(event, channel, known, subject, text)


def language_of(merchant: Merchant, delivery: Delivery) -> str:
    """What most people read where it goes, else the merchant's own language."""
    return OF_COUNTRY.get(delivery.destination.country, merchant.locale[:2].lower())


def values_of(
    merchant: Merchant,
    delivery: Delivery,
    order: str,
    link: str,
    carrier: str,
    language: str,
    message: str = "",
) -> Mapping[str, str]:
    """What placeholders stand for."""
    zone = ZoneInfo(delivery.promise.time_zone if delivery.promise else merchant.time_zone)
    known = language if language in SPANS else "en"
    span, moment, soon = SPANS[known]

    def clock(at: datetime) -> str:
        return str(format_time(at, "short", tzinfo=zone, locale=known))

    def day(at: datetime) -> str:
        return str(format_date(at.astimezone(zone).date(), "EEE d MMM", locale=known))

    window = eta = soon
    if delivery.promise is not None:
        start, end = delivery.promise.window.start, delivery.promise.window.end
        window = span.format(day=day(start), start=clock(start), end=clock(end))
    if delivery.eta is not None:
        at = delivery.eta.at
        eta = moment.format(day=day(at), at=clock(at))
    elif delivery.promise is not None:
        eta = window
    return {
        "merchant": merchant.name,
        "order": order,
        "window": window,
        "eta": eta,
        "link": link,
        "carrier": carrier,
        "message": message,
    }
