"""Reports while answers get lost, the store is unwell and workers die."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.report import DeliveryReport, Milestone
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import FakeWooCommerce, Trouble
from tests.integration.connectors.woocommerce.reports import HOLD, booked, row_of, writes

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
Status = DeliveryStatus

START = datetime(2026, 11, 22, 14, tzinfo=UTC)
TROUBLES = [kind for kind in Trouble if kind is not Trouble.SILENCE]
DONE_BUT_LOST = [
    Trouble.LOST_REPLY,
    Trouble.HALF_BODY,
    Trouble.CUT_OFF,
    Trouble.EMPTY_200,
    Trouble.HTML_500,
    Trouble.PHP_WARNING,
    Trouble.ERROR_200,
]
REFERENCE = re.compile(r"\[Doorstep ([0-9a-f]{10})\]")


def day_of(first: DeliveryReport, rng: random.Random) -> Iterator[DeliveryReport]:
    """What one order lives through: tries that fail or wait for somebody, and one end or another."""
    report = first
    at = START
    for attempt in range(1, rng.randint(2, 4)):
        report = replace(
            first, delivery_id=f"del_{attempt}", tracking_number=f"TRK-{attempt}", reference=f"D-{attempt}"
        )
        yield report
        if rng.random() < 0.5:
            yield replace(report, hold=HOLD)
            yield report
        for status in (Status.PICKED_UP, Status.OUT_FOR_DELIVERY, Status.ATTEMPT_FAILED, Status.FAILED):
            if rng.random() < 0.3:
                break
            at += timedelta(minutes=7)
            step = Milestone(f"evt_{attempt}_{status}", status, at, "so it went")
            report = replace(report, status=status, is_shipped=True, milestones=(*report.milestones, step))
            yield report
    at += timedelta(minutes=7)
    end = rng.choice([Status.DELIVERED, Status.FAILED, Status.OUT_FOR_DELIVERY])
    step = Milestone(f"evt_end_{end}", end, at, "and that was it")
    report = replace(report, is_shipped=True, status=end, milestones=(*report.milestones, step))
    yield replace(report, hold=HOLD) if end is Status.FAILED else report


async def told_in_the_end(
    connector: WooCommerceConnector, report: DeliveryReport, told: str, *, in_doubt: bool
) -> str:
    for _ in range(40):
        try:
            return await connector.report(report, told, in_doubt=in_doubt)
        except RemoteRefused:
            raise
        except UnknownOutcome:
            in_doubt = True
        except RemoteError:
            continue
    raise AssertionError("the report never came through")


@pytest.mark.parametrize("has_fulfillments", [True, False])
@pytest.mark.parametrize("seed", range(8))
async def test_whatever_gets_lost_the_store_shows_the_last_report_once(
    make_store: MakeStore, link: Link, home: Address, seed: int, *, has_fulfillments: bool
) -> None:
    rng = random.Random(seed)
    store = make_store(has_fulfillments=has_fulfillments)
    order_id = store.place_order([("BREAD-1", 2), ("FLOW-1", 1)], home)
    connector = await link(store)
    told, is_lost = "", False
    reports = list(day_of(await booked(connector, order_id), rng))
    for report in reports:
        for _ in range(rng.choice([0, 1, 1, 2])):
            kinds = TROUBLES if rng.random() < 0.4 else DONE_BUT_LOST
            method, where = rng.choice(["PUT", "POST", "POST", "DELETE", "GET"]), f"orders/{order_id}"
            store.fail_next(rng.choice(kinds), where=where, method=method)
        fresh = await told_in_the_end(connector, report, told, in_doubt=is_lost)
        is_lost = rng.random() < 0.3  # the worker died before it could keep what it was told
        told = told if is_lost else fresh
        if rng.random() < 0.2:
            connector = await link(store)  # another worker
    report = reports[-1]
    told = await told_in_the_end(connector, report, told, in_doubt=is_lost)

    row = row_of(store, order_id)
    is_held = report.hold is not None
    wanted = "on-hold" if is_held else "completed" if report.status is Status.DELIVERED else "processing"
    assert row["status"] == wanted
    assert [item["tracking_number"] for item in row["trackings"]] == [report.tracking_number]
    assert len(row["fulfillments"]) == (1 if has_fulfillments else 0)
    counted = Counter(found for text, _, _ in row["notes"] for found in REFERENCE.findall(text))
    assert set(counted.values()) == {1}
    assert len(counted) >= len(
        [step for step in report.milestones if step.status is not Status.OUT_FOR_DELIVERY]
    )
    before = writes(store)
    assert await connector.report(report, told, in_doubt=False) == told
    assert await connector.report(report, "", in_doubt=True) == told
    assert writes(store) == before


@pytest.mark.parametrize("kind", DONE_BUT_LOST)
@pytest.mark.parametrize(("method", "place"), [("PUT", ""), ("POST", "/notes"), ("POST", "/fulfillments")])
async def test_a_write_whose_answer_was_lost_is_in_doubt_and_not_made_twice(
    make_store: MakeStore, link: Link, home: Address, kind: Trouble, method: str, place: str
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    report = replace(await booked(connector, order_id), is_shipped=True)
    store.fail_next(kind, where=f"orders/{order_id}{place}", method=method)
    with pytest.raises(UnknownOutcome):
        await connector.report(report, "", in_doubt=False)
    await connector.report(report, "", in_doubt=True)
    row = row_of(store, order_id)
    assert (len(row["trackings"]), len(row["fulfillments"])) == (1, 1)
    assert sum("[Doorstep" in text for text, _, _ in row["notes"]) == 1
    assert [mail for mail in row["fulfillments"] if mail["is_fulfilled"]]


async def test_a_status_that_the_store_does_not_know_is_refused_for_good(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    report = await booked(connector, order_id)
    # We took the order from a status whose plugin was switched off since.
    memory = {"id": "del_1", "status": "BOOKED", "held_for": "hold", "holds": 1, "held_from": "ready-to-bake"}
    store.write_meta(order_id, "_doorstep_delivery", memory)
    store.set_status(order_id, "on-hold")
    with pytest.raises(RemoteRefused):
        await connector.report(report, "", in_doubt=False)


async def test_the_webhook_of_our_own_write_does_not_come_round_for_ever(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock, postman: Postman
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    report = await booked(connector, order_id)
    await connector.ensure_webhooks("http://127.0.0.1:9/nobody", Secret("s" * 20))
    told = await connector.report(report, "", in_doubt=False)
    for _ in range(4):
        clock.advance(60)
        await store.tick(clock.now())
        await postman.tick(clock.now())
        before = row_of(store, order_id)["modified_at"]
        told = await connector.report(report, told, in_doubt=False)
        assert row_of(store, order_id)["modified_at"] == before
    assert store.calls("PUT", f"orders/{order_id}") == 1
