"""The operators of an installation, as the flow reaches them."""

from __future__ import annotations

from typing import Protocol

from doorstep.incident import Severity


class Operators(Protocol):
    """Channels that the operator set up for themselves; never a merchant's."""

    def listen_to(self, severity: Severity) -> bool:
        """Whether anybody is told of something so bad."""
        ...

    async def tell(self, severity: Severity, title: str, text: str) -> None:
        """Tell all who listen to that; raises `RemoteUnavailable` where nobody could be told."""
        ...


class NoOperators:
    """A house whose operators look by themselves."""

    def listen_to(self, severity: Severity) -> bool:  # noqa: ARG002 - the port's
        """Nobody."""
        return False

    async def tell(self, severity: Severity, title: str, text: str) -> None:
        """Nobody is told."""
