"""Busy: when drivers have tours, as things stand; nobody drives two at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from doorstep.eta import Eta
from doorstep.planning_rules import PlanningRules
from doorstep.route import Route, RouteStatus, StopStatus
from gateway.flow.planning.parts.vans import LOADING_S, is_loaded
from gateway.flow.ports import UnitOfWork

_NONE_LATE = timedelta(0)

MOST_LATE = timedelta(hours=4)
"""A tour that nobody sees going on is over so long after it should have been."""


def over_at(route: Route, now: datetime, eta: Eta | None = None) -> datetime:
    """When a tour will be over: as it was told, or later by as much as its van is late.

    Of a van that nobody sees coming to its next door no more than `MOST_LATE` is believed: its tour may have
    been driven with a phone that says nothing, or by nobody.

    Parameters
    ----------
    eta
        Of its next stop, as it was predicted last; None where nobody has.
    """
    late = max(_NONE_LATE, _late(route, now, eta))
    is_seen = eta is not None and now <= eta.at
    return route.ends_at + (late if is_seen else min(late, MOST_LATE))


def _late(route: Route, now: datetime, eta: Eta | None) -> timedelta:
    if route.status is not RouteStatus.STARTED:
        return now - route.starts_at
    stop = route.next_stop
    if stop is None:
        return now - route.ends_at
    if stop.status is StopStatus.ARRIVED:
        return now - stop.planned_arrival - timedelta(seconds=stop.service_s)
    return max(now, eta.at if eta else now) - stop.planned_arrival


async def read_ends(work: UnitOfWork, routes: Iterable[Route], now: datetime) -> dict[str, datetime]:
    """When each of these tours will be over, by its id."""
    found = list(routes)
    stops = {route.id: route.next_stop for route in found if route.status is RouteStatus.STARTED}
    doors = sorted({stop.delivery_id for stop in stops.values() if stop is not None and stop.delivery_id})
    deliveries = await work.deliveries.several(doors)

    def eta(route: Route) -> Eta | None:
        stop = stops.get(route.id)
        delivery = deliveries.get(stop.delivery_id) if stop is not None else None
        return delivery.eta if delivery is not None else None

    return {route.id: over_at(route, now, eta(route)) for route in found}


def loaded_ids(unfinished: Sequence[Route], now: datetime) -> frozenset[str]:
    """Tours whose goods are on board: of each driver the one on the road, else the next if it is due.

    What a driver has behind it is loaded when the van is back, however late that is.
    """
    first: dict[str, Route] = {}
    for route in sorted(unfinished, key=_by_turn):
        first.setdefault(route.driver_id, route)
    out = (route for route in unfinished if route.status is RouteStatus.STARTED)
    return frozenset(route.id for route in (*out, *first.values()) if is_loaded(route, now))


def may_take_more(route: Route, loaded: Collection[str], rules: PlanningRules, now: datetime) -> bool:
    """Whether there is time to pick more goods before a tour leaves.

    Parameters
    ----------
    loaded
        Ids of tours whose goods are on board.
    """
    return route.id not in loaded and route.starts_at >= now + timedelta(seconds=rules.lead_s)


def _by_turn(route: Route) -> tuple[bool, datetime, str]:
    return route.status is not RouteStatus.STARTED, route.starts_at, route.id


def meet(one: Route, other: Route, ends: Mapping[str, datetime]) -> bool:
    """Whether the same driver would have both at the same time.

    Parameters
    ----------
    ends
        When tours will be over, by id; of what is not among them, as they say.
    """
    if one.driver_id != other.driver_id or one.id == other.id:
        return False
    is_before = ends.get(one.id, one.ends_at) <= other.starts_at
    return not is_before and ends.get(other.id, other.ends_at) > one.starts_at


def free_from(routes: Iterable[Route], ends: Mapping[str, datetime]) -> datetime | None:
    """When a driver can leave again who has these tours before; None without any."""
    found = [ends.get(route.id, route.ends_at) for route in routes]
    return max(found) + timedelta(seconds=LOADING_S) if found else None
