"""Who sees what of a delivery's tracking: a merchant's rules, field by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.delivery import Courier, Delivery, Leg
from doorstep.eta import Eta
from doorstep.quote import VehicleKind

MOST_STOPS_BEFORE, MOST_MINUTES_BEFORE, MOST_EXACT_DAYS = 50, 24 * 60, 365


class TrackingAudience(StrEnum):
    """Who looks at the tracking of a delivery."""

    SHOPPER = "SHOPPER"
    DRIVER = "DRIVER"
    DESK = "DESK"
    STORE = "STORE"
    WEBHOOK = "WEBHOOK"


class TrackingField(StrEnum):
    """What there is to see."""

    LIVE_PLACE = "LIVE_PLACE"
    COURIER_NAME = "COURIER_NAME"
    COURIER_PHONE = "COURIER_PHONE"
    VEHICLE = "VEHICLE"
    PROOF = "PROOF"
    ETA = "ETA"
    ETA_POINT = "ETA_POINT"
    STOPS_BEFORE = "STOPS_BEFORE"


class Shown(StrEnum):
    """When a field is shown."""

    ALWAYS = "ALWAYS"
    NEAR = "NEAR"
    NEVER = "NEVER"


_A, _F = TrackingAudience, TrackingField

TOLD: Mapping[TrackingAudience, frozenset[TrackingField]] = {
    _A.SHOPPER: frozenset(_F) - {_F.PROOF},
    _A.DRIVER: frozenset({_F.ETA, _F.ETA_POINT, _F.STOPS_BEFORE}),
    _A.DESK: frozenset({_F.LIVE_PLACE, _F.COURIER_NAME, _F.COURIER_PHONE, _F.VEHICLE, _F.PROOF}),
    _A.STORE: frozenset({_F.LIVE_PLACE, _F.ETA, _F.ETA_POINT}),
    _A.WEBHOOK: frozenset(_F) - {_F.PROOF},
}
"""What an audience can be told at all; nothing else is ever told it, whatever a merchant wants."""

COMING = frozenset({_A.SHOPPER, _A.WEBHOOK})
"""Who is told of a delivery that comes, and nothing of its courier once it is over; they may have NEAR."""

_OF_COURIER = frozenset({_F.LIVE_PLACE, _F.COURIER_NAME, _F.COURIER_PHONE, _F.VEHICLE})


@dataclass(frozen=True, slots=True)
class VisibilityRule:
    """When an audience sees a field.

    Attributes
    ----------
    stops_before, minutes_before
        NEAR is when no more than so many stops, and no more than so many minutes, are between it and the
        door; None for any number. Couriers who bring one order have no stops before.

    Raises
    ------
    ValueError
        If the audience is never told the field, or NEAR and its limits do not fit.
    """

    audience: TrackingAudience
    field: TrackingField
    shown: Shown = Shown.ALWAYS
    stops_before: int | None = None
    minutes_before: int | None = None

    def __post_init__(self) -> None:
        if self.field not in TOLD[self.audience]:
            raise ValueError(f"{self.audience} is never told {self.field}")
        has_limit = self.stops_before is not None or self.minutes_before is not None
        if has_limit != (self.shown is Shown.NEAR):
            raise ValueError("NEAR takes stops_before or minutes_before, and nothing else takes them")
        if self.shown is Shown.NEAR and self.audience not in COMING:
            raise ValueError(f"{self.audience} sees {self.field} ALWAYS or NEVER")
        for name, given, most in (
            ("stops_before", self.stops_before, MOST_STOPS_BEFORE),
            ("minutes_before", self.minutes_before, MOST_MINUTES_BEFORE),
        ):
            if given is not None and not 0 <= given <= most:
                raise ValueError(f"{name} must be 0 to {most}, got {given}")

    def allows(self, delivery: Delivery, now: datetime) -> bool:
        """Whether the audience may see the field of this delivery now."""
        if self.shown is Shown.NEVER or (delivery.is_over and self._ends):
            return False
        return self.shown is Shown.ALWAYS or self.is_near(delivery, now)

    @property
    def _ends(self) -> bool:
        """Whether it is over with the delivery. A shopper is told of no arrival then, systems are."""
        return self.audience is _A.SHOPPER or (self.audience in COMING and self.field in _OF_COURIER)

    def is_near(self, delivery: Delivery, now: datetime) -> bool:
        """Whether the delivery is within the limits of NEAR."""
        return self.is_near_by_stops(delivery) and self._is_near_by_time(delivery, now)

    def is_near_by_stops(self, delivery: Delivery) -> bool:
        """Whether few enough stops are before it; a van of which that is not known is not near."""
        if self.stops_before is None or delivery.driver_id is None:
            return True
        before = None if delivery.eta is None else delivery.eta.stops_before
        return before is not None and before <= self.stops_before

    def _is_near_by_time(self, delivery: Delivery, now: datetime) -> bool:
        if self.minutes_before is None:
            return True
        return delivery.eta is not None and delivery.eta.at - now <= timedelta(minutes=self.minutes_before)


USUAL: Mapping[tuple[TrackingAudience, TrackingField], VisibilityRule] = {
    (rule.audience, rule.field): rule
    for rule in (
        *(VisibilityRule(audience, field) for audience in _A for field in sorted(TOLD[audience])),
        # Earlier a van's place would tell of others' homes.
        VisibilityRule(_A.SHOPPER, _F.LIVE_PLACE, Shown.NEAR, stops_before=3),
        # Who drives, and where, is nobody's business in another system until the merchant says so.
        *(VisibilityRule(_A.WEBHOOK, field, Shown.NEVER) for field in sorted(_OF_COURIER)),
    )
}
"""What holds where a merchant says nothing; the last of a pair counts."""


@dataclass(frozen=True, slots=True)
class VisibilityRules:
    """Who sees what, and how long places are kept exactly.

    Attributes
    ----------
    rules
        Those that are otherwise than usual, one for each audience and field at most.
    exact_days
        Where vans were is kept to the metre for so many days, then as cells of a kilometre.

    Raises
    ------
    ValueError
        If a pair comes twice, or the days are not 1 to 365.
    """

    rules: tuple[VisibilityRule, ...] = ()
    exact_days: int = 30

    def __post_init__(self) -> None:
        if not 1 <= self.exact_days <= MOST_EXACT_DAYS:
            raise ValueError(f"exact_days must be 1 to {MOST_EXACT_DAYS}, got {self.exact_days}")
        if len({(rule.audience, rule.field) for rule in self.rules}) != len(self.rules):
            raise ValueError("rules must name each audience and field once")

    def of(self, audience: TrackingAudience, field: TrackingField) -> VisibilityRule | None:
        """What holds for a pair; None where the audience is never told the field."""
        own = (rule for rule in self.rules if (rule.audience, rule.field) == (audience, field))
        return next(own, USUAL.get((audience, field)))

    def shows(self, audience: TrackingAudience, field: TrackingField) -> bool:
        """Whether an audience may see a field at all, at some time."""
        rule = self.of(audience, field)
        return rule is not None and rule.shown is not Shown.NEVER

    def allows(
        self, audience: TrackingAudience, field: TrackingField, delivery: Delivery, now: datetime
    ) -> bool:
        """Whether an audience may see a field of a delivery now."""
        rule = self.of(audience, field)
        return rule is not None and rule.allows(delivery, now)


def as_seen(
    delivery: Delivery, audience: TrackingAudience, rules: VisibilityRules, now: datetime
) -> Delivery:
    """The delivery without what an audience may not see of its courier, place and arrival.

    The desk's ETA stays: it is what the desk works with.
    """
    seen = {field for field in TrackingField if rules.allows(audience, field, delivery, now)}
    eta = delivery.eta if audience is _A.DESK else _seen_eta(delivery.eta, seen)
    return replace(delivery, eta=eta, legs=tuple(_seen_leg(leg, seen) for leg in delivery.legs))


def seen_courier(
    courier: Courier | None, rules: VisibilityRules, audience: TrackingAudience
) -> Courier | None:
    """What an audience may see of a courier at some time; for those who are told after the end too."""
    return _seen_courier(courier, {field for field in _OF_COURIER if rules.shows(audience, field)})


def _seen_leg(leg: Leg, seen: set[TrackingField]) -> Leg:
    place = leg.position if _F.LIVE_PLACE in seen else None
    return replace(leg, courier=_seen_courier(leg.courier, seen), position=place)


def _seen_courier(courier: Courier | None, seen: set[TrackingField]) -> Courier | None:
    if courier is None or not seen & {_F.COURIER_NAME, _F.COURIER_PHONE, _F.VEHICLE}:
        return None
    return Courier(
        display_name=courier.display_name if _F.COURIER_NAME in seen else "",
        vehicle=courier.vehicle if _F.VEHICLE in seen else VehicleKind.OTHER,
        proxy_phone=courier.proxy_phone if _F.COURIER_PHONE in seen else None,
    )


def _seen_eta(eta: Eta | None, seen: set[TrackingField]) -> Eta | None:
    """Without its point an arrival is said to be at the end of its window."""
    if eta is None or _F.ETA not in seen:
        return None
    at = eta.at if _F.ETA_POINT in seen else eta.interval.end
    return replace(eta, at=at, stops_before=eta.stops_before if _F.STOPS_BEFORE in seen else None)
