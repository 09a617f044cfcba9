"""The Uber Direct connector against the simulated Uber, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.couriers.uber_direct import CONNECTOR
from connectors.couriers.uber_direct.webhook import UberDirectWebhooks
from doorstep.address import Address
from doorstep.delivery import Booking, BookingRequest, CarrierUpdate, DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.geo import LatLng, distance_m
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector
from doorstep.quote import CarrierQuote, DeclineReason, QuoteRequest
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.uber_direct import MAGIC_ZIPS, FakeUberDirect
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUDGET_S = 5.0
CREDENTIALS = {
    "customer_id": "cus_42",
    "client_id": "client",
    "client_secret": "hush",
    "webhook_secret": "key",
}

STORE = Address(
    "US",
    name="Till",
    line1="1 Main St",
    city="Port Meridian",
    province="NY",
    postal_code="10001",
    phone="+15550100000",
    location=LatLng(40.7306, -73.9866),
)
DOOR = replace(STORE, name="A. Shopper", line1="2 Side St", location=LatLng(40.7411, -73.9897))


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    uber: FakeUberDirect
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    def connect(self, **changes: str) -> CarrierConnector:
        secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
        return CONNECTOR.connect(secrets, self.base_url)

    async def live(self, minutes: float, step_s: float = 20.0) -> None:
        for _ in range(int(minutes * 60 // step_s)):
            self.clock.advance(step_s)
            await self.uber.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest(
            "qst_1", STORE, DOOR, (Parcel(1_000),), Money(4200, "USD"), now, now, "America/New_York"
        )
        return replace(plain, **changes)

    async def offer(self, **changes: Any) -> CarrierQuote:
        (offer,) = (await self.carrier.quote(self.question(**changes), BUDGET_S)).quotes
        return offer

    def request(self, offer: CarrierQuote, **changes: Any) -> BookingRequest:
        now = self.clock.now()
        plain = BookingRequest(
            "leg_01",
            "1001",
            offer.service,
            STORE,
            DOOR,
            (Parcel(1_000),),
            Money(4200, "USD"),
            now,
            now,
            offer.promise,
            dict(offer.booking_data),
        )
        return replace(plain, **changes)

    async def book(self, **changes: Any) -> Booking:
        return await self.carrier.book(self.request(await self.offer(), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        reader = UberDirectWebhooks()
        read = [update for headers, body in self.letters for update in reader.read(headers, body)]
        once = {update.source_event_id: update for update in read}
        return sorted(once.values(), key=lambda update: update.occurred_at)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        uber = FakeUberDirect(
            clock,
            postman,
            random.Random(7),
            customer_id="cus_42",
            client_id="client",
            client_secret="hush",
            webhook_url=f"{url}/hook",
            signing_key="key",
            couriers=3,
        )
        world.mount("/uber", uber.app)
        secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
        carrier = CONNECTOR.connect(secrets, f"{url}/uber")
        yield Rig(clock, postman, uber, carrier, f"{url}/uber", letters)
        await carrier.close()
        await uber.close()
        await postman.close()


async def test_callers_that_come_together_share_one_token(rig: Rig) -> None:
    await asyncio.gather(*(rig.offer() for _ in range(10)))

    assert rig.uber.tokens_given == 1


async def test_a_token_that_was_revoked_is_replaced_even_for_a_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.uber.revoke_tokens()

    made = await rig.carrier.book(request, BUDGET_S)

    assert made.status is DeliveryStatus.BOOKED
    assert rig.uber.tokens_given == 1


async def test_the_sign_in_address_can_be_elsewhere(rig: Rig) -> None:
    carrier = rig.connect(token_url=f"{rig.base_url}/oauth/v2/nowhere")

    with pytest.raises(RemoteUnavailable):
        await carrier.quote(rig.question(), BUDGET_S)
    await carrier.close()


@pytest.mark.parametrize(
    ("wanted_in", "lasts"),
    [(45, 60), (45, 20), (90, 5), (180, 120), (60 * 24 * 3, 60)],
    ids=["soon", "tight", "narrow", "later", "in three days"],
)
async def test_wanted_windows_are_ones_that_uber_takes(rig: Rig, wanted_in: int, lasts: int) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert arrived.occurred_at < wanted.end + timedelta(minutes=15)


# Codes that come up at a quote, and what the connector makes of them.
AT_QUOTE = {
    zip_code: code
    for zip_code, code in MAGIC_ZIPS.items()
    if code
    not in {
        "expired_quote",
        "used_quote",
        "mismatched_price_quote",
        "duplicate_delivery",
        "missing_payment",
        "noncancelable_delivery",
    }
}


@pytest.mark.parametrize(("zip_code", "code"), AT_QUOTE.items(), ids=AT_QUOTE.values())
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(
    rig: Rig, zip_code: str, code: str
) -> None:
    question = rig.question(dropoff=replace(DOOR, postal_code=zip_code))
    try:
        answer = await rig.carrier.quote(question, BUDGET_S)
        raw_codes = [decline.raw_code for decline in answer.declined]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == [code]


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("address_undeliverable", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("couriers_busy", RemoteRefused, IncidentKind.NO_COURIER),
        ("pickup_ready_too_early", RemoteRefused, IncidentKind.LATE_RISK),
        ("missing_payment", AccountProblem, IncidentKind.OTHER),
        ("customer_limited", RateLimited, IncidentKind.OTHER),
        ("service_unavailable", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
        ("request_timeout", UnknownOutcome, IncidentKind.CARRIER_DOWN),
        ("internal_server_error", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.uber.refuse_next(code, "create")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert (failed.value.kind, failed.value.raw_code) == (kind, code)
    assert rig.uber.books() == []


async def test_a_missing_phone_number_is_declined_and_refused_in_words(rig: Rig) -> None:
    mute = replace(DOOR, phone=None, phone_raw="call me")

    answer = await rig.carrier.quote(rig.question(dropoff=mute), BUDGET_S)
    with pytest.raises(RemoteRefused, match="phone number at the delivery address") as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=mute), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


async def test_prices_in_another_currency_are_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "EUR")), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.RULE)


async def test_an_expired_quote_is_asked_for_once_more(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(16 * 60)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.price == offer.price


@pytest.mark.parametrize("code", ["expired_quote", "used_quote", "mismatched_price_quote"])
async def test_a_quote_that_uber_no_longer_takes_is_asked_for_once_more(rig: Rig, code: str) -> None:
    offer = await rig.offer()
    rig.uber.refuse_next(code)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert [entry.external_id for entry in rig.uber.books()] == [made.external_id]


async def test_a_quote_that_uber_refuses_twice_is_refused(rig: Rig) -> None:
    offer = await rig.offer()
    rig.uber.refuse_next("expired_quote")
    rig.uber.refuse_next("used_quote")

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(16 * 60)
    rig.uber.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.uber.books() == []


async def test_a_duplicate_of_our_own_is_adopted(rig: Rig) -> None:
    tomorrow = START + timedelta(days=1)
    wanted = Window(tomorrow, tomorrow + timedelta(hours=1))
    first = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    # Uber has forgotten the idempotency key, and the new quote is good: only the twin stands in the way.
    rig.clock.advance(90 * 60)

    again = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.uber.books()) == 1


async def test_a_duplicate_of_another_booking_is_refused_so_that_no_goods_are_left_standing(rig: Rig) -> None:
    await rig.book()

    with pytest.raises(RemoteRefused) as refused:
        await rig.book(booking_key="leg_02")

    assert refused.value.raw_code == "duplicate_delivery"
    assert len(rig.uber.books()) == 1


async def test_a_ride_is_told_step_by_step_with_positions_every_twenty_seconds(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(60)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.raw_status for update in updates if update.is_imminent} == {"dropoff"}
    fixes = [update for update in updates if update.source_event_id.startswith("sha256:")]
    gaps = {
        (later.occurred_at - earlier.occurred_at).total_seconds()
        for earlier, later in itertools.pairwise(fixes)
    }
    assert gaps == {20.0}
    riding = [fix.position for fix in fixes if fix.raw_status == "dropoff"]
    assert DOOR.location is not None
    far = [distance_m(fix.location, DOOR.location) for fix in riding if fix is not None]
    assert far == sorted(far, reverse=True)
    assert {update.external_id for update in updates} == {made.external_id}


async def test_a_courier_who_drops_out_is_an_incident(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(2)

    assert rig.uber.drop_next_courier() == made.external_id
    await rig.live(1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, IncidentKind.COURIER_CANCELLED)
    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert fetched.trouble is IncidentKind.COURIER_CANCELLED
    assert rig.uber.books()[0].state is BookState.CANCELLED


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "customer_called_to_cancel", BUDGET_S)
    await rig.live(1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_it_is_too_late_to_cancel_once_the_courier_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(20)
    status = (await rig.carrier.fetch(made.external_id, BUDGET_S)).status

    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert status in {DeliveryStatus.PICKED_UP, DeliveryStatus.OUT_FOR_DELIVERY, DeliveryStatus.DELIVERED}
    assert refused.value.raw_code == "noncancelable_delivery"


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ("customer_unavailable", IncidentKind.RECIPIENT_UNAVAILABLE),
        ("customer_rejected_order", IncidentKind.REFUSED),
        ("cannot_find_customer_address", IncidentKind.ADDRESS_PROBLEM),
        ("cannot_access_customer_location", IncidentKind.ACCESS_PROBLEM),
    ],
)
async def test_goods_that_cannot_be_handed_over_come_back(rig: Rig, fate: str, kind: IncidentKind) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book(dropoff=door)
    await rig.live(60)

    ending = [
        update
        for update in rig.updates()
        if update.status in {DeliveryStatus.RETURNING, DeliveryStatus.RETURNED}
    ]
    assert ending[0].trouble is kind
    assert ending[-1].status is DeliveryStatus.RETURNED
    assert {update.external_id for update in ending} == {made.external_id}
    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert (fetched.external_id, fetched.status) == (made.external_id, DeliveryStatus.RETURNED)


async def test_no_free_courier_is_a_decline_for_want_of_capacity(rig: Rig) -> None:
    for place in range(3):
        await rig.book(booking_key=f"leg_{place}", reference=f"ref_{place}")
    await rig.live(2)

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.NO_CAPACITY


@pytest.mark.parametrize(
    ("code", "fault"),
    [("customer_suspended", "account_suspended"), ("customer_blocked", "account_suspended")],
)
async def test_a_suspended_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.uber.suspended_with = code

    with pytest.raises(AccountProblem):
        await rig.carrier.quote(rig.question(), BUDGET_S)
    account = {check.name: check for check in await rig.carrier.check()}["account"]

    assert (account.passed, account.fault) == (False, fault)


async def test_a_wrong_customer_id_and_a_missing_signing_key_are_named(rig: Rig) -> None:
    carrier = rig.connect(customer_id="cus_43", webhook_secret="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {
        "credentials": "",
        "account": "unknown_customer",
        "webhooks": "webhook_secret_missing",
    }
    await carrier.close()
