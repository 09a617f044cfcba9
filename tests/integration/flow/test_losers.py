"""Whatever turns up, one live booking in the books of the simulated Uber Direct and DoorDash, over HTTP."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.couriers.doordash import CONNECTOR as DOORDASH
from connectors.couriers.uber_direct import CONNECTOR as UBER
from doorstep.booking import BookingRequest, CarrierUpdate
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import UnknownOutcome
from doorstep.events import CourierLate
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.merchant import CarrierAccount
from doorstep.ports import CarrierPlugin
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.dispatching.hurry import hurry
from gateway.flow.ports import LinkedCarrier
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident
from simulator.carriers.books import BookState
from simulator.carriers.doordash import FakeDoorDash
from simulator.carriers.serving import serve
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.carriers.uber_direct.rounds import Pace
from simulator.postman import Habits, Postman
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage

BUDGET_S = 0.25
NOBODY_FOR_HOURS = Pace(search_s=(7200.0, 7200.0))
ONCE = Habits(retry_after_s=(30,), repeat_probability=0, delay_probability=0, delay_up_to_s=0)
UBER_ACCOUNT = {"customer_id": "cus_42", "client_id": "client", "client_secret": "hush"}
# base64url of 32 bytes that are nobody's.
SIGNING_SECRET = "bm90LWEtcmVhbC1zaWduaW5nLXNlY3JldC0xMjM0NTY"
DOORDASH_ACCOUNT = {"developer_id": "dev_42", "key_id": "key_42", "signing_secret": SIGNING_SECRET}


@dataclass
class Town:
    """A stage whose couriers are Uber, who has nobody free for hours, and DoorDash, who is dearer."""

    stage: Stage
    uber: FakeUberDirect
    doordash: FakeDoorDash
    postman: Postman
    letters: list[CarrierUpdate]

    async def booked(self) -> Delivery:
        return await self.stage.booked()

    async def hear(self, *statuses: DeliveryStatus) -> None:
        """What carriers have posted since, of these statuses or all; then what follows."""
        now = self.stage.clock.now()
        await self.uber.tick(now)
        await self.doordash.tick(now)
        await self.postman.tick(now)
        heard, self.letters[:] = list(self.letters), []
        for update in heard:
            if not statuses or update.status in statuses:
                carrier = "uber_direct" if update.external_id.startswith("del_") else "doordash"
                await apply_update(self.stage.means, MERCHANT_ID, carrier, update)
        await self.stage.settle()

    def live(self) -> list[str]:
        """Live bookings in all books."""
        both = (("uber", self.uber.books()), ("doordash", self.doordash.books()))
        return [name for name, books in both for entry in books if entry.state is BookState.LIVE]

    async def be_late(self, delivery: Delivery) -> Delivery:
        """Nobody is assigned for so long that a machine does something."""
        self.stage.clock.advance(minutes=15)
        async with self.stage.means.begin(MERCHANT_ID) as work:
            alarm = Alarm(IncidentKind.NO_COURIER, "no courier yet", "", delivery_id=delivery.id)
            await raise_incident(work, alarm, self.stage.clock.now())
        leg = delivery.active_leg
        assert leg is not None
        means = replace(self.stage.means, booking_budget_s=BUDGET_S)
        await hurry(CourierLate(MERCHANT_ID, delivery.id, leg.id), means)
        return await self.stage.kept(delivery.id)

    async def book_by_hand(self, delivery: Delivery, leg: Leg, carrier: str) -> str:
        """Let a carrier book with the key of a leg, as if an old call had got through."""
        linked = next(one for one in self.stage.links.linked if one.account.carrier == carrier)
        async with self.stage.means.begin(MERCHANT_ID) as work:
            order = await work.orders.get(delivery.order_id)
            (origin,) = await work.accounts.locations()
        assert order is not None
        assert delivery.promise is not None
        now = self.stage.clock.now()
        request = BookingRequest(
            leg.booking_key,
            delivery.reference,
            leg.service,
            origin.address,
            delivery.destination,
            delivery.parcels,
            order.total,
            now,
            now,
            delivery.promise,
            {},
            items=(("Kettle", 2),),
        )
        return (await linked.connector.book(request, 5.0)).external_id


@pytest.fixture
async def town(stage: Stage) -> AsyncIterator[Town]:
    letters: list[CarrierUpdate] = []

    async def take(letter: Request) -> Response:
        plugin = UBER if letter.path_params["carrier"] == "uber" else DOORDASH
        assert plugin.webhooks is not None
        letters.extend(plugin.webhooks.read(dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook/{carrier}", take, methods=["POST"])])
    postman = Postman(stage.clock, random.Random(11))
    async with serve(world) as url:
        uber = FakeUberDirect(
            stage.clock,
            postman,
            random.Random(7),
            customer_id="cus_42",
            client_id="client",
            client_secret="hush",
            webhook_url=f"{url}/hook/uber",
            signing_key="key",
            pace=NOBODY_FOR_HOURS,
            habits=ONCE,
            centre=SHOP,
        )
        doordash = FakeDoorDash(
            stage.clock,
            postman,
            random.Random(7),
            developer_id="dev_42",
            key_id="key_42",
            signing_secret=SIGNING_SECRET,
            webhook_url=f"{url}/hook/doordash",
            webhook_authorization="Basic bm90OnJlYWw=",
            habits=ONCE,
            centre=SHOP,
        )
        world.mount("/uber", uber.app)
        world.mount("/doordash", doordash.app)
        linked = [
            _linked(UBER, UBER_ACCOUNT, f"{url}/uber"),
            _linked(DOORDASH, DOORDASH_ACCOUNT, f"{url}/doordash"),
        ]
        await _put_accounts(stage, linked)
        yield Town(stage, uber, doordash, postman, letters)
        for one in linked:
            await one.connector.close()
        await uber.close()
        await doordash.close()
        await postman.close()


def _linked(plugin: CarrierPlugin, credentials: Mapping[str, str], url: str) -> LinkedCarrier:
    secrets = {name: Secret(value) for name, value in credentials.items()}
    account = CarrierAccount(new_id("acc"), MERCHANT_ID, plugin.carrier, plugin.name, DeliveryMode.COURIER)
    return LinkedCarrier(
        account, plugin.connect(secrets, url), plugin.limits, plugin.quoting, plugin.cancelling
    )


async def _put_accounts(stage: Stage, linked: Sequence[LinkedCarrier]) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        for one in linked:
            await work.accounts.put_carrier(one.account, {}, {})
    stage.links.linked[:] = linked


async def test_a_late_uber_is_called_off_before_a_dasher_is_booked(town: Town) -> None:
    delivery = await town.booked()
    assert town.live() == ["uber"]
    await town.hear()

    kept = await town.be_late(delivery)
    assert (town.live(), kept.status) == ([], DeliveryStatus.SEARCHING)
    await town.stage.settle()

    kept = await town.stage.kept(delivery.id)
    assert [leg.carrier for leg in kept.legs if leg.is_live] == ["doordash"]
    await town.hear()
    assert town.live() == ["doordash"]
    assert [leg.is_live for leg in (await town.stage.kept(delivery.id)).legs] == [False, True]


async def test_while_the_answer_to_calling_off_is_lost_no_dasher_is_booked(town: Town) -> None:
    delivery = await town.booked()
    await town.hear()
    town.uber.mishaps.lose_next_answer("/cancel")

    kept = await town.be_late(delivery)
    await town.stage.settle()
    assert (town.live(), kept.legs[0].is_live) == ([], True), "over at Uber, and nobody here knows"

    await town.hear()  # Uber's webhook says so
    assert town.live() == ["doordash"]
    incidents = await town.stage.incidents()
    assert IncidentKind.COURIER_CANCELLED not in {one.kind for one in incidents}


async def test_a_booking_whose_answer_was_lost_is_taken_up_from_its_webhook(town: Town) -> None:
    town.stage.shop.put("1001")
    await town.stage.take_in()
    order = await find_place(await town.stage.order(), town.stage.means)
    unit_id = order.fulfillment_orders[0].id
    quote_set = await quote_unit(town.stage.means, MERCHANT_ID, unit_id, 2.0)
    assert quote_set is not None
    uber = next(quote for quote in quote_set.quotes if quote.offer.carrier == "uber_direct")
    town.uber.lose_next_booking()
    means = replace(town.stage.means, booking_budget_s=BUDGET_S)
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(means, MERCHANT_ID, unit_id, quote_set.id, Wish(quote_id=uber.id))
    assert (await town.stage.delivery()).legs[0].external_id == ""

    await town.hear()
    delivery = await town.stage.delivery()
    assert (delivery.status, len(delivery.legs)) == (DeliveryStatus.BOOKED, 1)
    assert delivery.legs[0].external_id.startswith("del_")
    assert delivery.legs[0].price.minor > 0
    outcome = await dispatch_unit(town.stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert outcome.delivery is not None
    assert town.live() == ["uber"]


async def test_a_booking_that_stands_though_it_was_refused_is_called_off_if_another_has_the_goods(
    town: Town,
) -> None:
    # Given Uber, who refused, and DoorDash, who has it
    town.uber.refuse_next("couriers_busy", "create")
    delivery = await town.booked()
    refused = delivery.legs[0]
    assert [(leg.carrier, leg.is_live) for leg in delivery.legs] == [
        ("uber_direct", False),
        ("doordash", True),
    ]
    await town.hear()

    # When Uber has booked it all the same
    external_id = await town.book_by_hand(delivery, refused, "uber_direct")
    assert sorted(town.live()) == ["doordash", "uber"]
    await town.hear()

    # Then it is called off, which is written down
    assert town.live() == ["doordash"]
    async with town.stage.means.begin(MERCHANT_ID) as work:
        texts = [event.text for event in await work.deliveries.events(delivery.id)]
    assert "Called off with Uber Direct, which had booked it after all." in texts
    kept = await town.stage.kept(delivery.id)
    assert (kept.legs[0].external_id, kept.legs[0].is_live) == (external_id, False)
    await town.hear()
    assert [leg.is_live for leg in (await town.stage.kept(delivery.id)).legs] == [False, True]


async def test_a_booking_that_stands_though_it_was_refused_is_taken_up_if_nobody_has_the_goods(
    town: Town,
) -> None:
    town.uber.refuse_next("couriers_busy", "create")
    del town.stage.links.linked[1:]
    delivery = await town.booked()
    assert (delivery.status, town.live()) == (DeliveryStatus.SEARCHING, [])

    await town.book_by_hand(delivery, delivery.legs[0], "uber_direct")
    await town.hear()

    kept = await town.stage.kept(delivery.id)
    assert (kept.status, [leg.is_live for leg in kept.legs]) == (DeliveryStatus.BOOKED, [True])
    assert town.live() == ["uber"]
    assert await town.stage.incidents() == []


async def test_a_booking_that_turns_up_after_the_delivery_was_called_off_is_called_off_too(
    town: Town,
) -> None:
    town.uber.refuse_next("couriers_busy", "create")
    delivery = await town.booked()
    await town.hear()
    await cancel_delivery(town.stage.means, MERCHANT_ID, delivery.id, "somebody said so", by_person=True)
    await town.book_by_hand(delivery, delivery.legs[0], "uber_direct")
    assert town.live() == ["uber"]
    await town.hear()
    assert town.live() == []


async def test_a_second_booking_of_the_same_key_is_the_loser(town: Town) -> None:
    # Uber forgets keys after an hour, so that a repeat which hung for long may book again.
    delivery = await town.booked()
    (leg,) = delivery.legs
    again = CarrierUpdate(
        "evt_1",
        f"{leg.external_id}-again",
        DeliveryStatus.BOOKED,
        "pending",
        town.stage.clock.now(),
        booking_key=leg.booking_key,
    )
    # Another carrier would go on with the booking under that id, and say so soon.
    with pytest.raises(BookingNotKnownYet):
        await apply_update(town.stage.means, MERCHANT_ID, "uber_direct", again)
    town.stage.clock.advance(seconds=90)
    for _ in range(2):
        await apply_update(town.stage.means, MERCHANT_ID, "uber_direct", again)
    kept = await town.stage.kept(delivery.id)
    assert [(one.is_live, one.external_id) for one in kept.legs] == [
        (True, leg.external_id),
        (False, again.external_id),
    ]
    assert kept.active_leg == leg
