"""What a filter finds: values of one field are OR, fields are AND, empty means any."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.audit import Actor
from doorstep.delivery import Delivery, DeliveryFlag
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.incident import IncidentKind, IncidentStatus, Resolution, Severity
from doorstep.order import OrderStatus
from doorstep.quote import DeliveryMode
from doorstep.window import Window
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.reads import SqlReads
from gateway.store.unit_of_work import Transactions
from tests.integration.store.rows import ANN, NOON, delivery, incident, order

ALL = s.PageRequest(250)


async def _orders(database: Database, **which: Any) -> set[str]:
    page = await SqlReads(database, "mer_a").find_orders(
        s.OrderFilter(**which), s.Sort(s.SortField.PLACED_AT), ALL
    )
    return {one.number for one in page.items}


async def _deliveries(database: Database, **which: Any) -> set[str]:
    reads = SqlReads(database, "mer_a")
    found = s.DeliveryFilter(**which)
    page = await reads.find_deliveries(found, s.Sort(s.SortField.CREATED_AT), ALL)
    assert await reads.count_deliveries(found, 1000) == len(page.items)
    return {one.reference for one in page.items}


async def test_orders_are_found_by_what_they_are(rooms: Transactions, database: Database) -> None:
    async with rooms.begin("mer_a") as work:
        await work.orders.put(order("1", tags=("gift", "fragile")))
        await work.orders.put(order("2", status=OrderStatus.DELIVERED, tags=("gift",)))
        await work.orders.put(order("3", store_id="sto_2", placed_at=NOON + timedelta(hours=1)))
    hour = Window(NOON, NOON + timedelta(hours=1))
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"#1", "#2", "#3"}),
        ({"store_ids": ("sto_1",)}, {"#1", "#2"}),
        ({"statuses": (OrderStatus.OPEN, OrderStatus.DELIVERED)}, {"#1", "#2", "#3"}),
        ({"statuses": (OrderStatus.OPEN,), "store_ids": ("sto_1",)}, {"#1"}),
        ({"tags": ("fragile", "unheard of")}, {"#1"}),
        ({"tags": ("gift",)}, {"#1", "#2"}),
        ({"placed_within": hour}, {"#1", "#2"}),
        ({"updated_within": hour}, {"#1", "#2", "#3"}),
    ]
    for which, found in cases:
        assert await _orders(database, **which) == found, which


NAMES = ["100% Wool", "1000 Wools", "under_score", "underXscore", "back\\slash", "O'Brien", "ÄRGER"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wool", {"100% Wool", "1000 Wools"}),
        ("100% w", {"100% Wool"}),
        ("%", {"100% Wool"}),
        ("r_s", {"under_score"}),
        ("\\", {"back\\slash"}),
        ("o'b", {"O'Brien"}),
        ("ärger", {"ÄRGER"}),
        ("ann@shop", set(NAMES)),
        ("00412", set(NAMES)),
        ("12 Mill", set()),
        ("\0", set()),
    ],
)
async def test_a_search_takes_every_character_for_itself(
    rooms: Transactions, database: Database, words: str, found: set[str]
) -> None:
    async with rooms.begin("mer_a") as work:
        for n, name in enumerate(NAMES):
            destination = type(ANN)("US", name=name, email=ANN.email, postal_code=ANN.postal_code)
            await work.orders.put(order(str(n), destination=destination))
    numbers = await _orders(database, search=words)
    assert {NAMES[int(number.strip("#"))] for number in numbers} == found


async def test_orders_in_trouble_are_those_with_a_live_incident(
    rooms: Transactions, database: Database
) -> None:
    troubled, mended, fine = (order(n) for n in ("1", "2", "3"))
    async with rooms.begin("mer_a") as work:
        for one, status in ((troubled, IncidentStatus.OPEN), (mended, IncidentStatus.RESOLVED)):
            carried = delivery(one.number, order_id=one.id)
            await work.deliveries.put(carried)
            trouble = incident(IncidentKind.DAMAGED, Severity.CRITICAL, status=status, delivery_id=carried.id)
            await work.incidents.put(trouble)
        for one in (troubled, mended, fine):
            await work.orders.put(one)
    assert await _orders(database, has_open_exception=True) == {"#1"}
    assert await _orders(database, has_open_exception=False) == {"#2", "#3"}


async def test_deliveries_are_found_by_what_they_are(rooms: Transactions, database: Database) -> None:
    shop = order("1", store_id="sto_9")
    made = [
        delivery("a", carrier="uber_direct", order_id=shop.id),
        delivery("b", status=DeliveryStatus.DELIVERED, driver_id="drv_1", promised_in_min=None),
        delivery("c", flags=(DeliveryFlag.DELAYED, DeliveryFlag.AT_RISK), late_risk=0.8, promised_in_min=10),
    ]
    async with rooms.begin("mer_a") as work:
        await work.orders.put(shop)
        for one in made:
            await work.deliveries.put(one)
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"a", "b", "c"}),
        ({"ids": (made[0].id, made[2].id)}, {"a", "c"}),
        ({"statuses": (DeliveryStatus.DELIVERED,)}, {"b"}),
        ({"carriers": ("uber_direct", "nobody")}, {"a"}),
        ({"store_ids": ("sto_9",)}, {"a"}),
        ({"driver_ids": ("drv_1",)}, {"b"}),
        ({"modes": (DeliveryMode.COURIER,)}, {"a", "b", "c"}),
        ({"modes": (DeliveryMode.OWN_FLEET,)}, set()),
        ({"flags": (DeliveryFlag.AT_RISK, DeliveryFlag.COURIER_IMMINENT)}, {"c"}),
        ({"min_late_risk": 0.5}, {"c"}),
        ({"promised_within": Window(NOON, NOON + timedelta(minutes=30))}, {"c"}),
        ({"search": "EXAMPLE"}, {"a", "b", "c"}),
    ]
    for which, found in cases:
        assert await _deliveries(database, **which) == found, which


async def test_a_stage_finds_exactly_those_that_show_it(rooms: Transactions, database: Database) -> None:
    made: list[Delivery] = []
    for status in DeliveryStatus:
        for flags in ((), (DeliveryFlag.COURIER_IMMINENT,)):
            made.append(delivery(f"{status} {len(flags)}", status=status, flags=flags))
    async with rooms.begin("mer_a") as work:
        for one in made:
            await work.deliveries.put(one)
    for stage in DeliveryStage:
        expected = {one.reference for one in made if one.stage is stage}
        assert await _deliveries(database, stages=(stage,)) == expected, stage
    two = (DeliveryStage.NEARBY, DeliveryStage.ON_THE_WAY)
    assert await _deliveries(database, stages=two) == {one.reference for one in made if one.stage in two}


async def test_the_queue_holds_what_is_live_unless_asked_otherwise(
    rooms: Transactions, database: Database
) -> None:
    done = incident(
        IncidentKind.LOST,
        Severity.CRITICAL,
        status=IncidentStatus.RESOLVED,
        resolved_by=Actor.PERSON,
        resolution=Resolution.FIXED,
    )
    live = [incident(IncidentKind.WEATHER, Severity.LOW), incident(IncidentKind.LOST, Severity.CRITICAL)]
    async with rooms.begin("mer_a") as work:
        for one in (done, *live):
            await work.incidents.put(one)
    reads = SqlReads(database, "mer_a")

    async def found(**which: Any) -> set[str]:
        page = await reads.find_incidents(s.IncidentFilter(**which), s.Sort(s.SortField.DUE_AT), ALL)
        return {one.id for one in page.items}

    assert await found() == {one.id for one in live}
    assert await found(statuses=()) == {done.id, *(one.id for one in live)}
    assert await found(kinds=(IncidentKind.LOST,), statuses=()) == {done.id, live[1].id}
    assert await found(severities=(Severity.LOW,)) == {live[0].id}
    assert await found(due_before=NOON + timedelta(minutes=6)) == {live[1].id}
