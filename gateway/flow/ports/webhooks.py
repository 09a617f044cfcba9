"""Outgoing webhooks as the flow keeps them, and the wire that they go over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.errors import InvalidInput
from doorstep.secret import Secret
from doorstep.webhook import WebhookAnswer, WebhookAttempt, WebhookCall, WebhookEndpoint


class Webhooks(Protocol):
    """Endpoints of a merchant, the calls that wait for them, and how calls went.

    Endpoints are saved whole, by whoever names the version that they saw; see `ports.choosing`.
    """

    async def endpoint(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint | None:
        """Archived ones too."""
        ...

    async def endpoints(self) -> Sequence[WebhookEndpoint]:
        """All but the archived ones, in the order in which they were made."""
        ...

    async def save(self, endpoint: WebhookEndpoint, expected_version: int | None) -> WebhookEndpoint: ...
    async def archive(self, endpoint_id: str, expected_version: int, now: datetime) -> WebhookEndpoint: ...
    async def put_endpoint(self, endpoint: WebhookEndpoint) -> None:
        """Write down how a locked endpoint does; its version stays."""
        ...

    async def secrets(self, endpoint_id: str) -> Mapping[str, Secret]:
        """What signs its calls, opened; {} where there is none yet."""
        ...

    async def put_secrets(self, endpoint_id: str, secrets: Mapping[str, str]) -> None: ...
    async def last_told(self, subject_id: str) -> Mapping[str, str]:
        """Endpoint -> digest of the last call about something; nobody else adds one until the commit."""
        ...

    async def call(self, call_id: str, *, lock: bool = False) -> WebhookCall | None: ...
    async def put_calls(self, calls: Sequence[WebhookCall]) -> None: ...
    async def claim(
        self, endpoint_id: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[WebhookCall]:
        """Calls that are due, oldest first; nobody else gets them before `until`."""
        ...

    async def give_up(self, endpoint_id: str) -> int:
        """Let no call of an endpoint wait any more; how many did."""
        ...

    async def named(self, endpoint_id: str, message_ids: Sequence[str]) -> Sequence[WebhookCall]:
        """Calls of an endpoint by the ids of their messages, locked."""
        ...

    async def failed(self, endpoint_id: str, since: datetime, limit: int) -> Sequence[WebhookCall]:
        """Calls made since then that were given up, oldest first, locked."""
        ...

    async def note(self, attempt: WebhookAttempt) -> None:
        """Write down a line of the log."""
        ...


class Systems(Protocol):
    """The wire to merchants' systems."""

    def new_secret(self) -> Secret:
        """What an endpoint's calls are signed with from now on."""
        ...

    async def require_reachable(self, url: str, path: Sequence[str]) -> None:
        """See that an address is one that we call; raises `InvalidInput` naming the field."""
        ...

    async def call(
        self, url: str, message_id: str, at: datetime, body: str, signing: Sequence[Secret]
    ) -> WebhookAnswer:
        """Sign a body with every secret, newest first, and send it; raises nothing."""
        ...


class NoSystems:
    """A house that calls nobody."""

    def new_secret(self) -> Secret:
        """Nothing is signed."""
        raise InvalidInput("Nobody is called from here.")

    async def require_reachable(self, url: str, path: Sequence[str]) -> None:  # noqa: ARG002 - the port's
        """Refused always."""
        raise InvalidInput("Nobody is called from here.", path=path)

    async def call(
        self,
        url: str,  # noqa: ARG002 - the port's
        message_id: str,  # noqa: ARG002
        at: datetime,  # noqa: ARG002
        body: str,  # noqa: ARG002
        signing: Sequence[Secret],  # noqa: ARG002
    ) -> WebhookAnswer:
        """Nobody answers."""
        return WebhookAnswer(None, 0, error="Nobody is called from here.")
