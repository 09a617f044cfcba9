"""What a shop shows against what it should: which fulfillment is ours, and what is missing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from connectors.stores.shopify.reporting.notes import Notes
from connectors.stores.shopify.reporting.unit import Shipment, ShownHold, Unit
from connectors.stores.shopify.reporting.wish import Event, Tracking, WantedHold, Wish

HOLD_HANDLE = "doorstep"
"""By which our hold is found again; Shopify takes one of a handle for each app and fulfillment order."""


def observe(notes: Notes, unit: Unit | None, wish: Wish, *, in_doubt: bool) -> Notes:
    """The notes after a look at the shop, which knows better.

    Parameters
    ----------
    in_doubt
        A write of ours may have happened that the notes do not know of.
    """
    if unit is None:
        return replace(notes, is_over=True, is_spent=not notes.fulfillment_id, hold_id="", hold="")
    hold = our_hold(unit)
    seen = replace(
        notes,
        is_over=unit.is_over,
        is_spent=unit.is_over and not unit.live_shipments,
        is_in_progress=unit.status == "IN_PROGRESS",
        is_progress_ours=notes.is_progress_ours and unit.status == "IN_PROGRESS",
        hold_id=hold.id if hold else "",
        hold=WantedHold(hold.reason, hold.text).digest if hold else "",
    )
    shipment, is_by_hand = choose_shipment(notes, unit, wish, in_doubt=in_doubt)
    if shipment is None:
        return replace(seen, fulfillment_id="", is_by_hand=False, tracking="", milestones={})
    shown = {event.id: shipment.events[event.key] for event in wish.events if event.key in shipment.events}
    before = notes.milestones if notes.fulfillment_id == shipment.id else {}
    return replace(
        seen,
        fulfillment_id=shipment.id,
        is_by_hand=is_by_hand,
        tracking=_tracking_digest(shipment, wish),
        milestones={**before, **shown},
    )


def our_hold(unit: Unit) -> ShownHold | None:
    """The hold that this app placed for a delivery, never another one of the merchant's or of the app's."""
    ours = (hold for hold in unit.holds if hold.is_from_app and hold.handle == HOLD_HANDLE)
    return next(ours, None)


def is_held_by_others(unit: Unit) -> bool:
    """Whether a hold that is not ours keeps the goods."""
    ours = our_hold(unit)
    return unit.status == "ON_HOLD" and any(hold is not ours for hold in unit.holds)


def without_our_hold(unit: Unit) -> Unit:
    """The fulfillment order after our hold was released."""
    others = tuple(hold for hold in unit.holds if hold is not our_hold(unit))
    status = "OPEN" if unit.status == "ON_HOLD" and not others else unit.status
    return replace(unit, status=status, holds=others)


def needs_closer_look(notes: Notes, unit: Unit | None) -> bool:
    """Whether a fulfillment is there that we know nothing of; its goods and events show whose it is."""
    live = unit.live_shipments if unit else ()
    return bool(live) and all(shipment.id != notes.fulfillment_id for shipment in live)


def choose_shipment(notes: Notes, unit: Unit, wish: Wish, *, in_doubt: bool) -> tuple[Shipment | None, bool]:
    """The fulfillment that shows this delivery, and whether staff made it with a tracking of their own.

    Ours is the one that is noted, or that has our tracking or one of our milestones. Where a write of ours
    may have been lost, so is one with exactly our goods. Where nothing of the goods is left to send, somebody
    has sent them by hand: then that one is adopted, since nothing may be sent twice.
    """
    live = unit.live_shipments
    for shipment in live:
        if shipment.id == notes.fulfillment_id:
            return shipment, notes.is_by_hand
    ours = [shipment for shipment in live if _is_ours(shipment, wish)]
    if not ours and wish.is_shipped and wish.pieces and in_doubt:
        ours = [shipment for shipment in live if shipment.pieces == wish.pieces]
    if ours:
        return ours[-1], False
    if not wish.is_shipped or pieces_to_send(unit, wish):
        return None, False
    best = max(live, key=lambda shipment: (_common(shipment, wish), shipment.created_at), default=None)
    if best is None or not _common(best, wish):
        return None, False
    has_tracking = any(row.number or row.url for row in best.tracking)
    return best, has_tracking and not in_doubt


def pieces_to_send(unit: Unit, wish: Wish) -> dict[str, int]:
    """By gid of the fulfillment order's line: what the delivery carries, as far as it is still to be sent."""
    left = {line.id: line.remaining for line in unit.lines if line.remaining}
    if not wish.pieces:
        return left
    wanted = Counter(wish.pieces)
    taken = {}
    for line in unit.lines:
        pieces = min(left.get(line.id, 0), wanted[line.line_id])
        if pieces:
            taken[line.id] = pieces
            wanted[line.line_id] -= pieces
    return taken


def is_everything(unit: Unit, pieces: Mapping[str, int]) -> bool:
    """Whether nothing remains after these."""
    return all(line.remaining == pieces.get(line.id, 0) for line in unit.lines)


def events_to_tell(notes: Notes, wish: Wish) -> list[Event]:
    """Milestones that are not shown yet, oldest first.

    One that was heard of late is left out if a later one of the same rank or above is shown: the shopper's
    page must not fall back from "delivered" to "in transit".
    """
    missing: list[Event] = []
    shown_rank = -1
    for event in reversed(wish.events):
        if event.id in notes.milestones:
            shown_rank = max(shown_rank, event.rank)
        elif event.rank > shown_rank:
            missing.append(event)
    return missing[::-1]


def _is_ours(shipment: Shipment, wish: Wish) -> bool:
    if any(event.key in shipment.events for event in wish.events):
        return True
    wanted = wish.tracking
    for row in shipment.tracking:
        if row.number.upper() in wish.numbers or (wanted and wanted.url and row.url == wanted.url):
            return True
        if wanted == row and row.company and not row.number:
            return True
    return False


def _common(shipment: Shipment, wish: Wish) -> int:
    """Pieces that a fulfillment and our delivery have in common."""
    if not wish.pieces:
        return sum(shipment.pieces.values())
    return sum((Counter(shipment.pieces) & Counter(wish.pieces)).values())


def _tracking_digest(shipment: Shipment, wish: Wish) -> str:
    wanted = wish.tracking
    if wanted and len(shipment.tracking) == 1 and _shows(shipment.tracking[0], wanted):
        return wanted.digest
    return "".join(row.digest for row in shipment.tracking) or "none"


def _shows(row: Tracking, wanted: Tracking) -> bool:
    """Shopify makes an address of its own for companies that it knows."""
    return (row.company, row.number) == (wanted.company, wanted.number) and wanted.url in {"", row.url}
