"""ShipEngine's webhooks: the secret header, the RSA signature, and what they say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.parcel.shipengine.webhook import ShipEngineWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "shipengine"
NOW = datetime(2026, 11, 25, 13, 31, tzinfo=UTC)
BODY = b'{"resource_type":"API_TRACK"}'
GOOD = {"x-doorstep-secret": "hush"}


class StandingClock:
    def now(self) -> datetime:
        return NOW


READER = ShipEngineWebhooks(StandingClock())


def body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    """One that ShipEngine might have."""
    return generate_private_key(65_537, 2048)


def key_set(key: RSAPrivateKey, key_id: str = "key-1") -> Secret:
    numbers = key.public_key().public_numbers()

    def encoded(number: int) -> str:
        raw = number.to_bytes((number.bit_length() + 7) // 8)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    other = {"kty": "EC", "kid": key_id, "crv": "P-256", "x": "AA", "y": "AA"}
    jwk = {"kty": "RSA", "kid": key_id, "n": encoded(numbers.n), "e": encoded(numbers.e)}
    return Secret(json.dumps({"keys": [other, jwk]}))


def signed(key: RSAPrivateKey, raw: bytes, timestamp: str = NOW.isoformat()) -> dict[str, str]:
    signature = key.sign(timestamp.encode() + b"." + raw, PKCS1v15(), SHA256())
    return {
        "x-shipengine-rsa-sha256-key-id": "key-1",
        "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
        "x-shipengine-timestamp": timestamp,
    }


@pytest.mark.parametrize("secrets", [[], [""], ["hush"]])
def test_without_published_keys_nothing_is_believed(key: RSAPrivateKey, secrets: list[str]) -> None:
    for headers in (GOOD, {**signed(key, BODY), **GOOD}, {"x-doorstep-secret": ""}):
        with pytest.raises(BadSignature, match="published keys"):
            READER.verify(headers, BODY, [Secret(secret) for secret in secrets])


@pytest.mark.parametrize("secrets", [["hush"], ["older", "hush"], ["hush", ""]])
def test_where_a_secret_is_set_its_header_is_asked_for_as_well(
    key: RSAPrivateKey, secrets: list[str]
) -> None:
    both = [*(Secret(secret) for secret in secrets), key_set(key)]

    READER.verify({**signed(key, BODY), **GOOD}, BODY, both)
    for half in (GOOD, signed(key, BODY), {**signed(key, BODY), "x-doorstep-secret": "hus"}):
        with pytest.raises(BadSignature):
            READER.verify(half, BODY, both)


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-11-25T13:31:00Z",
        "2026-11-25T13:31:00.123+00:00",
        "2026-11-25T13:31:00",
        "2026-11-25T08:31:00-05:00",
        # Seconds and milliseconds since 1970.
        "1795613460",
        "1795613460000",
    ],
)
def test_a_signature_is_checked_with_the_key_that_it_names(key: RSAPrivateKey, timestamp: str) -> None:
    READER.verify(signed(key, BODY, timestamp), BODY, [key_set(key)])


def test_one_of_several_key_sets_is_enough(key: RSAPrivateKey) -> None:
    READER.verify(signed(key, BODY), BODY, [Secret('{"keys": []}'), key_set(key)])


@pytest.mark.parametrize(
    "changes",
    [
        {"x-shipengine-rsa-sha256-key-id": "key-2"},
        {"x-shipengine-rsa-sha256-key-id": ""},
        {"x-shipengine-rsa-sha256-signature": ""},
        {"x-shipengine-rsa-sha256-signature": "AAAA"},
        {"x-shipengine-rsa-sha256-signature": "not base64"},
        {"x-shipengine-timestamp": (NOW - timedelta(seconds=1)).isoformat()},
        {"x-shipengine-timestamp": ""},
        {"x-shipengine-timestamp": "yesterday"},
        {"x-shipengine-timestamp": "9" * 40},
    ],
)
def test_whatever_is_changed_breaks_the_signature(key: RSAPrivateKey, changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        READER.verify({**signed(key, BODY), **changes}, BODY, [key_set(key)])


def test_a_changed_body_breaks_the_signature(key: RSAPrivateKey) -> None:
    with pytest.raises(BadSignature):
        READER.verify(signed(key, BODY), BODY + b" ", [key_set(key)])


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_signature_grows_stale(key: RSAPrivateKey, age: timedelta) -> None:
    headers = signed(key, BODY, (NOW - age).isoformat())

    with pytest.raises(BadSignature, match="five minutes"):
        READER.verify(headers, BODY, [key_set(key)])


@pytest.mark.parametrize("public", ['{"keys": []}', '{"keys": "none"}', "{", " {}"])
def test_a_key_set_is_public_and_opens_nothing_as_a_header(public: str) -> None:
    with pytest.raises(BadSignature):
        READER.verify({"x-doorstep-secret": public}, BODY, [Secret(public)])


@pytest.mark.parametrize(
    "changes", [{"n": "AQAB"}, {"n": "!"}, {"n": ""}, {"e": ""}, {"kty": "oct"}, {"e": 3}]
)
def test_a_key_that_is_weak_or_broken_is_none(key: RSAPrivateKey, changes: dict[str, object]) -> None:
    keys = json.loads(key_set(key).reveal())["keys"]
    broken = Secret(json.dumps({"keys": [{**keys[1], **changes}]}))

    with pytest.raises(BadSignature):
        READER.verify(signed(key, BODY), BODY, [broken])


def test_tracking_of_the_first_generation_is_read_by_its_number() -> None:
    (update,) = READER.read({}, body("track.json"))

    assert update.external_id == update.tracking_number == "9400100000000000000001"
    assert (update.status, update.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "IT.OUT_FOR_DELIVERY")
    assert update.occurred_at == datetime(2026, 11, 25, 13, 30, tzinfo=UTC)


def test_tracking_of_the_second_generation_goes_by_the_same() -> None:
    (update,) = READER.read({}, body("track_v2.json"))

    assert (update.external_id, update.status) == ("1Z0000000000000001", DeliveryStatus.LABEL_READY)
    assert update.occurred_at == NOW


def test_a_number_that_stands_in_the_address_alone_is_found_there() -> None:
    event = json.loads(body("track.json"))
    del event["data"]["tracking_number"]

    (update,) = READER.read({}, json.dumps(event).encode())

    assert update.external_id == "9400100000000000000001"


@pytest.mark.parametrize("kind", ["API_BATCH", "API_RATE", "BATCH_PROCESSED_V2", "OF_NEXT_YEAR", ""])
def test_other_events_are_about_nothing_of_ours(kind: str) -> None:
    assert READER.read({}, json.dumps({"resource_type": kind, "resource_url": "https://x/1"}).encode()) == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"no json",
        b"[]",
        b'{"resource_type": "API_TRACK"}',
        b'{"resource_type": "API_TRACK", "resource_url": "https://[", "data": []}',
    ],
)
def test_an_event_that_names_no_parcel_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read({}, raw)
