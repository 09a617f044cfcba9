"""Whatever goes wrong between us and the shop: at the end it shows the last report, each thing once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stores.shopify.reporting import report
from connectors.stores.shopify.reporting.wish import read_wish
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import RateLimited, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.order import FulfillmentLine
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone
from tests.unit.connectors.shopify.test_shopify_reporting_shop import JAR, NOON, TEA, UNIT, Shop, WorkerDied

FAULTS = ("", "", "", "lost_before", "lost_after", "throttled", "died")
MILESTONES = (
    DeliveryStatus.BOOKED,
    DeliveryStatus.COURIER_ASSIGNED,
    DeliveryStatus.AT_PICKUP,
    DeliveryStatus.PICKED_UP,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.ATTEMPT_FAILED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.FAILED,
)
HOLDS = (
    None,
    Hold(HoldReason.ADDRESS, "The house number is missing"),
    Hold(HoldReason.NO_CARRIER, "Nobody delivers"),
)
OTHERWISE = ("called back", "another number", "as before")

BY_HAND = ("sent by hand", "sent by hand with a number", "held by hand", "released by hand")

STEPS = st.one_of(st.sampled_from(MILESTONES), st.sampled_from(HOLDS), st.sampled_from(OTHERWISE))
FAULT_RUNS = st.lists(st.lists(st.sampled_from(FAULTS), max_size=6), max_size=3)


@dataclass(frozen=True)
class Turn:
    """A change of the delivery, and what each attempt to tell it meets; the last attempt may fail too."""

    step: DeliveryStatus | Hold | str | None
    attempts: list[list[str]]


TURNS = st.lists(st.builds(Turn, STEPS, FAULT_RUNS), min_size=1, max_size=12)


def first_report(pieces: dict[str, int]) -> DeliveryReport:
    return DeliveryReport(
        order_external_id="gid://shopify/Order/1",
        unit_external_id=UNIT,
        location_external_id="gid://shopify/Location/1",
        delivery_id="dlv_1",
        reference="DS-1001",
        status=DeliveryStatus.DRAFT,
        is_shipped=False,
        lines=tuple(FulfillmentLine(line, count) for line, count in pieces.items()),
        carrier="uber_direct",
        tracking_url="https://track.example.test/t/abc",
    )


def after(last: DeliveryReport, step: DeliveryStatus | Hold | str | None, number: int) -> DeliveryReport:
    if isinstance(step, DeliveryStatus):
        at = NOON + timedelta(minutes=number)
        milestones = (*last.milestones, Milestone(f"evt_{number}", step, at, f"{step} at stop {number % 3}"))
        has_left = last.is_shipped or RANK[step] >= RANK[DeliveryStatus.PICKED_UP]
        return replace(last, status=step, is_shipped=has_left, milestones=milestones)
    if step == "called back":
        return replace(last, status=DeliveryStatus.CANCELLED, is_shipped=False)
    if step == "another number":
        return replace(last, tracking_number=f"N{number}", carrier=("ups", "dhl")[number % 2])
    if step == "as before" or step in BY_HAND:
        return last
    return replace(last, hold=step if isinstance(step, Hold) else None)


def act_by_hand(shop: Shop, step: DeliveryStatus | Hold | str | None) -> None:
    if step == "held by hand" and shop.status in {"OPEN", "ON_HOLD"}:
        shop.hold_by_hand()
    elif step == "released by hand":
        shop.release_by_hand()
    elif step in BY_HAND and shop.status in {"OPEN", "IN_PROGRESS"}:
        shop.send_by_hand(tracking={"number": "1Z999"} if step == "sent by hand with a number" else None)


async def live(shop: Shop, first: DeliveryReport, turns: Iterable[Turn]) -> tuple[DeliveryReport, str]:
    """Tell everything that happens, through all faults; at last tell the last report with none."""
    last, told, in_doubt = first, "", False
    for number, turn in enumerate(turns):
        last = after(last, turn.step, number)
        act_by_hand(shop, turn.step)
        for faults in turn.attempts:
            shop.faults.clear()
            shop.faults.extend(faults)
            try:
                told, in_doubt = await report(shop, last, told, in_doubt=in_doubt), False
            except (UnknownOutcome, RateLimited, RemoteUnavailable, WorkerDied):
                in_doubt = True
            except RemoteRefused as refused:
                if refused.raw_code != "on_hold":
                    raise
                in_doubt = True
            assert len(shop.live) <= 1
    shop.faults.clear()
    if any(not hold["heldByRequestingApp"] for hold in shop.holds):
        shop.release_by_hand()
        in_doubt = True
    return last, await report(shop, last, told, in_doubt=in_doubt)


def check(shop: Shop, last: DeliveryReport, pieces: dict[str, int]) -> None:
    wish = read_wish(last)
    is_spent = shop.status == "CLOSED" and not shop.live
    assert len(shop.live) == (1 if last.is_shipped and not is_spent else 0)
    assert not is_spent or shop.sent  # only a fulfillment that was called back leaves it closed
    for sent in shop.live:
        assert dict(sent.pieces) == pieces
        assert [(event["status"], event["happenedAt"]) for event in sent.events] == [
            (event.status, f"{event.happened_at:%Y-%m-%dT%H:%M:%SZ}") for event in wish.events
        ]
        assert wish.tracking is not None
        assert sent.tracking == {
            "company": wish.tracking.company,
            "number": wish.tracking.number,
            "url": wish.tracking.url,
        }
    shown = [(hold["reason"], hold["reasonNotes"]) for hold in shop.holds]
    is_held = wish.hold is not None and shop.status != "CLOSED"
    assert shown == ([(wish.hold.reason, wish.hold.text)] if is_held and wish.hold else [])


@settings(max_examples=300)
@given(
    TURNS,
    st.sampled_from([{TEA: 3, JAR: 2}, {TEA: 2}, {TEA: 1, JAR: 2}]),
    st.booleans(),
    st.sampled_from([1, 250]),
)
def test_the_shop_shows_the_last_report_each_thing_once(
    turns: list[Turn], pieces: dict[str, int], takes_holds_in_progress: bool, page_size: int
) -> None:
    async def run() -> None:
        shop = Shop()
        shop.takes_holds_in_progress, shop.page_size = takes_holds_in_progress, page_size
        last, told = await live(shop, first_report(pieces), turns)
        check(shop, last, pieces)
        before = len(shop.asked)
        assert await report(shop, last, told, in_doubt=False) == told
        assert len(shop.asked) == before
        writes = len(shop.writes)
        await report(shop, last, told, in_doubt=True)
        await report(shop, last, told, in_doubt=True)
        assert len(shop.writes) == writes

    asyncio.run(run())


@settings(max_examples=150)
@given(
    st.lists(st.builds(Turn, st.one_of(STEPS, st.sampled_from(BY_HAND)), FAULT_RUNS), min_size=1, max_size=12)
)
def test_beside_staff_no_goods_are_sent_twice_and_nothing_is_told_twice(turns: list[Turn]) -> None:
    async def run() -> None:
        shop, pieces = Shop(), {TEA: 3, JAR: 2}
        last, told = await live(shop, first_report(pieces), turns)
        for sent in shop.sent:
            assert len(sent.events) == len({(event["status"], event["happenedAt"]) for event in sent.events})
        told = await report(shop, last, told, in_doubt=True)  # staff may have acted after the last one
        writes = len(shop.writes)
        await report(shop, last, told, in_doubt=True)
        assert len(shop.writes) == writes

    asyncio.run(run())
