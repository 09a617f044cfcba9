"""Tours of one Stuart courier to several doors, against the simulated Stuart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.couriers.stuart.connector import Stuart
from doorstep.address import Address
from doorstep.booking import Booking, BookingChange, StackRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, UnknownOutcome
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.proof import ProofKind
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S
from tests.integration.connectors.stuart.stuart_rig import DOOR, Rig


def door(place: int, street: str = "rue du Test") -> Address:
    """The first is the furthest: Stuart rides to the last one first."""
    return replace(DOOR, line1=f"{place + 2} {street}", location=LatLng(48.868 - 0.002 * place, 2.352))


async def tour(rig: Rig, *doors: Address) -> StackRequest:
    offer = await rig.offer()
    doors = doors or (door(0), door(1), door(2))
    stops = tuple(rig.request(offer, f"leg_{place:02d}", dropoff=at) for place, at in enumerate(doors))
    return StackRequest(stops, offer.price.times(2))


def stuart(rig: Rig) -> Stuart:
    assert isinstance(rig.carrier, Stuart)
    return rig.carrier


async def booked(rig: Rig, *doors: Address) -> list[Booking]:
    return list(await stuart(rig).book_stack(await tour(rig, *doors), BUDGET_S))


async def statuses(rig: Rig, stops: int = 3) -> list[DeliveryStatus]:
    ids = [f"leg_{place:02d}" for place in range(stops)]
    return [(await rig.carrier.fetch(name, BUDGET_S)).status for name in ids]


async def test_a_tour_costs_less_than_its_stops_one_by_one(rig: Rig) -> None:
    stack = await tour(rig)
    alone = [(await rig.offer(dropoff=stop.dropoff)).price.minor for stop in stack.stops]

    offer = await stuart(rig).quote_stack(stack, BUDGET_S)

    assert max(alone) < offer.price.minor < sum(alone)
    assert offer.expires_at is not None
    assert offer.expires_at > rig.clock.now()


async def test_one_courier_rides_from_door_to_door_and_each_is_told_of_its_own(rig: Rig) -> None:
    await booked(rig)
    orders: list[str] = []
    for _ in range(60):
        await rig.live(60, step_s=60)
        orders += [
            f"leg_{place:02d}"
            for place, status in enumerate(await statuses(rig))
            if status is DeliveryStatus.DELIVERED and f"leg_{place:02d}" not in orders
        ]

    # The nearest first, as Stuart arranges them by itself.
    assert orders == ["leg_02", "leg_01", "leg_00"]
    whole_way = [update.status for update in rig.updates() if update.external_id == "leg_00"]
    assert {DeliveryStatus.SEARCHING, DeliveryStatus.OUT_FOR_DELIVERY, DeliveryStatus.DELIVERED} <= {
        *whole_way
    }


async def test_the_last_stop_is_called_off_with_its_job_and_the_others_without(rig: Rig) -> None:
    await booked(rig)
    rig.fake.refuse_next("INTERNAL_SERVER_ERROR", "cancel")
    for name in ("leg_00", "leg_01"):
        await rig.carrier.cancel(name, "other", BUDGET_S)

    with pytest.raises(RemoteError):
        await rig.carrier.cancel("leg_02", "other", BUDGET_S)
    assert await statuses(rig) == [DeliveryStatus.CANCELLED] * 2 + [DeliveryStatus.SEARCHING]

    await rig.carrier.cancel("leg_02", "other", BUDGET_S)
    assert await statuses(rig) == [DeliveryStatus.CANCELLED] * 3


async def test_it_is_too_late_to_call_one_off_once_the_courier_has_them(rig: Rig) -> None:
    await booked(rig)
    await rig.live(minutes=15)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.cancel("leg_00", "other", BUDGET_S)


async def test_a_courier_who_gives_up_is_missed_at_every_door_and_another_comes(rig: Rig) -> None:
    await booked(rig)
    await rig.carrier.cancel("leg_01", "other", BUDGET_S)
    await rig.live(minutes=2)

    assert rig.fake.drop_next_courier() == "leg_02"
    lost = await statuses(rig)
    await rig.live(minutes=1)
    told = {update.external_id for update in rig.updates() if update.raw_status == "searching"}
    await rig.live(minutes=90)

    assert lost == [DeliveryStatus.SEARCHING, DeliveryStatus.CANCELLED, DeliveryStatus.SEARCHING]
    assert {"leg_00", "leg_02"} <= told
    assert await statuses(rig) == [
        DeliveryStatus.DELIVERED,
        DeliveryStatus.CANCELLED,
        DeliveryStatus.DELIVERED,
    ]


async def test_a_tour_that_stuart_calls_off_is_over_at_every_door_and_is_not_booked_again(rig: Rig) -> None:
    stack = await tour(rig)
    await stuart(rig).book_stack(stack, BUDGET_S)
    rig.fake.call_off("leg_01", "no_supply")
    await rig.live(minutes=1)

    again = await stuart(rig).book_stack(stack, BUDGET_S)

    ended = {update.external_id: update.trouble for update in rig.updates() if update.trouble is not None}
    assert ended == dict.fromkeys(("leg_00", "leg_01", "leg_02"), IncidentKind.NO_COURIER)
    assert {booking.status for booking in again} == {DeliveryStatus.CANCELLED}
    assert len(rig.fake.books()) == 3


async def test_nobody_at_one_door_leaves_the_others_delivered(rig: Rig) -> None:
    await booked(rig, door(0), door(1, "FATE end-customer_unreachable rue"), door(2))
    await rig.live(minutes=90)

    assert await statuses(rig) == [DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.DELIVERED]
    told = {update.external_id: update.trouble for update in rig.updates() if update.trouble is not None}
    assert told == {"leg_01": IncidentKind.RECIPIENT_UNAVAILABLE}


async def test_changes_and_proofs_are_those_of_the_asked_delivery(rig: Rig) -> None:
    await booked(rig)
    carrier = stuart(rig)

    update = await carrier.change("leg_01", BookingChange(instructions="Ring twice"), BUDGET_S)
    (job,) = rig.fake.desk.listed({"client_reference": "leg_01"})
    comments = {one.dropoff.client_reference: one.dropoff.stop.sent.get("comment") for one in job.deliveries}
    await rig.live(minutes=90)
    proofs = {name: await carrier.proofs(name, BUDGET_S) for name in ("leg_00", "leg_01")}

    assert (update.external_id, update.price) == ("leg_01", None)
    assert comments == {"leg_00": None, "leg_01": "Ring twice", "leg_02": None}
    assert [proof.kind for proof in proofs["leg_00"]] == [ProofKind.SIGNATURE, ProofKind.PHOTO]
    assert {proof.url for proof in proofs["leg_00"]}.isdisjoint(proof.url for proof in proofs["leg_01"])


@pytest.mark.parametrize(
    ("code", "operation", "error"),
    [
        ("OUT_OF_RANGE", "create", RemoteRefused),
        ("FORBIDDEN", "create", AccountProblem),
        ("TOO_MANY_REQUESTS", "create", RateLimited),
        ("SERVICE_UNAVAILABLE", "create", UnknownOutcome),
        ("RECORD_INVALID:job.dropoffs.client_reference", "create", UnknownOutcome),
    ],
)
async def test_errors_of_a_tour_say_whether_it_may_have_been_booked(
    rig: Rig, code: str, operation: str, error: type[RemoteError]
) -> None:
    stack = await tour(rig)
    rig.fake.refuse_next(code, operation)

    with pytest.raises(error) as failed:
        await stuart(rig).book_stack(stack, BUDGET_S)

    assert type(failed.value) is error
    assert rig.fake.books() == []


async def test_a_tour_that_is_booked_is_found_without_asking_for_it_again(rig: Rig) -> None:
    stack = await tour(rig)
    first = await stuart(rig).book_stack(stack, BUDGET_S)
    rig.fake.refuse_next("SERVICE_UNAVAILABLE", "create")

    again = await stuart(rig).book_stack(stack, BUDGET_S)

    assert [booking.external_id for booking in again] == [booking.external_id for booking in first]


async def test_a_read_that_fails_beside_one_that_finds_the_tour_is_in_doubt(rig: Rig) -> None:
    stack = await tour(rig)
    await stuart(rig).book_stack(stack, BUDGET_S)
    rig.fake.refuse_next("TOO_MANY_REQUESTS", "list")

    with pytest.raises(UnknownOutcome):
        await stuart(rig).book_stack(stack, BUDGET_S)


async def test_a_stop_that_is_missing_from_its_tour_is_in_doubt(rig: Rig) -> None:
    stack = await tour(rig)
    await stuart(rig).book_stack(stack, BUDGET_S)
    other = replace(stack, stops=(*stack.stops, replace(stack.stops[0], booking_key="leg_09")))

    with pytest.raises(UnknownOutcome):
        await stuart(rig).book_stack(other, BUDGET_S)


@pytest.mark.parametrize(("percent", "is_accepted"), [(80, True), (109, True), (112, False)])
async def test_a_tour_may_cost_a_tenth_more_than_quoted(rig: Rig, percent: int, is_accepted: bool) -> None:
    stack = await tour(rig)
    offer = await stuart(rig).quote_stack(stack, BUDGET_S)
    rig.fake.set_price_factor(percent / 100)

    if is_accepted:
        made = await stuart(rig).book_stack(replace(stack, price=offer.price), BUDGET_S)
        (price,) = {booking.price.minor for booking in made}
        assert price == pytest.approx(offer.price.minor * percent / 100, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await stuart(rig).book_stack(replace(stack, price=offer.price), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert {entry.state for entry in rig.fake.books()} == {BookState.CANCELLED}


async def test_a_dear_tour_that_was_perhaps_not_called_off_is_in_doubt_until_the_repeat(rig: Rig) -> None:
    stack = replace(await tour(rig), price=Money(100, "EUR"))
    rig.fake.refuse_next("SERVICE_UNAVAILABLE", "cancel")

    with pytest.raises(UnknownOutcome):
        await stuart(rig).book_stack(stack, BUDGET_S)
    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await stuart(rig).book_stack(stack, BUDGET_S)

    assert {entry.state for entry in rig.fake.books()} == {BookState.CANCELLED}


async def test_what_stuart_stacks_by_hand_goes_on_under_the_same_references(rig: Rig) -> None:
    for place in range(2):
        await rig.book(booking_key=f"leg_{place:02d}", dropoff=door(place))
    rig.fake.stack_by_hand("leg_00", "leg_01")
    await rig.live(minutes=1)

    moved = [await rig.carrier.fetch(f"leg_{place:02d}", BUDGET_S) for place in range(2)]
    again = await rig.book(booking_key="leg_00", dropoff=door(0))
    await rig.carrier.cancel("leg_00", "other", BUDGET_S)
    await rig.live(minutes=90)

    assert len({update.tracking_number for update in moved}) == 1
    assert again.tracking_number == moved[0].tracking_number
    assert await statuses(rig, 2) == [DeliveryStatus.CANCELLED, DeliveryStatus.DELIVERED]
    assert {update.external_id for update in rig.updates() if update.trouble is not None} == set()
