"""What every carrier's connector does against its simulator, over HTTP.

A new carrier joins with one more `Harness` in `HARNESSES`.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.couriers.uber_direct import CONNECTOR as UBER_DIRECT
from connectors.parcel.easypost import CONNECTOR as EASYPOST
from doorstep.address import Address
from doorstep.delivery import BookingRequest, CarrierUpdate, DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    BadSignature,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector, CarrierPlugin
from doorstep.quote import CarrierQuote, QuoteRequest
from doorstep.secret import Secret
from simulator.actor import Actor
from simulator.carriers.books import BookEntry, BookState
from simulator.carriers.easypost import FakeEasyPost
from simulator.carriers.serving import serve
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.clock import WorldClock
from simulator.postman import Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SIGNING_KEY = "signing-key"
BUDGET_S = 5.0
# Machine seconds: what a slow carrier takes, and how long we wait for it.
SLOW_S, SHORT_BUDGET_S = 5.0, 0.25
# Long enough on a busy machine for what is read before the write.
LOST_BUDGET_S = 1.0

STORE = Address(
    "US",
    name="Till",
    company="Corner Shop",
    line1="1 Main St",
    city="Port Meridian",
    province="NY",
    postal_code="10001",
    phone="+15550100000",
    location=LatLng(40.7306, -73.9866),
)
DOOR = replace(
    STORE,
    name="A. Shopper",
    company="",
    line1="2 Side St",
    postal_code="10002",
    phone="+15550100009",
    location=LatLng(40.7411, -73.9897),
)
BOX = Parcel(1_000, 300, 200, 100)


class FakeCarrier(Actor, Protocol):
    """The buttons that every simulated carrier has."""

    def books(self) -> list[BookEntry]: ...

    def outage(self, on: bool) -> None: ...

    def slow(self, seconds: float) -> None: ...

    def lose_next_booking(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Harness:
    """How a carrier joins this suite.

    Attributes
    ----------
    build
        (clock, postman, webhook URL) -> its simulator.
    credentials, wrong_credentials
        Those that the simulator takes, and what to change to be refused.
    """

    plugin: CarrierPlugin
    build: Callable[[WorldClock, Postman, str], FakeCarrier]
    credentials: Mapping[str, str]
    wrong_credentials: Mapping[str, str]


def build_uber(clock: WorldClock, postman: Postman, url: str) -> FakeCarrier:
    return FakeUberDirect(
        clock,
        postman,
        random.Random(7),
        customer_id="cus_42",
        client_id="client",
        client_secret="hush",
        webhook_url=url,
        signing_key=SIGNING_KEY,
    )


def build_easypost(clock: WorldClock, postman: Postman, url: str) -> FakeCarrier:
    return FakeEasyPost(
        clock, postman, random.Random(7), api_key="EZTK_1", webhook_url=url, webhook_secret=SIGNING_KEY
    )


HARNESSES = [
    Harness(
        UBER_DIRECT,
        build_uber,
        {"customer_id": "cus_42", "client_id": "client", "client_secret": "hush"},
        {"client_secret": "wrong"},
    ),
    Harness(EASYPOST, build_easypost, {"api_key": "EZTK_1"}, {"api_key": "wrong"}),
]


def connect(harness: Harness, base_url: str, **changes: str) -> CarrierConnector:
    credentials = {**harness.credentials, "webhook_secret": SIGNING_KEY, **changes}
    return harness.plugin.connect({name: Secret(value) for name, value in credentials.items()}, base_url)


@dataclass(slots=True)
class Rig:
    """One carrier, its simulator, and the letters that arrived."""

    harness: Harness
    clock: WorldClock
    postman: Postman
    fake: FakeCarrier
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    async def live(self, seconds: float, step_s: float = 30.0) -> None:
        for _ in range(int(seconds // step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), now, now, "America/New_York")
        return replace(plain, **changes)

    async def offer(self) -> CarrierQuote:
        answer = await self.carrier.quote(self.question(), BUDGET_S)
        return answer.quotes[0]

    def request(self, offer: CarrierQuote, key: str = "leg_01") -> BookingRequest:
        now = self.clock.now()
        return BookingRequest(
            booking_key=key,
            reference=f"ref-{key}",
            service=offer.service,
            pickup=STORE,
            dropoff=DOOR,
            parcels=(BOX,),
            value=Money(4200, "USD"),
            ready_at=now,
            asked_at=now,
            promise=offer.promise,
            booking_data=dict(offer.booking_data),
            items=(("Bread", 2),),
        )


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.plugin.carrier)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    harness: Harness = request.param
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = harness.build(clock, postman, f"{url}/hook")
        assert fake.app is not None
        world.mount(f"/{fake.name}", fake.app)
        base_url = f"{url}/{fake.name}"
        carrier = connect(harness, base_url)
        yield Rig(harness, clock, postman, fake, carrier, base_url, letters)
        await carrier.close()
        await fake.close()
        await postman.close()


async def test_it_says_who_it_is(rig: Rig) -> None:
    plugin = rig.harness.plugin

    assert (rig.carrier.carrier, rig.carrier.mode) == (plugin.carrier, plugin.mode)


async def test_a_quote_can_be_booked_and_its_promise_lies_ahead(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    for offer in answer.quotes:
        assert offer.carrier == rig.carrier.carrier
        assert offer.price.currency == "USD"
        assert offer.price.minor > 0
        assert offer.promise.window.end > START
        assert offer.expires_at > START
    assert answer.quotes


async def test_an_address_without_a_street_is_no_error(rig: Rig) -> None:
    bare = Address("US", postal_code="10002")

    answer = await rig.carrier.quote(rig.question(dropoff=bare), BUDGET_S)

    assert answer.quotes or answer.declined


async def test_a_booking_is_in_the_carriers_books(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)
    assert made.price == offer.price
    assert made.status not in {DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELLED}
    assert made.raw_status


async def test_a_repeat_with_the_same_key_answers_the_same_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())

    first = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.fake.books()) == 1


async def test_two_hours_later_a_repeat_still_answers_the_same_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    first = await rig.carrier.book(request, BUDGET_S)

    rig.clock.advance(2 * 3600)
    again = await rig.carrier.book(replace(request, asked_at=rig.clock.now()), BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.fake.books()) == 1


async def test_an_offer_can_be_booked_again_after_its_booking_was_called_off(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.carrier.cancel(first.external_id, "other", BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, "leg_02"), BUDGET_S)
    again = await rig.carrier.book(rig.request(offer, "leg_02"), BUDGET_S)

    assert first.external_id != second.external_id == again.external_id
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_calling_off_twice_is_a_success_both_times(rig: Rig) -> None:
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)

    updates = [await rig.carrier.cancel(made.external_id, "too dear", BUDGET_S) for _ in range(2)]

    for update in updates:
        assert (update.external_id, update.status) == (made.external_id, DeliveryStatus.CANCELLED)
        assert update.trouble is None
    assert rig.fake.books()[0].state is BookState.CANCELLED


async def test_what_was_delivered_cannot_be_called_off(rig: Rig) -> None:
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    await rig.live(4 * 86_400, step_s=86_400)

    with pytest.raises(RemoteRefused):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert rig.fake.books()[0].state is BookState.DELIVERED


async def test_a_fetched_booking_follows_the_carrier_to_the_end(rig: Rig) -> None:
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    before = await rig.carrier.fetch(made.external_id, BUDGET_S)

    await rig.live(4 * 86_400, step_s=86_400)
    after = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert before.external_id == after.external_id == made.external_id
    assert before.status is not DeliveryStatus.DELIVERED
    assert after.status is DeliveryStatus.DELIVERED


async def test_webhooks_are_signed_and_speak_of_the_booking(rig: Rig) -> None:
    reader = rig.harness.plugin.webhooks
    assert reader is not None
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    await rig.live(4 * 86_400, step_s=3_600)

    updates: list[CarrierUpdate] = []
    for headers, body in rig.letters:
        reader.verify(headers, body, [Secret("older"), Secret(SIGNING_KEY)])
        updates += reader.read(headers, body)

    assert {update.external_id for update in updates} == {made.external_id}
    assert DeliveryStatus.DELIVERED in {update.status for update in updates}
    assert all(update.status is not DeliveryStatus.UNKNOWN for update in updates)


async def test_a_repeated_webhook_has_the_same_id_and_others_do_not(rig: Rig) -> None:
    reader = rig.harness.plugin.webhooks
    assert reader is not None
    await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    await rig.live(4 * 86_400, step_s=3_600)

    ids: dict[bytes, set[str]] = {}
    for headers, body in rig.letters * 2:
        ids.setdefault(body, set()).update(update.source_event_id for update in reader.read(headers, body))

    assert all(len(of_one_body) == 1 for of_one_body in ids.values())
    assert len(set().union(*ids.values())) == len(ids)


async def test_a_webhook_signed_with_another_key_is_refused(rig: Rig) -> None:
    reader = rig.harness.plugin.webhooks
    assert reader is not None
    await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    await rig.live(3600)

    headers, body = rig.letters[0]
    for secrets in ([Secret("wrong")], [Secret("")], []):
        with pytest.raises(BadSignature):
            reader.verify(headers, body, secrets)
    with pytest.raises(BadSignature):
        reader.verify(headers, body + b"x", [Secret(SIGNING_KEY)])


async def test_a_carrier_that_is_too_slow_to_quote_is_unavailable(rig: Rig) -> None:
    rig.fake.slow(SLOW_S)

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.quote(rig.question(), SHORT_BUDGET_S)


async def test_a_lost_answer_is_an_unknown_outcome_and_the_repeat_finds_the_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, LOST_BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)


async def test_an_outage_is_unavailable_and_nothing_is_booked(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.outage(True)

    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: rig.carrier.quote(rig.question(), BUDGET_S),
        lambda: rig.carrier.book(request, BUDGET_S),
        lambda: rig.carrier.fetch("some_id", BUDGET_S),
        lambda: rig.carrier.cancel("some_id", "other", BUDGET_S),
    ]
    for call in calls:
        with pytest.raises((RemoteUnavailable, UnknownOutcome)):
            await call()
    assert rig.fake.books() == []


async def test_nobody_listening_is_unavailable_and_never_an_unknown_outcome(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    async with serve(Starlette()) as url:
        pass
    stranded = connect(rig.harness, url)

    with pytest.raises(RemoteUnavailable):
        await stranded.book(request, BUDGET_S)
    await stranded.close()


async def test_wrong_credentials_are_an_account_problem_and_check_says_so(rig: Rig) -> None:
    stranger = connect(rig.harness, rig.base_url, **rig.harness.wrong_credentials)

    with pytest.raises(AccountProblem):
        await stranger.quote(rig.question(), BUDGET_S)
    checks = {check.name: check for check in await stranger.check()}

    assert not checks["credentials"].passed
    assert checks["credentials"].fault == "credentials_refused"
    assert "wrong" not in checks["credentials"].text
    await stranger.close()


async def test_check_finds_nothing_wrong_with_a_good_account(rig: Rig) -> None:
    assert all(check.passed for check in await rig.carrier.check())


async def test_check_never_raises_while_the_carrier_is_away(rig: Rig) -> None:
    rig.fake.outage(True)

    checks = await rig.carrier.check()

    assert "unreachable" in {check.fault for check in checks}


async def test_an_unknown_booking_is_refused(rig: Rig) -> None:
    with pytest.raises(RemoteRefused):
        await rig.carrier.fetch("no/such?id", BUDGET_S)


async def test_no_error_tells_a_name_or_a_street(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.clock.advance(timedelta(days=1).total_seconds())
    rig.fake.outage(True)

    with pytest.raises(RemoteError) as failed:
        await rig.carrier.book(request, BUDGET_S)

    told = f"{failed.value!r} {failed.value.raw_message}"
    assert not any(word in told for word in ("Shopper", "Side St", "+1555"))
