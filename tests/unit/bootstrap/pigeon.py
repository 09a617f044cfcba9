"""A stranger's plug-in for messages: letters go by pigeon, and the pigeons report by webhook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from doorstep.errors import BadSignature, InvalidInput
from doorstep.health import HealthCheck
from doorstep.notice import Letter, NoticeChannel, NoticeStatus, NoticeUpdate, Reply, Taken
from doorstep.ports import CredentialField
from doorstep.ports.notifiers import Notifier, NotifierPlugin
from doorstep.secret import Secret


class Loft:
    """One account; keeps what flew."""

    def __init__(self) -> None:
        self.flown: list[Letter] = []

    async def send(self, letter: Letter, budget_s: float) -> Taken:
        """It flies at once."""
        self.flown.append(letter)
        return Taken(f"ring-{len(self.flown)}")

    async def find(self, letter: Letter, since_s: float, budget_s: float) -> NoticeUpdate | None:
        """Pigeons are not looked for."""
        return None

    async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:
        """Nobody sees them on the way."""
        return None

    async def check(self) -> Sequence[HealthCheck]:
        """There are always some."""
        return (HealthCheck("loft", True, "The pigeons are at home."),)

    async def close(self) -> None:
        """The loft stays open."""


class Rings:
    """Who has come home says so."""

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """The keeper's word opens the door."""
        if headers.get("keeper") not in {secret.reveal() for secret in secrets}:
            raise BadSignature("not the keeper")

    def read(self, headers: Mapping[str, str], body: bytes) -> NoticeUpdate | Reply | None:
        """The ring of a pigeon that arrived."""
        return NoticeUpdate(body.decode(), NoticeStatus.DELIVERED)


def connect(credentials: Mapping[str, Secret], callback: str) -> Notifier:
    """One loft; raises `InvalidInput` without a keeper."""
    if "keeper" not in credentials:
        raise InvalidInput("keeper is missing.", path=("credentials", "keeper"))
    return Loft()


CONNECTOR = NotifierPlugin(
    provider="pigeon",
    name="Pigeon post",
    credentials=(CredentialField("keeper", "Who keeps the loft", is_secret=True),),
    channels=lambda _: (NoticeChannel.SMS,),
    connect=connect,
    webhooks=Rings(),
    secret_names=("keeper",),
)

RIVAL = replace(CONNECTOR, name="Faster pigeons")
"""Another stranger's, under the same code."""
