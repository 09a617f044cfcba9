"""The door for every webhook: verify the raw bytes, note what it is about, keep it, answer.

Nothing is worked on here; a job follows each message that was kept.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from doorstep.clock import Clock
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.ports import CarrierWebhookReader, StoreWebhookReader
from doorstep.secret import Secret
from webhooks.inbound.batcher import Batcher
from webhooks.inbound.headers import keep, lower_names
from webhooks.inbound.inbox import InboxMessage, SourceKind

MAX_BODY_BYTES = 4 * 1024 * 1024
"""4 MiB. The largest order bodies seen are below 200 kB, but an order of many hundred lines, each with its
taxes, discounts and properties, is longer than one MiB, and Shopify deletes a subscription whose webhooks are
refused again and again."""

_MAX_ID_LENGTH = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class StoreSource:
    """A linked store that sends webhooks.

    Attributes
    ----------
    secrets
        All in rotation. Without one that is not empty the door stays closed.
    """

    id: str
    merchant_id: str
    reader: StoreWebhookReader
    secrets: Sequence[Secret]


@dataclass(frozen=True, slots=True)
class CarrierSource:
    """A carrier account that sends webhooks; `secrets` as with stores."""

    id: str
    merchant_id: str
    reader: CarrierWebhookReader
    secrets: Sequence[Secret]


Source = StoreSource | CarrierSource


@dataclass(frozen=True, slots=True)
class _Note:
    topic: str
    dedupe_id: str
    external_id: str
    problem: str = ""


class Receiver:
    """Turns a request into a kept message and an answer."""

    def __init__(self, batcher: Batcher, clock: Clock) -> None:
        self._batcher = batcher
        self._clock = clock

    async def receive(self, source: Source, headers: Mapping[str, str], body: bytes) -> Answer:
        """Take one message.

        Parameters
        ----------
        headers
            Names in any case.
        body
            The raw bytes, exactly as they came: see `read_bounded`.

        Returns
        -------
        Answer
            200 kept, a repeat, a hello or nothing of ours; 401 nobody we know signed it; 413 too long;
            503 it could not be kept and should be sent again.
        """
        if len(body) > MAX_BODY_BYTES:
            return too_long()
        lowered = lower_names(headers)
        if isinstance(source, StoreSource) and source.reader.is_ping(lowered, body):
            # WooCommerce's hello is unsigned and needs exactly 200, else one follows every later delivery.
            return Answer(HTTPStatus.OK, "hello")
        # An empty key is one that everybody has: it is taken away before any reader could accept it.
        secrets = [secret for secret in source.secrets if secret]
        if not secrets:
            return Answer(HTTPStatus.UNAUTHORIZED, "no secret is configured for this webhook")
        try:
            source.reader.verify(lowered, body, secrets)
        except BadSignature:
            return Answer(HTTPStatus.UNAUTHORIZED, "the signature does not match")
        note = _take_note(source, lowered, body)
        if note is None:
            return Answer(HTTPStatus.OK, "nothing of ours")
        return await self._keep(source, lowered, body, note)

    async def _keep(self, source: Source, headers: Mapping[str, str], body: bytes, note: _Note) -> Answer:
        message = InboxMessage(
            merchant_id=source.merchant_id,
            source=source.id,
            kind=SourceKind.STORE if isinstance(source, StoreSource) else SourceKind.CARRIER,
            topic=note.topic,
            dedupe_id=note.dedupe_id,
            external_id=note.external_id,
            headers=keep(headers),
            body=body,
            received_at=self._clock.now(),
            is_readable=not note.problem,
            problem=note.problem,
        )
        try:
            await self._batcher.put(message)
        except Exception as error:
            # Whatever it was, the sender has the only copy: ask for it again. The type alone is logged, as
            # messages of databases quote rows.
            _log.error("webhook of %s could not be kept: %s", source.id, type(error).__name__)
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "could not be kept; please send it again")
        return Answer(HTTPStatus.OK, "kept")


async def read_bounded(chunks: AsyncIterable[bytes], most: int = MAX_BODY_BYTES) -> bytes | None:
    """The whole body; None as soon as it is longer than `most` bytes, without reading on."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def too_long() -> Answer:
    """The answer where `read_bounded` gave up."""
    return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MAX_BODY_BYTES} bytes are taken")


def _take_note(source: Source, headers: Mapping[str, str], body: bytes) -> _Note | None:
    """What the message is about; None where it is about nothing of ours."""
    try:
        if isinstance(source, StoreSource):
            notice = source.reader.read(headers, body)
            dedupe_id = _bounded_id(notice.dedupe_id) or _digest(body)
            return _Note(notice.topic, dedupe_id, notice.order_external_id)
        updates = source.reader.read(headers, body)
    except UnreadablePayload as error:
        return _Note("", _digest(body), "", error.message or "unreadable")
    except Exception as error:  # a reader that breaks must not lose what a verified sender said
        _log.error("reader of %s broke: %s", source.id, type(error).__name__)
        return _Note("", _digest(body), "", f"the reader broke with {type(error).__name__}")
    if not updates:
        return None
    event_ids = "\n".join(update.source_event_id for update in updates)
    return _Note(updates[0].raw_status, _bounded_id(event_ids) or _digest(body), updates[0].external_id)


def _bounded_id(text: str) -> str:
    return text if len(text) <= _MAX_ID_LENGTH else _digest(text.encode())


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
