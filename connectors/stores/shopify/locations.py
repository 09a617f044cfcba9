"""Where a shop ships from."""

from __future__ import annotations

from connectors.stores.shopify.answers import read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import LOCATIONS
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.places import read_location
from doorstep.order import Location


async def list_locations(client: ShopifyClient) -> tuple[Location, ...]:
    """The merchant's own active locations; Shopify leaves out the others unless it is asked for them."""
    found: list[Location] = []
    after: str | None = None
    while True:
        answer = await client.send(LOCATIONS, {"after": after})
        data = Field(answer.data)
        zone = data["shop"]["ianaTimezone"].text()
        nodes, after = read_page(data["locations"])
        own = (node for node in nodes if not node["isFulfillmentService"].flag(False))
        found += [read_location(node, zone) for node in own]
        if after is None:
            return tuple(found)
