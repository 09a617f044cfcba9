"""What an outside system wants to see before it talks to us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from doorstep.secret import Secret


@dataclass(frozen=True, slots=True)
class CredentialField:
    """What to ask a merchant for when connecting."""

    name: str
    label: str
    is_secret: bool
    help: str = ""
    default: str | None = None


class AccessTokens(Protocol):
    """An access token that ends and is renewed, shared by every process that speaks with one store."""

    async def current(self) -> Secret:
        """The token to send now; renewed beforehand where it is about to end."""
        ...

    async def renewed(self, rejected: Secret) -> Secret:
        """Another token after the store turned this one away: somebody else's fresh one, else a new one.

        Raises
        ------
        AccountProblem
            If there is none to be had: the merchant has to open the app again.
        RemoteUnavailable
            If nobody could be asked.
        """
        ...
