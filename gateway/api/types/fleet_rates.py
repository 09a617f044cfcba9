"""The own fleet's rate sheets, and how a price of them came about."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import strawberry

from gateway.api.marks import entry, open_enum, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.ports import fleet as ports
from gateway.api.ports.fleet import PricePartKind
from gateway.api.problems import InvalidInput, NotFound, NotServiceable, StateConflict
from gateway.api.scalars import CurrencyCode, LocalTime
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.zones import CUT, DROPS, VERSION

MOST_BANDS, MOST_SURCHARGES, MOST_ZONES = 500, 50, 500

open_enum(PricePartKind)


@shape()
class RateBand:
    """Price up to a weight and distance; the first row that fits counts."""

    zone_id: strawberry.ID | None = part("Null for any.")
    max_weight_grams: int | None
    max_distance_meters: int | None = part("Along the roads from the depot.")
    price: Money
    price_per_kilometer: Money | None

    @staticmethod
    def of(band: ports.FleetBand) -> RateBand:
        return RateBand(
            zone_id=None if band.zone_id is None else strawberry.ID(band.zone_id),
            max_weight_grams=band.max_weight_g,
            max_distance_meters=band.max_distance_m,
            price=Money.of(band.price),
            price_per_kilometer=Money.maybe(band.price_per_km),
        )


@shape()
class Surcharge:
    """Extra price at some times, by the depot's clock."""

    name: str
    amount: Money | None
    percent: float | None = part("Of the row's price with its kilometres.")
    weekdays: list[int] = part("1 for Monday to 7 for Sunday.", most=7)
    starts_at: LocalTime
    ends_at: LocalTime

    @staticmethod
    def of(known: ports.FleetSurcharge) -> Surcharge:
        return Surcharge(
            name=known.name,
            amount=Money.maybe(known.amount),
            percent=None if known.percent is None else float(known.percent),
            weekdays=list(known.weekdays),
            starts_at=LocalTime(known.starts_at),
            ends_at=LocalTime(known.ends_at),
        )


@shape()
class RateSheet:
    """Own-fleet price: first matching band."""

    id: strawberry.ID = part("Of the fleet's account.")
    name: str
    enabled: bool
    version: int = part(VERSION)
    currency_code: CurrencyCode
    bands: list[RateBand] = part(most=MOST_BANDS, usual=20)
    surcharges: list[Surcharge] = part(most=MOST_SURCHARGES, usual=5)
    free_above: Money | None = part("Goods worth this much are carried for nothing.")
    band_count: int = part("How many are kept.")
    surcharge_count: int = part("How many are kept.")
    is_cut: bool = part(CUT)
    kept: strawberry.Private[ports.RateSheetDraft]

    @staticmethod
    def of(sheet: ports.FleetSheet) -> RateSheet:
        rates = sheet.rates
        return RateSheet(
            id=strawberry.ID(sheet.account_id),
            name=sheet.name,
            enabled=sheet.enabled,
            version=sheet.version,
            currency_code=CurrencyCode(rates.currency),
            bands=[RateBand.of(band) for band in rates.bands[:MOST_BANDS]],
            surcharges=[Surcharge.of(one) for one in rates.surcharges[:MOST_SURCHARGES]],
            free_above=Money.maybe(rates.free_above),
            band_count=len(rates.bands),
            surcharge_count=len(rates.surcharges),
            is_cut=rates.is_longer_than(bands=MOST_BANDS, surcharges=MOST_SURCHARGES),
            kept=rates,
        )

    @resolved()
    def every_band(self, first: int = 100, after: str | None = None) -> Connection[RateBand]:
        """All bands that are kept, in their order, page by page."""
        return slice_of(self.kept.bands, first, after, "bands", RateBand.of)

    @resolved()
    def every_surcharge(self, first: int = 50, after: str | None = None) -> Connection[Surcharge]:
        """All surcharges that are kept, page by page."""
        return slice_of(self.kept.surcharges, first, after, "surcharges", Surcharge.of)


@shape()
class PricePart:
    """One part of a price."""

    kind: PricePartKind
    text: str
    amount: Money = part("Negative where something is taken off.")


@shape()
class RateSheetPreview:
    """The price and how it came about."""

    price: Money
    band: RateBand | None
    surcharges: list[Surcharge] = part("Those that apply.", most=MOST_SURCHARGES, usual=3)
    zone_id: strawberry.ID | None = part("The zone that counts.")
    distance_meters: int | None = part("Along the roads; null where the door is not on the map.")
    parts: list[PricePart] = part("They add up to the price.", most=MOST_SURCHARGES + 3, usual=4)

    @staticmethod
    def of(price: ports.FleetPrice) -> RateSheetPreview:
        return RateSheetPreview(
            price=Money.of(price.price),
            band=RateBand.of(price.band),
            surcharges=[Surcharge.of(one) for one in price.surcharges[:MOST_SURCHARGES]],
            zone_id=strawberry.ID(price.zone.id),
            distance_meters=price.distance_m,
            parts=[
                PricePart(kind=one.kind, text=one.text, amount=Money.of(one.amount))
                for one in price.parts[: MOST_SURCHARGES + 3]
            ],
        )


@entry
class RateBandInput:
    """Price up to a weight and distance; what is absent is any."""

    zone_id: strawberry.ID | None = None
    max_weight_grams: int | None = None
    max_distance_meters: int | None = None
    price: MoneyInput
    price_per_kilometer: MoneyInput | None = None


@entry
class SurchargeInput:
    """Extra price at some times: an amount, a percentage or both."""

    name: str
    amount: MoneyInput | None = None
    percent: float | None = None
    weekdays: list[int] | None = part("Every day where absent.", most=7, default=None)
    starts_at: LocalTime | None = None
    ends_at: LocalTime | None = None


@entry
class SaveRateSheetInput:
    """The prices of an own fleet, whole."""

    id: strawberry.ID = part("Of the fleet's account.")
    expected_version: int | None = part("The one that was read; a preview needs none.", default=None)
    currency_code: CurrencyCode
    bands: list[RateBandInput] = part("The first that fits counts.", most=MOST_BANDS)
    surcharges: list[SurchargeInput] | None = part(most=MOST_SURCHARGES, default=None)
    free_above: MoneyInput | None = None
    drops_what_is_cut: bool = part(DROPS, default=False)


@entry
class RemoveZoneInput:
    """Take a zone out; rows of the rate sheet must not name it any more."""

    account_id: strawberry.ID
    id: strawberry.ID
    expected_version: int


@shape()
class SaveRateSheetSuccess:
    """The sheet as it is kept."""

    rate_sheet: RateSheet


@shape()
class RemoveZoneSuccess:
    """The zone is gone."""

    rate_sheet: RateSheet


SaveRateSheetResult = Annotated[
    SaveRateSheetSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveRateSheetResult", description="What saving a rate sheet led to."),
]
RemoveZoneResult = Annotated[
    RemoveZoneSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("RemoveZoneResult", description="What taking a zone out led to."),
]
RateSheetPreviewResult = Annotated[
    RateSheetPreview | InvalidInput | NotFound | NotServiceable,
    strawberry.union("RateSheetPreviewResult", description="A price, or why there is none."),
]


def as_decimal(percent: float | None) -> Decimal | None:
    """Exactly the digits that were written."""
    return None if percent is None else Decimal(repr(percent))
