"""Roadie's webhooks: the key, and the forms that they may have."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.roadie import CONNECTOR
from connectors.couriers.roadie.webhook import RoadieWebhooks
from doorstep.clock import ScaledClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.geo import LatLng
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
READER = RoadieWebhooks(ScaledClock(NOW, 0.0, 0.0))
AT_DOOR = {
    "name": "at_delivery",
    "occurred_at": "2026-11-23T16:00:00Z",
    "location": {"latitude": 40.74, "longitude": -73.99},
}


def shipment() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / "shipment.json").read_text())
    return loaded


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer key"},
        {"x-webhook-secret": "key"},
        # A proxy in between may use the other header for itself.
        {"authorization": "Basic cHJveHk=", "x-webhook-secret": "key"},
    ],
)
def test_the_key_comes_in_either_header(headers: dict[str, str]) -> None:
    READER.verify(headers, b"{}", [Secret("older"), Secret("key")])


@pytest.mark.parametrize("headers", [{}, {"x-webhook-secret": "wrong"}, {"x-webhook-secret": ""}])
@pytest.mark.parametrize("secrets", [[], [Secret("")], [Secret("key")]])
def test_a_message_without_our_key_is_refused(headers: dict[str, str], secrets: list[Secret]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, b"{}", secrets)


@pytest.mark.parametrize(
    "message",
    [
        {"event": AT_DOOR, "shipment": shipment()},
        {"event": AT_DOOR, "data": shipment()},
        {"event": "at_delivery", **{k: v for k, v in AT_DOOR.items() if k != "name"}, "shipment": shipment()},
    ],
    ids=["shipment", "data", "event by name"],
)
def test_an_event_says_where_and_when(message: dict[str, object]) -> None:
    (update,) = READER.read({}, json.dumps(message).encode())

    assert (update.external_id, update.raw_status) == ("152040", "at_delivery")
    assert (update.status, update.is_imminent) == (DeliveryStatus.AT_DROPOFF, True)
    assert update.occurred_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert update.position is not None
    assert update.position.location == LatLng(40.74, -73.99)
    assert update.courier is not None
    assert update.courier.display_name == "Jeff B."
    assert update.tracking_url == "https://track.roadie.com/id/RETHNKW354W3H438"


def test_a_bare_shipment_stands_where_its_newest_event_left_it() -> None:
    (update,) = READER.read({}, json.dumps(shipment()).encode())

    assert (update.status, update.raw_status) == (DeliveryStatus.PICKED_UP, "pickup_confirmed")
    assert update.occurred_at == datetime(2026, 11, 23, 15, 38, 43, 467_000, tzinfo=UTC)


def test_a_message_without_any_instant_happened_when_it_came() -> None:
    (update,) = READER.read({}, b'{"id": 7, "state": "assigned"}')

    assert (update.external_id, update.occurred_at) == ("7", NOW)


def test_a_repeat_has_the_same_id_and_another_message_has_not() -> None:
    messages = [{"event": AT_DOOR, "shipment": shipment()}, shipment()]
    ids = [
        READER.read({}, json.dumps(message).encode())[0].source_event_id for message in (*messages, *messages)
    ]

    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


def test_an_unknown_event_is_kept_raw() -> None:
    message = {"event": {"name": "teleported"}, "shipment": shipment()}

    (update,) = READER.read({}, json.dumps(message).encode())

    assert (update.status, update.raw_status) == (DeliveryStatus.UNKNOWN, "teleported")


@pytest.mark.parametrize("raw", [b"no json", b"[]", b"{}", b'{"shipment": {"state": "assigned"}}'])
def test_a_message_that_names_no_shipment_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)


def test_the_plug_in_hands_out_this_reader() -> None:
    assert isinstance(CONNECTOR.webhooks, RoadieWebhooks)
