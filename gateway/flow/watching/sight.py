"""Sight: what a rule looks at, frozen at one moment, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from doorstep.delivery import Delivery, Leg
from doorstep.goods import GoodsTrait
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.route import Route
from doorstep.watch_rules import WatchRules
from gateway.flow.records import DriverState, Warmth
from gateway.flow.watching.incidents import Alarm


@dataclass(frozen=True, slots=True)
class Well:
    """What was wrong is so no longer, with the words for it."""

    kind: IncidentKind
    note: str


Finding = Alarm | Well | None
"""None where it can be told neither that something is wrong nor that it is well."""


@dataclass(frozen=True, slots=True)
class DeliverySight:
    """A delivery with what its rules want to know.

    Attributes
    ----------
    live
        What is known to be wrong with it.
    at_pickup_since
        When its courier came to the shop; None where none is there or nobody looked.
    last_scan, scan_gap_s
        When its carrier last said something after the pickup, and the 95th percentile between two such words;
        None where nobody looked or has counted.
    """

    merchant: Merchant
    delivery: Delivery
    now: datetime
    live: frozenset[IncidentKind] = frozenset()
    at_pickup_since: datetime | None = None
    last_scan: datetime | None = None
    scan_gap_s: float | None = None

    @property
    def rules(self) -> WatchRules:
        """What counts as wrong."""
        return self.merchant.watch

    @property
    def leg(self) -> Leg | None:
        """The booking that stands."""
        leg = self.delivery.active_leg
        return leg if leg is not None and leg.is_live else None

    def alarm(self, kind: IncidentKind, title: str, evidence: str) -> Alarm:
        """Something is wrong with it; the title begins with its reference."""
        leg = self.delivery.active_leg
        title = f"{self.delivery.reference} {title}" if title[:1] != ":" else self.delivery.reference + title
        return Alarm(kind, title, evidence, delivery_id=self.delivery.id, leg_id=leg.id if leg else None)


@dataclass(frozen=True, slots=True)
class VanSight:
    """A driver of an own van with the tour that is under way.

    Attributes
    ----------
    route
        None where none is.
    state
        What the device last said; None where it has said nothing.
    name
        What people call the van: never the driver's name.
    cooled
        Of the goods on board.
    warmth
        What the van's thermometer said lately, oldest first.
    """

    rules: WatchRules
    driver_id: str
    name: str
    route: Route | None
    state: DriverState | None
    now: datetime
    cooled: frozenset[GoodsTrait] = frozenset()
    warmth: tuple[Warmth, ...] = ()

    def alarm(self, kind: IncidentKind, title: str, evidence: str) -> Alarm:
        """Something is wrong with the van."""
        return Alarm(kind, f"{self.name} {title}", evidence, driver_id=self.driver_id)


DeliveryRule = Callable[[DeliverySight], Finding]
VanRule = Callable[[VanSight], Finding]
