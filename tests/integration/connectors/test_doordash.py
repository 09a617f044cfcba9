"""The DoorDash connector against the simulated DoorDash, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from connectors.couriers.doordash import CONNECTOR
from connectors.couriers.doordash.connector import DoorDash
from connectors.couriers.doordash.refusals import FAMILIES
from connectors.couriers.doordash.webhook import DoorDashWebhooks
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
from doorstep.goods import Goods, GoodsTrait
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.proof import ProofKind
from doorstep.quote import CarrierQuote, DeclineReason, QuoteRequest
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.carriers.books import BookState
from simulator.carriers.doordash import ERRORS, FakeDoorDash
from simulator.carriers.doordash.problems import natural_operation
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUDGET_S = 5.0
LOST_BUDGET_S = 1.0
CREDENTIALS = {
    "developer_id": "dev_42",
    "key_id": "key_42",
    # base64url of 32 bytes that are nobody's.
    "signing_secret": "bm90LWEtcmVhbC1zaWduaW5nLXNlY3JldC0xMjM0NTY",
    "webhook_authorization": "Basic bm90OnJlYWw=",
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
    fake: FakeDoorDash
    carrier: DoorDash
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]
    world: Starlette

    def crooked(self, *routes: BaseRoute) -> DoorDash:
        """The connector behind a proxy that answers some calls by itself."""
        self.world.mount("/crooked", Starlette(routes=[*routes, Mount("/", self.fake.app)]))
        return connected(f"{self.base_url.removesuffix('/doordash')}/crooked")

    def connect(self, **changes: str) -> DoorDash:
        return connected(self.base_url, **changes)

    async def live(self, minutes: float, step_s: float = 20.0) -> None:
        for _ in range(int(minutes * 60 // step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
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
            items=(("Bread", 2),),
        )
        return replace(plain, **changes)

    async def book(self, **changes: Any) -> Booking:
        about = {name: changes[name] for name in ("dropoff", "goods", "requirements") if name in changes}
        return await self.carrier.book(self.request(await self.offer(**about), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        reader = DoorDashWebhooks()
        read = [update for headers, body in self.letters for update in reader.read(headers, body)]
        once = {update.source_event_id: update for update in read}
        return sorted(once.values(), key=lambda update: update.occurred_at)

    def ids(self) -> list[str]:
        return [entry.external_id for entry in self.fake.books()]


async def not_found(_request: Request) -> Response:
    return PlainTextResponse("no such page", 404)


class CutShort:
    """Promises ten bytes and sends one."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def connected(base_url: str, **changes: str) -> DoorDash:
    secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
    carrier = CONNECTOR.connect(secrets, base_url)
    assert isinstance(carrier, DoorDash)
    return carrier


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    special: dict[str, Any] = getattr(request, "param", {})
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = FakeDoorDash(
            clock,
            postman,
            random.Random(7),
            developer_id=CREDENTIALS["developer_id"],
            key_id=CREDENTIALS["key_id"],
            signing_secret=CREDENTIALS["signing_secret"],
            webhook_url=f"{url}/hook",
            webhook_authorization=CREDENTIALS["webhook_authorization"],
            geocode={"1 Main St, Port Meridian, NY 10001, US": STORE.location}.get,
            **special,
        )
        world.mount("/doordash", fake.app)
        carrier = connected(f"{url}/doordash")
        yield Rig(clock, postman, fake, carrier, f"{url}/doordash", letters, world)
        await carrier.close()
        await fake.close()
        await postman.close()


def test_the_simulator_and_the_connector_know_the_same_codes() -> None:
    # The limit on calls has no code of its own.
    assert ERRORS.keys() - {"rate_limit"} == FAMILIES.keys()


AT_QUOTE = sorted(code for code in ERRORS if natural_operation(code) == "quote")


@pytest.mark.parametrize("code", AT_QUOTE)
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(rig: Rig, code: str) -> None:
    door = replace(DOOR, instructions=f"Please FAIL {code} at the door")
    try:
        answer = await rig.carrier.quote(rig.question(dropoff=door), BUDGET_S)
        raw_codes = [decline.raw_code for decline in answer.declined]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == ["429" if code == "rate_limit" else code]


@pytest.mark.parametrize(
    "code", sorted(code for code in ERRORS if natural_operation(code) in {"cancel", "update"})
)
async def test_every_error_of_a_change_or_a_cancelling_is_an_error_of_ours(rig: Rig, code: str) -> None:
    made = await rig.book()
    rig.fake.refuse_next(code)

    if natural_operation(code) == "cancel":
        with pytest.raises((RemoteRefused, RemoteUnavailable)) as failed:
            await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
        assert failed.value.raw_code == code
    elif code == "update_not_allowed/duplicate_request":
        update = await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)
        assert update.status is DeliveryStatus.BOOKED
    else:
        with pytest.raises((RemoteRefused, RemoteUnavailable)) as failed:
            await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)
        assert failed.value.raw_code == code
    assert rig.fake.books()[0].state is BookState.LIVE


@pytest.mark.parametrize("way", ["accept", "create"])
@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        (
            "invalid_delivery_parameters/delivery_address_not_in_coverage",
            RemoteRefused,
            IncidentKind.ADDRESS_PROBLEM,
        ),
        ("invalid_delivery_parameters/outside_of_delivery_time", RemoteRefused, IncidentKind.LATE_RISK),
        ("authorization_error", AccountProblem, IncidentKind.OTHER),
        ("rate_limit", RateLimited, IncidentKind.OTHER),
        ("service_fault", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, way: str, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    offer = await rig.offer()
    if way == "create":
        rig.clock.advance(5 * 60)
    rig.fake.refuse_next(code, way)

    with pytest.raises(error) as failed:
        await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert rig.fake.books() == []


async def test_a_missing_phone_number_is_declined_and_refused_in_words(rig: Rig) -> None:
    mute = replace(DOOR, phone=None, phone_raw="call me")

    answer = await rig.carrier.quote(rig.question(dropoff=mute), BUDGET_S)
    with pytest.raises(RemoteRefused, match="phone number at the delivery address") as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=mute), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


@pytest.mark.parametrize(
    ("door", "code"),
    [
        (LatLng(40.95, -73.95), "distance_too_long"),
        (LatLng(41.05, -73.98), "delivery_address_not_in_coverage"),
    ],
)
async def test_too_far_and_out_of_coverage_are_out_of_area(rig: Rig, door: LatLng, code: str) -> None:
    answer = await rig.carrier.quote(rig.question(dropoff=DOOR.at(door)), BUDGET_S)

    (decline,) = answer.declined
    assert (decline.reason, decline.raw_code) == (
        DeclineReason.OUT_OF_AREA,
        f"invalid_delivery_parameters/{code}",
    )


async def test_prices_in_another_currency_are_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "EUR")), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.RULE)


async def test_a_quote_that_is_asked_for_again_has_another_id(rig: Rig) -> None:
    rig.fake.refuse_next("service_fault", "quote")
    offers = [await rig.offer() for _ in range(2)]

    assert len({offer.booking_data["external_delivery_id"] for offer in offers}) == 2


async def test_a_live_quote_is_accepted_and_labelled(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.external_id == offer.booking_data["external_delivery_id"]
    (entry,) = rig.fake.books()
    assert entry.reference == "1001"
    items = rig.fake.desk.get(made.external_id).body["items"]
    assert isinstance(items, list)
    assert [item["name"] for item in items] == ["2 x Bread"]


async def test_a_label_that_fails_undoes_no_booking_and_a_repeat_puts_it_on(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next("service_fault", "update")

    made = await rig.carrier.book(request, BUDGET_S)
    bare = rig.fake.books()[0].reference
    again = await rig.carrier.book(request, BUDGET_S)

    assert (bare, rig.fake.books()[0].reference) == ("", "1001")
    assert again.external_id == made.external_id


@pytest.mark.parametrize("minutes", [5, 16])
async def test_an_expired_quote_is_replaced_by_a_delivery_under_the_booking_key(
    rig: Rig, minutes: float
) -> None:
    offer = await rig.offer()
    rig.clock.advance(minutes * 60)
    request = rig.request(offer)

    made = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert made.external_id == again.external_id == "leg_01"
    assert made.price == offer.price
    assert [(entry.external_id, entry.reference) for entry in rig.fake.books()] == [("leg_01", "1001")]


@pytest.mark.parametrize("code", ["validation_error", "unknown_delivery_id", "duplicate_delivery_id"])
async def test_a_quote_that_doordash_no_longer_takes_is_replaced(rig: Rig, code: str) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "accept")

    made = await rig.carrier.book(request, BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]


async def test_what_a_rule_adds_after_the_quote_is_not_lost(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, requirements=(HandoverRequirement.ID_CHECK,)), BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]
    assert rig.fake.desk.get("leg_01").body["dropoff_options"] == {"id_verification": "required"}


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.fake.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def test_an_offer_from_elsewhere_is_booked_at_doordashs_price(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, booking_data={}), BUDGET_S)

    assert (made.external_id, made.price) == ("leg_01", offer.price)


@pytest.mark.parametrize("waits_s", [0, 6 * 60], ids=["within the quote", "after it"])
async def test_an_acceptance_whose_answer_was_lost_is_adopted(rig: Rig, waits_s: float) -> None:
    offer = await rig.offer()
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(rig.request(offer), LOST_BUDGET_S)
    rig.clock.advance(waits_s)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == [offer.booking_data["external_delivery_id"]]


async def test_a_creation_whose_answer_was_lost_is_adopted(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(rig.request(offer), LOST_BUDGET_S)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]


@pytest.mark.parametrize("waits_s", [0, 6 * 60], ids=["accepting", "creating"])
async def test_ten_calls_with_one_key_at_once_make_one_delivery(rig: Rig, waits_s: float) -> None:
    offer = await rig.offer()
    rig.clock.advance(waits_s)
    request = rig.request(offer)

    made = await asyncio.gather(*(rig.carrier.book(request, BUDGET_S) for _ in range(10)))

    assert rig.ids() == list({booking.external_id for booking in made})


async def test_another_attempt_with_the_same_offer_adopts_what_lives_for_the_same_goods(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert rig.ids() == [first.external_id] == [second.external_id]


async def test_other_goods_with_the_same_offer_are_not_left_standing(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02", reference="1002"), BUDGET_S)

    assert rig.ids() == [first.external_id, second.external_id]
    assert [entry.reference for entry in rig.fake.books()] == ["1001", "1002"]


async def test_an_offer_whose_booking_was_called_off_is_booked_anew_for_the_same_goods(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.carrier.cancel(first.external_id, "other", BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert rig.ids() == [first.external_id, second.external_id]
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_what_is_booked_is_found_before_anybody_asks_for_the_price(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    rig.fake.set_price_factor(2.0)

    again = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert (again.external_id, again.price) == (made.external_id, made.price)


async def test_what_is_booked_is_found_though_its_window_could_be_asked_for_no_more(rig: Rig) -> None:
    wanted = Window(START + timedelta(hours=1), START + timedelta(hours=2))
    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    rig.clock.advance(1.9 * 3600)

    again = await rig.carrier.book(rig.request(offer), BUDGET_S)
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(rig.request(offer, booking_key="leg_02", reference="1002"), BUDGET_S)

    assert rig.ids() == [again.external_id] == [made.external_id]
    assert refused.value.kind is IncidentKind.LATE_RISK


async def test_a_proxys_404_is_not_believed_to_mean_that_nothing_was_booked(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    astray = rig.crooked(Route("/drive/v2/deliveries/{id}", not_found, methods=["GET"]))

    with pytest.raises(UnknownOutcome):
        await astray.book(rig.request(offer), BUDGET_S)

    assert rig.fake.books() == []
    await astray.close()


async def test_a_label_whose_answer_is_cut_short_undoes_no_booking(rig: Rig) -> None:
    offer = await rig.offer()
    cut = rig.crooked(Route("/drive/v2/deliveries/{id}", CutShort(), methods=["PATCH"]))

    made = await cut.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == [offer.booking_data["external_delivery_id"]]
    await cut.close()


@pytest.mark.parametrize(
    ("wanted_in", "lasts"),
    [(45, 60), (90, 15), (180, 120), (60 * 24 * 3, 60)],
    ids=["soon", "narrow", "later", "in three days"],
)
async def test_wanted_windows_are_ones_that_doordash_takes_and_keeps(
    rig: Rig, wanted_in: int, lasts: int
) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    made = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    await rig.live(wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert start <= arrived.occurred_at < wanted.end + timedelta(minutes=15)


async def test_a_ride_is_told_step_by_step_and_its_dasher_comes_nearer(rig: Rig) -> None:
    made = await rig.book()
    assert DOOR.location is not None
    far: list[float] = []
    for _ in range(90):
        await rig.live(1 / 3)
        now = await rig.carrier.fetch(made.external_id, BUDGET_S)
        if now.status is DeliveryStatus.OUT_FOR_DELIVERY and now.position is not None:
            far.append(distance_m(now.position.location, DOOR.location))

    updates = rig.updates()
    assert [update.status for update in updates] == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id}
    assert all(update.courier is not None for update in updates[1:])
    assert len(far) > 5
    assert far == sorted(far, reverse=True)


async def test_a_dasher_who_gives_the_job_back_is_followed_by_another(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(2)

    assert rig.fake.drop_dasher(made.external_id)
    searching = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(60)

    assert (searching.status, searching.trouble) == (DeliveryStatus.BOOKED, None)
    assert [update.raw_status for update in rig.updates()].count("DASHER_CONFIRMED") == 2
    assert rig.fake.books()[0].state is BookState.DELIVERED


FATES = [
    ("failed_to_process_payment", DeliveryStatus.FAILED, IncidentKind.OTHER, BookState.CANCELLED),
    ("failed_to_assign_and_refunded", DeliveryStatus.FAILED, IncidentKind.NO_COURIER, BookState.CANCELLED),
    ("failed_to_pickup", DeliveryStatus.FAILED, IncidentKind.MISSED_PICKUP, BookState.CANCELLED),
    ("failed_to_deliver", DeliveryStatus.FAILED, IncidentKind.OTHER, BookState.FAILED),
    ("failed_to_return", DeliveryStatus.FAILED, IncidentKind.RETURN_OVERDUE, BookState.FAILED),
    ("undeliverable", DeliveryStatus.RETURNED, None, BookState.FAILED),
]


@pytest.mark.parametrize(("fate", "status", "trouble", "state"), FATES)
async def test_every_bad_ending_is_told_by_webhook_and_by_asking(
    rig: Rig, fate: str, status: DeliveryStatus, trouble: IncidentKind | None, state: BookState
) -> None:
    made = await rig.book(dropoff=replace(DOOR, instructions=f"FATE {fate}"))
    await rig.live(90, step_s=60)

    last = rig.updates()[-1]
    asked = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (last.status, last.trouble) == (asked.status, asked.trouble) == (status, trouble)
    assert rig.fake.books()[0].state is state


async def test_goods_that_cannot_be_handed_over_come_back_step_by_step(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, instructions="FATE undeliverable"))
    await rig.live(90, step_s=60)

    ending = rig.updates()[-4:]
    assert [(update.raw_status, update.status) for update in ending] == [
        ("DELIVERY_RETURN_INITIALIZED", DeliveryStatus.RETURNING),
        ("DASHER_ENROUTE_TO_RETURN", DeliveryStatus.RETURNING),
        ("DASHER_CONFIRMED_RETURN_ARRIVAL", DeliveryStatus.RETURNING),
        ("DELIVERY_RETURNED", DeliveryStatus.RETURNED),
    ]
    assert ending[0].trouble is IncidentKind.OTHER
    assert {update.external_id for update in ending} == {made.external_id}


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "customer_called_to_cancel", BUDGET_S)
    await rig.live(1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_it_is_too_late_to_cancel_once_the_dasher_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(30)

    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert refused.value.raw_code in {
        "cancel_not_allowed/delivery_picked_up",
        "cancel_not_allowed/delivery_completed",
    }


async def test_a_cancelling_that_doordash_already_works_on_is_read_until_it_is_done(rig: Rig) -> None:
    made = await rig.book()
    for _ in range(2):
        rig.fake.refuse_next("cancel_not_allowed/duplicate_request")

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    rig.fake.desk.cancel(made.external_id, rig.clock.now())
    update = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert update.status is DeliveryStatus.CANCELLED


async def test_a_door_is_moved_and_the_dasher_goes_there(rig: Rig) -> None:
    made = await rig.book()
    moved = replace(DOOR, line1="9 Far St", location=LatLng(40.76, -73.97), instructions="Blue door")

    update = await rig.carrier.change(made.external_id, BookingChange(dropoff=moved), BUDGET_S)
    await rig.live(60)

    assert update.price is not None
    assert update.price > made.price
    arrived = next(update for update in rig.updates() if update.status is DeliveryStatus.AT_DROPOFF)
    assert arrived.position is not None
    assert moved.location is not None
    assert distance_m(arrived.position.location, moved.location) < 1


async def test_a_window_is_moved_and_kept(rig: Rig) -> None:
    wanted = Window(START + timedelta(hours=2), START + timedelta(hours=3))
    made = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    later = Window(START + timedelta(hours=5), START + timedelta(hours=6))

    await rig.carrier.change(made.external_id, BookingChange(window=later), BUDGET_S)
    await rig.live(7 * 60, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert later.contains(arrived.occurred_at)


async def test_nothing_to_change_reads_where_it_stands(rig: Rig) -> None:
    made = await rig.book()

    assert (await rig.carrier.change(made.external_id, BookingChange(), BUDGET_S)).raw_status == "created"


async def test_a_change_comes_too_late_once_the_goods_are_on_their_way(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(30)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)


async def test_a_change_whose_answer_is_lost_is_an_unknown_outcome(rig: Rig) -> None:
    made = await rig.book()
    rig.fake.slow(5.0)

    with pytest.raises(UnknownOutcome):
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), 0.25)


async def test_a_tip_stands_once_and_is_never_lowered(rig: Rig) -> None:
    made = await rig.book()

    stands = [await rig.carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S) for _ in range(2)]
    lower = await rig.carrier.raise_offer(made.external_id, Money(100, "USD"), BUDGET_S)

    assert [*stands, lower] == [Money(300, "USD")] * 3
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).price == made.price


async def test_a_tip_is_refused_once_somebody_has_taken_the_job(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(3)

    with pytest.raises(RemoteRefused, match="taken"):
        await rig.carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S)
    with pytest.raises(RemoteRefused, match="EUR"):
        await rig.carrier.raise_offer(made.external_id, Money(300, "EUR"), BUDGET_S)


async def test_a_delivery_with_a_signature_has_its_proofs_and_their_pictures(rig: Rig) -> None:
    made = await rig.book(requirements=(HandoverRequirement.SIGNATURE,))
    early = await rig.carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(60)

    proofs = await rig.carrier.proofs(made.external_id, BUDGET_S)

    assert early == ()
    assert [(proof.kind, proof.is_pickup) for proof in proofs] == [
        (ProofKind.PHOTO, True),
        (ProofKind.PHOTO, False),
        (ProofKind.SIGNATURE, False),
    ]
    async with aiohttp.ClientSession() as session, session.get(proofs[1].url) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")


async def test_alcohol_is_told_and_comes_back_whatever_was_wished_for(rig: Rig) -> None:
    goods = Goods(frozenset({GoodsTrait.ALCOHOL}))
    made = await rig.book(goods=goods, dropoff=replace(DOOR, instructions="FATE undeliverable"))
    await rig.live(90, step_s=60)

    told = rig.fake.desk.get(made.external_id).body
    assert told["order_contains"] == {"alcohol": True}
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.RETURNED


async def test_deliveries_on_one_route_are_still_told_apart(rig: Rig) -> None:
    first = await rig.book()
    second = await rig.book(booking_key="leg_02", reference="1002")
    before = len(rig.updates())
    rig.fake.batch(first.external_id, second.external_id)
    await rig.postman.tick(rig.clock.now() + timedelta(seconds=60))

    assert sum(b"DELIVERY_BATCHED" in body for _, body in rig.letters) >= 2
    assert len(rig.updates()) == before + 2  # DELIVERY_CREATED of each, and nothing of the batch


@pytest.mark.parametrize("rig", [{"calls_a_minute": 3}], indirect=True)
async def test_the_limit_on_calls_is_a_rate_limit_that_passes(rig: Rig) -> None:
    for _ in range(3):
        await rig.offer()

    with pytest.raises(RateLimited) as limited:
        await rig.offer()
    rig.clock.advance(60)

    assert limited.value.retry_after_s == 30.0
    assert (await rig.offer()).price.minor > 0


async def test_an_access_key_without_rights_is_named(rig: Rig) -> None:
    rig.fake.is_forbidden = True

    with pytest.raises(AccountProblem, match="approval"):
        await rig.carrier.quote(rig.question(), BUDGET_S)
    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, "account_refused")


@pytest.mark.parametrize(
    "changes",
    [
        {"developer_id": "dev_43"},
        {"key_id": "key_43"},
        {"signing_secret": "YW5vdGhlci1zaWduaW5nLXNlY3JldC0xMjM0NTY3ODk"},
    ],
    ids=lambda changes: str(*changes),
)
async def test_every_wrong_part_of_an_access_key_is_refused(rig: Rig, changes: dict[str, str]) -> None:
    stranger = rig.connect(**changes)

    checks = {check.name: check.fault for check in await stranger.check()}

    assert checks == {"credentials": "credentials_refused", "webhooks": ""}
    await stranger.close()


async def test_a_missing_webhook_authorization_is_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_authorization="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "webhooks": "webhook_secret_missing"}
    await carrier.close()
