from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import UnreadablePayload
from doorstep.ports import StoreNotice
from doorstep.privacy import PrivacyNotice
from doorstep.secret import Secret
from doorstep.signature import verify_base64, verify_hex
from webhooks.inbound.batcher import Batcher
from webhooks.inbound.inbox import SourceKind
from webhooks.inbound.receiver import (
    MAX_BODY_BYTES,
    CarrierSource,
    Receiver,
    StoreSource,
    read_bounded,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECRET = Secret("what the store signs with")


class Noon:
    def now(self) -> datetime:
        return NOON


class ShopReader:
    """Words its webhooks somewhat like WooCommerce."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        verify_base64(secrets, body, headers.get("x-wc-webhook-signature", ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> StoreNotice:
        order = json.loads(body)
        if "id" not in order:
            raise UnreadablePayload("the order has no id", path=("id",))
        return StoreNotice(headers["x-wc-webhook-topic"], order.get("event", ""), str(order["id"]))

    def read_privacy(self, headers: Mapping[str, str], body: bytes) -> PrivacyNotice:
        raise UnreadablePayload("this shop asks for nothing of the kind")

    def is_ping(self, headers: Mapping[str, str], body: bytes) -> bool:
        return "x-wc-webhook-topic" not in headers and body.startswith(b"webhook_id=")


class CourierReader:
    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        verify_hex(secrets, body, headers.get("x-uber-signature", ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:
        del headers
        return tuple(
            CarrierUpdate(event_id, "del_uber", DeliveryStatus.PICKED_UP, "pickup_complete", NOON)
            for event_id in json.loads(body)
        )


def shop(*secrets: Secret) -> StoreSource:
    return StoreSource("sto_a", "mer_a", ShopReader(), secrets)


def signed(body: bytes, secret: Secret = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.reveal().encode(), body, hashlib.sha256).digest()
    return {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Uber-Signature": digest.hex(),
        "Authorization": "Basic abc",
        "Cookie": "a=b",
        "X-Forwarded-For": "192.0.2.1",
    }


@pytest.fixture
async def receiver(inbox: Any) -> AsyncIterator[Receiver]:
    batcher = Batcher(inbox)
    yield Receiver(batcher, Noon())
    await batcher.close()


async def test_a_signed_notice_is_kept_as_it_came(receiver: Receiver, inbox: Any) -> None:
    body = b'{"id": 7,  "event": "e1"}'
    answer = await receiver.receive(shop(SECRET), signed(body), body)
    assert answer.status == 200
    (kept,) = inbox.kept.values()
    assert (kept.merchant_id, kept.source, kept.kind) == ("mer_a", "sto_a", SourceKind.STORE)
    assert (kept.topic, kept.dedupe_id, kept.external_id) == ("order.updated", "e1", "7")
    assert (kept.body, kept.received_at) == (body, NOON)
    assert kept.is_readable


async def test_only_harmless_headers_are_kept(receiver: Receiver, inbox: Any) -> None:
    body = b'{"id": 7}'
    await receiver.receive(shop(SECRET), {**signed(body), "X-WC-Webhook-Source": "x" * 9000}, body)
    (kept,) = inbox.kept.values()
    assert kept.headers == {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-source": "x" * 512}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-WC-Webhook-Signature": "not base64!"},
        signed(b'{"id": 8}'),
        signed(b'{"id": 7}', Secret("other")),
    ],
)
async def test_what_nobody_signed_is_answered_401_and_not_kept(
    headers: dict[str, str], receiver: Receiver, inbox: Any
) -> None:
    answer = await receiver.receive(shop(SECRET), headers, b'{"id": 7}')
    assert answer.status == 401
    assert not inbox.kept


async def test_every_secret_in_rotation_is_accepted(receiver: Receiver, inbox: Any) -> None:
    body = b'{"id": 7}'
    answer = await receiver.receive(shop(Secret("newer"), SECRET), signed(body), body)
    assert answer.status == 200
    assert inbox.kept


@pytest.mark.parametrize("secrets", [(), (Secret(""),), (Secret(""), Secret(""))])
async def test_an_empty_secret_closes_the_door_even_to_a_careless_reader(
    secrets: tuple[Secret, ...], receiver: Receiver, inbox: Any
) -> None:
    class Careless(ShopReader):
        def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
            del headers, body, secrets

    body = b'{"id": 7}'
    source = StoreSource("sto_a", "mer_a", Careless(), secrets)
    answer = await receiver.receive(source, signed(body, Secret("")), body)
    assert answer.status == 401
    assert not inbox.kept


async def test_an_unsigned_hello_is_answered_exactly_200_and_forgotten(
    receiver: Receiver, inbox: Any
) -> None:
    answer = await receiver.receive(shop(SECRET), {}, b"webhook_id=5")
    assert answer.status == 200
    assert not inbox.batches


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"code": "woocommerce_rest_cannot_view"}', "the order has no id"),
        (b"<b>PHP Warning</b>", "the reader broke with JSONDecodeError"),
        (b"[]", "the order has no id"),
        (b"7", "the reader broke with TypeError"),
    ],
)
async def test_a_signed_message_that_cannot_be_read_is_kept_in_quarantine(
    body: bytes, problem: str, receiver: Receiver, inbox: Any
) -> None:
    answer = await receiver.receive(shop(SECRET), signed(body), body)
    assert answer.status == 200
    (kept,) = inbox.kept.values()
    assert (kept.is_readable, kept.problem, kept.body) == (False, problem, body)
    assert kept.dedupe_id == "sha256:" + hashlib.sha256(body).hexdigest()


async def test_a_notice_without_an_id_of_its_own_is_told_from_others_by_its_bytes(
    receiver: Receiver, inbox: Any
) -> None:
    for body in (b'{"id": 7}', b'{"id": 7}', b'{"id": 8}'):
        assert (await receiver.receive(shop(SECRET), signed(body), body)).status == 200
    assert sorted(kept.external_id for kept in inbox.kept.values()) == ["7", "8"]


async def test_a_body_of_more_than_a_mebibyte_is_refused_before_anything_else(
    receiver: Receiver, inbox: Any
) -> None:
    body = b" " * MAX_BODY_BYTES + b"1"
    answer = await receiver.receive(shop(SECRET), signed(body), body)
    assert answer.status == 413
    assert not inbox.batches


async def test_reading_stops_as_soon_as_a_body_is_too_long() -> None:
    given = 0

    async def chunks(size: int) -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(64):
            given += size
            yield b"x" * size

    assert await read_bounded(chunks(MAX_BODY_BYTES // 64)) == b"x" * MAX_BODY_BYTES
    given = 0
    assert await read_bounded(chunks(MAX_BODY_BYTES // 4)) is None
    assert given == MAX_BODY_BYTES // 4 * 5


async def test_a_message_that_cannot_be_kept_is_asked_for_again(receiver: Receiver, inbox: Any) -> None:
    inbox.poison = {"e1"}
    body = b'{"id": 7, "event": "e1"}'
    assert (await receiver.receive(shop(SECRET), signed(body), body)).status == 503


async def test_a_failure_is_logged_without_words_of_the_database(
    receiver: Receiver, inbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.poison = {"e1"}
    body = b'{"id": 7, "event": "e1"}'
    await receiver.receive(shop(SECRET), signed(body), body)
    assert [record.getMessage() for record in caplog.records] == [
        "webhook of sto_a could not be kept: ValueError"
    ]


async def test_a_closed_inbox_sends_senders_elsewhere(inbox: Any) -> None:
    batcher = Batcher(inbox)
    await batcher.close()
    body = b'{"id": 7}'
    answer = await Receiver(batcher, Noon()).receive(shop(SECRET), signed(body), body)
    assert answer.status == 503


@pytest.mark.parametrize(
    ("event_ids", "kept_as"),
    [
        (["evt_1"], "evt_1"),
        (["evt_1", "evt_2"], "evt_1\nevt_2"),
        (["e" * 201], "sha256:" + hashlib.sha256(b"e" * 201).hexdigest()),
    ],
)
async def test_a_carriers_message_is_kept_once_for_its_events(
    event_ids: list[str], kept_as: str, receiver: Receiver, inbox: Any
) -> None:
    source = CarrierSource("acc_a", "mer_a", CourierReader(), (SECRET,))
    body = json.dumps(event_ids).encode()
    for _ in range(2):
        assert (await receiver.receive(source, signed(body), body)).status == 200
    (kept,) = inbox.kept.values()
    assert (kept.kind, kept.source, kept.external_id) == (SourceKind.CARRIER, "acc_a", "del_uber")
    assert (kept.topic, kept.dedupe_id) == ("pickup_complete", kept_as)


async def test_a_carriers_message_about_nothing_of_ours_is_answered_200_and_forgotten(
    receiver: Receiver, inbox: Any
) -> None:
    source = CarrierSource("acc_a", "mer_a", CourierReader(), (SECRET,))
    assert (await receiver.receive(source, signed(b"[]"), b"[]")).status == 200
    assert not inbox.batches
