"""The bodies of webhooks about fulfillment orders: gids and statuses, and hardly anything else."""

from __future__ import annotations

from typing import Any

from simulator.stores.shopify.fulfilling import Wanted
from simulator.stores.shopify.letters import Payload, Writing
from simulator.stores.shopify.rearranging import Merged, Moved, Split
from simulator.stores.shopify.units import Hold, UnitRecord


def unit_payload(write: Writing, topic: str, subject: Any) -> Payload:
    """fulfillment_orders/* and fulfillment_holds/*."""
    if isinstance(subject, UnitRecord):
        return {"fulfillment_order": _unit(write, topic, subject)}
    if isinstance(subject, Moved):
        return _moved(subject)
    if isinstance(subject, Split):
        return {
            "fulfillment_order": _brief(subject.unit),
            "remaining_fulfillment_order": _brief(subject.rest),
            "replacement_fulfillment_order": None,
            "split_line_items": _asked(subject.asked),
        }
    if isinstance(subject, Merged):
        intents = [
            {"fulfillment_order_id": unit.number, "fulfillment_order_line_items": _asked(asked)}
            for unit, asked in subject.sources
        ]
        return {
            "merge_intents": intents,
            "fulfillment_order_merges": {"fulfillment_order": _brief(subject.unit)},
        }
    return _with_more(topic, subject)


def _with_more(topic: str, subject: Any) -> Payload:
    unit: UnitRecord = subject[0]
    if topic == "FULFILLMENT_ORDERS_PROGRESS_REPORTED":
        _, notes, before = subject
        return {
            "fulfillment_order": _brief(unit),
            "progress_report": {"reason_notes": notes or None},
            "initial_status": before.lower(),
        }
    record: Hold = subject[1]
    if topic == "FULFILLMENT_ORDERS_PLACED_ON_HOLD":
        rest: UnitRecord | None = subject[2]
        return {
            "fulfillment_order": _brief(unit) | {"fulfillment_holds": [_hold(one) for one in unit.holds]},
            "remaining_fulfillment_order": _brief(rest) if rest else None,
            "held_fulfillment_order_line_items": [
                {"id": line.gid, "quantity": line.remaining} for line in unit.lines
            ],
            "created_fulfillment_hold": _hold(record),
        }
    return {"fulfillment_order": {"id": unit.gid}, "fulfillment_hold": _hold(record)}


def _unit(write: Writing, topic: str, unit: UnitRecord) -> Payload:
    told = _brief(unit)
    if topic == "FULFILLMENT_ORDERS_RESCHEDULED":
        told["fulfill_at"] = write.stamp(unit.fulfill_at)
    if "PREPARED_FOR" in topic:
        told |= {"preparable": True, "delivery_method": {"method_type": unit.method.lower()}}
    return told


def _moved(told: Moved) -> Payload:
    return {
        "original_fulfillment_order": _brief(told.original)
        | {"assigned_location_id": told.original.place.gid},
        "moved_fulfillment_order": _brief(told.moved) | {"assigned_location_id": told.moved.place.gid},
        "destination_location_id": told.moved.place.gid,
        "fulfillment_order_line_items_requested": _asked(told.asked),
        "source_location": {"id": told.source.gid},
    }


def _brief(unit: UnitRecord) -> Payload:
    return {"id": unit.gid, "status": unit.status.lower()}


def _hold(record: Hold) -> Payload:
    return {
        "id": record.gid,
        "reason": record.reason.lower(),
        "reason_notes": record.notes or None,
        "held_by_requesting_app": record.by_app,
        "handle": record.handle or None,
        "held_by_app": {"id": "gid://shopify/App/1"} if record.by_app else None,
    }


def _asked(wanted: Wanted) -> list[Payload]:
    return [
        {"id": f"gid://shopify/FulfillmentOrderLineItem/{number}", "quantity": quantity}
        for number, quantity in wanted
    ]
