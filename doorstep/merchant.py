"""The account that everything belongs to, and its links to carriers."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.calendar import DaySpan
from doorstep.money import Money
from doorstep.quote import DeliveryMode, RankingWeights, VehicleKind


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When something counts as wrong. Starting values; each merchant sets its own.

    Attributes
    ----------
    gps_silent_s
        A moving van that sends nothing for so long is silent.
    no_courier_before_pickup_s
        A courier must be assigned this long before the pickup.
    late_grace_s
        An ETA may pass the promise by so much.
    missed_pickup_s
        How long after the agreed pickup a parcel may wait.
    redispatch_cap_percent
        A machine may book again for up to this share of the first price; above it a person decides.
    """

    gps_silent_s: int = 300
    no_courier_before_pickup_s: int = 600
    late_grace_s: int = 0
    missed_pickup_s: int = 900
    redispatch_cap_percent: int = 300


@dataclass(frozen=True, slots=True)
class FallbackRate:
    """A price of the merchant's own, for when a carrier cannot be asked.

    Attributes
    ----------
    carrier, service
        Whose service it stands for; that carrier is asked when it is booked.
    days
        From the day on which the goods are ready.
    max_weight_g
        Of all parcels together; None for any.
    countries
        That it goes to, ISO 3166-1 alpha-2; () for all.
    """

    carrier: str
    service: str
    title: str
    mode: DeliveryMode
    price: Money
    days: DaySpan
    max_weight_g: int | None = None
    countries: tuple[str, ...] = ()
    vehicle: VehicleKind = VehicleKind.OTHER


@dataclass(frozen=True, slots=True)
class Merchant:
    """A tenant.

    Attributes
    ----------
    time_zone
        IANA; its working day.
    auto_dispatch
        Book the best option as soon as quotes are in; else a person calls `dispatch`.
    auto_plan_horizon_s
        Own-fleet deliveries due within this span are planned by themselves; 0 leaves it to people.
    price_lock_s
        How long a chosen price stays good.
    fallback_rates
        In the order in which they are tried; the first of a service that fits counts.
    """

    id: str
    name: str
    currency: str
    time_zone: str
    locale: str = "en"
    weights: RankingWeights = field(default_factory=RankingWeights)
    watch: WatchRules = field(default_factory=WatchRules)
    auto_dispatch: bool = True
    auto_plan_horizon_s: int = 3 * 3600
    price_lock_s: int = 1800
    support_url: str = ""
    fallback_rates: tuple[FallbackRate, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """The merchant's account with a carrier; its credentials lie sealed beside it.

    Attributes
    ----------
    base_url
        Overrides the carrier's own address; "" otherwise.
    reliability
        Share of bookings that went well, 0 to 1; None as long as nobody has counted.
    """

    id: str
    merchant_id: str
    carrier: str
    name: str
    mode: DeliveryMode
    enabled: bool = True
    is_test: bool = False
    base_url: str = ""
    reliability: float | None = None
