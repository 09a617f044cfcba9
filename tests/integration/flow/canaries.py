"""A person whose every letter is unmistakable, and a search for them through the whole database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from doorstep.address import Address
from doorstep.audit import Actor, Author
from doorstep.delivery import Courier, Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.order import Order
from doorstep.ports import RawOrder
from doorstep.position import Position
from doorstep.privacy import PrivacyKind, PrivacyNotice
from doorstep.quote import VehicleKind
from doorstep.route import PlanProgress, Route, RoutePlan, RoutePlanStatus, RouteStatus, Stop, StopStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from gateway.flow.desk.answer import acknowledge, comment
from gateway.flow.documents.document import Document, DocumentCard, DocumentKind
from gateway.flow.quoting.cart import Cart
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from gateway.flow.records import Remembered, ReportState, ReportStatus
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident
from gateway.store import tables as t
from tests.integration.flow.fakes import MERCHANT_ID, SHOP, STORE, FakeStore
from tests.integration.flow.stage import Stage

DOOR = LatLng(39.90123987, -71.50456123)
CORNELIA = Address(
    "US",
    name="Cornelia Canary",
    company="Canary Cages Ltd",
    line1="77 Canary/Street",
    line2="Perch 7777",
    city="Canaryville",
    province="QQ",
    postal_code="CNRY1",
    phone="+12125550177",
    phone_raw="(212) 555-0177 home",
    email="Cornelia@Canary.example",
    instructions="Whistle for Tweety",
    location=DOOR,
)
BUYER, TAG, HOLD, CART = "Feathers Incorporated", "loves-birdseed", "Away with the swallows", "cart-of-canary"
COURIER = Courier("Konrad Kanarek", VehicleKind.CAR, "+12125550166")
LINKS = {"tracking_url": "https://track.example/cnry-t", "label_url": "https://label.example/cnry-l"}
NOTE = "Rang Cornelia Canary twice"
CANARIES = tuple(
    text.lower()
    for text in (
        *(getattr(CORNELIA, name) for name in ("name", "company", "line1", "line2", "city", "postal_code")),
        *(getattr(CORNELIA, name) for name in ("phone", "phone_raw", "email", "instructions")),
        *(str(DOOR.lat), str(DOOR.lng), encode_polyline([SHOP, DOOR])),
        *(BUYER, TAG, HOLD, CART, COURIER.display_name, str(COURIER.proxy_phone), *LINKS.values(), NOTE),
    )
)
NOTICE = PrivacyNotice(PrivacyKind.REDACT_SHOPPER, "req-1", ("1001",), CORNELIA.email, CORNELIA.phone or "")


class AviaryStore(FakeStore):
    """Every order of it goes to Cornelia, unless it says "plain"."""

    def read_order(self, raw: RawOrder) -> Order:
        order = super().read_order(raw)
        if json.loads(raw.body).get("plain"):
            return order
        units = tuple(
            replace(unit, destination=CORNELIA, hold_reason=HOLD) for unit in order.fulfillment_orders
        )
        return replace(order, destination=CORNELIA, company=BUYER, tags=(TAG,), fulfillment_orders=units)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a canary was seen."""

    table: str
    column: str
    canary: str


async def sightings(
    dsn: str, merchant_id: str = MERCHANT_ID, canaries: Sequence[str] = CANARIES
) -> set[Sighting]:
    """Every column of every table, as text, searched for every canary (in lower case)."""
    found = set()
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute("SELECT set_config('app.merchant_id', %s, false)", [merchant_id])
        every_column = await connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for table, column, kind in await every_column.fetchall():
            shown = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text")
            query = sql.SQL("SELECT lower({}) FROM {} WHERE {} IS NOT NULL").format(
                shown.format(sql.Identifier(column)), sql.Identifier(table), sql.Identifier(column)
            )
            for (text,) in await (await connection.execute(query)).fetchall():
                found |= {Sighting(table, column, c) for c in canaries if c in text.replace("\\/", "/")}
    return found


async def fill_the_house(stage: Stage) -> Delivery:
    """Cornelia's order goes its whole way, and leaves something of her in every table that can hold it."""
    shop = AviaryStore(stage.clock)
    stage.shop = stage.links.shop = shop
    offered = await delivery_options(stage.means, MERCHANT_ID, CORNELIA, Cart([]), 1.0)
    await delivery_options(stage.means, MERCHANT_ID, CORNELIA, Cart([]), 1.0)
    choice = await choose_option(
        stage.means, MERCHANT_ID, "key-of-a-cart", offered.id, offered.quotes[0].id, CART
    )
    shop.put("1001", choice=choice.id)
    shop.put("1002", broken=True, billing={"email": CORNELIA.email, "address_1": CORNELIA.line1})
    await stage.take_in()
    await stage.settle()
    delivery = await stage.delivery_of("1001")
    await _deliver(stage, delivery)
    await _gossip(stage, delivery)
    await hear_of(stage, delivery, DeliveryStatus.DELIVERED)
    await stage.settle()
    await _refuse(stage, delivery)
    await _receive(stage, delivery)
    await _drive(stage, delivery)
    await _print(stage, delivery)
    return delivery


async def hear_of(stage: Stage, delivery: Delivery, status: DeliveryStatus, **more: object) -> None:
    """The courier reports something."""
    leg = delivery.legs[0]
    update = stage.cheap.update(leg.external_id, status, status.lower(), **more)
    await apply_update(stage.means, MERCHANT_ID, leg.carrier, update)


async def _deliver(stage: Stage, delivery: Delivery) -> None:
    at_the_door = Position(DOOR, stage.clock.now())
    await hear_of(stage, delivery, DeliveryStatus.PICKED_UP, courier=COURIER, position=at_the_door, **LINKS)
    await hear_of(
        stage,
        delivery,
        DeliveryStatus.AT_DROPOFF,
        trouble=IncidentKind.ACCESS_PROBLEM,
        raw_reason=f"nobody at {CORNELIA.line1}",
    )
    await stage.settle()


async def _gossip(stage: Stage, delivery: Delivery) -> None:
    now = stage.clock.now()
    async with stage.means.begin(MERCHANT_ID) as work:
        (incident,) = await work.incidents.live_of(delivery.id)
        desk = Author(Actor.PERSON, key_id="key_1")
        await comment(work, await acknowledge(work, incident, desk, NOTE, now), desk, NOTE, now)
        await raise_incident(work, Alarm(IncidentKind.OTHER, "Mail", f"{CORNELIA.email} wrote."), now)
        await work.memory.remember(Remembered("dispatch", f"for:{CORNELIA.email}", "digest", "[]", now))


async def _refuse(stage: Stage, delivery: Delivery) -> None:
    """What the store answers quotes what it was told."""
    now, unit_id = stage.clock.now(), delivery.fulfillment_order_id
    async with stage.means.begin(MERCHANT_ID) as work:
        refused = ReportState(unit_id, MERCHANT_ID, STORE.id, ReportStatus.REFUSED, now, problem_text=NOTE)
        await work.reports.put(refused)
        sync = await work.syncs.get(STORE.id)
        await work.syncs.put(replace(sync, problem_text=f"could not read {CORNELIA.name}"))


async def _receive(stage: Stage, delivery: Delivery) -> None:
    (booking,) = [leg.external_id for leg in delivery.legs]
    whole = {"shipping": {"name": CORNELIA.name, "phone": CORNELIA.phone, "street": CORNELIA.line1}}
    php = json.dumps({"billing": {"email": CORNELIA.email.lower(), "address": CORNELIA.line1}})
    messages = (
        ("store", STORE.id, "1001", json.dumps(whole)),
        ("store", STORE.id, "", php.replace("/", "\\/")),
        ("carrier", stage.links.linked[0].account.id, booking, json.dumps({"courier": "Konrad Kanarek"})),
    )
    async with stage.database.tenant(MERCHANT_ID) as connection:
        for number, (kind, source, external_id, body) in enumerate(messages):
            row = {
                "id": new_id("inb"),
                "merchant_id": MERCHANT_ID,
                "source": source,
                "kind": kind,
                "topic": "something",
                "dedupe_id": f"message-{number}",
                "external_id": external_id,
                "headers": {},
                "body": body.encode(),
                "received_at": stage.clock.now(),
            }
            await connection.execute(t.inbox.insert().values(row))


async def _print(stage: Stage, delivery: Delivery) -> None:
    body = f"^XA^FD{CORNELIA.name}^FS^FD{CORNELIA.line1}^FS^XZ".encode()
    card = DocumentCard(
        id=new_id("doc"),
        merchant_id=MERCHANT_ID,
        delivery_id=delivery.id,
        leg_id=delivery.legs[0].id,
        kind=DocumentKind.LABEL,
        content_type="application/zpl",
        size=len(body),
        created_at=stage.clock.now(),
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.documents.put(Document(card, body))


async def _drive(stage: Stage, delivery: Delivery) -> None:
    now: datetime = stage.clock.now()
    plan_id, late = new_id("pla"), UnassignedReason(UnassignedCode.OTHER, f"{CORNELIA.line1} is too far")
    plan = RoutePlan(
        plan_id,
        MERCHANT_ID,
        "2026-11-23",
        RoutePlanStatus.FAILED,
        now,
        1.0,
        PlanProgress(1.0, 1.0, 0, 1),
        problem=f"no way to {CORNELIA.line1}",
        unassigned=(UnassignedVisit(delivery.id, (late,)),),
    )
    stop = Stop(new_id("stp"), delivery.id, 1, StopStatus.DONE, DOOR, now, 60)
    route = Route(
        id=new_id("rte"),
        merchant_id=MERCHANT_ID,
        plan_id=plan_id,
        driver_id=new_id("drv"),
        date="2026-11-23",
        status=RouteStatus.FINISHED,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        stops=(stop,),
        polyline=encode_polyline([SHOP, DOOR]),
        distance_m=1,
        driving_s=1,
        origin=SHOP,
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_plan(plan)
        await work.routes.put_route(route)
