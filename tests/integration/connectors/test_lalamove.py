"""The Lalamove connector against the simulated Lalamove, over HTTP and a clock that is moved by hand."""

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

from connectors.couriers.lalamove import Heard, plugin
from connectors.couriers.lalamove.connector import Lalamove
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
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.proof import ProofKind
from doorstep.quote import CarrierQuote, DeclineReason, QuoteRequest, VehicleKind
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.carriers.books import BookState
from simulator.carriers.lalamove import ERRORS, MARKETS, FakeLalamove, Pace
from simulator.carriers.lalamove.problems import natural_operation
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BUDGET_S = 5.0
# Long enough on a busy machine for the call to arrive.
LOST_BUDGET_S = 0.5
CREDENTIALS = {"api_key": "pk_test_1", "api_secret": "sk_test_1", "market": "HK"}
KEY = Secret("sk_test_1")

STORE = Address(
    "HK",
    company="Corner Shop",
    line1="1 Main St",
    city="Hong Kong",
    phone="+85255550100",
    location=LatLng(22.3354, 114.1761),
)
DOOR = replace(
    STORE,
    company="",
    name="A. Shopper",
    line1="2 Side St",
    phone="+85255550109",
    location=LatLng(22.3193, 114.1694),
)
ELSEWHERE = replace(DOOR, line1="4 Side St", location=LatLng(22.3200, 114.1700))


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    lalamove: FakeLalamove
    carrier: Lalamove
    heard: Heard
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    def connect(self, heard: Heard | None = None, **changes: str) -> Lalamove:
        secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
        carrier = plugin(self.heard if heard is None else heard).connect(secrets, self.base_url)
        assert isinstance(carrier, Lalamove)
        return carrier

    async def live(self, minutes: float, step_s: float = 20.0) -> None:
        for _ in range(int(minutes * 60 // step_s)):
            self.clock.advance(step_s)
            await self.lalamove.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    async def until(self, raw_status: str, external_id: str) -> CarrierUpdate:
        for _ in range(400):
            update = await self.carrier.fetch(external_id, BUDGET_S)
            if update.raw_status == raw_status:
                return update
            await self.live(0.5, step_s=30)
        raise AssertionError(f"never {raw_status}")

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest(
            "qst_1", STORE, DOOR, (Parcel(1_000),), Money(42_000, "HKD"), now, now, "Asia/Hong_Kong"
        )
        return replace(plain, **changes)

    async def offer(self, **changes: Any) -> CarrierQuote:
        return (await self.carrier.quote(self.question(**changes), BUDGET_S)).quotes[0]

    def request(self, offer: CarrierQuote, **changes: Any) -> BookingRequest:
        now = self.clock.now()
        plain = BookingRequest(
            "leg_01",
            "1001",
            offer.service,
            STORE,
            DOOR,
            (Parcel(1_000),),
            Money(42_000, "HKD"),
            now,
            now,
            offer.promise,
            dict(offer.booking_data),
            items=(("Bread", 2),),
        )
        return replace(plain, **changes)

    async def book(self, **changes: Any) -> Booking:
        # A quotation carries the addresses, so a booking to another door needs one of its own.
        there = {"dropoff": changes["dropoff"]} if "dropoff" in changes else {}
        return await self.carrier.book(self.request(await self.offer(**there), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        reader = plugin(self.heard, webhook_path="/hook").webhooks
        assert reader is not None
        once: dict[str, CarrierUpdate] = {}
        for headers, body in self.letters:
            reader.verify(headers, body, [KEY])
            once |= {update.source_event_id: update for update in reader.read(headers, body)}
        return sorted(once.values(), key=lambda update: update.occurred_at)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    pace: Pace = getattr(request, "param", Pace())
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        lalamove = FakeLalamove(
            clock,
            postman,
            random.Random(7),
            api_key="pk_test_1",
            api_secret="sk_test_1",
            market=MARKETS["HK"],
            webhook_url=f"{url}/hook",
            pace=pace,
            tells_of_wallet=True,
        )
        world.mount("/lalamove", lalamove.app)
        heard = Heard()
        secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
        carrier = plugin(heard).connect(secrets, f"{url}/lalamove")
        assert isinstance(carrier, Lalamove)
        yield Rig(clock, postman, lalamove, carrier, heard, f"{url}/lalamove", letters)
        await carrier.close()
        await lalamove.close()
        await postman.close()


async def test_the_two_smallest_services_that_take_the_goods_make_offers(rig: Rig) -> None:
    small = await rig.carrier.quote(rig.question(), BUDGET_S)
    large = await rig.carrier.quote(rig.question(parcels=(Parcel(150_000, 1_000, 700, 600),)), BUDGET_S)

    assert [(quote.service, quote.vehicle) for quote in small.quotes] == [
        ("MOTORCYCLE", VehicleKind.MOTORCYCLE),
        ("CAR", VehicleKind.CAR),
    ]
    assert [quote.service for quote in large.quotes] == ["CAR", "VAN"]
    assert small.quotes[0].price < small.quotes[1].price
    assert small.quotes[0].expires_at == START + timedelta(minutes=5)


async def test_goods_that_no_vehicle_takes_are_declined_without_asking_for_a_price(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(parcels=(Parcel(9_000_000),)), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.VEHICLE_MISMATCH)


async def test_the_list_of_vehicles_is_read_once_for_all_who_ask_together(rig: Rig) -> None:
    await asyncio.gather(*(rig.offer() for _ in range(4)))
    rig.lalamove.refuse_next("INTERNAL", "cities")

    assert (await rig.offer()).service == "MOTORCYCLE"


async def test_what_is_not_done_at_the_door_is_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(
        rig.question(requirements=(HandoverRequirement.ADULT_SIGNATURE,)), BUDGET_S
    )

    assert answer.declined[0].reason is DeclineReason.AGE_RESTRICTED


async def test_prices_in_another_currency_are_declined_once_for_all_services(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "USD")), BUDGET_S)

    assert (answer.quotes, [decline.reason for decline in answer.declined]) == ((), [DeclineReason.RULE])


async def test_one_service_that_fails_does_not_hide_the_other(rig: Rig) -> None:
    await rig.offer()
    rig.lalamove.refuse_next("ERR_INVALID_SERVICE_TYPE")

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert len(answer.quotes) == 1
    assert answer.declined[0].raw_code == "ERR_INVALID_SERVICE_TYPE"


@pytest.mark.parametrize(
    ("wanted_in", "lasts"), [(60, 60), (180, 120), (60 * 24 * 3, 60)], ids=["soon", "later", "in three days"]
)
async def test_a_driver_is_sent_so_that_the_goods_come_within_the_window(
    rig: Rig, wanted_in: int, lasts: int
) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert wanted.start - timedelta(minutes=30) < arrived.occurred_at < wanted.end


AT_QUOTE = sorted(code for code in ERRORS if natural_operation(code) == "quote")


@pytest.mark.parametrize("code", AT_QUOTE)
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(rig: Rig, code: str) -> None:
    question = rig.question(dropoff=replace(DOOR, line1=f"2 FAIL {code} St"))
    try:
        answer = await rig.carrier.quote(question, BUDGET_S)
        raw_codes = {decline.raw_code for decline in answer.declined}
    except RemoteError as error:
        raw_codes = {error.raw_code}

    status = "" if code == "BAD_REQUEST" else str(ERRORS[code][0])
    assert raw_codes == {code if code.startswith("ERR_") else status}


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("ERR_INSUFFICIENT_CREDIT", AccountProblem, IncidentKind.OTHER),
        ("ERR_INVALID_PHONE_NUMBER", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("ERR_MISSING_FIELD", RemoteRefused, IncidentKind.OTHER),
        ("ERR_RATE_LIMIT_EXCEEDED", RateLimited, IncidentKind.OTHER),
        ("UNAUTHORIZED", AccountProblem, IncidentKind.OTHER),
        ("INTERNAL", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.lalamove.refuse_next(code, "order")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert [entry.external_id for entry in rig.lalamove.books()] == [made.external_id]


async def test_an_empty_wallet_is_for_a_person(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.lalamove.fill_wallet(100)

    with pytest.raises(AccountProblem, match="Top it up"):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_rate_limit_tells_how_long_to_wait(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.lalamove.refuse_next("ERR_RATE_LIMIT_EXCEEDED", "order")

    with pytest.raises(RateLimited) as limited:
        await rig.carrier.book(request, BUDGET_S)

    assert 1 <= limited.value.retry_after_s <= 60


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": None, "phone_raw": "call me"}, "phone number at the delivery address"),
        ({"line1": ""}, "lacks line1"),
    ],
)
async def test_an_address_that_cannot_be_ordered_to_is_refused_in_words(
    rig: Rig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RemoteRefused, match=words) as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=replace(DOOR, **changes)), BUDGET_S)

    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM
    assert rig.lalamove.books() == []


async def test_a_quotation_that_has_ended_is_asked_for_again(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.price == offer.price
    assert len(rig.lalamove.books()) == 1


async def test_a_quotation_that_ends_under_way_is_asked_for_again(rig: Rig) -> None:
    offer = await rig.offer()
    just_before = rig.clock.now() + timedelta(seconds=290)
    rig.clock.advance(300)

    made = await rig.carrier.book(rig.request(offer, asked_at=just_before), BUDGET_S)

    assert [entry.external_id for entry in rig.lalamove.books()] == [made.external_id]


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.lalamove.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.lalamove.books() == []


async def _lost(rig: Rig) -> BookingRequest:
    """A booking that was done and whose answer nobody heard."""
    request = rig.request(await rig.offer())
    rig.lalamove.lose_next_booking()
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, LOST_BUDGET_S)
    assert len(rig.lalamove.books()) == 1
    return request


@pytest.mark.parametrize("later_s", [0, 600, 86_400], ids=["at once", "after its end", "a day later"])
async def test_a_lost_booking_stays_unknown_until_a_webhook_tells_and_is_never_repeated(
    rig: Rig, later_s: float
) -> None:
    request = await _lost(rig)
    rig.clock.advance(later_s)
    later = replace(request, asked_at=rig.clock.now())

    for _ in range(2):
        with pytest.raises(UnknownOutcome, match="webhook"):
            await rig.carrier.book(later, BUDGET_S)
    await rig.live(2)
    rig.updates()
    made = await rig.carrier.book(later, BUDGET_S)
    again = await rig.carrier.book(later, BUDGET_S)

    (entry,) = rig.lalamove.books()
    assert entry.external_id == made.external_id == again.external_id


async def test_another_process_finds_a_lost_booking_by_the_webhook_too(rig: Rig) -> None:
    request = await _lost(rig)
    await rig.live(2)
    reader = plugin(elsewhere := Heard(), webhook_path="/hook").webhooks
    assert reader is not None
    for headers, body in rig.letters:
        reader.read(headers, body)

    other = rig.connect(elsewhere)
    made = await other.book(request, BUDGET_S)
    await other.close()

    assert [entry.external_id for entry in rig.lalamove.books()] == [made.external_id]


async def test_another_process_that_heard_nothing_does_not_book_again_while_the_quotation_holds(
    rig: Rig,
) -> None:
    request = await _lost(rig)

    other = rig.connect(Heard())
    with pytest.raises(UnknownOutcome):
        await other.book(request, BUDGET_S)
    await other.close()

    assert len(rig.lalamove.books()) == 1


async def test_a_call_that_never_arrived_is_made_by_its_repeat(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.lalamove.outage(True)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    rig.lalamove.outage(False)

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.lalamove.books()] == [made.external_id]


@pytest.mark.parametrize("code", ["ERR_INSUFFICIENT_CREDIT", "ERR_RATE_LIMIT_EXCEEDED", "UNAUTHORIZED"])
async def test_while_in_doubt_no_refusal_sends_the_goods_to_somebody_else(rig: Rig, code: str) -> None:
    request = await _lost(rig)
    rig.lalamove.refuse_next(code, "order")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_booking_that_is_known_and_cannot_be_read_is_unknown_and_not_refused(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    await rig.carrier.book(request, BUDGET_S)
    rig.lalamove.outage(True)

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_webhook_that_names_a_strangers_order_is_not_believed(rig: Rig) -> None:
    strangers = await rig.book(booking_key="leg_99")
    rig.heard.tell("pk_test_1", "leg_01", strangers.external_id)
    rig.heard.tell("pk_test_1", "leg_02", "1234567890123456789")

    made = [await rig.book(booking_key=key) for key in ("leg_01", "leg_02")]

    assert len({booking.external_id for booking in (strangers, *made)}) == 3


async def test_a_ride_is_told_step_by_step(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(90)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id}
    assert any(update.courier is not None for update in updates)


async def test_a_fetched_order_shows_its_driver_on_the_way(rig: Rig) -> None:
    made = await rig.book()
    waiting = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.until("PICKED_UP", made.external_id)
    await rig.live(2)
    riding = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.until("COMPLETED", made.external_id)
    over = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (waiting.courier, waiting.position) == (None, None)
    assert waiting.status is DeliveryStatus.SEARCHING
    assert riding.courier is not None
    assert riding.position is not None
    assert STORE.location is not None
    assert DOOR.location is not None
    way_m = distance_m(STORE.location, DOOR.location)
    assert distance_m(riding.position.location, DOOR.location) < way_m
    # Once the order is complete Lalamove shows no driver any more (403).
    assert (over.status, over.position) == (DeliveryStatus.DELIVERED, None)


async def test_a_driver_who_cannot_be_read_leaves_the_order_readable(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)
    rig.lalamove.refuse_next("FORBIDDEN", "driver")

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (update.status, update.courier) == (DeliveryStatus.TO_PICKUP, None)


async def test_a_driver_who_gives_up_is_replaced_by_another(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)

    assert rig.lalamove.drop_next_driver() == made.external_id
    searching = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(90)

    assert searching.status is DeliveryStatus.SEARCHING
    again = [update for update in rig.updates() if update.status is DeliveryStatus.SEARCHING]
    assert [update.trouble for update in again] == [IncidentKind.COURIER_CANCELLED]
    assert rig.lalamove.books()[0].state is BookState.DELIVERED


@pytest.mark.parametrize(
    ("fate", "raw_status", "minutes"), [("REJECTED", "REJECTED", 120), ("NO_DRIVER", "EXPIRED", 130)]
)
async def test_an_order_that_nobody_drives_fails_for_want_of_a_courier(
    rig: Rig, fate: str, raw_status: str, minutes: int
) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 FATE {fate} St"))
    await rig.live(minutes, step_s=60)

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)
    cancelled = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert (update.status, update.raw_status) == (DeliveryStatus.FAILED, raw_status)
    assert update.trouble is IncidentKind.NO_COURIER
    assert (cancelled.status, cancelled.raw_status) == (DeliveryStatus.CANCELLED, raw_status)


async def test_goods_that_were_not_handed_over_are_not_delivered(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1="2 FATE POD_FAILED St"))
    await rig.live(90)

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (update.status, update.raw_status) == (DeliveryStatus.ATTEMPT_FAILED, "COMPLETED")
    assert (update.trouble, update.raw_reason) == (IncidentKind.OTHER, "POD FAILED")
    proof = next(update for update in rig.updates() if update.raw_status == "POD_FAILED")
    assert proof.status is DeliveryStatus.ATTEMPT_FAILED
    proofs = await rig.carrier.proofs(made.external_id, BUDGET_S)
    assert [proof.is_pickup for proof in proofs] == [True]


@pytest.mark.parametrize(("fate", "kind"), [("", ProofKind.PHOTO), ("FATE SIGNED", ProofKind.SIGNATURE)])
async def test_what_was_handed_over_is_proven_by_pictures(rig: Rig, fate: str, kind: ProofKind) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 {fate} St"))
    before = await rig.carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(90)

    pickup, dropoff = await rig.carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert (pickup.kind, pickup.is_pickup) == (ProofKind.PHOTO, True)
    assert (dropoff.kind, dropoff.is_pickup, dropoff.url[:8]) == (kind, False, "https://")


async def test_it_can_be_called_off_for_five_minutes_after_the_match(rig: Rig) -> None:
    early, late = await rig.book(), await rig.book(booking_key="leg_02")
    await rig.until("ON_GOING", early.external_id)
    await rig.until("ON_GOING", late.external_id)

    called_off = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    rig.clock.advance(5 * 60)
    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)

    assert (called_off.status, called_off.trouble) == (DeliveryStatus.CANCELLED, None)
    assert refused.value.raw_code == "ERR_CANCELLATION_FORBIDDEN"
    assert [entry.state for entry in rig.lalamove.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    await rig.live(2)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_an_order_that_customer_service_replaced_is_reported_with_the_other_number(rig: Rig) -> None:
    made = await rig.book()
    other = rig.lalamove.replace_order(made.external_id)
    await rig.live(2)

    replaced = next(update for update in rig.updates() if update.raw_status == "ORDER_REPLACED")
    ended = next(update for update in rig.updates() if update.status is DeliveryStatus.CANCELLED)

    assert (replaced.external_id, replaced.raw_reason) == (
        made.external_id,
        f"replaced by order {other}",
    )
    assert (ended.external_id, ended.trouble) == (made.external_id, IncidentKind.COURIER_CANCELLED)


async def test_a_priority_fee_rises_while_a_driver_is_sought_and_a_repeat_changes_nothing(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1="2 FATE NO_DRIVER St"))
    fees = [
        await rig.carrier.raise_offer(made.external_id, Money(minor, "HKD"), BUDGET_S)
        for minor in (2_000, 2_000, 1_000, 3_050)
    ]
    await rig.live(2)

    assert fees == [Money(2_000, "HKD"), Money(2_000, "HKD"), Money(2_000, "HKD"), Money(3_050, "HKD")]
    dearer = [update.price for update in rig.updates() if update.raw_status == "ORDER_AMOUNT_CHANGED"]
    assert dearer == [made.price + Money(2_000, "HKD"), made.price + Money(3_050, "HKD")]


@pytest.mark.parametrize(
    ("fee", "raw_code"),
    [
        (Money(50, "HKD"), "ERR_EXCEED_MIN_TIPS"),
        (Money(5_000_000, "HKD"), "ERR_EXCEED_MAX_TIPS"),
        (Money(500, "USD"), "currency"),
    ],
)
async def test_a_fee_that_lalamove_does_not_take_is_refused(rig: Rig, fee: Money, raw_code: str) -> None:
    made = await rig.book()

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.raise_offer(made.external_id, fee, BUDGET_S)

    assert refused.value.raw_code == raw_code


async def test_there_is_nothing_to_raise_once_somebody_has_taken_the_job(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), BUDGET_S)

    assert refused.value.raw_code == "ERR_INVALID_ORDER_STATUS"


async def test_the_door_can_be_changed_once_after_the_match_and_a_repeat_is_no_second_change(
    rig: Rig,
) -> None:
    made = await rig.book()
    change = BookingChange(dropoff=ELSEWHERE, instructions="Knock")
    with pytest.raises(RemoteRefused):
        await rig.carrier.change(made.external_id, change, BUDGET_S)
    await rig.until("ON_GOING", made.external_id)

    changed = await rig.carrier.change(made.external_id, change, BUDGET_S)
    again = await rig.carrier.change(made.external_id, change, BUDGET_S)
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring"), BUDGET_S)

    assert changed.external_id == again.external_id == made.external_id
    assert changed.status is DeliveryStatus.TO_PICKUP
    assert refused.value.raw_code == "ERR_ORDER_EDIT"


async def test_an_order_of_long_ago_is_no_word_about_the_account(rig: Rig) -> None:
    made = await rig.book()
    rig.clock.advance(61 * 86_400)

    with pytest.raises(RemoteRefused, match="too old"):
        await rig.carrier.fetch(made.external_id, BUDGET_S)


async def test_lost_answers_of_changes_and_fees_are_unknown_outcomes(rig: Rig) -> None:
    made = await rig.book()
    rig.lalamove.mishaps.lose_next_answer("/priority-fee")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), LOST_BUDGET_S)

    assert await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), BUDGET_S) == Money(
        2_000, "HKD"
    )


async def test_the_wrong_market_is_told_apart_from_wrong_keys(rig: Rig) -> None:
    wrong_market, wrong_key = rig.connect(market="SG"), rig.connect(api_key="pk_test_2")

    (market,) = await wrong_market.check()
    (key,) = await wrong_key.check()
    for carrier in (wrong_market, wrong_key):
        await carrier.close()

    assert (market.name, market.fault) == ("market", "unknown_market")
    assert (key.name, key.fault) == ("credentials", "credentials_refused")


async def test_a_good_account_knows_its_cities(rig: Rig) -> None:
    checks = await rig.carrier.check()

    assert [(check.name, check.passed) for check in checks] == [("credentials", True), ("market", True)]
    assert "1 city in HK" in checks[1].text


async def test_a_quote_that_is_too_slow_is_unavailable(rig: Rig) -> None:
    await rig.offer()
    rig.lalamove.slow(5)

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.quote(rig.question(), 0.1)
