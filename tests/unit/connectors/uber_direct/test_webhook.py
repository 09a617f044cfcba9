"""Uber's webhooks: signature, kinds, positions, repeats."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.couriers.uber_direct import CONNECTOR
from connectors.couriers.uber_direct.webhook import UberDirectWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.quote import VehicleKind
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "uber_direct"
READER = UberDirectWebhooks()
KEY = Secret("signing-key")


def body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def signature(raw: bytes) -> str:
    return hmac.new(b"signing-key", raw, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("header", ["x-uber-signature", "x-postmates-signature"])
def test_either_header_carries_the_signature(header: str) -> None:
    raw = body("status_dropoff.json")

    READER.verify({header: signature(raw)}, raw, [Secret("older"), KEY])


@pytest.mark.parametrize("headers", [{}, {"x-uber-signature": "00"}, {"x-uber-signature": "not hex"}])
def test_a_message_that_nobody_signed_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, body("status_dropoff.json"), [KEY])


def test_a_changed_body_is_refused() -> None:
    raw = body("status_dropoff.json")

    with pytest.raises(BadSignature):
        READER.verify({"x-uber-signature": signature(raw)}, raw + b" ", [KEY])


def test_a_status_is_read_with_courier_and_eta() -> None:
    (update,) = READER.read({}, body("status_dropoff.json"))

    assert (update.source_event_id, update.external_id) == ("evt_7a51", "del_9b27")
    assert (update.status, update.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "dropoff")
    assert update.occurred_at == datetime(2026, 11, 23, 15, 21, 4, 120_000, tzinfo=UTC)
    assert update.dropoff_eta == datetime(2026, 11, 23, 15, 36, 30, tzinfo=UTC)
    assert update.pickup_eta == datetime(2026, 11, 23, 15, 20, 10, tzinfo=UTC)
    assert update.courier is not None
    assert (update.courier.display_name, update.courier.vehicle) == ("Robo C.", VehicleKind.BICYCLE)
    assert update.position is not None
    assert update.trouble is None


def test_a_courier_update_gives_the_position_of_its_envelope() -> None:
    (update,) = READER.read({}, body("courier_update.json"))

    assert update.position is not None
    assert update.position.location == LatLng(40.7411, -73.9897)
    assert update.position.recorded_at == datetime(2026, 11, 23, 15, 22, tzinfo=UTC)
    assert (update.status, update.is_imminent) == (DeliveryStatus.AT_DROPOFF, True)


def test_a_repeat_of_a_message_without_an_id_has_the_same_id() -> None:
    (first,), (again,) = (READER.read({}, body("courier_update.json")) for _ in range(2))

    assert first.source_event_id == again.source_event_id
    assert first.source_event_id.startswith("sha256:")


def test_goods_that_come_back_are_followed_under_our_booking() -> None:
    (returning,) = READER.read({}, body("status_returned.json"))
    (returned,) = READER.read({}, body("status_return_leg_delivered.json"))

    assert (returning.status, returning.trouble) == (
        DeliveryStatus.RETURNING,
        IncidentKind.RECIPIENT_UNAVAILABLE,
    )
    assert returning.raw_reason == "customer_unavailable"
    assert (returned.external_id, returned.status) == ("del_9b27", DeliveryStatus.RETURNED)


@pytest.mark.parametrize("kind", ["event.refund_request", "event.shopping_progress", "event.of_next_year"])
def test_other_kinds_are_about_nothing_of_ours(kind: str) -> None:
    assert READER.read({}, json.dumps({"kind": kind, "delivery_id": "del_1"}).encode()) == ()


@pytest.mark.parametrize("raw", [b"no json", b"[]", b'{"kind": "event.delivery_status"}'])
def test_a_message_that_names_no_delivery_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)


def test_an_unknown_status_is_kept_raw() -> None:
    raw = json.dumps({"kind": "event.delivery_status", "status": "teleported", "delivery_id": "del_1"})

    (update,) = READER.read({}, raw.encode())

    assert (update.status, update.raw_status) == (DeliveryStatus.UNKNOWN, "teleported")


def test_the_plug_in_hands_out_this_reader() -> None:
    assert isinstance(CONNECTOR.webhooks, UberDirectWebhooks)
