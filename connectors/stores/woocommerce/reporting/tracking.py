"""The meta that WooCommerce Shipment Tracking and Advanced Shipment Tracking (AST) read. Pure.

Both keep a list under one key, and both show an item of it with a custom provider and its own link, as
captured from an order on 10.5. AST's route `wc-ast/v3` is not used: it appends at every call, refuses
tracking numbers with signs in them and takes no id of ours, so that a lost answer could not be mended; the
meta goes with the status in one write that can be repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from doorstep.delivery_status import DeliveryStatus
from doorstep.report import DeliveryReport

ITEMS_KEY = "_wc_shipment_tracking_items"

_SOURCE = "doorstep"
_NOBODY_CARRIES = frozenset(
    {DeliveryStatus.DRAFT, DeliveryStatus.QUOTED, DeliveryStatus.CANCELLED, DeliveryStatus.FAILED}
)


def tracking_items(shown: object, before_id: str, report: DeliveryReport, now: datetime) -> list[Any]:
    """The list as it should be: the others' items untouched, one of ours, or none.

    Parameters
    ----------
    shown
        The meta's value as the store shows it; None where it is missing.
    before_id
        The delivery of the last report: its item makes way, unless it is of another part.
    """
    items = _items_of(shown)
    beside = {tracking_id(part.delivery_id) for part in report.beside if part.delivery_id}
    own_ids = {tracking_id(report.delivery_id), tracking_id(before_id)} - beside
    own = [item for item in items if _is_ours(item, own_ids, beside)]
    others = [item for item in items if not _is_ours(item, own_ids, beside)]
    if not is_trackable(report):
        return others
    place = items.index(own[0]) if own else len(items)
    known: Mapping[str, Any] = next(
        (item for item in own if item.get("tracking_id") == tracking_id(report.delivery_id)), {}
    )
    return [*others[:place], _item(known, report, now), *others[place:]]


def tracking_id(delivery_id: str) -> str:
    """32 hexadecimal digits, as AST's addresses ask for; always the same for a delivery."""
    return hashlib.sha256(f"doorstep:{delivery_id}".encode()).hexdigest()[:32]


def is_trackable(report: DeliveryReport) -> bool:
    """Whether there is something to follow."""
    is_carried = report.is_shipped or report.status not in _NOBODY_CARRIES
    return is_carried and bool(report.tracking_url or report.tracking_number)


def _items_of(shown: object) -> list[Any]:
    # PHP writes a list from whose middle something was taken as an object: {"0": …, "2": …}.
    if isinstance(shown, Mapping):
        return list(shown.values())
    return list(shown) if isinstance(shown, list) else []


def _is_ours(item: object, own_ids: set[str], beside: set[str]) -> bool:
    if not isinstance(item, Mapping) or item.get("tracking_id") in beside:
        return False
    return item.get("source") == _SOURCE or item.get("tracking_id") in own_ids


def _item(known: Mapping[str, Any], report: DeliveryReport, now: datetime) -> dict[str, Any]:
    wanted = {
        "tracking_provider": "",
        "custom_tracking_provider": report.carrier or "Doorstep",
        "custom_tracking_link": report.tracking_url,
        "tracking_number": report.tracking_number or report.reference,
        "date_shipped": _date_shipped(known, report, now),
        "tracking_id": tracking_id(report.delivery_id),
        "source": _SOURCE,
    }
    # What a plugin added stays, and what it keeps as a number is the same as our text.
    changed = {name: value for name, value in wanted.items() if str(known.get(name, "")) != value}
    return {**wanted, **known, **changed}


def _date_shipped(known: Mapping[str, Any], report: DeliveryReport, now: datetime) -> str:
    """Unix seconds: of the pickup, before that of the first sign of life; it does not wander."""
    for milestone in report.milestones:
        if milestone.status is DeliveryStatus.PICKED_UP:
            return str(int(milestone.occurred_at.timestamp()))
    first = report.milestones[0].occurred_at if report.milestones else now
    return str(known.get("date_shipped") or int(first.timestamp()))
