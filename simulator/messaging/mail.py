"""A mail server: submission with STARTTLS and a login, mailboxes whose names say what becomes of a mail."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ANSWERS = {
    "nobody": "550 5.1.1 The mailbox does not exist",
    "full": "552 5.2.2 The mailbox is full",
    "grey": "451 4.7.1 Greylisted, come again",
    "policy": "550 5.7.1 Rejected by policy",
    "busy": "421 4.3.2 Shutting down",
    "gone": "550 No such user here",
    "relay": "550 relay not permitted",
    "nowhere": "550 5.4.4 There is no such domain",
}
"""By the local part of a recipient."""

ANSWERS_TO_MAIL = {"spam": "550 This looks like spam", "moved": "550 5.1.1 No such user after all"}
"""To what was written to it, by the local part of a recipient who was taken."""


@dataclass
class SimulatedMail:
    """One server.

    Attributes
    ----------
    drops_after_data
        How many of the next mails are taken and not answered.
    senders_refused
        What is answered to whoever sends; "" takes them.
    knows_letters
        Takes addresses with letters beyond ASCII.
    recipients
        Of the mails.
    """

    username: str = "shop"
    password: str = "secret-of-the-simulated-server"  # noqa: S105 - of a simulated server
    mails: list[EmailMessage] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    drops_after_data: int = 0
    senders_refused: str = ""
    knows_letters: bool = True
    recipients: list[str] = field(default_factory=list)
    greylists_once: set[str] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Counts connections, by the greeting inside TLS."""
        session.host_name = hostname
        self.connections += session.ssl is not None
        return responses

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a sender, unless none is to be taken."""
        if self.senders_refused:
            return self.senders_refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes a recipient, or says what is the matter with it."""
        local = address.partition("@")[0]
        if local in ANSWERS:
            return ANSWERS[local]
        if local in self.greylists_once:
            self.greylists_once.discard(local)
            return ANSWERS["grey"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Takes a mail."""
        local = envelope.rcpt_tos[0].partition("@")[0]
        if local in ANSWERS_TO_MAIL:
            return ANSWERS_TO_MAIL[local]
        raw = cast(bytes, envelope.content)
        self.mails.append(message_from_bytes(raw, policy=policy.default))
        self.paths.append(envelope.mail_from or "")
        self.recipients += envelope.rcpt_tos
        if self.drops_after_data:
            self.drops_after_data -= 1
            assert isinstance(server.transport, asyncio.WriteTransport)  # noqa: S101 - somebody speaks with it
            server.transport.abort()
        return "250 2.0.0 Taken as 4711"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth_data: object
    ) -> AuthResult:
        """Let in who knows the password."""
        is_right = isinstance(auth_data, LoginPassword) and (
            auth_data.login == self.username.encode() and auth_data.password == self.password.encode()
        )
        return AuthResult(success=is_right, handled=is_right)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext) -> AsyncIterator[int]:
        """Serve on a port of its own, which is given, as long as the block lasts."""
        loop = asyncio.get_running_loop()

        def speak() -> SMTP:
            return SMTP(
                self,
                hostname="mail.example",
                tls_context=tls,
                require_starttls=True,
                auth_required=True,
                authenticator=self.authenticate,
                enable_SMTPUTF8=self.knows_letters,
                loop=loop,
            )

        server = await loop.create_server(speak, "127.0.0.1", 0)
        yield int(server.sockets[0].getsockname()[1])
        server.close()
        if sys.version_info >= (3, 13):  # until then a server waits for those who are still connected
            server.close_clients()
        await server.wait_closed()
