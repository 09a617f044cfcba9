"""Reports to the simulated shop through the real client, with answers lost on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.link import Patience
from connectors.stores.shopify.reporting import HOLD_HANDLE, report
from connectors.stores.shopify.reporting.wish import read_wish
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import AccountProblem, RemoteError, UnknownOutcome
from doorstep.money import Money
from doorstep.order import FulfillmentLine
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone
from simulator.clock import WorldClock
from simulator.stores.shopify import CartLine, FakeShopify
from simulator.stores.shopify.books import BookRow, repeated_events, write_rows
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA

Serve = Callable[..., Awaitable[str]]
Client = Callable[..., ShopifyClient]

JAR = CartLine("JAR-1", "Jar", 3, Money(900, "USD"), weight_g=400)
HOLD = Hold(HoldReason.ADDRESS, "The house number is missing")
LIFE = (
    DeliveryStatus.BOOKED,
    DeliveryStatus.PICKED_UP,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.OUT_FOR_DELIVERY,
    DeliveryStatus.DELIVERED,
)
FAULTS = (
    "500",
    "502",
    "429",
    "throttled",
    "internal_server_error",
    "cut_before",
    "cut_after",
    "half_body",
    "empty_object",
    "lost_answer",
)
SLOW = {"lost_answer"}
IMPATIENT = Patience(call_s=0.3, tries=2, first_pause_s=0.01)


@pytest.fixture
def booked(shop: FakeShopify, clock: WorldClock) -> DeliveryReport:
    """Somebody is on the way to pick up an order of two teas and three jars."""
    gid = shop.place_order(ANA, HOME, [TEA, JAR])
    shop.settle(clock.now() + timedelta(minutes=1))
    (row,) = shop.books()
    (unit,) = row.units
    first = DeliveryReport(
        order_external_id=gid,
        unit_external_id=unit.external_id,
        location_external_id=unit.location_external_id,
        delivery_id="dlv_1",
        reference="DS-1001",
        status=DeliveryStatus.DRAFT,
        is_shipped=False,
        lines=tuple(FulfillmentLine(line, count) for line, count in unit.remaining.items()),
        carrier="uber_direct",
        tracking_url="https://track.example.test/t/abc",
    )
    return after(first, DeliveryStatus.BOOKED, clock)


def after(last: DeliveryReport, status: DeliveryStatus, clock: WorldClock) -> DeliveryReport:
    number = len(last.milestones)
    at = clock.now() + timedelta(minutes=number)
    milestones = (*last.milestones, Milestone(f"evt_{number}", status, at, f"{status} at stop {number}"))
    has_left = last.is_shipped or RANK[status] >= RANK[DeliveryStatus.PICKED_UP]
    return replace(last, status=status, is_shipped=has_left, milestones=milestones)


def stages(booked: DeliveryReport, clock: WorldClock) -> list[DeliveryReport]:
    """A life from the booking to the door; a tracking number comes when it is out for delivery."""
    found = [booked]
    for status in LIFE[1:]:
        found.append(after(found[-1], status, clock))
        if status is DeliveryStatus.OUT_FOR_DELIVERY:
            found[-1] = replace(found[-1], tracking_number="N9")
    return found


def check(shop: FakeShopify, last: DeliveryReport) -> BookRow:
    """The shop's own books against the last report."""
    (row,) = shop.books()
    wish = read_wish(last)
    live = [sent for sent in row.fulfillments if sent.status == "SUCCESS"]
    assert len(live) == last.is_shipped
    for sent in live:
        assert sent.quantities == dict(wish.pieces)
        assert list(sent.events) == [event.key for event in wish.events]
        assert wish.tracking is not None
        tracking = (wish.tracking.company, wish.tracking.number, wish.tracking.url)
        assert list(sent.tracking) == [tracking]
    assert repeated_events(shop) == 0
    return row


def unit_of(shop: FakeShopify, one: DeliveryReport) -> tuple[str, list[tuple[str, str, bool]]]:
    units = shop.books()[0].units
    (unit,) = (unit for unit in units if unit.external_id == one.unit_external_id)
    return unit.status, list(unit.holds)


async def insist(client: ShopifyClient, one: DeliveryReport, told: str, *, in_doubt: bool = False) -> str:
    """As the caller does: until it is told, in doubt after whatever failed."""
    while True:
        try:
            return await report(client, one, told, in_doubt=in_doubt)
        except RemoteError:
            in_doubt = True


async def test_a_delivery_is_shown_from_booking_to_door_in_nine_calls(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    one_client, told = client(await serve(shop.app)), ""
    shown = []
    for stage in stages(booked, clock):
        told = await report(one_client, stage, told, in_doubt=False)
        shown.append(unit_of(shop, stage)[0])
    assert shown == ["IN_PROGRESS", "CLOSED", "CLOSED", "CLOSED", "CLOSED"]
    # Progress; a look, the fulfillment and two events; an event; the number and an event; an event.
    assert shop.requests == 1 + 4 + 1 + 2 + 1
    row = check(shop, stage)
    assert row.fulfillments[0].display_status == "DELIVERED"
    assert {written.times for written in write_rows(shop) if "Event" not in written.mutation} == {1}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("request_number", range(9))
async def test_one_lost_answer_anywhere_doubles_nothing(
    shop: FakeShopify,
    serve: Serve,
    client: Client,
    booked: DeliveryReport,
    clock: WorldClock,
    fault: str,
    request_number: int,
) -> None:
    for kind in ("none",) * request_number + (fault,):
        shop.fail_next(kind)
    told, one_client = "", client(await serve(shop.app), patience=IMPATIENT)
    for stage in stages(booked, clock):
        told = await insist(one_client, stage, told)
    check(shop, stage)


@pytest.mark.parametrize("seed", range(8))
async def test_a_life_full_of_faults_and_dead_workers_ends_with_each_thing_once(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock, seed: int
) -> None:
    rng, url = random.Random(seed), await serve(shop.app)
    last, told, in_doubt = booked, "", False
    for step in rng.choices(LIFE, k=8):
        last = after(last, step, clock)
        last = replace(last, hold=rng.choice([HOLD, None, last.hold]))
        if rng.random() < 0.2:
            last = replace(last, is_shipped=False, status=DeliveryStatus.CANCELLED)
        for _ in range(rng.randrange(3)):
            for kind in rng.choices(("none", *FAULTS), [6, *(fault not in SLOW for fault in FAULTS)], k=4):
                shop.fail_next(kind)
            try:
                notes = await report(client(url, patience=IMPATIENT), last, told, in_doubt=in_doubt)
            except RemoteError:
                in_doubt = True
            else:
                # A worker that dies here has written everything and kept nothing.
                in_doubt = rng.random() < 0.3
                told = told if in_doubt else notes
    # A life that was called back goes on in the fulfillment order that Shopify made for the goods.
    open_units = [unit for unit in shop.books()[0].units if unit.status != "CLOSED"]
    if open_units and open_units[-1].external_id != last.unit_external_id:
        told = await insist(client(url, patience=IMPATIENT), last, told, in_doubt=in_doubt)
        last, told = replace(last, unit_external_id=open_units[-1].external_id), ""
    told = await insist(client(url, patience=IMPATIENT), last, told, in_doubt=True)
    check(shop, last)
    status, holds = unit_of(shop, last)
    is_held = last.hold is not None and status != "CLOSED"
    assert holds == ([("INCORRECT_ADDRESS", HOLD_HANDLE, True)] if is_held else [])
    writes = write_rows(shop)
    await insist(client(url, patience=IMPATIENT), last, told, in_doubt=True)
    before = shop.requests
    assert await report(client(url), last, told, in_doubt=False) == told
    assert (write_rows(shop), shop.requests) == (writes, before)


async def test_a_worker_cancelled_in_the_middle_of_a_write_doubles_nothing(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    for kind in ("none", "lost_answer"):
        shop.fail_next(kind)
    url, last = await serve(shop.app), stages(booked, clock)[-1]
    worker = asyncio.create_task(report(client(url), last, "", in_doubt=False))
    while not shop.books()[0].fulfillments:
        await asyncio.sleep(0.005)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    await report(client(url), last, "", in_doubt=True)
    check(shop, last)


async def test_a_write_whose_answer_never_comes_is_an_unknown_outcome(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport
) -> None:
    shop.fail_next("lost_answer")
    with pytest.raises(UnknownOutcome):
        await report(client(await serve(shop.app), patience=IMPATIENT), booked, "", in_doubt=False)
    assert unit_of(shop, booked)[0] == "IN_PROGRESS"


async def test_what_staff_ships_at_the_same_time_is_adopted(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    one_client = client(await serve(shop.app))
    told = await report(one_client, booked, "", in_doubt=False)
    shop.ship(booked.order_external_id)
    last = stages(booked, clock)[-1]
    await report(one_client, last, told, in_doubt=False)
    assert not check(shop, last).fulfillments[0].by_app


async def test_a_fulfillment_order_that_was_cancelled_is_left_in_peace(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    shop.cancel_order(booked.order_external_id)
    await report(client(await serve(shop.app)), stages(booked, clock)[-1], "", in_doubt=False)
    assert write_rows(shop) == []


async def test_goods_that_were_split_away_are_sent_by_their_own_fulfillment_order(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    one_client, last = client(await serve(shop.app)), stages(booked, clock)[-1]
    apart = shop.split_unit(booked.unit_external_id, {1: booked.lines[1].quantity})
    for gid in (booked.unit_external_id, apart.gid):
        told = await report(one_client, replace(last, unit_external_id=gid), "", in_doubt=False)
        await report(one_client, replace(last, unit_external_id=gid), told, in_doubt=True)
    (row,) = shop.books()
    assert [dict(sent.quantities) for sent in row.fulfillments] == [
        {line.line_external_id: line.quantity} for line in booked.lines
    ]


async def test_only_our_hold_goes_when_the_merchant_holds_as_well(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport
) -> None:
    one_client = client(await serve(shop.app))
    told = await report(one_client, replace(booked, hold=HOLD), "", in_doubt=False)
    shop.hold_unit(booked.unit_external_id, "AWAITING_PAYMENT")
    await report(one_client, booked, told, in_doubt=True)
    assert unit_of(shop, booked) == ("ON_HOLD", [("AWAITING_PAYMENT", "", False)])


async def test_goods_called_back_are_to_be_sent_again_from_another_fulfillment_order(
    shop: FakeShopify, serve: Serve, client: Client, booked: DeliveryReport, clock: WorldClock
) -> None:
    one_client = client(await serve(shop.app))
    picked_up = after(booked, DeliveryStatus.PICKED_UP, clock)
    told = await report(one_client, picked_up, "", in_doubt=False)
    back = replace(picked_up, is_shipped=False, status=DeliveryStatus.CANCELLED)
    told = await report(one_client, back, told, in_doubt=False)
    row = check(shop, back)
    assert [unit.status for unit in row.units] == ["CLOSED", "OPEN"]
    await report(one_client, picked_up, told, in_doubt=True)
    assert check(shop, back).units == row.units


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("write_fulfillments", "write_fulfillments"),
        ("write_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders"),
    ],
)
async def test_a_missing_scope_is_named(
    shop: FakeShopify,
    serve: Serve,
    client: Client,
    booked: DeliveryReport,
    clock: WorldClock,
    missing: str,
    named: str,
) -> None:
    shop.scopes = frozenset(shop.scopes) - {missing} | {missing.replace("write_", "read_", 1)}
    with pytest.raises(AccountProblem, match=named):
        await report(client(await serve(shop.app)), stages(booked, clock)[1], "", in_doubt=False)
