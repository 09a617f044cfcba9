"""Twilio's words and ours: Messaging API 2010-04-01, from its OpenAPI files of April 2026. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from doorstep.json_reading import Json
from doorstep.notice import (
    Letter,
    NoticeChannel,
    NoticeFault,
    NoticeStatus,
    NoticeUpdate,
    Reply,
    Wish,
)

WHATSAPP = "whatsapp:"
LONGEST_BODY = 1600
LONGEST_VALID_S = 36_000

_STATUSES = {
    "queued": NoticeStatus.TAKEN,
    "accepted": NoticeStatus.TAKEN,
    "scheduled": NoticeStatus.TAKEN,
    "sending": NoticeStatus.TAKEN,
    "sent": NoticeStatus.SENT,
    "delivered": NoticeStatus.DELIVERED,
    "partially_delivered": NoticeStatus.DELIVERED,
    "read": NoticeStatus.READ,
    "undelivered": NoticeStatus.FAILED,
    "failed": NoticeStatus.FAILED,
    "canceled": NoticeStatus.FAILED,
}

_FAMILIES = {
    NoticeFault.SUPPRESSED: (21610, 63014),
    NoticeFault.BAD_RECIPIENT: (21211, 21614, 21635, 30005, 30006, 63024),
    NoticeFault.TRY_AGAIN: (20429, 21611, 30001, 63018),
    NoticeFault.TRY_LATER: (30003, 30008),
    NoticeFault.CONTENT: (21617, 30007, 63021, 63049),
    NoticeFault.TEMPLATE: (63016,),
    NoticeFault.ACCOUNT: (20003, 20404, 21212, 21408, 21606, 21608, 21612, 21703, 30002, 30034),
}
_FAULTS = {code: fault for fault, codes in _FAMILIES.items() for code in codes}

# Words that Twilio handles itself on long codes. CANCEL ends messages; it never calls a delivery off.
_WISHES = {
    **dict.fromkeys("STOP UNSUBSCRIBE END QUIT STOPALL REVOKE OPTOUT CANCEL".split(), Wish.STOP),
    **dict.fromkeys("START UNSTOP".split(), Wish.START),
    **dict.fromkeys("HELP INFO".split(), Wish.HELP),
}


def form_of(letter: Letter, sender: Mapping[str, str], callback: str) -> dict[str, str]:
    """The form that a letter is posted as.

    Parameters
    ----------
    sender
        `from_sms`, `from_whatsapp` and `messaging_service`, what there is of them.
    """
    is_whatsapp = letter.channel is NoticeChannel.WHATSAPP
    form = {"To": address_of(letter.channel, letter.to)}
    if is_whatsapp:
        form["From"] = address_of(letter.channel, sender["from_whatsapp"])
    elif sender.get("messaging_service"):
        form["MessagingServiceSid"] = sender["messaging_service"]
    else:
        form["From"] = sender["from_sms"]
    if is_whatsapp and letter.template:
        form["ContentSid"] = letter.template
        form["ContentVariables"] = _numbered(letter.variables)
    else:
        form["Body"] = letter.text[:LONGEST_BODY]
    form["ValidityPeriod"] = str(max(1, min(letter.valid_s, LONGEST_VALID_S)))
    if callback:
        form["StatusCallback"] = callback
    return form


def address_of(channel: NoticeChannel, number: str) -> str:
    """A number as Twilio writes it for a channel."""
    plain = number.removeprefix(WHATSAPP)
    return f"{WHATSAPP}{plain}" if channel is NoticeChannel.WHATSAPP else plain


def status_of(word: str) -> NoticeStatus:
    """Ours for Twilio's; a word that came later says only that it has it."""
    return _STATUSES.get(word, NoticeStatus.TAKEN)


def fault_of(code: int | None, http_status: int = 0) -> NoticeFault:
    """What follows from a code; Twilio keeps splitting them, so what is new goes by its neighbours."""
    if code in _FAULTS:
        return _FAULTS[code]
    if http_status >= 500 or http_status == 429:
        return NoticeFault.TRY_AGAIN
    if http_status in {401, 403}:
        return NoticeFault.ACCOUNT
    return NoticeFault.UNKNOWN


def update_of(message: Json) -> NoticeUpdate:
    """How a message of the API stands."""
    return _update(str(message.get("sid", "")), str(message.get("status", "")), message.get("error_code"))


def update_of_callback(form: Mapping[str, str]) -> NoticeUpdate | None:
    """What a status callback says; None where it names no message."""
    sid = form.get("MessageSid") or form.get("SmsSid", "")
    word = form.get("MessageStatus") or form.get("SmsStatus", "")
    return _update(sid, word, form.get("ErrorCode")) if sid and word else None


def reply_of(form: Mapping[str, str]) -> Reply | None:
    """What somebody wrote; None where the form is no incoming message."""
    if "Body" not in form or "From" not in form:
        return None
    sender = form["From"]
    channel = NoticeChannel.WHATSAPP if sender.startswith(WHATSAPP) else NoticeChannel.SMS
    text = form["Body"] or form.get("ButtonText", "")
    said = form.get("OptOutType", "").upper()
    return Reply(
        channel=channel,
        provider_id=form.get("MessageSid") or form.get("SmsSid", ""),
        sender=sender.removeprefix(WHATSAPP),
        our_address=form.get("To", "").removeprefix(WHATSAPP),
        text=text,
        wish=_WISHES.get(said) or _WISHES.get(text.strip().upper()),
    )


def is_same(message: Json, letter: Letter, not_before: datetime) -> bool:
    """Whether a message of the list is this letter, sent since then."""
    text = letter.text[:LONGEST_BODY]
    is_alike = letter.template != "" or message.get("body") == text
    try:
        made_at = parsedate_to_datetime(str(message.get("date_created", "")))
    except ValueError:
        return False
    is_ours = message.get("to") == address_of(letter.channel, letter.to)
    return bool(is_ours and is_alike and made_at >= not_before and message.get("direction") != "inbound")


def _update(sid: str, word: str, code: object) -> NoticeUpdate:
    number = int(str(code)) if str(code or "").isdecimal() and str(code) != "0" else None
    status = status_of(word)
    fault = fault_of(number) if status is NoticeStatus.FAILED else None
    return NoticeUpdate(sid, status, fault, str(number or ""))


def _numbered(values: tuple[str, ...]) -> str:
    return json.dumps({str(number): value for number, value in enumerate(values, 1)}, ensure_ascii=False)
