"""How far back a shop shows its orders to the app.

Shopify's documentation, November 2026: without the scope read_all_orders an app sees the orders of the last
60 days; an older one is answered as if there were none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.stores.shopify.checkup import granted_scopes
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.scopes import READ_ALL_ORDERS
from doorstep.clock import Clock

SHOWN = timedelta(days=59)
"""A day less than Shopify says: its clock and ours, and the end of a long walk, may differ."""

BELIEVED_FOR = timedelta(hours=1)
"""How long the granted scopes are taken for what they were; merchants seldom change them."""


class Horizon:
    """Remembers for a while whether a shop shows all of its orders."""

    def __init__(self, client: ShopifyClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._is_open = False
        self._looked_at: datetime | None = None

    async def shows_since(self) -> datetime | None:
        """Orders placed before are not shown; None where all are.

        Raises
        ------
        RemoteError
            If the shop could not be asked for the app's scopes.
        """
        now = self._clock.now()
        if self._looked_at is None or now - self._looked_at >= BELIEVED_FOR:
            self._is_open = READ_ALL_ORDERS in await granted_scopes(self._client)
            self._looked_at = now
        return None if self._is_open else now - SHOWN
