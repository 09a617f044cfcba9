"""Live reads about tours; part of the root of live reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

import strawberry

from doorstep import route as ground
from doorstep.route import RouteStatus
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.marks import BY_DRIVER, shape
from gateway.api.own_tours import may_see
from gateway.api.ports import records
from gateway.api.reading import found, read_id, wrong
from gateway.api.snapshots import every
from gateway.api.types.enums import UpdateKind
from gateway.api.types.routes import MOST_STOPS, Route
from gateway.api.types.updates import RouteUpdate
from gateway.api.watching import Beat, Watching, follow
from gateway.auth.caller import Audience, Caller

_MOST_TOURS = 50
_TOLD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


@shape()
class RouteSubscriptions:
    """Tours as the desk and their drivers change them."""

    @root(to=BY_DRIVER, is_subscription=True)
    async def route_updated(
        self,
        info: Info,
        route_id: strawberry.ID | None = None,
        driver_id: strawberry.ID | None = None,
        after: str | None = None,
    ) -> AsyncGenerator[RouteUpdate]:
        """One tour, or all that one driver was told and has not finished: name one of the two. Drivers see
        their own, without naming any.
        """
        asked = _read(route_id, driver_id, info.context.caller)
        watched = _Watched(info.context, *asked, is_resumed=after is not None)
        await watched.require()

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[RouteUpdate]:
            watched.context = context
            if beat.kind is UpdateKind.SNAPSHOT:
                for tour in await watched.all():
                    yield watched.told(beat, tour)
            elif beat.kind is not UpdateKind.CHANGE:
                yield watched.told(beat, None)
            else:
                changed = await watched.changed(beat.entity_ids[0])
                if changed is not None:
                    yield watched.told(beat, changed)

        # What was told before decides what is said to have changed.
        watching = Watching(watched.topics, tell, is_shared=False)
        async with aclosing(follow(info.context, watching, after)) as updates:
            async for update in updates:
                yield update


def _read(route_id: str | None, driver_id: str | None, caller: Caller) -> tuple[str, str]:
    if caller.audience is Audience.DRIVER and route_id is None:
        # A driver whose session names nobody finds nobody.
        own = caller.driver_id or ""
        found(own if driver_id in (None, own) and own else None, driver_id or "", ("driverId",))
        return "", own
    if (route_id is None) == (driver_id is None):
        raise wrong(("routeId",), "give routeId or driverId, one of the two", "REQUIRED")
    if route_id is not None:
        return read_id(route_id, "rte", ("routeId",)), ""
    return "", read_id(driver_id or "", "drv", ("driverId",))


class _Watched:
    """What somebody watches, and which stops they were told last.

    Parameters
    ----------
    route_id, driver_id
        One of the two, the other "".
    context
        What to read with; that of the operation at first, that of each message afterwards.
    is_resumed
        They hold tours that are not known here: of any that is another's they are told once.
    """

    def __init__(self, context: Context, route_id: str, driver_id: str, *, is_resumed: bool) -> None:
        self.context = context
        self._is_resumed = is_resumed
        self._others: set[str] = set()
        self._route_id = route_id
        self._driver_id = driver_id
        self._stops: dict[str, dict[str, ground.Stop]] = {}

    @property
    def topics(self) -> list[str]:
        """Of the tour, or of its driver: there a tour is told that comes from another, and one that goes."""
        return [f"route:{self._route_id}"] if self._route_id else [f"tours:{self._driver_id}"]

    async def require(self) -> None:
        """See that there is such a thing."""
        loaders = self.context.loaders
        if self._route_id:
            tour = await loaders.route.load(self._route_id)
            is_seen = tour is not None and self._may_see(tour)
            found(tour if is_seen else None, self._route_id, ("routeId",))
        else:
            found(await loaders.driver.load(self._driver_id), self._driver_id, ("driverId",))

    async def all(self) -> list[ground.Route]:
        """As they are now."""
        if self._route_id:
            tour = await self.context.loaders.route.load(self._route_id)
            return [tour] if tour is not None and self._may_see(tour) else []
        which = records.RouteFilter(driver_ids=(self._driver_id,), statuses=_TOLD)
        return [tour async for tour in every(partial(self.context.reads.find_routes, which), _MOST_TOURS)]

    async def changed(self, route_id: str) -> ground.Route | None:
        """A tour that is watched, or has been until now; None for others."""
        tour = await self.context.loaders.route.load(route_id)
        if tour is None or self._is_theirs(tour) or tour.id in self._stops:
            return tour
        return tour if self._is_resumed and tour.id not in self._others else None

    def told(self, beat: Beat, tour: ground.Route | None) -> RouteUpdate:
        """The message, with what is other than in the one before."""
        head: dict[str, Any] = {
            "cursor": beat.cursor,
            "kind": beat.kind,
            "sent_at": self.context.clock.now(),
        }
        if tour is None:
            return RouteUpdate(**head, route_id=None, route=None, changed_stop_ids=[], left_filter=False)
        now, before = {stop.id: stop for stop in tour.stops}, self._stops.get(tour.id)
        ids = [] if before is None else [id_ for id_ in (now | before) if now.get(id_) != before.get(id_)]
        has_left = not self._is_theirs(tour)
        if has_left:
            self._stops.pop(tour.id, None)
            self._others.add(tour.id)
        else:
            self._stops[tour.id] = now
        is_shown = self._may_see(tour)
        return RouteUpdate(
            **head,
            route_id=strawberry.ID(tour.id),
            route=Route.of(tour) if is_shown else None,
            changed_stop_ids=[strawberry.ID(id_) for id_ in ids[:MOST_STOPS]] if is_shown else [],
            left_filter=has_left,
        )

    def _is_theirs(self, tour: ground.Route) -> bool:
        is_watched = tour.driver_id == self._driver_id or tour.id == self._route_id
        return is_watched and self._may_see(tour)

    def _may_see(self, tour: ground.Route) -> bool:
        return may_see(self.context.caller, tour, self.context.clock.now())
