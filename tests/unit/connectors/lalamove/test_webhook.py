"""Lalamove's webhooks: signature, kinds, instants, and what they teach about orders."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.lalamove import CONNECTOR, Heard
from connectors.couriers.lalamove.webhook import PATH_HEADER, LalamoveWebhooks
from doorstep.booking import CarrierUpdate
from doorstep.clock import ScaledClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "lalamove"
DATA: dict[str, Any] = json.loads((PAYLOADS / "webhook_data.json").read_text())
PATH = "/webhooks/carriers/acc_1"
KEY = Secret("sk_test_hush")
SIGNED_AT = 1_763_863_320
ORDER = "3443160224863834408"


def letter(data: bytes, kind: str = "ORDER_STATUS_CHANGED", signed: bytes | None = None) -> bytes:
    """A message as Lalamove posts it; `signed` are the bytes that the signature is made over."""
    message = f"{SIGNED_AT}\r\nPOST\r\n{PATH}\r\n\r\n".encode() + (data if signed is None else signed)
    signature = hmac.new(b"sk_test_hush", message, hashlib.sha256).hexdigest()
    start = (
        f'{{"apiKey":"pk_test_1","timestamp":{SIGNED_AT},"signature":"{signature}",'
        f'"eventId":"76F529D2-851A","eventType":"{kind}","eventVersion":"v3","data":'
    )
    return start.encode() + data + b"}"


def compact(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def read(kind: str, data: object | None = None) -> tuple[CarrierUpdate, ...]:
    return LalamoveWebhooks(Heard()).read({}, letter(compact(DATA[kind] if data is None else data), kind))


def verify(body: bytes, *secrets: Secret, path: str = PATH) -> None:
    LalamoveWebhooks(Heard()).verify({PATH_HEADER: path}, body, secrets or (Secret("older"), KEY))


@pytest.mark.parametrize("kind", DATA)
def test_the_signature_covers_time_path_and_data(kind: str) -> None:
    body = letter(compact(DATA[kind]), kind)

    verify(body)
    for changed in (body.replace(b"3443", b"3444"), body.replace(b"17638", b"17639"), body + b"x"):
        if changed != body:
            with pytest.raises(BadSignature):
                verify(changed)
    with pytest.raises(BadSignature):
        verify(body, path="/webhooks/carriers/acc_2")


def test_the_bytes_of_data_count_however_they_are_written() -> None:
    odd = b'{"order": {"orderId":"1","x":1.50,"y":"\\u0026\\/\xc3\xa9"},\n "updatedAt":"" }'

    verify(letter(odd))


def test_a_body_with_blanks_may_be_signed_in_its_shortest_form() -> None:
    spread = json.dumps(DATA["ORDER_CREATED"], indent=1).encode()

    verify(letter(spread, signed=compact(DATA["ORDER_CREATED"])))


def test_data_that_comes_twice_is_refused_though_the_first_is_signed() -> None:
    good = letter(compact(DATA["ORDER_STATUS_CHANGED"]))
    doubled = good[:-1] + b',"data":{"order":{"orderId":"1","status":"COMPLETED"}}}'

    with pytest.raises(BadSignature):
        verify(doubled)


@pytest.mark.parametrize("secrets", [(Secret("wrong"),), (Secret(""),)])
def test_another_key_is_refused(secrets: tuple[Secret, ...]) -> None:
    with pytest.raises(BadSignature):
        verify(letter(b"{}"), *secrets)


def test_without_any_key_nothing_is_verified() -> None:
    with pytest.raises(BadSignature):
        LalamoveWebhooks(Heard(), path=PATH).verify({}, letter(b"{}"), [])


@pytest.mark.parametrize(
    "body", [b"[]", b"no json", b"{}", b'{"data":{}}', b'{"data":{},"signature":"not hex"}', b'"x"']
)
def test_a_message_that_nobody_signed_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(body)


def test_without_the_path_nothing_can_be_verified() -> None:
    body = letter(b"{}")

    LalamoveWebhooks(Heard(), path=PATH).verify({}, body, [KEY])
    with pytest.raises(BadSignature, match="path"):
        LalamoveWebhooks(Heard()).verify({}, body, [KEY])


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_the_hello_without_a_body_is_answered_and_says_nothing(body: bytes) -> None:
    reader = LalamoveWebhooks(Heard())

    reader.verify({}, body, [KEY])
    assert reader.read({}, body) == ()


@pytest.mark.parametrize(
    ("kind", "status", "raw_status", "trouble"),
    [
        ("ORDER_CREATED", DeliveryStatus.BOOKED, "ASSIGNING_DRIVER", None),
        ("ORDER_STATUS_CHANGED", DeliveryStatus.TO_PICKUP, "ON_GOING", None),
        ("DRIVER_ASSIGNED", DeliveryStatus.COURIER_ASSIGNED, "DRIVER_ASSIGNED", None),
        ("ORDER_AMOUNT_CHANGED", DeliveryStatus.BOOKED, "ORDER_AMOUNT_CHANGED", None),
        ("ORDER_EDITED", DeliveryStatus.TO_PICKUP, "ON_GOING", None),
        ("POD_STATUS_CHANGED", DeliveryStatus.ATTEMPT_FAILED, "POD_FAILED", IncidentKind.OTHER),
        ("POP_STATUS_CHANGED", DeliveryStatus.PICKED_UP, "POP", None),
        ("ORDER_REPLACED", DeliveryStatus.BOOKED, "ORDER_REPLACED", None),
    ],
)
def test_every_kind_about_an_order_is_read(
    kind: str, status: DeliveryStatus, raw_status: str, trouble: IncidentKind | None
) -> None:
    (update,) = read(kind)

    assert (update.source_event_id, update.external_id) == ("76F529D2-851A", ORDER)
    assert (update.status, update.raw_status, update.trouble) == (status, raw_status, trouble)


@pytest.mark.parametrize("kind", ["WALLET_BALANCE_CHANGED", "DELIVERY_CODE_STATUS_CHANGED"])
def test_wallets_and_delivery_codes_are_about_nothing_of_ours(kind: str) -> None:
    assert read(kind) == ()


def test_the_two_tests_above_leave_no_kind_out() -> None:
    assert len(DATA) == 10


def test_a_replaced_order_is_reported_under_its_old_number_and_names_the_other() -> None:
    (update,) = read("ORDER_REPLACED")

    assert (update.external_id, update.replaced_by) == (ORDER, "3443169998154191792")
    assert {one.replaced_by for kind in DATA if kind != "ORDER_REPLACED" for one in read(kind)} == {""}


def test_a_driver_comes_with_a_name_and_an_amount_with_a_price() -> None:
    (assigned,), (dearer,) = read("DRIVER_ASSIGNED"), read("ORDER_AMOUNT_CHANGED")

    assert assigned.courier is not None
    assert (assigned.courier.display_name, assigned.courier.proxy_phone) == ("David", "+85255550177")
    assert dearer.price == Money(14_400, "HKD")


@pytest.mark.parametrize("proof", ["DELIVERED", "SIGNED"])
def test_a_proof_of_delivery_is_a_delivery(proof: str) -> None:
    (update,) = read(
        "POD_STATUS_CHANGED", {"order": {"orderId": ORDER, "stops": [{}, {"POD": {"status": proof}}]}}
    )

    assert (update.status, update.raw_status) == (DeliveryStatus.DELIVERED, f"POD_{proof}")


def test_an_unknown_proof_a_kind_and_a_status_are_kept_raw() -> None:
    stops = [{}, {"POD": {"status": "BURIED"}}]
    (proof,) = read("POD_STATUS_CHANGED", {"order": {"orderId": ORDER, "stops": stops}})
    (kind,) = LalamoveWebhooks(Heard()).read({}, letter(b'{"order":{"orderId":"1"}}', "ORDER_TELEPORTED"))
    (status,) = read("ORDER_STATUS_CHANGED", {"order": {"orderId": ORDER, "status": "TELEPORTED"}})

    assert [update.raw_status for update in (proof, kind, status)] == [
        "POD_BURIED",
        "ORDER_TELEPORTED",
        "TELEPORTED",
    ]
    assert {update.status for update in (proof, kind, status)} == {DeliveryStatus.UNKNOWN}


def test_a_second_search_is_one_after_a_driver() -> None:
    order = {"orderId": ORDER, "status": "ASSIGNING_DRIVER", "previousStatus": "ON_GOING"}

    (update,) = read("ORDER_STATUS_CHANGED", {"order": order})

    assert (update.status, update.trouble) == (DeliveryStatus.SEARCHING, IncidentKind.COURIER_CANCELLED)


def test_it_happened_when_it_was_signed_whatever_the_local_clock_claims() -> None:
    (update,) = read("ORDER_STATUS_CHANGED")

    assert update.occurred_at == datetime(2025, 11, 23, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("1763863320500", datetime(2025, 11, 23, 2, 2, 0, 500_000, tzinfo=UTC)),
        ('"1763863320"', datetime(2025, 11, 23, 2, 2, tzinfo=UTC)),
        ('"soon"', datetime(2026, 1, 1, tzinfo=UTC)),
        ("1e99", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_timestamps_may_be_seconds_milliseconds_or_missing(timestamp: str, at: datetime) -> None:
    body = letter(compact(DATA["ORDER_CREATED"])).replace(str(SIGNED_AT).encode(), timestamp.encode())
    reader = LalamoveWebhooks(Heard(), clock=ScaledClock(datetime(2026, 1, 1, tzinfo=UTC), 0.0, 0.0))

    (update,) = reader.read({}, body)

    assert update.occurred_at == at


def test_a_message_teaches_which_order_a_booking_key_has() -> None:
    heard = Heard()
    LalamoveWebhooks(heard).read({}, letter(compact(DATA["ORDER_CREATED"]), "ORDER_CREATED"))

    known = heard.order_of("pk_test_1", "leg_01")
    assert known is not None
    assert (known.order_id, known.is_own) == (ORDER, False)
    assert heard.order_of("pk_test_2", "leg_01") is None


@pytest.mark.parametrize(
    "body", [b"no json", b"[]", b"[" * 100_000, letter(b"{}"), letter(b'{"order":{"status":"ON_GOING"}}')]
)
def test_a_message_that_names_no_order_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        LalamoveWebhooks(Heard()).read({}, body)


def test_the_plug_in_hands_out_this_reader() -> None:
    assert isinstance(CONNECTOR.webhooks, LalamoveWebhooks)
