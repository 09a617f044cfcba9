"""EasyPost's webhooks: both kinds of signature, trackers, refunds."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.parcel.easypost.webhook import EasyPostWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "easypost"
READER = EasyPostWebhooks()
NOW = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
SHIPMENT = "shp_00000000000000000000000000000001"

# Made with openssl: the key is the decomposed form (NFKD) of "sécret".
VECTOR_BODY = '{"id":"evt_1","note":"naïve"}'.encode()
VECTOR = "d220834ce7bbf8ddb3efbe7716c5202c3f046926e3ca37c4bea7b279b045a186"


class StandingClock:
    def now(self) -> datetime:
        return NOW


def body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def signed(message: bytes) -> str:
    return f"hmac-sha256-hex={hmac.new(b'secret', message, hashlib.sha256).hexdigest()}"


def v2_headers(sent_at: datetime, raw: bytes, path: str = "/webhooks/easypost") -> dict[str, str]:
    timestamp = format_datetime(sent_at)
    return {
        "x-timestamp": timestamp,
        "x-path": path,
        "x-hmac-signature-v2": signed(f"{timestamp}POST{path}".encode() + raw),
    }


@pytest.mark.parametrize("secret", ["sécret", "se\u0301cret"])
def test_secrets_are_normalised_before_they_sign(secret: str) -> None:
    READER.verify({"x-hmac-signature": f"hmac-sha256-hex={VECTOR}"}, VECTOR_BODY, [Secret(secret)])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hmac-signature": VECTOR},
        {"x-hmac-signature": "hmac-sha256-hex=00"},
        {"x-hmac-signature": "hmac-sha256-hex=zz"},
    ],
)
def test_a_message_that_nobody_signed_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, VECTOR_BODY, [Secret("sécret")])


def test_an_empty_secret_closes_the_door() -> None:
    with pytest.raises(BadSignature):
        READER.verify({"x-hmac-signature": signed(b"{}")}, b"{}", [Secret("")])


def test_the_second_kind_of_signature_counts_only_where_it_is_switched_on() -> None:
    headers = v2_headers(NOW, b"{}")

    EasyPostWebhooks(accept_v2=True, clock=StandingClock()).verify(headers, b"{}", [Secret("secret")])
    with pytest.raises(BadSignature):
        READER.verify(headers, b"{}", [Secret("secret")])


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_the_second_kind_of_signature_grows_stale(age: timedelta) -> None:
    reader = EasyPostWebhooks(accept_v2=True, clock=StandingClock())

    with pytest.raises(BadSignature, match="five minutes"):
        reader.verify(v2_headers(NOW - age, b"{}"), b"{}", [Secret("secret")])


def test_the_second_kind_of_signature_covers_path_and_body() -> None:
    reader = EasyPostWebhooks(accept_v2=True, clock=StandingClock())
    headers = v2_headers(NOW, b"{}")

    for changed in ({"x-path": "/elsewhere"}, {"x-timestamp": "yesterday"}):
        with pytest.raises(BadSignature):
            reader.verify({**headers, **changed}, b"{}", [Secret("secret")])
    with pytest.raises(BadSignature):
        reader.verify(headers, b"{ }", [Secret("secret")])


def test_a_tracker_is_read_under_the_shipment_that_was_booked() -> None:
    (update,) = READER.read({}, body("tracker_updated.json"))

    assert (update.source_event_id, update.external_id) == ("evt_00000000000000000000000000000007", SHIPMENT)
    assert (update.status, update.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "out_for_delivery")
    assert update.occurred_at == NOW
    assert update.dropoff_eta == datetime(2026, 11, 26, 20, tzinfo=UTC)
    assert update.tracking_number == "9400100000000000000001"


def test_a_tracker_without_a_shipment_goes_by_its_code() -> None:
    event = json.loads(body("tracker_updated.json"))
    event["result"]["shipment_id"] = None

    (update,) = READER.read({}, json.dumps(event).encode())

    assert update.external_id == "9400100000000000000001"


def test_a_settled_refund_is_a_cancellation() -> None:
    (update,) = READER.read({}, body("refund_successful.json"))

    assert (update.external_id, update.status) == (SHIPMENT, DeliveryStatus.CANCELLED)


@pytest.mark.parametrize("kind", ["batch.updated", "payment.created", "claim.submitted", "of.next_year", ""])
def test_other_events_are_about_nothing_of_ours(kind: str) -> None:
    assert READER.read({}, json.dumps({"description": kind, "result": {"id": "x_1"}}).encode()) == ()


@pytest.mark.parametrize("raw", [b"no json", b"[]", b'{"description": "tracker.updated"}'])
def test_an_event_that_names_no_parcel_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)
