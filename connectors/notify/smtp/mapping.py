"""Letters as mail (RFC 5322), and what servers' answers mean (RFC 3463, RFC 5321). Pure."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from enum import StrEnum
from html import escape

from doorstep.notice import Letter, NoticeFault

_ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# All that begins a line for Python's own writer of headers, which takes none.
_BREAKS = re.compile(r"[\r\n\0\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")

# Narrower than RFC 5321, which knows quoted names and numbers for domains: what people have as an address.
# Nothing in it is taken for two addresses, a name beside one, an encoded word or the end of a command.
_WORD = r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>()\[\]:;,\\\"@]+"
_ADDRESS = re.compile(rf"(?!.*=\?){_WORD}@{_WORD}")
_LINK = re.compile(r"https?://[^\s<>\"]+")

# What servers write to a recipient whom they know: they do not let us send there.
_NOT_LET = re.compile(
    r"\b(relay|auth|spf\b|dkim|dmarc|spam|block|blacklist|policy|reputation)", re.IGNORECASE
)
# Many servers look at the sender only once they are told a recipient.
_OF_SENDER = re.compile(r"\bsender\b.*\b(reject|den|refus|verif|unknown|invalid)", re.IGNORECASE | re.DOTALL)
_MAILBOX = re.compile(r"\S+@\S+")


class Asked(StrEnum):
    """What a server said no to: only what it says of a recipient is about them."""

    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    MAIL = "DATA"


# Where a server gives no enhanced code.
_PLAIN = {
    **dict.fromkeys((530, 534, 535, 538), NoticeFault.ACCOUNT),
    **dict.fromkeys((501, 550, 551, 553), NoticeFault.BAD_RECIPIENT),
    552: NoticeFault.TRY_LATER,
    554: NoticeFault.CONTENT,
}

# Enhanced codes (RFC 3463) that mean something else than others with the same middle number.
_DETAILS = {
    (1, 7): NoticeFault.ACCOUNT,  # the sender's mailbox is written wrongly
    (1, 8): NoticeFault.ACCOUNT,  # the sender's domain is none
    (2, 2): NoticeFault.TRY_LATER,  # the mailbox is full
    (2, 3): NoticeFault.CONTENT,  # too long for this mailbox
    (3, 4): NoticeFault.CONTENT,  # too long for this server
    (4, 4): NoticeFault.BAD_RECIPIENT,  # there is no such domain
}

# The middle number of an enhanced code: address, mailbox, content, policy.
_SUBJECTS = {
    1: NoticeFault.BAD_RECIPIENT,
    2: NoticeFault.BAD_RECIPIENT,
    6: NoticeFault.CONTENT,
    7: NoticeFault.ACCOUNT,
}


def can_be_written_to(address: str) -> bool:
    """Whether an address, without blanks around it, can be told to a mail server."""
    return _ADDRESS.fullmatch(address) is not None


def mail_of(letter: Letter, *, sender: str, sender_name: str, reply_to: str, at: datetime) -> EmailMessage:
    """A mail in text and HTML, told to belong with those that it follows.

    Parameters
    ----------
    sender
        An address; the names of messages are made in its domain.
    """
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((_plain(sender_name), _plain(sender)))
    mail["To"] = _plain(letter.to)
    mail["Subject"] = _plain(letter.subject)
    mail["Date"] = format_datetime(at)
    # The same in every repeat, so that a mail whose answer was lost is known for one.
    mail["Message-ID"] = _id(letter.reference, domain)
    mail["Auto-Submitted"] = "auto-generated"
    if letter.stop_url:
        # RFC 8058: one POST, without a page in between.
        mail["List-Unsubscribe"] = f"<{_plain(letter.stop_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if reply_to:
        mail["Reply-To"] = _plain(reply_to)
    if letter.thread:
        mail["In-Reply-To"] = _id(letter.thread[-1], domain)
        mail["References"] = " ".join(_id(one, domain) for one in letter.thread)
    mail.set_content(letter.text)
    mail.add_alternative(_html(letter.text), subtype="html")
    return mail


def return_path(bounces: str, sender: str, reference: str) -> str:
    """Where servers send a mail back to: it names the notice, if the merchant reads such addresses."""
    if not bounces:
        return sender
    local, _, domain = bounces.rpartition("@")
    return f"{local}+{reference}@{domain}"


def fault_of(code: int, text: str, asked: Asked) -> tuple[NoticeFault, str]:
    """What follows from a server's no, with its code as it is best known."""
    found = _ENHANCED.match(text)
    if found is None:
        return _plain_fault(code, text, asked), str(code)
    kind, subject, detail = (int(part) for part in found.groups())
    raw = f"{kind}.{subject}.{detail}"
    if kind == 4:
        return NoticeFault.TRY_AGAIN, raw
    if asked is Asked.SENDER:
        return NoticeFault.ACCOUNT, raw
    by_middle = _SUBJECTS.get(subject, NoticeFault.UNKNOWN)
    fault = _DETAILS.get((subject, detail), by_middle)
    is_ours = fault is NoticeFault.BAD_RECIPIENT and _OF_SENDER.search(_MAILBOX.sub("", text))
    return NoticeFault.ACCOUNT if is_ours else fault, raw


def _plain_fault(code: int, text: str, asked: Asked) -> NoticeFault:
    if 400 <= code < 500:
        return NoticeFault.TRY_AGAIN
    fault = _PLAIN.get(code, NoticeFault.UNKNOWN)
    if asked is Asked.SENDER:
        return NoticeFault.ACCOUNT
    if fault is not NoticeFault.BAD_RECIPIENT:
        return fault
    if asked is Asked.MAIL:
        return NoticeFault.CONTENT  # it took the recipient
    said = _MAILBOX.sub("", text)
    return NoticeFault.ACCOUNT if _NOT_LET.search(said) or _OF_SENDER.search(said) else fault


def in_ascii(address: str) -> str:
    """An address with its domain as the network knows it (`bücher.example`: `xn--bcher-kva.example`)."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _html(text: str) -> str:
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    written = "".join(f"<p>{_linked(part)}</p>" for part in paragraphs)
    return f'<!doctype html><html><body style="font-family:sans-serif">{written}</body></html>'


def _linked(text: str) -> str:
    parts, end = [], 0
    for found in _LINK.finditer(text):
        link = escape(found.group())
        parts += [escape(text[end : found.start()]), f'<a href="{link}">{link}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])]).replace("\n", "<br>")


def _id(reference: str, domain: str) -> str:
    return f"<{_plain(reference)}@{_plain(domain)}>"


def _plain(value: str) -> str:
    """Without what would begin another header."""
    return _BREAKS.sub(" ", value).strip()
