"""Makes the merchant and links both stores and the paper carrier, as an operator's commands do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.sync.paper import CARRIER
from bench.sync.stores import Stores, depot
from gateway.bootstrap.accounts import add_carrier, add_location, add_merchant, add_store
from gateway.bootstrap.house import open_house
from gateway.config import Settings

CARRIER_SECRET = "the-webhook-secret-of-a-carrier-on-paper"  # noqa: S105 - it opens nothing


@dataclass(frozen=True, slots=True)
class Furnished:
    """Ids in the gateway: of the merchant, of each store by its platform, and of the carrier's account."""

    merchant_id: str
    store_ids: Mapping[str, str]
    account_id: str


async def furnish(settings: Mapping[str, str], stores: Stores, plugins: Path, paper: Path) -> Furnished:
    """Link everything; the stores' webhooks are registered with that."""
    with _on_path(plugins):
        opened = open_house(Settings.from_environment(settings))
        async with opened as house:
            merchant = await add_merchant(house, name="Bench", currency="USD", time_zone="America/New_York")
            places = [
                await add_location(
                    house,
                    merchant.id,
                    name=place.name,
                    address=depot(number),
                    time_zone="America/New_York",
                    external_ids=(place.gid,),
                )
                for number, place in enumerate(stores.shopify.places, start=1)
            ]
            account = await add_carrier(
                house,
                merchant.id,
                code=CARRIER,
                credentials={"folder": str(paper), "webhook_secret": CARRIER_SECRET},
            )
            ids = {}
            for platform, (url, credentials) in stores.links().items():
                store, checks = await add_store(
                    house,
                    merchant.id,
                    platform=platform,
                    url=url,
                    credentials=credentials,
                    location_id=places[0].id,
                )
                ids[platform] = store.id
                for check in checks:
                    if not check.passed:
                        print(f"  {platform}: {check.name}: {check.text}", file=sys.stderr)
    return Furnished(merchant.id, ids, account.id)


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    """Let the plug-in be found in this process as PYTHONPATH lets it be found in the others."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
