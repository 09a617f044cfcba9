"""Speaking to a mail server: submission over TLS, one recipient for each mail."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from enum import StrEnum

import aiosmtplib

from connectors.notify.smtp import mapping
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.health import HealthCheck
from doorstep.notice import Letter, NoticeFault, NoticeRefused, NoticeStatus, NoticeUpdate, Taken
from doorstep.secret import Secret

SYSTEM = "smtp"
CONNECT_S = 10.0
MOST_MAILS = 50
"""Over one connection; servers end those that never do."""

RESTS_S = 20.0
"""After so long without a mail a connection is not trusted any more."""


class Security(StrEnum):
    """How the connection is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """For a relay on the machine itself, which asks for no password."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mails are handed over, and as whom."""

    host: str
    port: int
    security: Security
    username: str
    password: Secret
    sender: str
    sender_name: str = ""
    reply_to: str = ""
    bounces: str = ""


class SmtpAccount:
    """See `doorstep.ports.notifiers.Notifier`.

    Parameters
    ----------
    tls
        What certificates are trusted; the machine's where absent.
    """

    def __init__(self, settings: MailSettings, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls
        self._server: aiosmtplib.SMTP | None = None
        self._mails = 0
        self._used_at_s = 0.0
        self._turn = asyncio.Lock()

    async def send(self, letter: Letter, budget_s: float) -> Taken:
        """Hand over one mail."""
        settings, to = self._settings, letter.to.strip()
        if not mapping.can_be_written_to(to):
            # As servers say it (RFC 3463) of an address that is no address.
            raise NoticeRefused(NoticeFault.BAD_RECIPIENT, "5.1.3", "This is no address that mail goes to.")
        mail = mapping.mail_of(
            letter,
            sender=settings.sender,
            sender_name=settings.sender_name,
            reply_to=settings.reply_to,
            at=datetime.now(UTC),
        )
        path = mapping.return_path(settings.bounces, settings.sender, letter.reference)
        try:
            async with asyncio.timeout(budget_s), self._turn:
                server = await self._opened()
                await _hand_over(server, mail, path, mapping.in_ascii(to))
        except TimeoutError:
            await self.close()
            raise _away("The mail server did not answer in time.", "timeout") from None
        except Exception:
            # After a no, or a slip of our own, the state of the conversation is not worth guessing.
            await self.close()
            raise
        self._mails += 1
        self._used_at_s = time.monotonic()
        # Servers answer with an id of their own that nobody can ask by; ours is in every bounce.
        return Taken(letter.reference, NoticeStatus.SENT)

    async def find(self, letter: Letter, since_s: float, budget_s: float) -> NoticeUpdate | None:  # noqa: ARG002 - the port's
        """Nobody can be asked; a repeat carries the same Message-ID."""
        return None

    async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:  # noqa: ARG002 - the port's
        """A mail server says nothing later."""
        return None

    async def check(self) -> Sequence[HealthCheck]:
        """Log in, and hand over nothing."""
        try:
            async with asyncio.timeout(2 * CONNECT_S), self._turn:
                await self._opened()
        except NoticeRefused as refused:
            text = f"The mail server does not let us in ({refused.raw_code}); check user name and password."
            return (HealthCheck("credentials", False, text, "sender_rejected"),)
        except (RemoteUnavailable, TimeoutError) as error:
            reason = error.message if isinstance(error, RemoteUnavailable) else "It did not answer in time."
            return (HealthCheck("connection", False, reason, "sender_unreachable"),)
        return (HealthCheck("credentials", True, "The mail server lets us in."),)

    async def close(self) -> None:
        """End the connection."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def _opened(self) -> aiosmtplib.SMTP:
        is_rested = time.monotonic() - self._used_at_s > RESTS_S
        if self._server is not None and (
            not self._server.is_connected or is_rested or self._mails >= MOST_MAILS
        ):
            await self.close()
        if self._server is None:
            self._server, self._mails, self._used_at_s = await self._open(), 0, time.monotonic()
        return self._server

    async def _open(self) -> aiosmtplib.SMTP:
        settings = self._settings
        server = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=self._tls,
            timeout=CONNECT_S,
        )
        try:
            await server.connect()
            if settings.username:
                await server.login(settings.username, settings.password.reveal())
        except aiosmtplib.SMTPAuthenticationError as error:
            server.close()
            raise _refused(error, mapping.Asked.SENDER) from None
        except aiosmtplib.SMTPResponseException as error:
            server.close()
            if 400 <= error.code < 500:
                raise _away("The mail server is busy.", str(error.code)) from None
            raise NoticeRefused(NoticeFault.ACCOUNT, str(error.code), "The mail server refuses us.") from None
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            server.close()
            text = "The mail server cannot be reached, or its certificate is not trusted."
            raise _away(text, type(error).__name__) from None
        return server


async def _hand_over(server: aiosmtplib.SMTP, mail: EmailMessage, path: str, to: str) -> None:
    # RFC 6531: letters beyond ASCII before the @ take a server that says it knows them.
    is_plain = to.isascii()
    if not is_plain and not server.supports_extension("smtputf8"):
        text = "The mail server takes no addresses with such letters."
        raise NoticeRefused(NoticeFault.UNKNOWN, "5.6.7", text)
    asked = mapping.Asked.SENDER
    try:
        await server.mail(path, options=() if is_plain else ("SMTPUTF8",))
        asked = mapping.Asked.RECIPIENT
        await server.rcpt(to, encoding="ascii" if is_plain else "utf-8")
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error, asked) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _away("The mail server went away.", type(error).__name__) from None
    try:
        await server.data(mail.as_bytes() if is_plain else mail.as_bytes(policy=SMTPUTF8))
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error, mapping.Asked.MAIL) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        text = "The mail server went away before it said whether it took the mail."
        raise UnknownOutcome(text, system=SYSTEM, raw_code=type(error).__name__) from None


def _refused(error: aiosmtplib.SMTPResponseException, asked: mapping.Asked) -> NoticeRefused:
    fault, raw = mapping.fault_of(error.code, error.message, asked)
    return NoticeRefused(fault, raw, _WHY[fault])


def _away(text: str, raw_code: str) -> RemoteUnavailable:
    return RemoteUnavailable(text, system=SYSTEM, raw_code=raw_code)


_WHY = {
    NoticeFault.SUPPRESSED: "The recipient wants no mail.",
    NoticeFault.BAD_RECIPIENT: "There is no such mailbox.",
    NoticeFault.TRY_AGAIN: "The mail server asks to come again.",
    NoticeFault.TRY_LATER: "The mailbox is full.",
    NoticeFault.CONTENT: "The mail server objects to the mail.",
    NoticeFault.TEMPLATE: "The mail server objects to the mail.",
    NoticeFault.ACCOUNT: "The mail server does not let us send: look at its login, SPF, DKIM and DMARC.",
    NoticeFault.UNKNOWN: "The mail server refused it.",
}
