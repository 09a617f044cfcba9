"""What goes together with one courier, and what waits for company, as dispatchers see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from doorstep.delivery import Delivery
from doorstep.money import Money
from doorstep.stack import Stack, StackStop, Waiting
from tests.integration.api.test_choosing_tenants import stranger_of
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID, STORE

__all__ = ["counter"]

STACK_ID = "stk_1"
LEGS = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Delivery { activeLeg { extra { amount }
  freeCancelUntil stack { id position price { amount } saving { amount } createdAt
  stops { position deliveryReference deliveryId fulfillmentOrderId arrivesAt alone { amount } } } }
  fulfillmentOrder { waitsUntil { since at reason } } } } }"""


async def stacked(counter: Counter, *deliveries: Delivery) -> None:
    """The deliveries go together; the first also stands as if it still waited."""
    now, promised = counter.stage.clock.now(), deliveries[0].promise
    assert promised is not None
    stops = tuple(
        StackStop(
            one.fulfillment_order_id,
            one.id,
            one.legs[0].id,
            one.quote_set_id,
            Money(500, "USD"),
            now + timedelta(minutes=20 * place),
            promised,
        )
        for place, one in enumerate(deliveries, 1)
    )
    price, account_id = Money(700, "USD"), deliveries[0].legs[0].account_id
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        (shop,) = await work.accounts.locations()
        stack = Stack(STACK_ID, MERCHANT_ID, account_id, "cheap", "standard", price, stops, now, shop)
        await work.stacks.add(stack)
        for one in deliveries:
            leg = replace(
                one.legs[0],
                stack_id=STACK_ID,
                extra=Money(250, "USD"),
                free_cancel_until=now + timedelta(minutes=5),
            )
            await work.deliveries.put(replace(one, legs=(leg,)))
        first = deliveries[0]
        until = now + timedelta(minutes=30)
        await work.stacks.wait(
            Waiting(
                MERCHANT_ID, first.fulfillment_order_id, STORE.location_id, first.quote_set_id, now, until
            )
        )


async def test_legs_show_with_whom_they_go_and_orders_for_whom_they_wait(counter: Counter) -> None:
    first, second = await counter.stage.booked("1001"), await counter.stage.booked("1002")
    alone = await counter.stage.booked("1003")
    await stacked(counter, first, second)
    ids = [first.id, second.id, alone.id]
    shown: list[Any] = await counter.by_merchant(LEGS, ids=ids)
    stops = [
        {
            "position": place,
            "deliveryReference": one.reference,
            "deliveryId": one.id,
            "fulfillmentOrderId": one.fulfillment_order_id,
            "arrivesAt": f"2026-11-23T17:{20 * place}:00.000Z",
            "alone": {"amount": "5.00"},
        }
        for place, one in enumerate((first, second), 1)
    ]
    for place, one in enumerate(shown[:2], 1):
        assert one["activeLeg"] == {
            "extra": {"amount": "2.50"},
            "freeCancelUntil": "2026-11-23T17:05:00.000Z",
            "stack": {
                "id": STACK_ID,
                "position": place,
                "price": {"amount": "7.00"},
                # 5.00 and 5.00 one by one, 7.00 together.
                "saving": {"amount": "3.00"},
                "createdAt": "2026-11-23T17:00:00.000Z",
                "stops": stops,
            },
        }
    assert shown[2]["activeLeg"] == {"extra": None, "freeCancelUntil": None, "stack": None}
    waits = {"since": "2026-11-23T17:00:00.000Z", "at": "2026-11-23T17:30:00.000Z", "reason": "COMPANY"}
    assert [one["fulfillmentOrder"]["waitsUntil"] for one in shown] == [waits, None, None]
    stranger = await stranger_of(counter)
    assert await stranger.by_merchant(LEGS, ids=ids) == [None, None, None]
    assert await stranger.reads.stacks([STACK_ID]) == {}
    assert await stranger.reads.stack_waits([first.fulfillment_order_id]) == {}
    assert list(await counter.reads.stacks([STACK_ID])) == [STACK_ID]
