"""The writes of a report, one function each. Each is sent once; none is repeated after a lost answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.stores.shopify.answers import SYSTEM
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.reporting import documents
from connectors.stores.shopify.reporting.access import Sender, ask
from connectors.stores.shopify.reporting.compare import HOLD_HANDLE, is_everything
from connectors.stores.shopify.reporting.unit import Unit
from connectors.stores.shopify.reporting.wish import Event, Tracking, WantedHold, Wish
from doorstep.errors import RemoteRefused, UnknownOutcome, UnreadablePayload

_PROGRESS_NOTE = "A courier is on the way to pick this up."
# What Shopify quotes of our input, addresses of the net and of mail.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\S+://\S+|\S+@\S+")
_LONGEST_WORDS = 200


class Refused(Exception):
    """Shopify's userErrors: the write changed nothing.

    Attributes
    ----------
    words
        Shopify's own, without what they quote.
    """

    def __init__(self, document: Document, code: str, words: str) -> None:
        super().__init__(words)
        self.document = document
        self.code = code
        self.words = words

    def error(self) -> RemoteRefused:
        """For the caller, when asking again is of no use."""
        text = f"Shopify refused {self.document.name.replace('_', ' ')}: {self.words}"
        return RemoteRefused(text, system=SYSTEM, raw_code=self.code, raw_message=self.words)


async def report_progress(client: Sender, unit_id: str) -> None:
    """The fulfillment order shows that somebody works on it."""
    note = {"reasonNotes": _PROGRESS_NOTE}
    await _write(client, documents.PROGRESS, {"id": unit_id, "progressReport": note})


async def take_progress_back(client: Sender, unit_id: str) -> None:
    """Nobody works on it any more; Shopify lets progress be taken back since 2026-01."""
    await _write(client, documents.REOPEN, {"id": unit_id})


async def ship(client: Sender, unit: Unit, pieces: Mapping[str, int], wish: Wish) -> str:
    """Make the fulfillment; gives its gid. Lines are named only where something is left behind."""
    part: dict[str, Any] = {"fulfillmentOrderId": unit.id}
    if not is_everything(unit, pieces):
        part["fulfillmentOrderLineItems"] = [
            {"id": line_id, "quantity": quantity} for line_id, quantity in pieces.items()
        ]
    fulfillment: dict[str, Any] = {
        "lineItemsByFulfillmentOrder": [part],
        "notifyCustomer": wish.notifies,
    }
    if wish.tracking:
        fulfillment["trackingInfo"] = _tracking(wish.tracking)
    payload = await _write(client, documents.SHIPMENT, {"fulfillment": fulfillment})
    return _gid(payload["fulfillment"])


async def call_back(client: Sender, fulfillment_id: str) -> None:
    """Cancel the fulfillment; Shopify makes a new fulfillment order for the goods."""
    await _write(client, documents.RECALL, {"id": fulfillment_id})


async def change_tracking(client: Sender, fulfillment_id: str, tracking: Tracking, *, notifies: bool) -> None:
    """Replace the tracking of the fulfillment."""
    variables = {"id": fulfillment_id, "tracking": _tracking(tracking), "notifyCustomer": notifies}
    await _write(client, documents.TRACKING, variables)


async def tell_event(client: Sender, fulfillment_id: str, event: Event, expected_at: datetime | None) -> str:
    """Make a fulfillment event; gives its gid."""
    told: dict[str, Any] = {
        "fulfillmentId": fulfillment_id,
        "status": event.status,
        "happenedAt": _stamp(event.happened_at),
    }
    if event.text:
        told["message"] = event.text
    if event.location:
        told |= {"latitude": event.location.lat, "longitude": event.location.lng}
    if expected_at and event.status not in {"DELIVERED", "FAILURE"}:
        told["estimatedDeliveryAt"] = _stamp(expected_at)
    payload = await _write(client, documents.EVENT, {"event": told})
    return _gid(payload["fulfillmentEvent"])


async def place_hold(client: Sender, unit_id: str, hold: WantedHold) -> str:
    """Let all of the fulfillment order wait; gives the gid of the hold."""
    placed = {
        "reason": hold.reason,
        "reasonNotes": hold.text,
        "handle": HOLD_HANDLE,
        "externalId": HOLD_HANDLE,
    }
    payload = await _write(client, documents.HOLD, {"id": unit_id, "hold": placed})
    return _gid(payload["fulfillmentHold"])


async def release_hold(client: Sender, unit_id: str, hold_id: str) -> None:
    """End our hold; without its id Shopify would end the merchant's as well."""
    variables = {"id": unit_id, "holdIds": [hold_id], "externalId": HOLD_HANDLE}
    await _write(client, documents.RELEASE, variables)


async def _write(client: Sender, document: Document, variables: Mapping[str, Any]) -> Field:
    answer = await ask(client, document, variables)
    payload = Field(answer.data)["payload"]
    try:
        errors = list(payload["userErrors"].items())
        if errors:
            codes = [error["code"].text_or_empty() for error in errors]
            words = "; ".join(error["message"].text_or_empty() for error in errors)
            raise Refused(document, codes[0], _QUOTED.sub("…", words)[:_LONGEST_WORDS])
        if payload:
            return payload
    except UnreadablePayload:
        pass  # told below: an answer in disorder leaves open what was done
    raise _unknown()


def _gid(made: Field) -> str:
    try:
        return made["id"].text()
    except UnreadablePayload:
        raise _unknown() from None


def _unknown() -> UnknownOutcome:
    text = "Shopify's answer to a write lacks what was asked for"
    return UnknownOutcome(text, system=SYSTEM, raw_code="no_data")


def _tracking(tracking: Tracking) -> dict[str, str]:
    row = {"company": tracking.company, "number": tracking.number, "url": tracking.url}
    return {name: value for name, value in row.items() if value}


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
