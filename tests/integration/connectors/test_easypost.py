"""The EasyPost connector against the simulated EasyPost, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.parcel.easypost import CONNECTOR
from connectors.parcel.easypost.webhook import EasyPostWebhooks
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
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector
from doorstep.quote import CarrierAnswer, CarrierQuote, DeclineReason, QuoteRequest
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from simulator.carriers.easypost import MAGIC_ZIPS, FakeEasyPost
from simulator.carriers.easypost.problems import natural_operation
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUDGET_S = 5.0
DAY_S = 86_400
CREDENTIALS = {"api_key": "EZTK_1", "webhook_secret": "sécret"}

STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002")
BOX = Parcel(1_000, 300, 200, 100)


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    easypost: FakeEasyPost
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    def connect(self, **changes: str) -> CarrierConnector:
        secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
        return CONNECTOR.connect(secrets, self.base_url)

    async def live(self, seconds: float, step_s: float = 1800.0) -> None:
        for _ in range(int(seconds // step_s)):
            self.clock.advance(step_s)
            await self.easypost.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), now, now, "America/New_York")
        return replace(plain, **changes)

    async def ask(self, **changes: Any) -> CarrierAnswer:
        return await self.carrier.quote(self.question(**changes), BUDGET_S)

    async def offer(self, service: str = "USPS.Priority", **changes: Any) -> CarrierQuote:
        return next(quote for quote in (await self.ask(**changes)).quotes if quote.service == service)

    def request(self, offer: CarrierQuote, **changes: Any) -> BookingRequest:
        now = self.clock.now()
        plain = BookingRequest(
            "leg_01",
            "1001",
            offer.service,
            STORE,
            DOOR,
            (BOX,),
            Money(4200, "USD"),
            now,
            now,
            offer.promise,
            dict(offer.booking_data),
        )
        return replace(plain, **changes)

    async def book(self, service: str = "USPS.Priority", **changes: Any) -> Booking:
        return await self.carrier.book(self.request(await self.offer(service), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        reader = EasyPostWebhooks()
        for headers, body in self.letters:
            reader.verify(headers, body, [Secret("sécret")])
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
        easypost = FakeEasyPost(
            clock,
            postman,
            random.Random(7),
            api_key="EZTK_1",
            webhook_url=f"{url}/hook",
            webhook_secret="sécret",
        )
        world.mount("/easypost", easypost.app)
        secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
        carrier = CONNECTOR.connect(secrets, f"{url}/easypost")
        yield Rig(clock, postman, easypost, carrier, f"{url}/easypost", letters)
        await carrier.close()
        await easypost.close()
        await postman.close()


async def test_a_full_address_gets_four_services_with_a_day_each(rig: Rig) -> None:
    answer = await rig.ask()

    ends = {quote.service: quote.promise.window.end for quote in answer.quotes}
    # 20:00 in New York is one o'clock at night in UTC.
    day = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert ends == {
        "USPS.GroundAdvantage": day + timedelta(days=3),
        "USPS.Priority": day + timedelta(days=2),
        "USPS.Express": day + timedelta(days=1),
        "CityExpress.SameDay": day,
    }
    assert answer.declined == ()


async def test_what_one_carrier_cannot_do_is_a_decline_beside_the_others_offers(rig: Rig) -> None:
    rig.easypost.silence("USPS")
    answer = await rig.ask()

    assert [quote.service for quote in answer.quotes] == ["CityExpress.SameDay"]
    assert answer.declined[0].reason is DeclineReason.CARRIER_DOWN


async def test_far_heavy_and_unmeasured_parcels_are_declined_with_their_reasons(rig: Rig) -> None:
    far = await rig.ask(dropoff=replace(DOOR, postal_code="90210"))
    heavy = await rig.ask(parcels=(Parcel(40_000, 300, 200, 100),))
    unmeasured = await rig.ask(parcels=(Parcel(1_000),))

    assert {quote.service for quote in far.quotes} == {
        "USPS.GroundAdvantage",
        "USPS.Priority",
        "USPS.Express",
    }
    assert [decline.reason for decline in far.declined] == [DeclineReason.OUT_OF_AREA]
    assert {decline.reason for decline in heavy.declined} == {DeclineReason.TOO_HEAVY}
    assert unmeasured.declined[0].reason is DeclineReason.TOO_LARGE


async def test_a_checkout_that_knows_a_postcode_gets_prices_and_booking_rates_again(rig: Rig) -> None:
    offer = await rig.offer(dropoff=Address("US", postal_code="10002"))
    assert "shipment_id" not in offer.booking_data

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    again = await rig.carrier.book(rig.request(offer), BUDGET_S)

    (entry,) = rig.easypost.books()
    assert entry.external_id == made.external_id == again.external_id
    assert (entry.reference, made.price) == ("leg_01", offer.price)


async def test_a_checkout_without_a_postcode_is_declined_in_words(rig: Rig) -> None:
    answer = await rig.ask(dropoff=Address("US"))

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM


async def test_the_quoted_shipment_is_the_one_that_is_bought(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.external_id == offer.booking_data["shipment_id"]
    assert made.status is DeliveryStatus.LABEL_READY
    assert made.tracking_number.startswith("9400")


async def test_a_changed_address_gets_a_label_of_its_own(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, dropoff=replace(DOOR, line1="3 Side St")), BUDGET_S)

    assert made.external_id != offer.booking_data["shipment_id"]
    assert rig.easypost.books()[0].reference == "leg_01"


async def test_the_label_can_be_fetched_as_a_picture(rig: Rig) -> None:
    made = await rig.book()

    async with aiohttp.ClientSession() as session, session.get(made.label_url) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert (await response.read()).startswith(b"\x89PNG")


async def test_a_booking_without_a_street_is_refused_in_words(rig: Rig) -> None:
    offer = await rig.offer()

    with pytest.raises(RemoteRefused, match="lacks line1 and city") as refused:
        await rig.carrier.book(rig.request(offer, dropoff=Address("US", postal_code="10002")), BUDGET_S)
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


@pytest.mark.parametrize(("factor", "is_accepted"), [("0.8", True), ("1.09", True), ("1.12", False)])
async def test_a_day_old_rate_is_asked_for_again_and_may_grow_by_a_tenth(
    rig: Rig, factor: str, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(DAY_S)
    rig.easypost.set_price_factor(Decimal(factor))

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * float(factor), abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.easypost.books() == []


async def test_a_service_that_is_gone_is_refused(rig: Rig) -> None:
    offer = await rig.offer("CityExpress.SameDay")
    # Half past two: the same-day carrier has driven off.
    rig.clock.advance(4.5 * 3600)
    request = rig.request(offer)
    request.booking_data["expires_at"] = START.isoformat()

    with pytest.raises(RemoteRefused, match="no longer offered") as refused:
        await rig.carrier.book(request, BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


async def test_a_rate_that_is_refused_is_asked_for_once_more(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.easypost.refuse_next("SHIPMENT.MISSING_RATE")

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.easypost.books()] == [made.external_id]


async def test_a_purchase_without_an_answer_is_found_by_the_repeat(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.easypost.swallow_next_purchase()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.easypost.books()] == [made.external_id]


async def test_postage_that_exists_is_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.easypost.swallow_next_purchase()
    rig.easypost.refuse_next("SHIPMENT.POSTAGE.EXISTS")

    # The refusal comes before anything was bought, as in a purchase that is still being settled.
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.easypost.books()] == [made.external_id]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("SHIPMENT.PURCHASE.IN_PROGRESS", UnknownOutcome),
        ("SHIPMENT.POSTAGE.NO_RESPONSE", UnknownOutcome),
        ("INTERNAL_SERVER_ERROR", UnknownOutcome),
        ("SERVICE_UNAVAILABLE", UnknownOutcome),
        ("SHIPMENT.POSTAGE.FAILURE", RemoteRefused),
        ("SHIPMENT.PURCHASE.FAILURE", RemoteRefused),
        ("PAYMENT_REQUIRED", AccountProblem),
        ("RATE_LIMITED", RateLimited),
    ],
)
async def test_errors_of_a_purchase_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError]
) -> None:
    request = rig.request(await rig.offer())
    rig.easypost.refuse_next(code, "buy")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.raw_code == code
    assert rig.easypost.books() == []


RATING = {zip_code: code for zip_code, code in MAGIC_ZIPS.items() if natural_operation(code) == "rate"}


@pytest.mark.parametrize(("zip_code", "code"), RATING.items(), ids=RATING.values())
async def test_every_error_of_a_rating_is_a_decline_or_an_error_of_ours(
    rig: Rig, zip_code: str, code: str
) -> None:
    try:
        raw_codes = [
            decline.raw_code
            for decline in (await rig.ask(dropoff=replace(DOOR, postal_code=zip_code))).declined
        ]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == [code]


async def test_a_label_is_given_back_until_it_is_scanned(rig: Rig) -> None:
    early = await rig.book()
    await rig.live(3600)
    update = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    late = await rig.book(booking_key="leg_02")
    await rig.live(12 * 3600)

    assert (update.status, update.raw_status) == (DeliveryStatus.CANCELLED, "refund_submitted")
    with pytest.raises(RemoteRefused, match="no longer be refunded"):
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)
    assert [entry.state for entry in rig.easypost.books()] == [BookState.CANCELLED, BookState.LIVE]
    fetched = await rig.carrier.fetch(early.external_id, BUDGET_S)
    assert fetched.status is DeliveryStatus.CANCELLED


async def test_a_settled_refund_is_told(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    await rig.live(16 * DAY_S, step_s=DAY_S)

    last = rig.updates()[-1]
    assert (last.external_id, last.raw_status) == (made.external_id, "refund_refunded")


async def test_a_shipment_that_was_never_bought_is_called_off_for_nothing(rig: Rig) -> None:
    offer = await rig.offer()

    update = await rig.carrier.cancel(offer.booking_data["shipment_id"], "other", BUDGET_S)

    assert update.status is DeliveryStatus.CANCELLED


async def test_a_refund_that_the_carrier_rejects_is_refused(rig: Rig) -> None:
    made = await rig.book()
    rig.easypost.refuse_next("SHIPMENT.REFUND.FAILURE")

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == "SHIPMENT.REFUND.FAILURE"


@pytest.mark.parametrize(
    ("service", "days"),
    [("CityExpress.SameDay", 0), ("USPS.Express", 1), ("USPS.Priority", 2), ("USPS.GroundAdvantage", 3)],
)
async def test_a_parcel_arrives_on_its_day_scan_by_scan(rig: Rig, service: str, days: int) -> None:
    made = await rig.book(service)
    await rig.live(5 * DAY_S)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    in_between = [DeliveryStatus.IN_TRANSIT] if days else []
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.LABEL_READY,
        DeliveryStatus.PICKED_UP,
        *in_between,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]
    assert updates[-1].occurred_at.date() == (START + timedelta(days=days)).date()
    assert {update.external_id for update in updates} == {made.external_id}


async def test_the_same_day_parcel_arrives_within_four_hours(rig: Rig) -> None:
    made = await rig.book("CityExpress.SameDay")
    await rig.live(4 * 3600)

    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    ("fate", "kind", "final"),
    [
        ("refused", IncidentKind.REFUSED, DeliveryStatus.RETURNED),
        ("absent", IncidentKind.OTHER, DeliveryStatus.DELIVERED),
        ("address_correction", IncidentKind.ADDRESS_PROBLEM, DeliveryStatus.DELIVERED),
        ("delayed", IncidentKind.LATE_RISK, DeliveryStatus.DELIVERED),
        ("weather_delay", IncidentKind.WEATHER, DeliveryStatus.DELIVERED),
        ("lost", IncidentKind.LOST, DeliveryStatus.FAILED),
        ("damaged", IncidentKind.DAMAGED, DeliveryStatus.FAILED),
        ("collection", None, DeliveryStatus.DELIVERED),
    ],
)
async def test_what_happens_to_a_parcel_becomes_an_incident(
    rig: Rig, fate: str, kind: IncidentKind | None, final: DeliveryStatus
) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book("USPS.Express", dropoff=door)
    await rig.live(4 * DAY_S)

    assert [update.trouble for update in rig.updates() if update.trouble] == ([kind] if kind else [])
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is final


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("UNAUTHORIZED", "credentials_refused"),
        ("PAYMENT_REQUIRED", "payment_missing"),
        ("FORBIDDEN", "account_suspended"),
        ("INTERNAL_SERVER_ERROR", "unreachable"),
    ],
)
async def test_what_is_wrong_with_the_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.easypost.suspended_with = code

    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, fault)


async def test_a_webhook_that_was_switched_off_is_named(rig: Rig) -> None:
    rig.easypost.disable_webhooks()

    checks = {check.name: check.fault for check in await rig.carrier.check()}

    assert checks == {"credentials": "", "webhooks": "webhook_disabled"}


async def test_a_missing_webhook_secret_is_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks["webhooks"] == "webhook_secret_missing"
    await carrier.close()


async def test_an_outage_while_rating_is_tried_again_and_then_given_up(rig: Rig) -> None:
    rig.easypost.refuse_next("SERVICE_UNAVAILABLE", "rate")
    answer = await rig.ask()
    rig.easypost.outage(True)

    assert answer.quotes
    with pytest.raises(RemoteUnavailable):
        await rig.ask()


async def test_the_second_kind_of_signature_is_sent_as_well(rig: Rig) -> None:
    await rig.book()
    await rig.live(60, step_s=60)
    reader = EasyPostWebhooks(accept_v2=True, clock=rig.clock)
    headers, body = rig.letters[0]

    reader.verify(
        {name: value for name, value in headers.items() if name != "x-hmac-signature"},
        body,
        [Secret("sécret")],
    )
