"""Visits: deliveries as the planner sees them."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.goods import all_needs
from doorstep.merchant import Merchant
from doorstep.parcel import total_weight_g
from doorstep.planning_rules import PlanningRules
from doorstep.quote import DeliveryMode
from doorstep.return_request import is_return
from doorstep.route import Stop
from doorstep.visit import Lateness, Visit, VisitKind
from doorstep.window import PromiseBasis

COST_PER_KM_MINOR, COST_PER_HOUR_MINOR = 60, 2400
"""Of a van of a merchant who has said nothing, in minor units of the merchant's currency."""

LATE_ANYWAY_PER_HOUR_MINOR = 24_000
"""What an hour of lateness costs for goods that are on board already: they are brought, late or not."""

LATE_ANYWAY_AT_MOST_S = 12 * 3600

STILL_HERE = (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)
"""States of what lies at the depot, or at the door of whoever gives it back."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all visits of a merchant.

    Attributes
    ----------
    skills
        Those that any driver is said to have. What nobody is said to have is asked of nobody: a merchant who
        does not write down who can do what lets everybody do everything.
    territories
        Those that any driver has, the longest first.
    """

    rules: PlanningRules
    skills: frozenset[str]
    territories: tuple[str, ...]

    @staticmethod
    def of(merchant: Merchant, drivers: Iterable[Driver]) -> Terms:
        """Those of a merchant with these drivers."""
        working = [driver for driver in drivers if driver.enabled]
        areas = {normal(area) for driver in working for area in driver.territories}
        return Terms(
            rules=merchant.planning,
            skills=frozenset(skill for driver in working for skill in driver.skills),
            territories=tuple(sorted(areas, key=lambda area: (-len(area), area))),
        )

    def within(self, driver: Driver) -> frozenset[str]:
        """The territories that lie in a driver's; empty where all are."""
        own = tuple(normal(area) for area in driver.territories)
        return frozenset(area for area in self.territories if own and area.startswith(own))


_KNOWN: dict[str, tuple[weakref.ref[Delivery], Terms, Visit]] = {}
"""Of deliveries that somebody still holds; a visit goes with its delivery."""


def normal(postcode: str) -> str:
    """A postcode, or what one begins with, as they are compared."""
    return "".join(postcode.split()).upper()


def visit_of(delivery: Delivery, terms: Terms) -> Visit:
    """A delivery that lies at its depot, or what is to be fetched for it.

    Of the very same delivery the very same visit, as long as the terms are alike: a day's thousand are asked
    for again with each order that comes in.

    Raises
    ------
    ValueError
        If it has no place on the map.
    """
    known = _KNOWN.get(delivery.id)
    if known is not None and known[0]() is delivery and known[1] == terms:
        return known[2]
    visit = _visit_of(delivery, terms)
    _KNOWN[delivery.id] = weakref.ref(delivery, partial(_forget, delivery.id)), terms, visit
    return visit


def _forget(delivery_id: str, held: weakref.ref[Delivery]) -> None:
    known = _KNOWN.get(delivery_id)
    if known is not None and known[0] is held:
        del _KNOWN[delivery_id]


def _visit_of(delivery: Delivery, terms: Terms) -> Visit:
    location = delivery.destination.location
    if location is None:
        raise ValueError(f"{delivery.id} has no place on the map")
    rules, promise = terms.rules, delivery.promise
    needs = {*all_needs(delivery.goods, delivery.requirements), *delivery.goods.traits}
    is_slot = promise is not None and promise.basis is PromiseBasis.SLOT
    late = rules.late_cost_per_hour
    return Visit(
        id=delivery.id,
        depot_id=delivery.origin_id,
        location=location,
        service_s=rules.service_s,
        setup_s=rules.setup_s,
        weight_g=total_weight_g(delivery.parcels),
        volume_ml=sum(parcel.volume_ml or 0 for parcel in delivery.parcels),
        windows=(promise.window,) if promise is not None else (),
        late=Lateness(late.minor) if late is not None and promise is not None else None,
        kind=kind_of(delivery),
        skills=frozenset(str(need) for need in needs) & terms.skills,
        territory=territory_at(delivery.destination.postal_code, terms),
        priority=1 if rules.slots_first and is_slot else 0,
    )


def is_for_van(delivery: Delivery) -> bool:
    """Whether an own van is booked for it, and it is not over; it may have been given to a courier since."""
    leg = delivery.active_leg
    return leg is not None and leg.mode is DeliveryMode.OWN_FLEET and not delivery.is_over


def waits_for_van(delivery: Delivery) -> bool:
    """Whether an own van is booked for it and has not loaded it."""
    return is_for_van(delivery) and delivery.status in STILL_HERE


def kind_of(delivery: Delivery) -> VisitKind:
    """Whether a van brings it, or fetches what a shopper gives back."""
    return VisitKind.COLLECTION if is_return(delivery.fulfillment_order_id) else VisitKind.DELIVERY


def territory_at(postcode: str, terms: Terms) -> str:
    """Whose area a door is in: of the territories that its postcode begins with the longest."""
    return next((area for area in terms.territories if normal(postcode).startswith(area)), "")


def told_visit(visit: Visit, stop: Stop, van_id: str, *, is_on_board: bool) -> Visit:
    """A visit that a driver was told, with what a dispatcher wants of it.

    What is on board is brought by that van, if need be late.
    """
    if stop.is_locked or is_on_board:
        visit = replace(visit, pinned_van=van_id, pinned_place=stop.pinned_place)
    if is_on_board and visit.windows and visit.late is None:
        visit = replace(visit, late=Lateness(LATE_ANYWAY_PER_HOUR_MINOR, LATE_ANYWAY_AT_MOST_S))
    if stop.arrived_at is not None:
        # The van stands there: its window is kept or missed, and only handing over is left.
        visit = replace(visit, windows=(), late=None, setup_s=0)
    return visit
