"""What both transports share: the schema, the door, the clock, and the limits."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers

from doorstep.clock import Clock
from doorstep.secret import Secret
from gateway.api.context import Context
from gateway.api.ports.session import CredentialRejected, RequestInfo, Session, Sessions
from gateway.api.schema import GatewaySchema
from gateway.api.settings import ApiSettings
from gateway.api.transport.origins import is_welcome
from gateway.auth.caller import Audience

_REVOCABLE = (Audience.SECRET, Audience.DRIVER)


class OriginRefused(Exception):
    """The credential is good, but not on this page."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One GraphQL endpoint."""

    schema: GatewaySchema
    sessions: Sessions
    clock: Clock
    settings: ApiSettings

    async def admit(self, authorization: str | None, request: RequestInfo) -> Session:
        """Open a session for the value of an authorization header.

        Raises
        ------
        CredentialRejected
            If there is none, or nobody knows it, or it has ended.
        OriginRefused
            If it may not be used on the page that the request comes from.
        """
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            text = "Send a key or token as `Authorization: Bearer …`; over WebSocket, in connection_init."
            raise CredentialRejected(text)
        session = await self.sessions.open(Secret(value.strip()), request)
        if self.has_ended(session):
            raise CredentialRejected("The credential has ended.")
        if not is_welcome(session.caller, request):
            raise OriginRefused("This key may not be used on pages of this origin; add it to allowedOrigins.")
        return session

    def has_ended(self, session: Session) -> bool:
        """Whether the credential is over by now."""
        ends = session.caller.expires_at
        return ends is not None and ends <= self.clock.now()

    def is_revocable(self, session: Session) -> bool:
        """Whether its credential is worth asking after while a socket is open.

        Tokens that are signed and not kept cannot be revoked, and a publishable key shows nobody's data by
        itself: their sockets are many, and are spared the question.
        """
        return session.caller.audience in _REVOCABLE

    async def is_revoked(self, authorization: str | None, request: RequestInfo, session: Session) -> bool:
        """Whether somebody has ended the credential of a session that was opened with this header."""
        if not self.is_revocable(session):
            return False
        try:
            await self.admit(authorization, request)
        except (CredentialRejected, OriginRefused):
            return True
        return False

    def context(self, session: Session, request: RequestInfo) -> Context:
        """Fresh, for one operation."""
        return Context(session, self.clock, request)


def request_info(headers: Headers, transport: str) -> RequestInfo:
    """What the headers say."""
    return RequestInfo(
        origin=headers.get("origin"),
        host=headers.get("host", ""),
        accept_language=headers.get("accept-language", ""),
        transport=transport,
    )
