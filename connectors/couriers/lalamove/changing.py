"""What can be changed about an order: once its drop-off, and the priority fee as long as nobody took it."""

from __future__ import annotations

from connectors.couriers.lalamove import remarks
from connectors.couriers.lalamove.mapping import remark_lines, stop
from connectors.couriers.lalamove.markets import Market, e164
from connectors.couriers.lalamove.statuses import dropoff_of
from connectors.couriers.lalamove.terms import amount_in
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from doorstep.booking import BookingChange
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text
from doorstep.money import Money


def change_body(order: Json, change: BookingChange, market: Market) -> dict[str, object] | None:
    """The stops for PATCH /v3/orders/{id}; None where the order already is as it shall be.

    Everything has to be sent again, the pickup exactly as it was placed, and what is left out of the remarks
    is lost (API guide v3).

    Raises
    ------
    RemoteRefused
        If the change is none that Lalamove takes.
    """
    if change.window is not None:
        raise _refused("another time", IncidentKind.LATE_RISK)
    if change.items is not None:
        raise _refused("other contents", IncidentKind.ITEM_MISMATCH)
    stops = children(order, "stops")
    if len(stops) < 2:
        raise RemoteRefused(f"{NAME} does not show this order's stops.", system=SYSTEM)
    before = _same(dropoff_of(order), market)
    before["remarks"] = "\r\n".join(remark_lines(order))
    after = _changed(before, order, change)
    if after == before:
        return None
    return {"stops": [_same(stops[0], market), after]}


def standing_fee(order: Json) -> Money | None:
    """The priority fee that stands, None where there is none."""
    return amount_in(child(order, "priceBreakdown"), "priorityFee")


def currency_of(order: Json) -> str:
    """What the order is priced in, "" where it does not say."""
    return text(child(order, "priceBreakdown"), "currency")


def fee_body(fee: Money) -> dict[str, object]:
    """POST /v3/orders/{id}/priority-fee: a string in major units without needless zeros."""
    amount = fee.amount
    return {"priorityFee": amount.rstrip("0").rstrip(".") if "." in amount else amount}


def _changed(before: dict[str, object], order: Json, change: BookingChange) -> dict[str, object]:
    wanted = change.dropoff
    lines = remark_lines(order)
    if wanted is None:
        return {**before, "remarks": remarks.revise(lines, note=change.instructions)}
    if wanted.location is None or wanted.missing or not wanted.phone:
        sentence = f"{NAME} needs a full address with its place on the map and a phone number."
        raise RemoteRefused(sentence, system=SYSTEM, kind=IncidentKind.ADDRESS_PROBLEM)
    note = wanted.instructions if change.instructions is None else change.instructions
    after: dict[str, object] = {
        **stop(wanted),
        "name": wanted.name or wanted.company or "Recipient",
        "phone": wanted.phone,
        "remarks": remarks.revise(lines, unit=wanted.line2, note=note),
    }
    # Coordinates come back with as many digits as Lalamove likes: the same door is the same address.
    return {**after, "coordinates": before["coordinates"]} if _is_same_place(before, after) else after


def _same(placed: Json, market: Market) -> dict[str, object]:
    return {
        "coordinates": dict(child(placed, "coordinates")),
        "address": text(placed, "address"),
        "name": text(placed, "name"),
        "phone": e164(text(placed, "phone"), market),
    }


def _is_same_place(before: dict[str, object], after: dict[str, object]) -> bool:
    places = [child(stop_, "coordinates") for stop_ in (before, after)]
    try:
        lat, lng = (
            abs(float(text(places[0], name)) - float(text(places[1], name))) for name in ("lat", "lng")
        )
    except ValueError:
        return False
    return before["address"] == after["address"] and max(lat, lng) < 1e-6


def _refused(what: str, kind: IncidentKind) -> RemoteRefused:
    sentence = f"{NAME} takes {what} only as a new booking."
    return RemoteRefused(sentence, system=SYSTEM, raw_code="not_changeable", kind=kind)
