"""Webhooks are hints: what they name is fetched, once for many, and nothing is lost while a store is away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.errors import AccountProblem
from doorstep.events import StoreNotified
from doorstep.order import OrderStatus
from doorstep.ports import NoticeKind
from gateway.flow.intake.notices import take_notices
from gateway.store.inbox import SqlWebhookInbox
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage
from webhooks.inbound.inbox import InboxMessage, SourceKind


async def _post(
    stage: Stage,
    external_id: str,
    dedupe_id: str = "",
    kind: NoticeKind = NoticeKind.ORDER,
    *,
    is_deletion: bool = False,
) -> None:
    message = InboxMessage(
        merchant_id=MERCHANT_ID,
        source=STORE.id,
        kind=SourceKind.STORE,
        topic="orders/updated",
        dedupe_id=dedupe_id or external_id,
        external_id=external_id,
        headers={"topic": "orders/updated", "kind": kind, "deletes": "yes" if is_deletion else ""},
        body=b"{}",
        received_at=stage.clock.now(),
    )
    await SqlWebhookInbox(stage.database, stage.queue).put([message])


async def _waiting(stage: Stage) -> int:
    async with stage.means.begin(MERCHANT_ID) as work:
        return len(await work.inbox.waiting(STORE.id, 100))


async def test_what_a_webhook_names_is_fetched_and_kept(stage: Stage) -> None:
    stage.shop.put("1001")
    await _post(stage, "1001")
    await stage.settle()
    assert (await stage.order()).external_id == "1001"
    assert await _waiting(stage) == 0


async def test_ten_webhooks_about_one_order_cost_one_call(stage: Stage) -> None:
    stage.shop.put("1001")
    for number in range(10):
        await _post(stage, "1001", f"event-{number}")
    await stage.settle()
    assert stage.shop.fetched == ["1001"]


async def test_a_webhook_that_was_overtaken_by_a_walk_costs_none(stage: Stage) -> None:
    stage.shop.put("1001")
    await _post(stage, "1001")
    stage.clock.advance(minutes=1)
    await stage.take_in()
    await stage.settle()
    assert stage.shop.fetched == []
    assert await _waiting(stage) == 0


async def test_webhooks_wait_while_the_store_is_away_and_are_taken_up_after(stage: Stage) -> None:
    stage.shop.put("1001")
    stage.shop.is_away = True
    await _post(stage, "1001")
    await stage.settle()
    await _post(stage, "1001", "another")
    await stage.settle()
    assert len(stage.shop.fetched) == 1, "a store that is away is left in peace for a while"
    assert await _waiting(stage) == 2
    stage.shop.is_away = False
    stage.clock.advance(hours=4)
    await _post(stage, "1001", "third")
    await stage.settle()
    assert await _waiting(stage) == 0
    assert (await stage.order()).status is OrderStatus.OPEN


async def test_an_order_that_the_store_has_no_longer_is_asked_for_twice_before_it_is_called_off(
    stage: Stage,
) -> None:
    await stage.booked()
    stage.shop.fetched.clear()
    del stage.shop.shelf["1001"]
    stage.clock.advance(minutes=5)
    await _post(stage, "1001", "deleted")
    await stage.settle()
    assert stage.shop.fetched == ["1001", "1001"]
    assert (await stage.order()).status is OrderStatus.CANCELLED


async def test_an_unreadable_order_goes_to_quarantine_and_its_neighbours_go_on(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    stage.shop.put("1002")
    await _post(stage, "1001")
    await _post(stage, "1002")
    await stage.settle()
    assert (await stage.order("1002")).external_id == "1002"
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.quarantine.waiting_for(STORE.id, "1001") is not None
    assert await _waiting(stage) == 0


async def test_articles_are_read_once_a_day(stage: Stage) -> None:
    stage.shop.put("1001", product="p-1")
    stage.shop.put("1002", product="p-1")
    await stage.take_in()
    stage.clock.advance(hours=2)
    stage.shop.put("1003", product="p-1")
    await stage.take_in()
    assert stage.shop.asked_products == [("p-1",)]
    stage.clock.advance(days=1)
    stage.shop.put("1004", product="p-1")
    await stage.take_in()
    assert stage.shop.asked_products == [("p-1",), ("p-1",)]
    async with stage.means.begin(MERCHANT_ID) as work:
        (product,) = (await work.products.by_external_ids(STORE.id, ["p-1"])).values()
    assert (product.title, product.weight_g, product.store_id) == ("Kettle", 900, STORE.id)


@pytest.mark.parametrize("kind", [NoticeKind.OTHER, NoticeKind.SCOPES, NoticeKind.PLACES])
async def test_a_notice_about_no_order_is_done_with(stage: Stage, kind: NoticeKind) -> None:
    await _post(stage, "", "about nothing", kind)
    await stage.settle()
    assert await _waiting(stage) == 0


async def test_a_store_that_nobody_knows_is_no_error(stage: Stage) -> None:
    await take_notices(StoreNotified(MERCHANT_ID, "sto_01jd0000000000000000000009"), stage.means)
    assert stage.shop.fetched == []


async def test_an_order_that_the_store_hides_is_not_gone_unless_it_says_so(stage: Stage) -> None:
    await stage.booked()
    del stage.shop.shelf["1001"]
    stage.shop.hides_before = stage.clock.now() + timedelta(days=1)
    stage.clock.advance(minutes=5)
    await _post(stage, "1001", "moved")
    await stage.settle()
    assert (await stage.order()).status is OrderStatus.OPEN
    await _post(stage, "1001", "deleted", is_deletion=True)
    await stage.settle()
    assert (await stage.order()).status is OrderStatus.CANCELLED
    assert await _waiting(stage) == 0


async def test_a_notice_that_cannot_be_obeyed_now_holds_up_no_order(stage: Stage) -> None:
    refused = AccountProblem("read_locations is missing", system="shop")
    stage.shop.locations_error = refused
    stage.shop.put("1001")
    await _post(stage, "", "places", NoticeKind.PLACES)
    await _post(stage, "1001")
    await stage.settle()
    assert (await stage.order()).external_id == "1001"
    assert await _waiting(stage) == 1
    stage.shop.locations_error = None
    stage.clock.advance(minutes=1)
    await take_notices(StoreNotified(MERCHANT_ID, STORE.id), stage.means)
    assert await _waiting(stage) == 0


async def test_an_order_that_the_store_refuses_to_show_is_put_aside_and_its_neighbours_go_on(
    stage: Stage,
) -> None:
    stage.shop.put("1001")
    stage.shop.put("1002")
    stage.shop.refused = {"1001"}
    await _post(stage, "1001")
    await _post(stage, "1002")
    await stage.settle()
    assert (await stage.order("1002")).external_id == "1002"
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.quarantine.waiting_for(STORE.id, "1001") is not None
        assert (await work.syncs.get(STORE.id)).away_since is None
    assert await _waiting(stage) == 0


async def test_an_order_that_breaks_the_connector_is_put_aside_and_the_turn_is_not_kept(stage: Stage) -> None:
    for name in ("1001", "1002", "1003"):
        stage.shop.put(name)
        await _post(stage, name)
    stage.shop.breaks_at = "1002"
    await stage.settle()
    assert (await stage.order("1003")).external_id == "1003"
    async with stage.means.begin(MERCHANT_ID) as work:
        message = await work.quarantine.waiting_for(STORE.id, "1002")
    assert message is not None
    assert message.problem_message == "Doorstep failed at this order (AttributeError)."
    assert await _waiting(stage) == 0
    jobs = await stage.queue.job_manager.list_jobs_async()
    assert {job.status for job in jobs} == {"succeeded"}
