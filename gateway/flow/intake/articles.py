"""Articles: weight, sides and stock of what is ordered, read once a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import batched

from doorstep.errors import RemoteError, UnreadablePayload
from doorstep.events import ArticlesWanted
from doorstep.ids import new_id
from doorstep.order import Store
from doorstep.ports import FindsArticles, StoreConnector
from doorstep.product import Product
from gateway.flow.intake.keep import Kept
from gateway.flow.ports import Means

BELIEVED_FOR = timedelta(days=1)
_AT_ONCE = 50


async def learn_articles(means: Means, store: Store, connector: StoreConnector, kept: Iterable[Kept]) -> None:
    """Read the articles of these orders that we do not know yet, or not any more.

    An order does not wait for its articles: where the store does not tell, or nobody can read what it tells,
    the next order asks again.
    """
    now = means.clock.now()
    wanted = {
        line.product_external_id
        for one in kept
        for line in (one.order.lines if one.order else ())
        if line.product_external_id and line.requires_shipping
    }
    if not wanted:
        return
    async with means.begin(store.merchant_id) as work:
        known = await work.products.read_since(store.id, wanted, now - BELIEVED_FOR)
    for ids in batched(sorted(wanted - known), _AT_ONCE):
        try:
            found = await connector.products(ids)
        except RemoteError:
            return
        except UnreadablePayload:
            continue
        await _keep(means, store.merchant_id, store.id, found, now)


async def learn_of_carts(event: ArticlesWanted, means: Means) -> None:
    """Read the articles of these SKUs, where the store finds them by SKU.

    Raises
    ------
    RemoteError
        If the store could not be asked; the job is tried again.
    """
    now = means.clock.now()
    connector = await means.links.store(event.merchant_id, event.store_id)
    if not isinstance(connector, FindsArticles):
        return
    async with means.begin(event.merchant_id) as work:
        known = await work.products.by_skus(event.store_id, event.skus)
    for skus in batched(sorted(set(event.skus) - set(known)), _AT_ONCE):
        try:
            found = await connector.products_by_sku(skus)
        except UnreadablePayload:
            continue
        await _keep(means, event.merchant_id, event.store_id, found, now)


async def _keep(
    means: Means, merchant_id: str, store_id: str, found: Iterable[Product], now: datetime
) -> None:
    async with means.begin(merchant_id) as work:
        for product in sorted(found, key=lambda product: product.external_id):
            ours = replace(product, id=new_id("prd"), store_id=store_id, merchant_id=merchant_id)
            await work.products.put(ours, now)
