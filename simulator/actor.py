"""What every simulated system has in common, so that the world can drive them all alike."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from starlette.types import ASGIApp


class Actor(Protocol):
    """A store, a carrier, a fleet: something that lives in the world and may speak HTTP.

    Attributes
    ----------
    name
        Path segment that its `app` is mounted under.
    app
        Its side of the protocol; None where it only acts.
    """

    @property
    def name(self) -> str:
        """Path segment, "woocommerce"."""
        ...

    @property
    def app(self) -> ASGIApp | None:
        """What answers under /<name>."""
        ...

    async def tick(self, now: datetime) -> None:
        """Do what is due by `now`: move couriers, post webhooks."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
