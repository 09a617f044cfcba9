"""The merchant's own prices, for when a carrier cannot be asked."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import merchant as ground
from doorstep.quote import DeliveryMode, VehicleKind
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.scalars import CountryCode
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.dispatching.plain_settings import FallbackTable
from gateway.flow.settings_version import version_of

MOST_RATES, MOST_COUNTRIES = 200, 250

_CARRIER = "Of the carrier that it stands for, and that is asked when it is booked."
_SERVICE = "The carrier's own word for it."
_TITLE = "What a checkout calls it."
_FEWEST = "From the day on which the goods are ready; 0 is that day."
_WEIGHT = "Of all parcels together, as the carrier bills them; null for any."
_COUNTRIES = "That it goes to; none for all."
_RATES = "In the order in which they are tried: of each service the first that fits counts."


@shape()
class FallbackRate:
    """A price for when a carrier cannot be asked."""

    carrier_code: str = part(_CARRIER)
    service: str = part(_SERVICE)
    title: str = part(_TITLE)
    mode: DeliveryMode
    vehicle: VehicleKind
    price: Money
    fewest_days: int = part(_FEWEST)
    most_days: int
    max_weight_grams: int | None = part(_WEIGHT)
    countries: list[CountryCode] = part(_COUNTRIES, most=MOST_COUNTRIES, usual=3)

    @staticmethod
    def of(rate: ground.FallbackRate) -> FallbackRate:
        return FallbackRate(
            carrier_code=rate.carrier,
            service=rate.service,
            title=rate.title,
            mode=rate.mode,
            vehicle=rate.vehicle,
            price=Money.of(rate.price),
            fewest_days=rate.days.fewest,
            most_days=rate.days.most,
            max_weight_grams=rate.max_weight_g,
            countries=[CountryCode(country) for country in rate.countries[:MOST_COUNTRIES]],
        )


@shape()
class FallbackRates:
    """The merchant's own prices; checkouts alone show them, marked FALLBACK."""

    rates: list[FallbackRate] = part(_RATES, most=MOST_RATES, usual=10)
    version: int = part(VERSION)

    @staticmethod
    def of(merchant: ground.Merchant) -> FallbackRates:
        return FallbackRates(
            rates=[FallbackRate.of(rate) for rate in merchant.fallback_rates[:MOST_RATES]],
            version=version_of(FallbackTable.of(merchant)),
        )


@entry
class FallbackRateInput:
    """A price for when a carrier cannot be asked."""

    carrier_code: str = part(_CARRIER)
    service: str = part(_SERVICE)
    title: str = part(_TITLE)
    price: MoneyInput
    fewest_days: int = part(_FEWEST)
    most_days: int
    max_weight_grams: int | None = part(_WEIGHT, default=None)
    countries: list[CountryCode] | None = part(_COUNTRIES, most=MOST_COUNTRIES, default=None)
    vehicle: VehicleKind = VehicleKind.OTHER


@entry
class SaveFallbackRatesInput:
    """Take the place of all of them."""

    rates: list[FallbackRateInput] = part(_RATES, most=MOST_RATES)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveFallbackRatesSuccess:
    """They are kept; checkouts from now on go by them."""

    fallback_rates: FallbackRates


SaveFallbackRatesResult = Annotated[
    SaveFallbackRatesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveFallbackRatesResult", description="What saving the merchant's own prices led to."),
]
