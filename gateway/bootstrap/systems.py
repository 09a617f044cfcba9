"""The wire to merchants' systems: our signatures, behind the guard for addresses of strangers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from doorstep.secret import Secret
from doorstep.webhook import WebhookAnswer
from gateway.auth.address_guard import Resolver, resolve_public, resolve_with_system
from gateway.bootstrap.pinned import guard
from webhooks.outbound.sender import BUDGET_S, Sender
from webhooks.outbound.signing import new_secret, signed_headers


class GuardedSystems:
    """See `gateway.flow.ports.Systems`.

    Parameters
    ----------
    allow_private
        The operator's setting for systems in networks of their own; plain http passes with it.
    """

    def __init__(
        self, *, allow_private: bool, resolver: Resolver = resolve_with_system, budget_s: float = BUDGET_S
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._sender = Sender(guard(allow_private=allow_private, resolver=resolver), budget_s=budget_s)

    def new_secret(self) -> Secret:
        """What an endpoint's calls are signed with from now on."""
        return new_secret()

    async def require_reachable(self, url: str, path: Sequence[str]) -> None:
        """See that an address is one that we call; raises `InvalidInput` naming the field."""
        await resolve_public(url, allow_private=self._allow_private, resolver=self._resolver, path=path)

    async def call(
        self, url: str, message_id: str, at: datetime, body: str, signing: Sequence[Secret]
    ) -> WebhookAnswer:
        """Sign a body with every secret and send it."""
        return await self._sender.post(url, signed_headers(message_id, at, body, signing), body)
