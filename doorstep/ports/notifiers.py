"""The seam for a provider of e-mail, SMS or WhatsApp."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from doorstep.health import HealthCheck
from doorstep.notice import Letter, NoticeChannel, NoticeUpdate, Reply, Taken
from doorstep.ports.credentials import CredentialField
from doorstep.secret import Secret


class Notifier(Protocol):
    """One account with a provider."""

    async def send(self, letter: Letter, budget_s: float) -> Taken:
        """Hand a letter over.

        Raises
        ------
        NoticeRefused
            If the provider said no, with what follows from that.
        RemoteUnavailable
            If nothing was sent, and the same may be tried again.
        UnknownOutcome
            If it may have been taken; `find` knows, or a repeat does no harm: see `may_repeat`.
        """
        ...

    async def find(self, letter: Letter, since_s: float, budget_s: float) -> NoticeUpdate | None:
        """A letter whose answer was lost, sent within the last so many seconds; None where there is none.

        Raises `RemoteUnavailable` where nobody could be asked.
        """
        ...

    async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:
        """How a notice stands; None where the provider does not say."""
        ...

    async def check(self) -> Sequence[HealthCheck]:
        """Try the account; sends nothing."""
        ...

    async def close(self) -> None: ...


class NotifierWebhookReader(Protocol):
    """Reads what a provider calls us with."""

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the address as the provider was given it; raises `BadSignature`."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> NoticeUpdate | Reply | None:
        """What a verified call says; None where it is about nothing of ours. Raises `UnreadablePayload`."""
        ...


@dataclass(frozen=True, slots=True)
class NotifierPlugin:
    """What a connector exports as CONNECTOR.

    Attributes
    ----------
    provider
        Stable code, "twilio".
    connect
        Credentials and the address for callbacks ("" for none) -> the account. Raises `InvalidInput`.
    secret_names
        Names of the credentials that sign calls to us, newest first.
    may_repeat
        Whether a repeat after a lost answer is known for one by the recipient's side.
    """

    provider: str
    name: str
    credentials: tuple[CredentialField, ...]
    channels: Callable[[Mapping[str, Secret]], tuple[NoticeChannel, ...]]
    connect: Callable[[Mapping[str, Secret], str], Notifier]
    webhooks: NotifierWebhookReader | None = None
    secret_names: tuple[str, ...] = ()
    may_repeat: bool = False
