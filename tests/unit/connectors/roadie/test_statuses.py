"""Roadie's events and states in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.roadie.statuses import CANCEL_CODES, EVENTS, STATES, newest_event, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

EVENT_TABLE = [
    ("driver_assigned", DeliveryStatus.COURIER_ASSIGNED),
    ("at_pickup", DeliveryStatus.AT_PICKUP),
    ("pickup_confirmed", DeliveryStatus.PICKED_UP),
    ("en_route_to_delivery", DeliveryStatus.OUT_FOR_DELIVERY),
    ("driver_approaching_delivery", DeliveryStatus.AT_DROPOFF),
    ("at_delivery", DeliveryStatus.AT_DROPOFF),
    ("delivery_confirmed", DeliveryStatus.DELIVERED),
    ("delivery_attempted", DeliveryStatus.ATTEMPT_FAILED),
    ("returned", DeliveryStatus.RETURNED),
    ("canceled", DeliveryStatus.CANCELLED),
    ("an_event_of_next_year", DeliveryStatus.UNKNOWN),
]
STATE_TABLE = [
    ("scheduled", DeliveryStatus.BOOKED),
    ("assigned", DeliveryStatus.COURIER_ASSIGNED),
    ("en_route_to_pickup", DeliveryStatus.TO_PICKUP),
    ("at_pickup", DeliveryStatus.AT_PICKUP),
    ("en_route_to_dropoff", DeliveryStatus.OUT_FOR_DELIVERY),
    ("at_dropoff", DeliveryStatus.AT_DROPOFF),
    ("attempted", DeliveryStatus.ATTEMPT_FAILED),
    ("delivered", DeliveryStatus.DELIVERED),
    ("returned", DeliveryStatus.RETURNED),
    ("canceled", DeliveryStatus.CANCELLED),
    ("expired", DeliveryStatus.FAILED),
    ("a_state_of_next_year", DeliveryStatus.UNKNOWN),
]


@pytest.mark.parametrize(("raw", "status"), EVENT_TABLE)
def test_every_known_event_is_mapped(raw: str, status: DeliveryStatus) -> None:
    standing = standing_of({"state": "assigned"}, {"name": raw, "occurred_at": "2026-11-23T15:00:00Z"})

    assert (standing.raw, standing.status) == (raw, status)


@pytest.mark.parametrize(("raw", "status"), STATE_TABLE)
def test_every_known_state_is_mapped(raw: str, status: DeliveryStatus) -> None:
    standing = standing_of({"state": raw}, {})

    assert (standing.raw, standing.status) == (raw, status)


def test_the_tables_above_leave_nothing_out() -> None:
    assert {raw for raw, _ in EVENT_TABLE} >= EVENTS.keys()
    assert {raw for raw, _ in STATE_TABLE} >= STATES.keys()


def test_the_newest_event_says_more_than_the_state_until_that_is_the_last() -> None:
    events = [
        {"name": "pickup_confirmed", "occurred_at": "2026-11-23T15:30:00Z"},
        {"name": "driver_assigned", "occurred_at": "2026-11-23T15:10:00Z"},
        {"name": "undated"},
    ]

    assert newest_event({"events": events})["name"] == "pickup_confirmed"
    assert standing_of({"state": "assigned", "events": events}, {}).status is DeliveryStatus.PICKED_UP
    assert standing_of({"state": "delivered", "events": events}, {}).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, None) for code in sorted(CANCEL_CODES)),
        ("driver_unavailable", IncidentKind.COURIER_CANCELLED),
    ],
)
def test_a_cancelling_with_a_code_of_ours_is_no_incident(code: str, kind: IncidentKind | None) -> None:
    shipment = {"state": "canceled", "cancellation_code": code}

    for event in ({}, {"name": "canceled"}):
        standing = standing_of(shipment, event)
        assert (standing.status, standing.trouble) == (DeliveryStatus.CANCELLED, kind)
        assert standing.raw_reason == code


@pytest.mark.parametrize(
    ("state", "event", "kind"),
    [
        ("expired", {}, IncidentKind.NO_COURIER),
        ("attempted", {"name": "delivery_attempted"}, IncidentKind.OTHER),
        ("canceled", {}, IncidentKind.COURIER_CANCELLED),
        ("delivered", {}, None),
    ],
)
def test_what_went_wrong_is_said(state: str, event: dict[str, object], kind: IncidentKind | None) -> None:
    assert standing_of({"state": state}, event).trouble is kind


@given(
    shipment=st.dictionaries(
        st.sampled_from(["state", "events", "cancellation_code", "updated_at"]),
        st.none()
        | st.integers()
        | st.sampled_from(sorted(STATES))
        | st.lists(st.none() | st.just({"name": 7}), max_size=2),
    ),
    event=st.dictionaries(st.sampled_from(["name", "occurred_at"]), st.none() | st.text(max_size=8)),
)
def test_nothing_that_roadie_may_send_makes_reading_fail(
    shipment: dict[str, object], event: dict[str, object]
) -> None:
    assert standing_of(shipment, event).status in DeliveryStatus
