"""DoorDash's webhooks: the header they are known by, events, positions, repeats."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.couriers.doordash import CONNECTOR
from connectors.couriers.doordash.webhook import DoorDashWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "doordash"
READER = DoorDashWebhooks()
CONFIGURED = Secret("Basic bm90OnJlYWw=")


def body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def test_the_configured_header_opens_and_so_does_an_older_one_in_rotation() -> None:
    for value in ("Basic bm90OnJlYWw=", "Bearer older"):
        READER.verify({"authorization": value}, b"{}", [Secret("Bearer older"), CONFIGURED])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Basic bm90OnJlYWw"},
        {"authorization": "bm90OnJlYWw="},
        {"authorization": "Basic ü"},
        {"x-doordash-signature": "Basic bm90OnJlYWw="},
    ],
)
def test_any_other_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, b"{}", [CONFIGURED])


@pytest.mark.parametrize("secrets", [[], [Secret("")]])
def test_an_unset_value_opens_nothing_not_even_for_an_empty_header(secrets: list[Secret]) -> None:
    for headers in ({}, {"authorization": ""}):
        with pytest.raises(BadSignature):
            READER.verify(headers, b"{}", secrets)


def test_an_event_is_read_with_dasher_position_and_eta() -> None:
    (update,) = READER.read({}, body("event_dropoff_arrival.json"))

    at = datetime(2026, 11, 23, 15, 33, 2, 120_000, tzinfo=UTC)
    assert update.external_id == "leg_01"
    assert (update.status, update.raw_status) == (
        DeliveryStatus.AT_DROPOFF,
        "DASHER_CONFIRMED_DROPOFF_ARRIVAL",
    )
    assert (update.occurred_at, update.is_imminent) == (at, True)
    assert update.dropoff_eta == datetime(2026, 11, 23, 15, 35, tzinfo=UTC)
    assert update.pickup_eta == datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
    assert update.courier is not None
    assert (update.courier.display_name, update.courier.proxy_phone) == ("Ada A", "+15550200001")
    assert update.position is not None
    assert (update.position.location, update.position.recorded_at) == (LatLng(40.7411, -73.9897), at)
    assert (update.price, update.trouble) == (Money(975, "USD"), None)


def test_the_published_names_of_fields_are_understood_as_well() -> None:
    (update,) = READER.read({}, body("event_cancelled.json"))

    assert (update.status, update.trouble) == (DeliveryStatus.FAILED, IncidentKind.NO_COURIER)
    assert (update.raw_status, update.raw_reason) == ("DELIVERY_CANCELLED", "failed_to_assign_and_refunded")
    assert update.position is not None
    assert update.position.location == LatLng(40.7306, -73.9866)


def test_an_event_is_told_from_others_by_delivery_name_and_instant() -> None:
    message = json.loads(body("event_dropoff_arrival.json"))
    others = [
        {**message, "event_name": "DASHER_DROPPED_OFF"},
        {**message, "external_delivery_id": "leg_02"},
        {**message, "created_at": "2026-11-23T15:33:02.130000Z"},
    ]

    ids = [READER.read({}, json.dumps(one).encode())[0].source_event_id for one in [message, *others]]
    (again,) = READER.read({}, json.dumps({**message, "tip": 300}).encode())

    assert len(set(ids)) == 4
    assert again.source_event_id == ids[0]


def test_a_message_without_an_instant_repeats_byte_for_byte() -> None:
    raw = json.dumps({"event_name": "DASHER_PICKED_UP", "external_delivery_id": "leg_01"}).encode()

    (first,), (again,) = (READER.read({}, raw) for _ in range(2))

    assert first.source_event_id == again.source_event_id
    assert first.source_event_id.startswith("sha256:")


def test_being_put_on_a_route_with_others_says_nothing_of_where_it_stands() -> None:
    raw = json.dumps({"event_name": "DELIVERY_BATCHED", "external_delivery_id": "leg_01"})

    assert READER.read({}, raw.encode()) == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"no json",
        b"[]",
        b"{}",
        b'{"event_name": "DASHER_CONFIRMED"}',
        b'{"external_delivery_id": "leg_01"}',
    ],
)
def test_a_message_that_names_no_event_or_no_delivery_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)


def test_an_unknown_event_is_kept_raw() -> None:
    raw = json.dumps({"event_name": "DASHER_TELEPORTED", "external_delivery_id": "leg_01"})

    (update,) = READER.read({}, raw.encode())

    assert (update.status, update.raw_status) == (DeliveryStatus.UNKNOWN, "DASHER_TELEPORTED")


def test_the_plug_in_hands_out_this_reader() -> None:
    assert isinstance(CONNECTOR.webhooks, DoorDashWebhooks)
