"""Where the door is, shown on the map by whoever lives there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.booking import BookingChange, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, RemoteRefused, StateConflict
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from gateway.flow.messaging.hand.pin import correct_pin, may_correct
from gateway.flow.ports import LinkedCarrier
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.flow.fakes import DOOR, MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import north, order_to, own_fleet


def beside(place: LatLng, meters: float) -> LatLng:
    return LatLng(place.lat + meters / 111_195, place.lng)


class Obliging(FakeCarrier):
    """A courier who takes changes, until told not to."""

    changes: list[BookingChange]
    refuses = False

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        if self.refuses:
            raise RemoteRefused("too late", system=self.carrier)
        self.changes.append(change)
        return self.update(external_id, DeliveryStatus.BOOKED, "changed")


async def test_a_pin_near_the_address_is_taken_and_the_trouble_with_the_address_is_over(stage: Stage) -> None:
    await own_fleet(stage)
    (delivery,) = await order_to(stage, **{"1001": north(2000)})
    assert may_correct(delivery)
    async with stage.means.begin(MERCHANT_ID) as work:
        alarm = Alarm(IncidentKind.ADDRESS_PROBLEM, "Where is it?", "Found by half.", delivery.id)
        await raise_incident(work, alarm, stage.clock.now())
    place = delivery.destination.location
    assert place is not None
    changed = await correct_pin(stage.means, MERCHANT_ID, delivery.id, beside(place, 400))
    assert changed.destination == delivery.destination.at(beside(place, 400)), "the words stay"
    kept = await stage.kept(delivery.id)
    assert (kept.destination.location, kept.version) == (beside(place, 400), delivery.version + 1)
    assert [one.kind for one in await stage.incidents()] == []


async def test_a_pin_far_away_is_another_address(stage: Stage) -> None:
    await own_fleet(stage)
    (delivery,) = await order_to(stage, **{"1001": north(2000)})
    place = delivery.destination.location
    assert place is not None
    with pytest.raises(InvalidInput, match="1200 m from the address"):
        await correct_pin(stage.means, MERCHANT_ID, delivery.id, beside(place, 1200))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, driver_id="drv_1"))
    with pytest.raises(StateConflict, match="write to the driver"):
        await correct_pin(stage.means, MERCHANT_ID, delivery.id, beside(place, 400))
    moved = await correct_pin(stage.means, MERCHANT_ID, delivery.id, beside(place, 100))
    assert moved.destination.location == beside(place, 100)


async def test_a_courier_is_told_and_who_takes_no_changes_gets_none(stage: Stage) -> None:
    delivery = await stage.booked()
    pin = beside(DOOR, 100)
    with pytest.raises(StateConflict, match="takes no changes"):
        await correct_pin(stage.means, MERCHANT_ID, delivery.id, pin)
    obliging = Obliging("cheap", stage.clock, 500)
    obliging.changes = []
    stage.links.linked[0] = LinkedCarrier(stage.links.linked[0].account, obliging)
    await correct_pin(stage.means, MERCHANT_ID, delivery.id, pin)
    (change,) = obliging.changes
    assert change.dropoff is not None
    assert change.dropoff.location == pin
    obliging.refuses = True
    with pytest.raises(StateConflict, match="any more"):
        await correct_pin(stage.means, MERCHANT_ID, delivery.id, beside(DOOR, 50))
    assert (await stage.kept(delivery.id)).destination.location == pin


async def test_what_is_over_takes_no_pin(stage: Stage) -> None:
    delivery = await stage.booked()
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, status=DeliveryStatus.DELIVERED))
    with pytest.raises(StateConflict, match="takes no changes"):
        await correct_pin(stage.means, MERCHANT_ID, delivery.id, DOOR)
