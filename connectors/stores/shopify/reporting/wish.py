"""What a shop should show of a delivery, in Shopify's words. Pure.

Names and meanings of statuses and reasons as in Shopify's Admin schema 2026-10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.stores.shopify.reporting.companies import tracking_company
from connectors.stores.shopify.reporting.digest import digest
from doorstep.delivery_status import RANK, TERMINAL, DeliveryStatus
from doorstep.geo import LatLng
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone

# Shopify does not say how long texts may be; a note of this length is kept by every surface that shows it.
_LONGEST_TEXT = 250

_EVENTS = {
    DeliveryStatus.BOOKED: "CONFIRMED",
    DeliveryStatus.LABEL_READY: "LABEL_PURCHASED",
    DeliveryStatus.COURIER_ASSIGNED: "CONFIRMED",
    DeliveryStatus.PICKED_UP: "CARRIER_PICKED_UP",
    DeliveryStatus.IN_TRANSIT: "IN_TRANSIT",
    DeliveryStatus.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
    DeliveryStatus.AT_DROPOFF: "OUT_FOR_DELIVERY",
    DeliveryStatus.READY_FOR_COLLECTION: "READY_FOR_PICKUP",
    DeliveryStatus.ATTEMPT_FAILED: "ATTEMPTED_DELIVERY",
    DeliveryStatus.DELIVERED: "DELIVERED",
    # Shopify has no word for goods on their way back.
    DeliveryStatus.RETURNING: "FAILURE",
    DeliveryStatus.RETURNED: "FAILURE",
    DeliveryStatus.CANCELLED: "FAILURE",
    DeliveryStatus.FAILED: "FAILURE",
}
"""FulfillmentEventStatus of our statuses; the others say nothing to a shopper."""

_HOLDS = {HoldReason.ADDRESS: "INCORRECT_ADDRESS"}


@dataclass(frozen=True, slots=True)
class Event:
    """A milestone as a fulfillment event; `happened_at` in whole seconds, which is all that Shopify keeps."""

    id: str
    status: str
    happened_at: datetime
    text: str
    rank: int
    location: LatLng | None = None

    @property
    def key(self) -> tuple[str, datetime]:
        """What tells it apart from the other events of a fulfillment."""
        return self.status, self.happened_at


@dataclass(frozen=True, slots=True)
class Tracking:
    """A row of `trackingInfo`."""

    company: str = ""
    number: str = ""
    url: str = ""

    @property
    def digest(self) -> str:
        """The same for the same row."""
        return digest(self.company, self.number, self.url)


@dataclass(frozen=True, slots=True)
class WantedHold:
    """A hold of ours; `reason` is a FulfillmentHoldReason."""

    reason: str
    text: str

    @property
    def digest(self) -> str:
        """The same for the same reason and text."""
        return digest(self.reason, self.text)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a fulfillment order should show.

    Attributes
    ----------
    is_under_way
        Whether somebody works on it before the goods have left; None where nobody knows.
    pieces
        By gid of the order's line; {} for everything.
    tracking
        None where there is nothing to show.
    numbers
        What a fulfillment of ours may have as its tracking number, in capitals.
    events
        Oldest first, repeats without news left out.
    """

    unit_id: str
    is_under_way: bool | None
    is_shipped: bool
    pieces: Mapping[str, int]
    tracking: Tracking | None
    numbers: frozenset[str]
    events: tuple[Event, ...]
    hold: WantedHold | None
    expected_at: datetime | None
    notifies: bool

    @property
    def digest(self) -> str:
        """Changes whenever something would have to be written; an arrival expected later alone does not."""
        shipped = (
            (sorted(self.pieces.items()), self.tracking, [event.id for event in self.events])
            if self.is_shipped
            else None
        )
        return digest(self.unit_id, self.is_under_way, self.is_shipped, shipped, self.hold)


def read_wish(report: DeliveryReport) -> Wish:
    """Turn a report into Shopify's words."""
    pieces: Counter[str] = Counter()
    for line in report.lines:
        pieces[line.line_external_id] += line.quantity
    numbers = {number.strip().upper() for number in (report.tracking_number, report.reference)}
    return Wish(
        unit_id=report.unit_external_id,
        is_under_way=_is_under_way(report),
        is_shipped=report.is_shipped,
        pieces=dict(pieces),
        tracking=_tracking(report),
        numbers=frozenset(numbers - {""}),
        events=_events(report.milestones),
        hold=_hold(report.hold),
        expected_at=report.expected_at,
        notifies=report.notify_shopper,
    )


def _is_under_way(report: DeliveryReport) -> bool | None:
    if report.status is DeliveryStatus.UNKNOWN:
        return None
    is_live = report.status not in TERMINAL and RANK[report.status] >= RANK[DeliveryStatus.BOOKED]
    return is_live and bool(report.lines) and not report.is_shipped and report.hold is None


def _tracking(report: DeliveryReport) -> Tracking | None:
    """By Shopify's schema an address wants a number beside it; until there is one our reference stands in."""
    number, url = report.tracking_number.strip(), report.tracking_url.strip()
    if url and not number:
        number = report.reference.strip()
    row = Tracking(tracking_company(report.carrier.strip()), number, url)
    return row if row != Tracking() else None


def _events(milestones: Iterable[Milestone]) -> tuple[Event, ...]:
    events: list[Event] = []
    keys = set()
    for milestone in milestones:
        status = _EVENTS.get(milestone.status)
        if status is None:
            continue
        happened_at = milestone.occurred_at.astimezone(UTC).replace(microsecond=0)
        text, rank = milestone.text.strip()[:_LONGEST_TEXT], RANK.get(milestone.status, 0)
        event = Event(milestone.id, status, happened_at, text, rank, milestone.location)
        if event.key not in keys and not (events and _says_the_same(events[-1], event)):
            events.append(event)
            keys.add(event.key)
    return tuple(events)


def _says_the_same(last: Event, event: Event) -> bool:
    """A repeat without news; another attempt at the door is always news."""
    news = event.text != last.text or event.location not in {None, last.location}
    return event.status == last.status and not news and event.status != "ATTEMPTED_DELIVERY"


def _hold(hold: Hold | None) -> WantedHold | None:
    if hold is None:
        return None
    return WantedHold(_HOLDS.get(hold.reason, "OTHER"), hold.text.strip()[:_LONGEST_TEXT])
