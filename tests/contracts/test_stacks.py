"""What every connector does whose carrier brings several deliveries in one tour, against its simulator.

A carrier is tried here as soon as its plug-in says that one courier takes more than one stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.booking import StackRequest
from doorstep.delivery_status import DeliveryStatus, advance
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.ports import CarrierConnector, StacksDeliveries
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import (
    BUDGET_S,
    LOST_BUDGET_S,
    SIGNING_KEY,
    AnyRig,
    Harness,
    Rig,
    connect,
    harnesses,
    rig_of,
)

KEYS = ("leg_01", "leg_02", "leg_03")


@pytest.fixture(
    params=[one for one in harnesses() if one.plugin.most_stops > 1],
    ids=lambda harness: harness.plugin.carrier,
)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[AnyRig]:
    """Each carrier that takes several stops in turn."""
    async with rig_of(Rig, request.param) as rig:
        yield rig


def stacker(rig: AnyRig) -> StacksDeliveries:
    carrier = rig.carrier
    assert isinstance(carrier, StacksDeliveries)
    return carrier


def door(rig: AnyRig, place: int) -> Address:
    """The further doors are nearer, so that the order of a tour is not that of its stops."""
    there = rig.places.door
    assert there.location is not None
    at = LatLng(there.location.lat - 0.002 * place, there.location.lng)
    return replace(there, line1=f"{place + 2} Side St", location=at)


async def tour(rig: AnyRig, keys: tuple[str, ...] = KEYS, **changes: Any) -> StackRequest:
    """A tour that has its price; `changes` are to its first stop."""
    offer = await rig.offer()
    stops = [rig.request(offer, key, dropoff=door(rig, place)) for place, key in enumerate(keys)]
    stack = StackRequest((replace(stops[0], **changes), *stops[1:]))
    return replace(stack, price=(await stacker(rig).quote_stack(stack, BUDGET_S)).price)


def states(rig: AnyRig) -> dict[str, BookState]:
    """By booking: each is known by the key that it was booked with, or by an id that belongs to one."""
    return {entry.external_id: entry.state for entry in rig.fake.books()}


@pytest.mark.parametrize("harness", harnesses(), ids=lambda harness: harness.plugin.carrier)
async def test_a_plug_in_says_that_it_takes_several_stops_if_and_only_if_its_connector_does(
    harness: Harness[Any],
) -> None:
    carrier: CarrierConnector = connect(harness, "http://127.0.0.1:1")

    assert isinstance(carrier, StacksDeliveries) == (harness.plugin.most_stops > 1)
    await carrier.close()


async def test_a_tour_is_booked_at_its_price_with_an_id_for_each_stop(rig: AnyRig) -> None:
    stack = await tour(rig)

    made = await stacker(rig).book_stack(stack, BUDGET_S)

    assert stack.price is not None
    assert stack.price.minor > 0
    assert {booking.price for booking in made} == {stack.price}
    assert len({booking.external_id for booking in made}) == len(KEYS)
    assert states(rig) == {booking.external_id: BookState.LIVE for booking in made}
    for booking, stop in zip(made, stack.stops, strict=True):
        told = await rig.carrier.fetch(booking.external_id, BUDGET_S)
        assert told.booking_key in {"", stop.booking_key}
        assert (told.external_id, told.price) == (booking.external_id, None)
        assert told.status is booking.status


async def test_a_repeat_answers_the_same_bookings_in_the_order_of_the_stops(rig: AnyRig) -> None:
    stack = await tour(rig)

    first = await stacker(rig).book_stack(stack, BUDGET_S)
    rig.clock.advance(2 * 3600)
    again = await stacker(rig).book_stack(stack, BUDGET_S)

    assert [booking.external_id for booking in first] == [booking.external_id for booking in again]
    assert len(rig.fake.books()) == len(KEYS)


async def test_two_who_book_the_same_tour_at_once_have_one(rig: AnyRig) -> None:
    stack = await tour(rig)

    first, second = await asyncio.gather(*(stacker(rig).book_stack(stack, BUDGET_S) for _ in range(2)))

    assert [booking.external_id for booking in first] == [booking.external_id for booking in second]
    assert len(rig.fake.books()) == len(KEYS)


async def test_a_lost_answer_is_an_unknown_outcome_and_the_repeat_finds_the_tour(rig: AnyRig) -> None:
    stack = await tour(rig)
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await stacker(rig).book_stack(stack, LOST_BUDGET_S)
    made = await stacker(rig).book_stack(stack, BUDGET_S)

    assert states(rig) == {booking.external_id: BookState.LIVE for booking in made}
    assert len(made) == len(KEYS)


@pytest.mark.parametrize("place", range(len(KEYS)))
async def test_one_that_is_called_off_leaves_the_others_and_a_repeat_says_so(rig: AnyRig, place: int) -> None:
    stack = await tour(rig)
    made = await stacker(rig).book_stack(stack, BUDGET_S)
    gone = made[place].external_id

    updates = [await rig.carrier.cancel(gone, "other", BUDGET_S) for _ in range(2)]
    again = await stacker(rig).book_stack(stack, BUDGET_S)
    await rig.live(4 * 3600, step_s=300)

    assert [(update.external_id, update.status) for update in updates] == [
        (gone, DeliveryStatus.CANCELLED)
    ] * 2
    assert [booking.external_id for booking in again] == [booking.external_id for booking in made]
    assert [booking.status is DeliveryStatus.CANCELLED for booking in again] == [
        booking.external_id == gone for booking in made
    ]
    for booking in made:
        ended = await rig.carrier.fetch(booking.external_id, BUDGET_S)
        is_gone = booking.external_id == gone
        assert ended.status is (DeliveryStatus.CANCELLED if is_gone else DeliveryStatus.DELIVERED)


async def test_all_stops_can_be_called_off_one_after_the_other(rig: AnyRig) -> None:
    stack = await tour(rig)
    made = await stacker(rig).book_stack(stack, BUDGET_S)

    for booking in made:
        await rig.carrier.cancel(booking.external_id, "other", BUDGET_S)
    again = await stacker(rig).book_stack(stack, BUDGET_S)

    assert {booking.status for booking in again} == {DeliveryStatus.CANCELLED}
    assert set(states(rig).values()) == {BookState.CANCELLED}


async def test_more_stops_than_one_courier_takes_are_refused_together(rig: AnyRig) -> None:
    too_many = tuple(f"leg_{place:02d}" for place in range(rig.harness.plugin.most_stops + 1))
    offer = await rig.offer()
    stack = StackRequest(tuple(rig.request(offer, key) for key in too_many))

    with pytest.raises(RemoteRefused):
        await stacker(rig).quote_stack(stack, BUDGET_S)
    with pytest.raises(RemoteRefused):
        await stacker(rig).book_stack(stack, BUDGET_S)
    assert rig.fake.books() == []


async def test_one_door_that_nobody_can_find_refuses_all(rig: AnyRig) -> None:
    stack = await tour(rig)
    bare = replace(rig.places.door, line1="", city="")
    stops = (*stack.stops[:-1], replace(stack.stops[-1], dropoff=bare))

    with pytest.raises(RemoteRefused):
        await stacker(rig).book_stack(replace(stack, stops=stops), BUDGET_S)
    assert rig.fake.books() == []


async def test_a_tour_that_became_dearer_is_refused_and_nobody_rides(rig: AnyRig) -> None:
    stack = await tour(rig)
    assert stack.price is not None
    cheap = replace(stack, price=Money(stack.price.minor // 2, stack.price.currency))

    for _ in range(2):
        with pytest.raises(RemoteRefused) as refused:
            await stacker(rig).book_stack(cheap, BUDGET_S)
        assert refused.value.kind is IncidentKind.QUOTE_EXPIRED

    assert BookState.LIVE not in states(rig).values()


async def test_an_outage_books_nothing_and_hides_no_tour(rig: AnyRig) -> None:
    stack = await tour(rig)
    rig.fake.outage(True)

    with pytest.raises(RemoteUnavailable):
        await stacker(rig).quote_stack(stack, BUDGET_S)
    with pytest.raises((RemoteUnavailable, UnknownOutcome)):
        await stacker(rig).book_stack(stack, BUDGET_S)
    assert rig.fake.books() == []


async def test_webhooks_move_the_stops_that_they_are_about_and_no_others(rig: AnyRig) -> None:
    reader = rig.harness.plugin.webhooks
    assert reader is not None
    made = await stacker(rig).book_stack(await tour(rig), BUDGET_S)
    await rig.live(60)
    gone = made[1].external_id
    await rig.carrier.cancel(gone, "other", BUDGET_S)

    told = {booking.external_id: booking.status for booking in made}
    ids: dict[tuple[str, str], bytes] = {}
    read = 0
    for _ in range(80):
        await rig.live(120, step_s=60)
        for headers, body in rig.letters[read:]:
            reader.verify(headers, body, [Secret(SIGNING_KEY), *rig.harness.public_keys(rig.fake)])
            for update in reader.read(headers, body):
                told[update.external_id] = advance(told[update.external_id], update.status)
                assert update.price is None
                assert ids.setdefault((update.external_id, update.source_event_id), body) == body
        read = len(rig.letters)
        brought = {name for name, status in told.items() if status is DeliveryStatus.DELIVERED}
        assert brought <= {name for name, state in states(rig).items() if state is BookState.DELIVERED}

    assert told == {
        booking.external_id: (
            DeliveryStatus.CANCELLED if booking.external_id == gone else DeliveryStatus.DELIVERED
        )
        for booking in made
    }
