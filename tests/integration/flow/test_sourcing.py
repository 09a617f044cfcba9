"""Where an order leaves from is decided before carriers are asked, and survives what the store says later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus
from doorstep.sourcing import PassReason, SourcingOutcome, SourcingRules, SourcingStrategy
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.two_places import (
    FAR,
    NEAR,
    SHOP_ID,
    Chain,
    Grocer,
    boundless,
    cheapest,
    open_places,
)

# The shop has no kettle left, the place nearby has nothing else.
NO_KETTLE: dict[str, dict[str, int | None]] = {"kettle": {"": -1}, "tea": {"": 50}}


async def _received(stage: Stage, **facts: object) -> list[FulfillmentOrder]:
    stage.shop.put("1001", **facts)
    await stage.take_in()
    await stage.settle()
    return list((await stage.order()).fulfillment_orders)


async def _told_again(stage: Stage, **facts: object) -> list[FulfillmentOrder]:
    stage.clock.advance(minutes=1)
    return await _received(stage, **facts)


def _shares(units: list[FulfillmentOrder]) -> list[tuple[str, dict[str, int]]]:
    return [
        (one.location_id, {line.line_external_id: line.quantity for line in one.lines})
        for one in units
        if one.status is not FulfillmentOrderStatus.CANCELLED
    ]


async def test_an_order_is_cut_in_our_books_and_each_part_is_fetched_where_it_lies(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), cheapest(boundless(NEAR, "KETTLE")))
    stem, part = await _received(stage)
    assert _shares([stem, part]) == [(SHOP_ID, {"line-tea": 2}), (NEAR.id, {"line-kettle": 1})]
    assert (stem.external_id, part.part_of) == ("1001", "1001")
    for unit in (stem, part):
        assert unit.status is FulfillmentOrderStatus.DISPATCHED
        async with stage.means.begin(MERCHANT_ID) as work:
            delivery = await work.deliveries.live_of(unit.id)
        assert delivery is not None
        assert delivery.origin_id == unit.location_id
        assert unit.sourcing is not None
        assert unit.sourcing.outcome is SourcingOutcome.SPLIT
        assert "since no place has all of it" in unit.sourcing.plan.reason


async def test_a_split_survives_what_the_store_says_of_the_whole(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), cheapest(boundless(NEAR, "KETTLE")))
    first = await _received(stage)
    same = await _told_again(stage, street="13 Mill Street")
    assert [(one.id, one.external_id, one.location_id, one.lines) for one in same] == [
        (one.id, one.external_id, one.location_id, one.lines) for one in first
    ]
    assert len(stage.cheap.booked) == 2

    # A tin of tea is refunded: the part that has tea ships one less.
    fewer = await _told_again(stage, wants={"kettle": 1, "tea": 1})
    assert _shares(fewer) == [(SHOP_ID, {"line-tea": 1}), (NEAR.id, {"line-kettle": 1})]

    # The kettle is refunded: nobody drives to the place nearby any more.
    gone = await _told_again(stage, wants={"kettle": 0, "tea": 1})
    assert _shares(gone) == [(SHOP_ID, {"line-tea": 1})]
    async with stage.means.begin(MERCHANT_ID) as work:
        called_off = await work.deliveries.latest_of(first[1].id)
    assert called_off is not None
    assert called_off.status is DeliveryStatus.CANCELLED

    over = await _told_again(stage, unit_status="DELIVERED", status="DELIVERED")
    assert [one.status for one in over] == [
        FulfillmentOrderStatus.DELIVERED,
        FulfillmentOrderStatus.CANCELLED,
    ]


async def test_the_store_completes_an_order_only_with_its_last_part(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), cheapest(boundless(NEAR, "KETTLE")))
    units = await _received(stage)
    for unit in units:
        async with stage.means.begin(MERCHANT_ID) as work:
            delivery = await work.deliveries.live_of(unit.id)
        assert delivery is not None
        assert delivery.active_leg is not None
        update = stage.cheap.update(delivery.active_leg.external_id, DeliveryStatus.DELIVERED, "delivered")
        await apply_update(stage.means, MERCHANT_ID, "cheap", update)
        await stage.settle()
    first, last = [
        next(report for report, _, _ in reversed(stage.shop.reports) if report.lines == unit.lines)
        for unit in units
    ]
    assert {one.unit_external_id for one in (first, last)} == {"1001"}
    assert [part.delivery_id for part in first.beside] == [last.delivery_id]
    assert [(part.lines, part.is_delivered) for part in last.beside] == [(units[0].lines, True)]


async def test_a_whole_order_is_moved_and_stays_there(stage: Stage) -> None:
    terms = (boundless(NEAR), boundless(FAR))
    rules = SourcingRules(SourcingStrategy.NEAREST, places=terms)
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), rules)
    (unit,) = await _received(stage)
    assert (unit.location_id, unit.external_id) == (NEAR.id, "1001")
    assert unit.sourcing is not None
    assert unit.sourcing.outcome is SourcingOutcome.MOVED
    reasons = {one.location_id: one.reason for one in unit.sourcing.plan.passed}
    assert reasons == {SHOP_ID: PassReason.OUT_OF_STOCK, FAR.id: PassReason.FARTHER}
    assert (await _told_again(stage, street="14 Mill Street"))[0].location_id == NEAR.id


async def test_a_place_that_packs_one_order_a_day_gets_one(stage: Stage) -> None:
    rules = SourcingRules(
        SourcingStrategy.NEAREST, places=(boundless(NEAR, orders_a_day=1), boundless(FAR, orders_a_day=5))
    )
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), rules)
    assert (await _received(stage))[0].location_id == NEAR.id
    stage.shop.put("1002")
    await stage.take_in()
    await stage.settle()
    (second,) = (await stage.order("1002")).fulfillment_orders
    assert second.location_id == FAR.id
    assert second.sourcing is not None
    near = next(one for one in second.sourcing.plan.passed if one.location_id == NEAR.id)
    assert (near.reason, near.text[:51]) == (
        PassReason.AT_CAPACITY,
        "Its capacity of today is used (1 of 1 orders); it p",
    )


async def test_what_nobody_has_stays_where_the_store_put_it(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=NO_KETTLE), cheapest(boundless(NEAR, "CUP")))
    (unit,) = await _received(stage)
    assert unit.location_id == SHOP_ID
    assert unit.sourcing is not None
    assert unit.sourcing.outcome is SourcingOutcome.NOT_ENOUGH
    assert unit.status is FulfillmentOrderStatus.DISPATCHED


STOCK: dict[str, dict[str, int | None]] = {
    "kettle": {"near": -1, "far": 3},
    "tea": {"near": 0, "far": 0},
}


async def test_a_store_with_places_moves_a_part_itself_and_its_echo_changes_nothing(stage: Stage) -> None:
    chain = Chain(stage.clock, stock=STOCK)
    await open_places(stage, chain, cheapest())
    units = await _received(stage)
    assert chain.moves == [("fo-1001", "far", (FulfillmentLine("line-kettle", 1),))]
    assert _shares(units) == [(NEAR.id, {"line-tea": 2}), (FAR.id, {"line-kettle": 1})]
    assert {one.external_id for one in units} == {"fo-1001", "fo-1001-2"}
    assert all(one.sourcing is not None and not one.sourcing.problem for one in units)
    async with stage.means.begin(MERCHANT_ID) as work:
        origins = [delivery.origin_id for one in units if (delivery := await work.deliveries.live_of(one.id))]
    assert origins == [NEAR.id, FAR.id]

    again = await _told_again(stage)
    assert [replace(one, changed_at=None) for one in again] == units
    assert len(chain.moves) == 1
    assert len(stage.cheap.booked) == 2


@pytest.mark.parametrize(
    ("error", "does_it", "outcome"),
    [
        (RemoteRefused("in progress", system="shop"), False, SourcingOutcome.FAILED),
        (RemoteUnavailable("away", system="shop"), False, SourcingOutcome.FAILED),
        (UnknownOutcome("no answer", system="shop"), False, SourcingOutcome.FAILED),
        (UnknownOutcome("no answer", system="shop"), True, SourcingOutcome.SPLIT),
    ],
)
async def test_what_the_store_does_not_move_leaves_from_where_it_is_with_the_reason(
    stage: Stage,
    error: RemoteRefused | RemoteUnavailable | UnknownOutcome,
    does_it: bool,
    outcome: SourcingOutcome,
) -> None:
    chain = Chain(stage.clock, stock=STOCK, move_error=error, forgets_to_answer=does_it)
    await open_places(stage, chain, cheapest())
    units = await _received(stage)
    assert len(units) == (2 if does_it else 1)
    for unit in units:
        assert unit.sourcing is not None
        assert unit.sourcing.outcome is outcome
        assert unit.sourcing.problem == ("" if does_it else error.message)
        assert unit.status is FulfillmentOrderStatus.DISPATCHED
    await _told_again(stage)
    assert len(chain.moves) == 1


async def test_a_merchant_who_leaves_it_to_the_store_is_not_meddled_with(stage: Stage) -> None:
    chain = Chain(stage.clock, stock=STOCK)
    await open_places(stage, chain, SourcingRules())
    (unit,) = await _received(stage)
    assert (unit.location_id, unit.sourcing, chain.moves) == (NEAR.id, None, [])
