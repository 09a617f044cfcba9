"""Stuart's webhooks: the key, the three kinds, positions, repeats."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.couriers.stuart import CONNECTOR
from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.clock import ScaledClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.quote import VehicleKind
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
READER = StuartWebhooks(ScaledClock(NOW, 0.0, 0.0))


def body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "key"}, {"authorization": "Bearer key"}, {"x-webhook-secret": "key"}],
)
def test_the_key_comes_in_either_header(headers: dict[str, str]) -> None:
    READER.verify(headers, b"{}", [Secret("older"), Secret("key")])


@pytest.mark.parametrize("headers", [{}, {"authorization": "wrong"}, {"authorization": ""}, {"x-key": "key"}])
@pytest.mark.parametrize("secrets", [[], [Secret("")], [Secret("key")]])
def test_a_message_without_our_key_is_refused(headers: dict[str, str], secrets: list[Secret]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, b"{}", secrets)


def test_a_job_is_read_with_courier_position_and_eta() -> None:
    (update,) = READER.read({}, body("webhook_job.json"))

    assert (update.external_id, update.tracking_number) == ("leg_01", "100171784")
    assert (update.status, update.raw_status) == (DeliveryStatus.AT_DROPOFF, "almost_delivering")
    assert update.is_imminent
    assert update.dropoff_eta == datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
    assert update.pickup_eta == datetime(2026, 11, 23, 15, 15, tzinfo=UTC)
    assert update.courier is not None
    assert (update.courier.display_name, update.courier.vehicle) == ("Ana A.", VehicleKind.BICYCLE)
    assert update.position is not None
    assert (update.position.location, update.position.recorded_at) == (LatLng(48.86, 2.35), NOW)
    assert (update.occurred_at, update.trouble) == (NOW, None)


def test_a_delivery_is_known_by_our_reference_since_it_does_not_name_its_job() -> None:
    (update,) = READER.read({}, body("webhook_delivery_cancelled.json"))

    assert (update.external_id, update.tracking_number) == ("leg_01", "")
    assert (update.status, update.trouble) == (DeliveryStatus.FAILED, IncidentKind.RECIPIENT_UNAVAILABLE)
    assert update.raw_reason == "end-customer_unreachable"
    assert update.courier is None


def test_a_driver_gives_the_position_of_the_delivery_at_hand() -> None:
    (update,) = READER.read({}, body("webhook_driver.json"))

    assert (update.external_id, update.status) == ("leg_01", DeliveryStatus.TO_PICKUP)
    assert update.position is not None
    assert update.position.location == LatLng(48.861, 2.351)
    assert update.dropoff_eta == datetime(2026, 11, 23, 15, 42, tzinfo=UTC)


def test_a_repeat_has_the_same_id_and_another_message_has_not() -> None:
    names = ("webhook_job.json", "webhook_driver.json", "webhook_delivery_cancelled.json")
    first = [READER.read({}, body(name))[0].source_event_id for name in names]
    again = [READER.read({}, body(name))[0].source_event_id for name in names]

    assert first == again
    assert len(set(first)) == 3


@pytest.mark.parametrize(
    "message",
    [
        {"event": "driver", "data": {"status": "online", "latitude": 48.8, "longitude": 2.3, "job": None}},
        {"event": "invoice", "data": {"id": 1}},
        {},
    ],
)
def test_other_messages_are_about_nothing_of_ours(message: dict[str, object]) -> None:
    assert READER.read({}, json.dumps(message).encode()) == ()


def test_the_newer_words_may_be_the_events_themselves() -> None:
    message = {"event": "package_delivering", "data": {"id": 7, "clientReference": "leg_01"}}

    (update,) = READER.read({}, json.dumps(message).encode())

    assert (update.external_id, update.status) == ("leg_01", DeliveryStatus.OUT_FOR_DELIVERY)


@pytest.mark.parametrize("raw", [b"no json", b"[]", b'{"event": "delivery", "data": {"id": 7}}'])
def test_a_message_that_names_no_delivery_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)


def test_an_unknown_status_is_kept_raw() -> None:
    message = {"event": "delivery", "data": {"status": "teleported", "clientReference": "leg_01"}}

    (update,) = READER.read({}, json.dumps(message).encode())

    assert (update.status, update.raw_status) == (DeliveryStatus.UNKNOWN, "teleported")


def test_the_plug_in_hands_out_this_reader() -> None:
    assert isinstance(CONNECTOR.webhooks, StuartWebhooks)
