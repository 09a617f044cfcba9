"""Changes of tours that drivers were told: what one would do, before anybody is told."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.route_solution import PlannedRoute, RouteViolation


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a visit is to go.

    Attributes
    ----------
    place
        In the given route of the van without the visit, 0 is first; None for where it costs least.
    """

    visit_id: str
    van_id: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class ToldRoutes:
    """Tours as they are given, whether they keep to the rules or not.

    Attributes
    ----------
    routes
        With their times, of every van whose given route has visits.
    violations
        Of all rules that they break.
    cost_minor
        Of all of them.
    emptied
        Vans whose visits all went to others.
    """

    routes: tuple[PlannedRoute, ...]
    violations: tuple[RouteViolation, ...]
    cost_minor: int
    emptied: tuple[str, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether they may be driven."""
        return not any(violation.is_hard for violation in self.violations)

    def of(self, van_id: str) -> PlannedRoute | None:
        """A van's tour."""
        return next((route for route in self.routes if route.van_id == van_id), None)
