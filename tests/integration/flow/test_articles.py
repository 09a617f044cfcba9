"""Articles that nobody can read keep no order from being taken in."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.errors import UnreadablePayload
from doorstep.product import Product
from tests.integration.flow.fakes import MERCHANT_ID, STORE, FakeStore
from tests.integration.flow.stage import Stage


class Muddled(FakeStore):
    """Tells of no article in a way that can be read."""

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        self.asked_products.append(tuple(external_ids))
        raise UnreadablePayload("weight: a number was expected")


async def test_an_article_that_cannot_be_read_does_not_end_the_history(stage: Stage) -> None:
    stage.links.shop = stage.shop = Muddled(stage.clock)
    ids = [f"{number:03}" for number in range(60)]
    for external_id in ids:
        stage.shop.put(external_id, product=f"p-{external_id}")
    await stage.take_in()
    async with stage.means.begin(MERCHANT_ID) as work:
        sync = await work.syncs.get(STORE.id)
        kept = await work.orders.read_times(STORE.id, ids)
    assert len(kept) == 60
    assert sync.history_read_at is not None
    assert len({one for asked in stage.shop.asked_products for one in asked}) == 60
