"""A whole store is forgotten as it was when the notice came, and can be linked again."""

from __future__ import annotations

import pytest

from doorstep.order import LinkStatus
from doorstep.privacy import PrivacyKind, PrivacyNotice
from gateway.flow.privacy.requests import redact_due, take_privacy_notice
from gateway.flow.records import PrivacyStatus
from gateway.store.inbox import SqlWebhookInbox
from tests.integration.flow.canaries import AviaryStore
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage
from webhooks.inbound.inbox import InboxMessage, SourceKind

SHOP_GONE = PrivacyNotice(PrivacyKind.REDACT_STORE)


@pytest.fixture
def aviary(stage: Stage) -> Stage:
    """A stage whose store sells to Cornelia."""
    stage.shop = stage.links.shop = AviaryStore(stage.clock)
    return stage


async def _relinked(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(STORE, {"access_token": "anew"})


async def _store_status(stage: Stage) -> LinkStatus:
    async with stage.means.begin(MERCHANT_ID) as work:
        store = await work.accounts.store(STORE.id)
    assert store is not None
    return store.status


async def test_the_connector_of_a_forgotten_store_is_let_go_of(aviary: Stage) -> None:
    await take_privacy_notice(aviary.means, STORE, SHOP_GONE)
    assert aviary.links.forgotten == [STORE.id]


async def test_a_store_that_was_linked_again_is_not_forgotten_with_its_past(aviary: Stage) -> None:
    old = await aviary.booked()
    assert (await take_privacy_notice(aviary.means, STORE, SHOP_GONE)).status is PrivacyStatus.WAITING
    aviary.clock.advance(days=1)
    await _relinked(aviary)
    aviary.shop.put("2002")
    await aviary.take_in()
    for _ in range(2):
        aviary.clock.advance(hours=1)
        assert await redact_due(aviary.means, MERCHANT_ID) == 0
        assert await _store_status(aviary) is LinkStatus.CONNECTED
    aviary.clock.advance(days=30)
    assert await redact_due(aviary.means, MERCHANT_ID) == 1
    assert (await aviary.kept(old.id)).destination.line1 == "", "it was there when the notice came"
    assert (await aviary.order("2002")).destination is not None
    assert await _store_status(aviary) is LinkStatus.CONNECTED


async def test_what_was_erased_of_a_store_and_comes_anew_is_let_be(aviary: Stage) -> None:
    aviary.shop.put("1000", units=[])
    await aviary.booked()
    assert (await take_privacy_notice(aviary.means, STORE, SHOP_GONE)).status is PrivacyStatus.WAITING
    assert (await aviary.order("1000")).destination is None
    await _relinked(aviary)
    aviary.clock.advance(hours=1)
    aviary.shop.put("1000", street="2 Fresh Street")
    await aviary.take_in()
    await redact_due(aviary.means, MERCHANT_ID)
    assert (await aviary.order("1000")).destination is not None


async def test_webhooks_of_a_store_that_was_linked_again_are_not_emptied(aviary: Stage) -> None:
    await aviary.booked()
    await take_privacy_notice(aviary.means, STORE, SHOP_GONE)
    aviary.clock.advance(hours=1)
    message = InboxMessage(
        merchant_id=MERCHANT_ID,
        source=STORE.id,
        kind=SourceKind.STORE,
        topic="shop/redact",
        dedupe_id="later",
        external_id="",
        headers={},
        body=b"{}",
        received_at=aviary.clock.now(),
    )
    await SqlWebhookInbox(aviary.database, aviary.queue).put([message])
    await redact_due(aviary.means, MERCHANT_ID)
    async with aviary.means.begin(MERCHANT_ID) as work:
        (record,) = await work.inbox.waiting(STORE.id, 10)
    assert record.body == b"{}"


async def test_a_notice_that_waited_does_not_cut_off_a_store_that_was_linked_meanwhile(aviary: Stage) -> None:
    aviary.shop.put("1001", units=[])
    await aviary.take_in()
    received_at = aviary.clock.now()
    aviary.clock.advance(hours=1)
    await _relinked(aviary)
    aviary.shop.put("2002", units=[])
    await aviary.take_in()
    request = await take_privacy_notice(aviary.means, STORE, SHOP_GONE, received_at)
    assert (request.status, request.received_at) == (PrivacyStatus.DONE, received_at)
    assert await _store_status(aviary) is LinkStatus.CONNECTED
    assert (await aviary.order("1001")).destination is None
    assert (await aviary.order("2002")).destination is not None
    assert aviary.links.forgotten == []


async def test_a_store_that_goes_a_second_time_is_forgotten_a_second_time(aviary: Stage) -> None:
    await aviary.booked()
    first = await take_privacy_notice(aviary.means, STORE, SHOP_GONE)
    assert (await take_privacy_notice(aviary.means, STORE, SHOP_GONE)).id == first.id, "a repeat"
    aviary.clock.advance(days=1)
    await _relinked(aviary)
    aviary.shop.put("2002", units=[])
    await aviary.take_in()
    aviary.clock.advance(days=1)
    second = await take_privacy_notice(aviary.means, STORE, SHOP_GONE)
    assert second.id != first.id
    assert (await aviary.order("2002")).destination is None
    assert await _store_status(aviary) is LinkStatus.DISCONNECTED
