"""Jobs with several deliveries: whom a message is about, and what is read of one of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.calling import Answer
from connectors.couriers.stuart import mapping
from connectors.couriers.stuart.client import StuartClient
from connectors.couriers.stuart.deliveries import has_others_live, of_reference
from connectors.couriers.stuart.jobs import Jobs
from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.booking import CarrierUpdate
from doorstep.clock import ScaledClock
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import UnreadablePayload
from doorstep.incident import IncidentKind
from doorstep.secret import Secret

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
READER = StuartWebhooks(ScaledClock(NOW, 0.0, 0.0))
DRIVER = {"firstname": "Ana", "lastname": "Alba", "latitude": 48.86, "longitude": 2.35}
NAMED = [{"id": number, "clientReference": f"leg_{number:02d}"} for number in (1, 2, 3)]


def job(status: str, current: str, place: int = 1, **fields: Any) -> dict[str, Any]:
    """A message's job with three deliveries, of which one is at hand."""
    at_hand = {**NAMED[place - 1], "status": current, "driver": DRIVER}
    return {"id": 77, "status": status, "currentDelivery": at_hand, "deliveries": NAMED, **fields}


def read(event: str, data: dict[str, Any]) -> dict[str, CarrierUpdate]:
    updates = READER.read({}, json.dumps({"event": event, "type": "update", "data": data}).encode())
    assert len({update.source_event_id for update in updates}) == len(updates)
    return {update.external_id: update for update in updates}


@pytest.mark.parametrize(
    ("status", "current", "expected"),
    [
        ("scheduled", "pending", [DeliveryStatus.BOOKED] * 3),
        ("searching", "pending", [DeliveryStatus.SEARCHING] * 3),
        ("expired", "pending", [DeliveryStatus.FAILED] * 3),
        ("canceled", "cancelled", [DeliveryStatus.CANCELLED] * 3),
        (
            "in_progress",
            "almost_picking",
            [DeliveryStatus.TO_PICKUP, DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.COURIER_ASSIGNED],
        ),
    ],
)
def test_what_is_true_of_a_whole_job_reaches_every_stop(
    status: str, current: str, expected: list[DeliveryStatus]
) -> None:
    told = read("job", job(status, current))

    assert [told[f"leg_{number:02d}"].status for number in (1, 2, 3)] == expected
    assert {update.tracking_number for update in told.values()} == {"77"}


@pytest.mark.parametrize(
    ("status", "current", "expected"),
    [
        ("in_progress", "delivering", DeliveryStatus.OUT_FOR_DELIVERY),
        ("in_progress", "almost_delivering", DeliveryStatus.AT_DROPOFF),
        ("in_progress", "delivered", DeliveryStatus.DELIVERED),
        ("in_progress", "a_status_of_next_year", DeliveryStatus.UNKNOWN),
        ("finished", "delivered", DeliveryStatus.DELIVERED),
        ("finished", "cancelled", DeliveryStatus.CANCELLED),
        # Some stop was the last one, and this one is under way in an older view of it.
        ("finished", "delivering", DeliveryStatus.OUT_FOR_DELIVERY),
        ("a_status_of_next_year", "delivering", DeliveryStatus.OUT_FOR_DELIVERY),
    ],
)
def test_what_is_said_of_the_delivery_at_hand_moves_no_other(
    status: str, current: str, expected: DeliveryStatus
) -> None:
    told = read("job", job(status, current, place=2))

    assert {name: update.status for name, update in told.items()} == {"leg_02": expected}


def test_a_driver_on_the_way_to_the_pickup_comes_for_every_stop_and_later_for_one() -> None:
    before = read("driver", {**DRIVER, "job": job("in_progress", "picking")})
    later = read("driver", {**DRIVER, "job": job("in_progress", "delivering", place=3)})

    assert sorted(before) == ["leg_01", "leg_02", "leg_03"]
    assert all(update.position is not None and update.courier is not None for update in before.values())
    assert list(later) == ["leg_03"]


def test_a_driver_who_has_been_at_a_door_is_not_followed_from_there() -> None:
    deliveries = [
        {**one, "status": status} for one, status in zip(NAMED, ("delivered", "delivering", ""), strict=True)
    ]

    told = read("job", job("in_progress", "delivering", place=2, deliveries=deliveries))

    assert sorted(told) == ["leg_01", "leg_02"]
    assert (told["leg_01"].status, told["leg_01"].position) == (DeliveryStatus.DELIVERED, None)
    assert told["leg_02"].position is not None


def test_a_reason_that_is_given_for_the_job_is_that_of_every_stop() -> None:
    ours = {"canceledBy": "client", "reasonKey": "customer_cancellation_requested"}

    told = read("job", job("canceled", "cancelled", cancellation={"reasonKey": "no_supply"}))
    by_us = read("job", job("canceled", "", cancellation=ours))

    assert [told[f"leg_{number:02d}"].trouble for number in (2, 3)] == [IncidentKind.NO_COURIER] * 2
    assert {update.trouble for update in by_us.values()} == {None}


def test_a_message_about_a_delivery_is_about_that_one() -> None:
    told = read("delivery", {**NAMED[1], "status": "cancelled"})

    assert {name: update.status for name, update in told.items()} == {"leg_02": DeliveryStatus.CANCELLED}


def test_deliveries_without_a_reference_of_ours_are_left_out_and_a_job_of_them_is_unreadable() -> None:
    strangers = [{"id": 8}, {"id": 9}]

    told = read("job", job("searching", "pending", deliveries=[*NAMED[:1], *strangers]))

    assert list(told) == ["leg_01"]
    with pytest.raises(UnreadablePayload):
        read("job", {"id": 77, "status": "searching", "deliveries": strangers})


@pytest.mark.parametrize("is_of_the_job", [False, True])
def test_what_stuart_goes_on_with_in_another_job_is_not_over(is_of_the_job: bool) -> None:
    moved = {"canceledBy": "stuart", "reasonKey": "manually_stacked"}
    single = {**NAMED[0], "status": "cancelled", "cancellation": {} if is_of_the_job else moved}
    data = {"id": 77, "status": "canceled", "currentDelivery": single, "deliveries": NAMED[:1]}

    assert read("job", {**data, "cancellation": moved if is_of_the_job else None}) == {}
    assert is_of_the_job or read("delivery", single) == {}


ANSWER: dict[str, Any] = {
    "id": 77,
    "status": "in_progress",
    "deliveries": [
        {"id": 1, "client_reference": "leg_01", "status": "delivered", "tracking_url": "https://f.example/1"},
        {"id": 2, "client_reference": "leg_02", "status": "cancelled", "tracking_url": "https://f.example/2"},
        {
            "id": 3,
            "client_reference": "leg_03",
            "status": "delivering",
            "tracking_url": "https://f.example/3",
        },
    ],
    "driver": {"firstname": "Ana", "latitude": 48.86, "longitude": 2.35},
    "pricing": {"price_tax_excluded": 12.4, "currency": "EUR"},
}


@pytest.mark.parametrize(
    ("reference", "status", "is_seen"),
    [
        ("leg_01", DeliveryStatus.DELIVERED, False),
        ("leg_02", DeliveryStatus.CANCELLED, False),
        ("leg_03", DeliveryStatus.OUT_FOR_DELIVERY, True),
    ],
)
@pytest.mark.parametrize("job_status", ["in_progress", "finished"])
def test_an_answer_tells_of_each_delivery_and_of_no_price(
    reference: str, status: DeliveryStatus, is_seen: bool, job_status: str
) -> None:
    view = of_reference({**ANSWER, "status": job_status}, reference)
    assert view is not None

    told = mapping.read_job(view, source_event_id="x", now=NOW)

    assert (told.external_id, told.status, told.price) == (reference, status, None)
    assert (told.position is not None) == is_seen
    assert told.tracking_url.endswith(reference[-1])
    assert of_reference(ANSWER, "leg_04") is None


@pytest.mark.parametrize(("place", "is_shared"), [(0, True), (1, True), (2, False)])
def test_a_job_is_shared_as_long_as_others_of_it_are_under_way(place: int, is_shared: bool) -> None:
    assert has_others_live(ANSWER, ANSWER["deliveries"][place]) == is_shared


class Listing(StuartClient):
    """Knows some jobs."""

    def __init__(self, *jobs: dict[str, Any]) -> None:
        super().__init__("http://127.0.0.1:1", Secret("client"), Secret("hush"))
        self._jobs = list(jobs)

    async def read(self, path: str, deadline: Deadline) -> Answer:
        return Answer(200, self._jobs, b"", {})


@pytest.mark.parametrize("is_reversed", [False, True])
async def test_of_two_jobs_with_a_reference_the_one_that_goes_on_is_meant(is_reversed: bool) -> None:
    left = {
        "client_reference": "leg_01",
        "status": "cancelled",
        "cancellation": {"reason_key": "manually_stacked"},
    }
    jobs = [{"id": 76, "status": "canceled", "deliveries": [left]}, ANSWER]

    found = await Jobs(Listing(*(jobs[::-1] if is_reversed else jobs))).find("leg_01", Deadline(1.0))
    only = await Jobs(Listing(jobs[0])).find("leg_01", Deadline(1.0))

    assert found is ANSWER
    assert only is jobs[0]
