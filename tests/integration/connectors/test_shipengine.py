"""The ShipEngine connector against the simulated ShipEngine, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

import json
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

from connectors.parcel.shipengine import CONNECTOR
from connectors.parcel.shipengine.webhook import ShipEngineWebhooks
from doorstep.address import Address
from doorstep.delivery import Booking, BookingRequest, CarrierUpdate, DeliveryStatus, LegDirection
from doorstep.errors import (
    AccountProblem,
    BadSignature,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.goods import Goods, GoodsTrait
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector
from doorstep.quote import CarrierAnswer, CarrierQuote, DeclineReason, PriceBasis, QuoteRequest
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.shipengine import MAGIC_POSTCODES, FakeShipEngine
from simulator.carriers.shipengine.problems import VOID_REASONS, natural_operation
from simulator.clock import WorldClock
from simulator.postman import Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUDGET_S = 5.0
DAY_S = 86_400
CREDENTIALS = {"api_key": "live_1", "webhook_secret": "hush"}
PRIORITY, GROUND = "stamps_com.usps_priority_mail", "ups.ups_ground"

STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002")
BARE = Address("US", postal_code="10002")
BOX = Parcel(1_000, 300, 200, 100)


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    shipengine: FakeShipEngine
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    def connect(self, **changes: str) -> CarrierConnector:
        secrets = {name: Secret(value) for name, value in {**CREDENTIALS, **changes}.items()}
        return CONNECTOR.connect(secrets, self.base_url)

    async def live(self, seconds: float, step_s: float = 1800.0) -> None:
        for _ in range(int(seconds // step_s)):
            self.clock.advance(step_s)
            await self.shipengine.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), now, now, "America/New_York")
        return replace(plain, **changes)

    async def ask(self, **changes: Any) -> CarrierAnswer:
        return await self.carrier.quote(self.question(**changes), BUDGET_S)

    async def offer(self, service: str = PRIORITY, **changes: Any) -> CarrierQuote:
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

    async def book(self, service: str = PRIORITY, **changes: Any) -> Booking:
        return await self.carrier.book(self.request(await self.offer(service), **changes), BUDGET_S)

    async def raw(self, path: str) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession(headers={"API-Key": "live_1"}) as session,
            session.get(f"{self.base_url}{path}") as response,
        ):
            content: dict[str, Any] = await response.json()
            return content

    def updates(self) -> list[CarrierUpdate]:
        reader = ShipEngineWebhooks()
        for headers, body in self.letters:
            reader.verify(headers, body, [Secret("hush")])
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
        shipengine = FakeShipEngine(
            clock,
            postman,
            random.Random(7),
            api_key="live_1",
            webhook_url=f"{url}/hook",
            webhook_headers={"X-Doorstep-Secret": "hush"},
        )
        world.mount("/shipengine", shipengine.app)
        secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
        carrier = CONNECTOR.connect(secrets, f"{url}/shipengine")
        yield Rig(clock, postman, shipengine, carrier, f"{url}/shipengine", letters)
        await carrier.close()
        await shipengine.close()
        await postman.close()


async def test_a_full_address_gets_every_service_once_with_a_day_each(rig: Rig) -> None:
    answer = await rig.ask()

    # 20:00 in New York is one o'clock at night in UTC.
    day = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert {quote.service: quote.promise.window.end for quote in answer.quotes} == {
        "stamps_com.usps_ground_advantage": day + timedelta(days=3),
        PRIORITY: day + timedelta(days=2),
        "stamps_com.usps_priority_mail_express": day + timedelta(days=1),
        GROUND: day + timedelta(days=3),
        "ups.ups_next_day_air_saver": day + timedelta(days=1),
    }
    assert answer.declined == ()


async def test_a_price_is_that_of_a_box_of_ours_with_all_its_parts(rig: Rig) -> None:
    # Three pounds in zone one: 815 + 3 * 74 * 5 // 4 = 1092 cents; in an envelope it would be less.
    assert (await rig.offer(PRIORITY)).price == Money(1092, "USD")
    # 935 + 3 * 41 * 5 // 4 = 1088, a signature for 600, and 12 % of 1088 for fuel.
    signed = await rig.offer(GROUND, requirements=(HandoverRequirement.SIGNATURE,))
    assert signed.price == Money(1088 + 600 + 130, "USD")


async def test_one_carrier_that_is_away_is_a_decline_beside_the_others_offers(rig: Rig) -> None:
    rig.shipengine.silence("ups")
    answer = await rig.ask()

    assert {quote.service.partition(".")[0] for quote in answer.quotes} == {"stamps_com"}
    assert [decline.reason for decline in answer.declined] == [DeclineReason.CARRIER_DOWN]


async def test_what_a_carrier_does_not_do_at_the_door_is_a_decline(rig: Rig) -> None:
    answer = await rig.ask(requirements=(HandoverRequirement.PIN,))

    assert {quote.service.partition(".")[0] for quote in answer.quotes} == {"ups"}
    assert [(decline.text, decline.reason) for decline in answer.declined] == [
        ("Stamps.com does not do what is asked for at the door.", DeclineReason.HANDOVER)
    ]


async def test_heavy_and_several_parcels_go_with_who_takes_them(rig: Rig) -> None:
    heavy = await rig.ask(parcels=(Parcel(40_000, 300, 200, 100),))
    several = await rig.ask(parcels=(BOX, BOX))

    assert {quote.service.partition(".")[0] for quote in heavy.quotes} == {"ups"}
    assert [decline.reason for decline in heavy.declined] == [DeclineReason.TOO_HEAVY]
    assert {quote.service.partition(".")[0] for quote in several.quotes} == {"ups"}
    assert [decline.reason for decline in several.declined] == [DeclineReason.TOO_LARGE]


async def test_several_parcels_are_one_booking_under_the_first_ones_number(rig: Rig) -> None:
    offer = await rig.offer(GROUND, parcels=(BOX, BOX))
    made = await rig.carrier.book(rig.request(offer, parcels=(BOX, BOX)), BUDGET_S)

    (entry,) = rig.shipengine.books()
    assert made.external_id == entry.external_id
    assert made.price == offer.price
    label = (await rig.raw(f"/v1/labels?tracking_number={made.external_id}"))["labels"][0]
    assert len({package["tracking_number"] for package in label["packages"]}) == 2


async def test_a_checkout_that_knows_a_postcode_gets_estimates_and_booking_rates_again(rig: Rig) -> None:
    offer = await rig.offer(dropoff=BARE)
    full = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert (offer.price, offer.price_basis) == (full.price, PriceBasis.ESTIMATE)
    assert (made.price, rig.shipengine.books()[0].reference) == (offer.price, "leg_01")


@pytest.mark.parametrize("changes", [{"dropoff": Address("US")}, {"dropoff": BARE, "parcels": (BOX, BOX)}])
async def test_what_cannot_be_estimated_is_declined_in_words(rig: Rig, changes: dict[str, Any]) -> None:
    answer = await rig.ask(**changes)

    assert [decline.reason for decline in answer.declined] == [DeclineReason.ADDRESS_PROBLEM]


async def test_the_label_can_be_fetched_as_a_page(rig: Rig) -> None:
    made = await rig.book()

    async with aiohttp.ClientSession() as session, session.get(made.label_url) as response:
        assert (response.status, response.content_type) == (200, "application/pdf")
        assert (await response.read()).startswith(b"%PDF")


async def test_goods_and_needs_are_on_the_label_that_is_bought(rig: Rig) -> None:
    wine = Goods(frozenset({GoodsTrait.ALCOHOL}))
    offer = await rig.offer(GROUND, goods=wine)

    made = await rig.carrier.book(rig.request(offer, goods=wine), BUDGET_S)

    # 1088 and its fuel as above, and 740 for an adult's signature.
    assert made.price == Money(1088 + 130 + 740, "USD")


async def test_a_return_is_bought_as_one(rig: Rig) -> None:
    made = await rig.book(direction=LegDirection.RETURN, pickup=DOOR, dropoff=STORE)

    label = (await rig.raw(f"/v1/labels?tracking_number={made.external_id}"))["labels"][0]
    assert label["is_return_label"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dropoff": BARE}, "lacks line1 and city and province and name"),
        ({"requirements": (HandoverRequirement.TWO_PERSON,)}, "TWO_PERSON"),
        ({"booking_key": "k" * 51}, "50 characters"),
    ],
)
async def test_what_no_label_can_be_bought_for_is_refused_in_words(
    rig: Rig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RemoteRefused, match=words):
        await rig.book(**changes)
    assert rig.shipengine.books() == []


@pytest.mark.parametrize(("factor", "is_accepted"), [("0.8", True), ("1.09", True), ("1.12", False)])
async def test_a_day_old_rate_is_asked_for_again_and_may_grow_by_a_tenth(
    rig: Rig, factor: str, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(DAY_S)
    rig.shipengine.set_price_factor(Decimal(factor))

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * float(factor), abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.shipengine.books() == []


async def test_another_door_than_was_quoted_is_rated_again(rig: Rig) -> None:
    offer = await rig.offer()
    rig.shipengine.set_price_factor(Decimal("1.5"))

    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await rig.carrier.book(rig.request(offer, dropoff=replace(DOOR, line1="3 Side St")), BUDGET_S)


@pytest.mark.parametrize("service", ["ups.ups_zeppelin", "dodo.dodo_air"])
async def test_a_service_that_is_gone_is_refused(rig: Rig, service: str) -> None:
    offer = await rig.offer()

    with pytest.raises(RemoteRefused, match="no longer offered") as refused:
        await rig.carrier.book(rig.request(offer, service=service, booking_data={}), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


async def test_an_offer_of_somebody_else_is_rated_and_bought(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, booking_data={}), BUDGET_S)

    assert made.price == offer.price


async def test_two_orders_with_one_remembered_offer_get_a_label_each(rig: Rig) -> None:
    offer = await rig.offer()

    first = await rig.carrier.book(rig.request(offer, booking_key="leg_01"), BUDGET_S)
    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert first.external_id != second.external_id
    assert [entry.reference for entry in rig.shipengine.books()] == ["leg_01", "leg_02"]


async def test_a_key_that_is_taken_is_read_and_its_label_found_later(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    # The refusal comes while the first try is still at the carrier.
    rig.shipengine.refuse_next("identifier_conflict")

    with pytest.raises(UnknownOutcome) as unclear:
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert unclear.value.raw_code == "identifier_conflict"
    assert [entry.external_id for entry in rig.shipengine.books()] == [made.external_id]


async def test_two_tries_at_a_time_buy_one_label(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    made = await rig.carrier.book(request, BUDGET_S)
    # The second try looked before the first had bought.
    rig.shipengine.refuse_next("not_found", "get")

    again = await rig.carrier.book(request, BUDGET_S)

    assert (
        [entry.external_id for entry in rig.shipengine.books()] == [made.external_id] == [again.external_id]
    )


async def test_a_booking_that_was_voided_is_not_bought_again_under_its_key(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    made = await rig.carrier.book(request, BUDGET_S)
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    with pytest.raises(RemoteRefused, match="another key"):
        await rig.carrier.book(request, BUDGET_S)
    assert [entry.state for entry in rig.shipengine.books()] == [BookState.CANCELLED]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("unknown", UnknownOutcome),
        ("timeout", UnknownOutcome),
        ("unspecified", RemoteRefused),
        ("invalid_address", RemoteRefused),
        ("insufficient_funds", AccountProblem),
        ("rate_limit_exceeded", RateLimited),
    ],
)
async def test_errors_of_a_purchase_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError]
) -> None:
    request = rig.request(await rig.offer())
    rig.shipengine.refuse_next(code, "label")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert rig.shipengine.books() == []


RATING = {postcode: code for postcode, code in MAGIC_POSTCODES.items() if natural_operation(code) == "rate"}
# Codes that say no more than the status beside them.
STATUS_INSTEAD = {"unknown": "500"}


@pytest.mark.parametrize(("postcode", "code"), RATING.items(), ids=RATING.values())
async def test_every_error_of_a_rating_is_a_decline_or_an_error_of_ours(
    rig: Rig, postcode: str, code: str
) -> None:
    for door in (DOOR, BARE):
        try:
            answer = await rig.ask(dropoff=replace(door, postal_code=postcode))
            raw_codes = [decline.raw_code for decline in answer.declined]
        except RemoteError as error:
            raw_codes = [error.raw_code]

        assert raw_codes == [STATUS_INSTEAD.get(code, code)]


BUYING = {postcode: code for postcode, code in MAGIC_POSTCODES.items() if natural_operation(code) == "label"}


@pytest.mark.parametrize(("postcode", "code"), BUYING.items(), ids=BUYING.values())
async def test_every_error_of_a_purchase_is_an_error_of_ours(rig: Rig, postcode: str, code: str) -> None:
    door = replace(DOOR, postal_code=postcode)
    offer = await rig.offer(dropoff=door)

    with pytest.raises(RemoteError) as failed:
        await rig.carrier.book(rig.request(offer, dropoff=door), BUDGET_S)

    assert failed.value.raw_code == code
    assert rig.shipengine.books() == []


async def test_too_many_calls_are_told_how_long_to_wait(rig: Rig) -> None:
    rig.shipengine.calls_a_minute = 2
    await rig.ask()

    with pytest.raises(RateLimited) as slow_down:
        await rig.ask()
    assert slow_down.value.retry_after_s == 60
    rig.clock.advance(60)
    assert (await rig.ask()).quotes


async def test_carriers_are_listed_once_until_one_of_them_is_refused(rig: Rig) -> None:
    rig.shipengine.calls_a_minute = 3
    await rig.ask()
    # The list is remembered: this is the third call.
    assert (await rig.ask()).quotes
    rig.clock.advance(60)
    rig.shipengine.refuse_next("carrier_not_connected")
    with pytest.raises(AccountProblem):
        await rig.ask()

    # Refused, listed again, rated.
    assert (await rig.ask()).quotes
    with pytest.raises(RateLimited):
        await rig.ask()


async def test_a_label_is_voided_until_it_is_scanned(rig: Rig) -> None:
    early = await rig.book()
    await rig.live(3600)
    update = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    late = await rig.book(booking_key="leg_02")
    await rig.live(12 * 3600)

    assert (update.status, update.raw_status) == (DeliveryStatus.CANCELLED, "voided")
    with pytest.raises(RemoteRefused, match="the carrier has the parcel") as refused:
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == "label_already_used"
    assert [entry.state for entry in rig.shipengine.books()] == [BookState.CANCELLED, BookState.LIVE]
    fetched = await rig.carrier.fetch(early.external_id, BUDGET_S)
    assert fetched.status is DeliveryStatus.CANCELLED


@pytest.mark.parametrize("reason", VOID_REASONS)
async def test_a_void_that_is_not_approved_is_a_refusal_unless_it_was_done_before(
    rig: Rig, reason: str
) -> None:
    made = await rig.book()
    rig.shipengine.refuse_next(reason, "void")

    if reason == "label_already_voided":
        update = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
        assert update.status is DeliveryStatus.CANCELLED
        return
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == reason
    assert rig.shipengine.books()[0].state is BookState.LIVE


async def test_a_booking_may_be_named_by_its_label_as_well(rig: Rig) -> None:
    made = await rig.book()
    label = (await rig.raw("/v1/labels"))["labels"][0]

    fetched = await rig.carrier.fetch(label["label_id"], BUDGET_S)
    voided = await rig.carrier.cancel(label["label_id"], "other", BUDGET_S)

    assert (fetched.external_id, fetched.tracking_number) == (label["label_id"], made.tracking_number)
    assert voided.status is DeliveryStatus.CANCELLED
    with pytest.raises(RemoteRefused):
        await rig.carrier.fetch("se-404", BUDGET_S)


async def test_a_carrier_that_is_not_tracked_stays_at_its_label(rig: Rig) -> None:
    made = await rig.book()
    rig.shipengine.refuse_next("tracking_not_supported")

    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.LABEL_READY


@pytest.mark.parametrize(
    ("service", "days"),
    [
        ("stamps_com.usps_priority_mail_express", 1),
        (PRIORITY, 2),
        (GROUND, 3),
    ],
)
async def test_a_parcel_arrives_on_its_day_scan_by_scan(rig: Rig, service: str, days: int) -> None:
    made = await rig.book(service)
    await rig.live(5 * DAY_S)
    updates = rig.updates()

    assert list(dict.fromkeys(update.status for update in updates)) == [
        DeliveryStatus.LABEL_READY,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.IN_TRANSIT,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]
    assert updates[-1].occurred_at.date() == (START + timedelta(days=days)).date()
    assert {update.external_id for update in updates} == {made.external_id}


async def test_what_is_fetched_is_no_news_after_its_webhook(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(2 * DAY_S)

    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert fetched.source_event_id == rig.updates()[-1].source_event_id


@pytest.mark.parametrize(
    ("fate", "kind", "final"),
    [
        ("refused", IncidentKind.REFUSED, DeliveryStatus.RETURNED),
        ("absent", IncidentKind.RECIPIENT_UNAVAILABLE, DeliveryStatus.DELIVERED),
        ("moved", IncidentKind.ADDRESS_PROBLEM, DeliveryStatus.DELIVERED),
        ("delayed", IncidentKind.LATE_RISK, DeliveryStatus.DELIVERED),
        ("customs", IncidentKind.CUSTOMS, DeliveryStatus.DELIVERED),
        ("lost", IncidentKind.LOST, DeliveryStatus.FAILED),
        ("damaged", IncidentKind.DAMAGED, DeliveryStatus.DELIVERED),
        ("neighbour", None, DeliveryStatus.DELIVERED),
        ("collection", None, DeliveryStatus.DELIVERED),
        ("unheard", None, DeliveryStatus.DELIVERED),
    ],
)
async def test_what_happens_to_a_parcel_becomes_an_incident(
    rig: Rig, fate: str, kind: IncidentKind | None, final: DeliveryStatus
) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book("stamps_com.usps_priority_mail_express", dropoff=door)
    await rig.live(4 * DAY_S)

    troubles = [update.trouble for update in rig.updates() if update.trouble]
    assert troubles[:1] == ([kind] if kind else [])
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is final


async def test_the_signature_holds_with_the_published_keys_and_after_their_rotation(rig: Rig) -> None:
    reader = ShipEngineWebhooks(rig.clock)
    kept = Secret(json.dumps(await rig.raw("/jwks")))
    for is_known in (True, True, False):
        rig.letters.clear()
        await rig.book(booking_key=f"leg_{len(rig.shipengine.books())}")
        await rig.live(60, step_s=60)
        for headers, body in rig.letters:
            if is_known:
                reader.verify(headers, body, [Secret("hush"), kept])
                continue
            with pytest.raises(BadSignature):
                reader.verify(headers, body, [Secret("hush"), kept])
        assert rig.letters
        # The next key was published beforehand, the one after it was not.
        rig.shipengine.keyring.rotate()


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("unauthorized", "credentials_refused"),
        ("forbidden", "credentials_refused"),
        ("insufficient_funds", "payment_missing"),
        ("subscription_inactive", "account_suspended"),
        ("trial_expired", "account_suspended"),
        ("terms_not_accepted", "account_refused"),
        ("unknown", "unreachable"),
    ],
)
async def test_what_is_wrong_with_the_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.shipengine.suspended_with = code

    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, fault)


async def test_a_carrier_that_cannot_be_listed_is_named(rig: Rig) -> None:
    rig.shipengine.silence("ups")

    checks = {check.name: check for check in await rig.carrier.check()}

    assert checks["carriers"].fault == "account_refused"
    assert "UPS" in checks["carriers"].text.upper()


async def test_a_webhook_that_is_missing_or_has_no_secret_is_named(rig: Rig) -> None:
    rig.shipengine.remove_webhooks()
    none = {check.name: check.fault for check in await rig.carrier.check()}
    rig.shipengine.add_webhook("batch", "https://door.example", "", {"X-Doorstep-Secret": "hush"})
    other = {check.name: check.fault for check in await rig.carrier.check()}
    rig.shipengine.add_webhook("track", "https://door.example", "", {"Authorization": "hush"})
    bare = {check.name: check.fault for check in await rig.carrier.check()}

    assert none["webhooks"] == other["webhooks"] == "webhook_missing"
    assert bare["webhooks"] == "webhook_secret_missing"


async def test_a_missing_webhook_secret_is_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "carriers": "", "webhooks": "webhook_secret_missing"}
    await carrier.close()


async def test_an_outage_while_rating_is_tried_again_and_then_given_up(rig: Rig) -> None:
    rig.shipengine.refuse_next("timeout", "rate")
    answer = await rig.ask()
    rig.shipengine.outage(True)

    assert answer.quotes
    with pytest.raises(RemoteUnavailable):
        await rig.ask()


async def test_the_same_is_spoken_under_the_later_name_and_version(rig: Rig) -> None:
    secrets = {name: Secret(value) for name, value in CREDENTIALS.items()}
    later = CONNECTOR.connect(secrets, f"{rig.base_url}/v2")
    offer = (await later.quote(rig.question(), BUDGET_S)).quotes[0]

    made = await later.book(rig.request(offer), BUDGET_S)

    assert "/v2/downloads/" in made.label_url
    assert rig.shipengine.books()[0].external_id == made.external_id
    await later.close()
