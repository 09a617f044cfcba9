"""Operators' own channels, by Apprise: chat, mail, push and a hundred others.

The addresses come from the operator's environment and from nowhere else: some of them run commands or read
files of this machine, so that a merchant's must never get here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doorstep.errors import RemoteUnavailable
from doorstep.health import HealthCheck
from doorstep.incident import Severity
from doorstep.secret import Secret

BUDGET_S = 30.0
_RANK = {Severity.CRITICAL: 3, Severity.HIGH: 2, Severity.MEDIUM: 1, Severity.LOW: 0}
_LEAST = re.compile(rf"({'|'.join(_RANK)})=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Channel:
    """One address, and from which severity on it is told."""

    address: Secret
    least: Severity

    @property
    def scheme(self) -> str:
        """What may be shown of it."""
        return self.address.reveal().partition("://")[0]


def read_channels(setting: Secret) -> Sequence[Channel]:
    """Channels as DOORSTEP_OPERATOR_CHANNELS names them: `CRITICAL=slack://… mailto://…`."""
    found = []
    for word in setting.reveal().split():
        named = _LEAST.fullmatch(word)
        least, address = (Severity(named[1]), named[2]) if named else (Severity.HIGH, word)
        found.append(Channel(Secret(address), least))
    return found


class AppriseOperators:
    """See `gateway.flow.ports.operators.Operators`. Apprise is loaded when there is something to say."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = channels

    def listen_to(self, severity: Severity) -> bool:
        """Whether anybody is told of something so bad."""
        return bool(self._of(severity))

    async def tell(self, severity: Severity, title: str, text: str) -> None:
        """Tell all who listen to that.

        Raises
        ------
        RemoteUnavailable
            If nobody could be told: one who was is enough, so that nobody hears it again and again.
        """
        told = await asyncio.gather(*(_told(channel, title, text) for channel in self._of(severity)))
        if told and not any(told):
            raise RemoteUnavailable("No operator could be told.", system="operators", raw_code="none")

    async def try_all(self) -> Sequence[tuple[str, bool]]:
        """Say to each channel that it works: (its scheme, whether that went well)."""
        text = "This is a test. Doorstep will write here when something needs a person."
        told = await asyncio.gather(*(_told(one, "Doorstep", text) for one in self._channels))
        return [(channel.scheme, is_well) for channel, is_well in zip(self._channels, told, strict=True)]

    def check(self) -> Sequence[HealthCheck]:
        """Whether every address can be read; calls nobody."""
        return [
            HealthCheck(
                "operators",
                False,
                f"An address in DOORSTEP_OPERATOR_CHANNELS cannot be read: {channel.scheme}://….",
                "operator_channel",
            )
            for channel in self._channels
            if _opened(channel) is None
        ]

    def _of(self, severity: Severity) -> Sequence[Channel]:
        return [one for one in self._channels if _RANK[severity] >= _RANK[one.least]]


async def _told(channel: Channel, title: str, text: str) -> bool:
    apprise = _opened(channel)
    if apprise is None:
        return False
    try:
        async with asyncio.timeout(BUDGET_S):
            return bool(await apprise.async_notify(body=text, title=title))
    except Exception:  # whatever a plug-in of Apprise's does, the others are told
        return False


def _opened(channel: Channel) -> Any:
    import apprise

    made = apprise.Apprise()
    return made if made.add(channel.address.reveal()) else None
