"""The Stuart connector against the simulated Stuart, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
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

from connectors.couriers.stuart import CONNECTOR
from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.address import Address
from doorstep.delivery import Booking, BookingChange, BookingRequest, CarrierUpdate, DeliveryStatus
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
from doorstep.ports import CarrierConnector, ChangesBookings, ShowsProof
from doorstep.proof import ProofKind
from doorstep.quote import CarrierQuote, DeclineReason, QuoteRequest
from doorstep.secret import Secret
from doorstep.window import PromiseBasis, Window
from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.stuart import FakeStuart
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

# A Monday, noon in Paris.
START = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
BUDGET_S = 5.0
CREDENTIALS = {"client_id": "client", "client_secret": "hush", "webhook_secret": "key"}

SHOP = Address(
    "FR",
    name="Till",
    line1="1 rue du Test",
    city="Paris",
    postal_code="75001",
    phone="+33100000001",
    location=LatLng(48.860, 2.340),
)
DOOR = replace(SHOP, name="A. Shopper", line1="2 rue du Test", location=LatLng(48.868, 2.352))


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    stuart: FakeStuart
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    def connect(self, **changes: str) -> CarrierConnector:
        secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
        return CONNECTOR.connect(secrets, self.base_url)

    async def live(self, minutes: float, step_s: float = 20.0) -> None:
        for _ in range(int(minutes * 60 // step_s)):
            self.clock.advance(step_s)
            await self.stuart.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest(
            "qst_1", SHOP, DOOR, (Parcel(1_000),), Money(4200, "EUR"), now, now, "Europe/Paris"
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
            SHOP,
            DOOR,
            (Parcel(1_000),),
            Money(4200, "EUR"),
            now,
            now,
            offer.promise,
            dict(offer.booking_data),
        )
        return replace(plain, **changes)

    async def book(self, **changes: Any) -> Booking:
        return await self.carrier.book(self.request(await self.offer(), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        """As they arrived: Stuart's messages say nothing of when things happened."""
        reader = StuartWebhooks(self.clock)
        return [update for headers, body in self.letters for update in reader.read(headers, body)]


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
        stuart = FakeStuart(
            clock,
            postman,
            random.Random(7),
            client_id="client",
            client_secret="hush",
            webhook_url=f"{url}/hook",
            webhook_secret="key",
            couriers=2,
            habits=Habits(),
        )
        world.mount("/stuart", stuart.app)
        secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
        carrier = CONNECTOR.connect(secrets, f"{url}/stuart")
        yield Rig(clock, postman, stuart, carrier, f"{url}/stuart", letters)
        await carrier.close()
        await stuart.close()
        await postman.close()


async def test_price_and_eta_are_asked_at_once_and_share_one_token(rig: Rig) -> None:
    offers = await asyncio.gather(*(rig.offer() for _ in range(5)))

    assert rig.stuart.tokens_given == 1
    assert {offer.promise.basis for offer in offers} == {PromiseBasis.PREDICTED}


async def test_a_token_that_was_revoked_is_replaced_even_for_a_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.stuart.revoke_tokens()

    made = await rig.carrier.book(request, BUDGET_S)

    assert made.status is DeliveryStatus.SEARCHING
    assert rig.stuart.tokens_given == 1


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "OUT_OF_RANGE", "TOO_MANY_REQUESTS"])
async def test_a_price_whose_eta_is_refused_is_still_an_offer(rig: Rig, code: str) -> None:
    rig.stuart.refuse_next(code, "eta")

    offer = await rig.offer()

    assert offer.promise.basis is PromiseBasis.APPROXIMATE
    assert offer.promise.window.start > START


async def test_an_eta_that_never_comes_does_not_make_the_offer_late(rig: Rig) -> None:
    await rig.offer()
    rig.stuart.slow_eta()

    answer = await rig.carrier.quote(rig.question(), 0.5)

    assert answer.quotes[0].promise.basis is PromiseBasis.APPROXIMATE


async def test_a_refused_price_does_not_wait_for_the_eta(rig: Rig) -> None:
    rig.stuart.slow_eta()
    rig.stuart.refuse_next("OUT_OF_RANGE", "pricing")

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.OUT_OF_AREA


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("JOB_DISTANCE_NOT_ALLOWED", DeclineReason.OUT_OF_AREA),
        ("OUT_OF_RANGE", DeclineReason.OUT_OF_AREA),
        ("ADDRESS_INVALID", DeclineReason.OUT_OF_AREA),
        ("CANT_GEOCODE_ADDRESS", DeclineReason.ADDRESS_PROBLEM),
        ("PHONE_INVALID", DeclineReason.ADDRESS_PROBLEM),
        ("ADDRESS_CONTACT_PHONE_REQUIRED", DeclineReason.ADDRESS_PROBLEM),
        ("JOB_PICKUP_AT_INVALID", DeclineReason.PAST_CUTOFF),
        ("EMAIL_INVALID", DeclineReason.OTHER),
        ("JOB_DELIVERIES_INVALID", DeclineReason.OTHER),
        ("RECORD_INVALID", DeclineReason.OTHER),
        ("BAD_REQUEST", DeclineReason.OTHER),
    ],
)
async def test_an_address_that_stuart_refuses_is_a_decline(
    rig: Rig, code: str, reason: DeclineReason
) -> None:
    door = replace(DOOR, line1=f"2 FAIL {code} rue")

    (decline,) = (await rig.carrier.quote(rig.question(dropoff=door), BUDGET_S)).declined

    assert (decline.reason, decline.raw_code) == (reason, code)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropoff": Address("FR", postal_code="75002")}, DeclineReason.ADDRESS_PROBLEM),
        ({"parcels": (Parcel(80_000),)}, DeclineReason.TOO_HEAVY),
        ({"value": Money(100, "GBP")}, DeclineReason.RULE),
        ({"dropoff": replace(DOOR, city="Nowhere", location=None)}, DeclineReason.ADDRESS_PROBLEM),
        ({"ready_at": START + timedelta(days=5)}, DeclineReason.RULE),
    ],
)
async def test_what_cannot_be_is_declined(rig: Rig, changes: dict[str, Any], reason: DeclineReason) -> None:
    answer = await rig.carrier.quote(rig.question(**changes), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), reason)


async def test_pounds_are_charged_in_london(rig: Rig) -> None:
    shop = replace(SHOP, country="GB", city="London", location=LatLng(51.507, -0.128))
    door = replace(shop, line1="2 Test St", location=None)

    offer = await rig.offer(pickup=shop, dropoff=door, value=Money(100, "GBP"))

    assert offer.price.currency == "GBP"


@pytest.mark.parametrize(("wanted_in", "lasts"), [(60, 60), (60, 20), (60 * 24 * 3, 60)])
async def test_a_wanted_window_is_kept(rig: Rig, wanted_in: int, lasts: int) -> None:
    start = START + timedelta(minutes=wanted_in)
    window = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=window)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert window.start - timedelta(minutes=5) <= arrived.occurred_at < window.end + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("OUT_OF_RANGE", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("JOB_PICKUP_AT_INVALID", RemoteRefused, IncidentKind.LATE_RISK),
        ("RECORD_INVALID:job.dropoff_at", RemoteRefused, IncidentKind.LATE_RISK),
        ("FORBIDDEN", AccountProblem, IncidentKind.OTHER),
        ("TOO_MANY_REQUESTS", RateLimited, IncidentKind.OTHER),
        ("INTERNAL_SERVER_ERROR", UnknownOutcome, IncidentKind.CARRIER_DOWN),
        ("SERVICE_UNAVAILABLE", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.stuart.refuse_next(code, "create")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert rig.stuart.books() == []


async def test_a_twin_that_appeared_after_we_looked_is_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())

    first, second = await asyncio.gather(*(rig.carrier.book(request, BUDGET_S) for _ in range(2)))

    assert first.tracking_number == second.tracking_number
    assert len(rig.stuart.books()) == 1


async def test_a_taken_reference_whose_job_does_not_show_itself_is_in_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.stuart.refuse_next("RECORD_INVALID:job.dropoffs.client_reference", "create")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_booking_that_is_over_already_is_refused_and_not_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    await rig.carrier.book(request, BUDGET_S)
    rig.stuart.call_off("leg_01", "no_supply")

    with pytest.raises(RemoteRefused, match="over already") as refused:
        await rig.carrier.book(request, BUDGET_S)

    assert refused.value.kind is IncidentKind.NO_COURIER
    assert len(rig.stuart.books()) == 1


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
@pytest.mark.parametrize("is_stale", [False, True], ids=["fresh", "stale"])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool, is_stale: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60 if is_stale else 60)
    rig.stuart.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    # A stale price is asked for again first; otherwise only the booking tells, and is called off.
    states = [entry.state for entry in rig.stuart.books()]
    assert states == ([] if is_stale else [BookState.CANCELLED])


async def test_a_dear_booking_that_was_perhaps_not_called_off_is_in_doubt_until_the_repeat(
    rig: Rig,
) -> None:
    request = rig.request(await rig.offer())
    rig.stuart.set_price_factor(2.0)
    rig.stuart.refuse_next("SERVICE_UNAVAILABLE", "cancel")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await rig.carrier.book(request, BUDGET_S)

    assert [entry.state for entry in rig.stuart.books()] == [BookState.CANCELLED]


async def test_a_ride_is_told_step_by_step_with_positions(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(60)
    updates = rig.updates()

    assert list(dict.fromkeys(update.status for update in updates)) == [
        DeliveryStatus.SEARCHING,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id} == {"leg_01"}
    riding = [
        update.position.location
        for update in updates
        if update.raw_status == "delivering" and update.position is not None
    ]
    assert DOOR.location is not None
    far = [distance_m(here, DOOR.location) for here in riding]
    assert len(far) > 5
    assert far == sorted(far, reverse=True)
    assert all(update.dropoff_eta is not None for update in updates if update.raw_status == "delivering")


async def test_a_courier_who_gives_up_is_looked_for_again_by_stuart(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(2)

    assert rig.stuart.drop_next_courier() == "leg_01"
    lost = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(60)
    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (lost.status, lost.trouble) == (DeliveryStatus.SEARCHING, None)
    assert arrived.status is DeliveryStatus.DELIVERED


async def test_a_job_that_stuart_calls_off_is_an_incident_and_our_own_is_none(rig: Rig) -> None:
    await rig.book()
    await rig.book(booking_key="leg_02")
    rig.stuart.call_off("leg_01", "no_supply")
    await rig.carrier.cancel("leg_02", "other", BUDGET_S)
    await rig.live(1)

    ends = {
        update.external_id: update.trouble
        for update in rig.updates()
        if update.status is DeliveryStatus.CANCELLED
    }
    assert ends == {"leg_01": IncidentKind.NO_COURIER, "leg_02": None}


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ("end-customer_unreachable", IncidentKind.RECIPIENT_UNAVAILABLE),
        ("end-customer_refused_package", IncidentKind.REFUSED),
        ("address_error", IncidentKind.ADDRESS_PROBLEM),
    ],
)
async def test_goods_that_nobody_takes_in_are_a_failure(rig: Rig, fate: str, kind: IncidentKind) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 FATE {fate} rue"))
    await rig.live(60)

    ended = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (ended.status, ended.trouble, ended.raw_reason) == (DeliveryStatus.FAILED, kind, fate)
    assert rig.stuart.books()[0].state is BookState.FAILED


async def test_nobody_free_for_long_is_called_off_for_want_of_couriers(rig: Rig) -> None:
    far_door = replace(DOOR, location=LatLng(48.925, 2.340))
    offer = await rig.offer(dropoff=far_door)
    for place in range(4):
        request = rig.request(offer, booking_key=f"leg_{place}", dropoff=far_door)
        await rig.carrier.book(request, BUDGET_S)
    await rig.live(45)

    troubles = [(await rig.carrier.fetch(f"leg_{place}", BUDGET_S)).trouble for place in range(4)]

    assert troubles.count(IncidentKind.NO_COURIER) == 2


async def test_it_is_too_late_to_cancel_once_the_courier_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(20)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)


async def test_contacts_change_and_another_street_does_not(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, ChangesBookings)
    other_phone = BookingChange(dropoff=replace(DOOR, phone="+33100000077"), instructions="Ring twice")

    update = await carrier.change(made.external_id, other_phone, BUDGET_S)
    with pytest.raises(RemoteRefused, match="another address"):
        await carrier.change(
            made.external_id, BookingChange(dropoff=replace(DOOR, line1="9 rue Autre")), BUDGET_S
        )

    assert update.external_id == made.external_id
    job = rig.stuart.desk.listed({"client_reference": "leg_01"})[0]
    assert job.order.dropoff.sent["comment"] == "Ring twice"
    assert job.order.dropoff.sent["contact"]["phone"] == "+33100000077"  # type: ignore[index] # sent as JSON


async def test_a_delivered_package_has_a_signature_and_a_picture(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, ShowsProof)
    before = await carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(60)

    proofs = await carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert [proof.kind for proof in proofs] == [ProofKind.SIGNATURE, ProofKind.PHOTO]


async def test_a_missing_webhook_key_and_a_closed_account_are_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")
    rig.stuart.refuse_next("FORBIDDEN", "list")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "account": "account_refused", "webhooks": "webhook_secret_missing"}
    await carrier.close()


async def test_a_sign_in_that_is_away_is_unavailable(rig: Rig) -> None:
    carrier = CONNECTOR.connect(
        {name: Secret(value) for name, value in CREDENTIALS.items()}, f"{rig.base_url}/elsewhere"
    )

    with pytest.raises(RemoteUnavailable):
        await carrier.quote(rig.question(), BUDGET_S)
    await carrier.close()
