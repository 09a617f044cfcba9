"""Order notes: one for each step that a merchant wants to see, each once. Pure.

A note cannot be written twice without showing twice, and WooCommerce gives it no key. So each carries a short
reference that is the same whenever the step is told of, and is looked for before it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.stores.woocommerce.fields import plain
from connectors.stores.woocommerce.memory import Memory
from connectors.stores.woocommerce.reporting.outcome import FAILURES
from connectors.stores.woocommerce.reporting.tracking import is_trackable
from doorstep.delivery_status import DeliveryStatus
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone

_STEPS = {
    DeliveryStatus.PICKED_UP: "Picked up.",
    DeliveryStatus.DELIVERED: "Delivered.",
    DeliveryStatus.ATTEMPT_FAILED: "An attempt to deliver failed.",
    DeliveryStatus.FAILED: "Not delivered.",
    DeliveryStatus.RETURNED: "Came back.",
    DeliveryStatus.CANCELLED: "The delivery was cancelled.",
}
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Note:
    """One order note.

    Attributes
    ----------
    reference
        Ten hexadecimal digits of what it tells, found in its text.
    is_for_customer
        WooCommerce then mails it to the shopper; else only the merchant sees it.
    """

    reference: str
    words: str
    is_for_customer: bool = False

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.words} [Doorstep {self.reference}]"


def notes_of(report: DeliveryReport, memory: Memory, *, store_mails: bool) -> tuple[Note, ...]:
    """All notes that an order should have about a delivery, in the order in which things happened.

    Only the first, with the tracking link, ever goes to the shopper: where we may write and the store does
    not mail the link by itself. Everything else is for the merchant.

    Parameters
    ----------
    store_mails
        The store has native fulfillments, which mail the tracking link to the shopper.
    """
    found: list[Note] = []
    if is_trackable(report):
        carrier = report.carrier or report.service or "Doorstep"
        link = report.tracking_url or report.tracking_number
        is_for_customer = report.notify_shopper and bool(report.tracking_url) and not store_mails
        words = f"{plain(carrier)} delivers this order ({report.reference}). Track it: {link}"
        found.append(Note(_reference(report, "booked"), words, is_for_customer))
    found += [_of_milestone(report, step) for step in report.milestones if step.status in _STEPS]
    hold = _hold_of(report, memory)
    if hold is not None:
        words = f"Waits for you: {_shortened(hold.text) or hold.reason.value}"
        key = f"hold {memory.holds} {hold.reason.value} {hold.text}"
        found.append(Note(_reference(report, key), words))
    return tuple(found)


def missing_notes(wanted: Iterable[Note], shown: Iterable[Mapping[str, Any]]) -> tuple[Note, ...]:
    """Those of the wanted notes that the store does not show."""
    texts = [str(row.get("note", "")) for row in shown]
    return tuple(note for note in wanted if not any(note.reference in text for text in texts))


def _of_milestone(report: DeliveryReport, step: Milestone) -> Note:
    said = _shortened(step.text)
    return Note(_reference(report, step.id), said or _STEPS[step.status])


def _hold_of(report: DeliveryReport, memory: Memory) -> Hold | None:
    """The hold to tell of; a delivery that failed without a word of why is one too."""
    is_told = any(step.status in FAILURES for step in report.milestones)
    if report.hold is not None or is_told or memory.held_for != "failure":
        return report.hold
    return Hold(HoldReason.FAILED_DELIVERY, "the delivery failed")


def _shortened(text: str) -> str:
    return " ".join(plain(text).split())[:_LONGEST_TEXT]


def _reference(report: DeliveryReport, key: str) -> str:
    told = f"{report.order_external_id} {report.delivery_id} {key}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]
