"""Which status an order should have, and what is remembered together with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connectors.stores.woocommerce.memory import ON_HOLD, Memory
from doorstep.delivery_status import DeliveryStatus
from doorstep.report import DeliveryReport

FAILURES = frozenset({DeliveryStatus.FAILED, DeliveryStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the order should show: its status, and our memory of it."""

    status: str
    memory: Memory


def outcome_of(before: Memory, shown_status: str, report: DeliveryReport, *, is_all: bool) -> Outcome:
    """Decide the order's status, and what is remembered together with it.

    Only `processing` is moved: to `on-hold` when a person is needed, to `completed` when all is delivered.
    What a person, a payment or another plugin set stays, and so does `on-hold` unless it was us.

    Parameters
    ----------
    is_all
        Everything of the order that ships is in this delivery, or was delivered beside it.
    """
    held_for = _held_for(before, report)
    memory = replace(
        before,
        delivery_id=report.delivery_id,
        status=report.status.value,
        tracking_url=report.tracking_url,
        held_for=held_for,
        holds=before.holds + (1 if held_for and not before.held_for else 0),
    )
    is_ours = bool(before.held_from) and shown_status == ON_HOLD
    if held_for:
        if shown_status == "processing" and not before.held_for:
            return Outcome(ON_HOLD, replace(memory, held_from=shown_status))
        # A person who took the order off hold meanwhile knows better.
        return Outcome(shown_status, replace(memory, held_from=before.held_from if is_ours else ""))
    status = before.held_from if is_ours else shown_status
    if report.status is DeliveryStatus.DELIVERED and is_all and status == "processing":
        status = "completed"
    return Outcome(status, replace(memory, held_from=""))


def _held_for(before: Memory, report: DeliveryReport) -> str:
    """Why a person is waited for, "" for nobody.

    A hold lasts until the report has none any more. A delivery that fails or comes back without one is held
    for as well, but only from the moment when it failed: after a person has dealt with a hold, the failure
    that led to it starts no other.
    """
    if report.hold is not None or any(part.waits for part in report.beside):
        return "hold"
    if before.held_for == "failure" and any(part.has_failed for part in report.beside):
        return "failure"
    if report.status not in FAILURES:
        return ""
    is_known = before.delivery_id == report.delivery_id and before.status in FAILURES
    return "failure" if before.held_for == "failure" or not is_known else ""
