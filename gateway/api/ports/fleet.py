"""What the API must be handed for the own fleet's zones and rate sheets; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money


@dataclass(frozen=True, slots=True)
class FleetZone:
    """An area: all that lies in one of its parts.

    Attributes
    ----------
    countries
        Whose postcodes are meant, () for anybody's; without postcodes the whole of them.
    polygon
        GeoJSON Polygon or MultiPolygon.
    radius_m
        Around `center`, or around the depot where there is none.
    drive_s
        At most so long along the roads from the depot.
    """

    id: str
    countries: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    polygon: Mapping[str, Any] | None = None
    center: LatLng | None = None
    radius_m: int | None = None
    drive_s: int | None = None

    def is_longer_than(self, *, countries: int, postcodes: int) -> bool:
        """Whether one of its lists is."""
        return len(self.countries) > countries or len(self.postcodes) > postcodes


@dataclass(frozen=True, slots=True)
class FleetBand:
    """A row of the sheet; None for any."""

    zone_id: str | None
    max_weight_g: int | None
    max_distance_m: int | None
    price: Money
    price_per_km: Money | None


@dataclass(frozen=True, slots=True)
class FleetSurcharge:
    """Added when the window begins in [starts_at, ends_at) on one of the weekdays, by the depot's clock."""

    name: str
    amount: Money | None
    percent: Decimal | None
    weekdays: tuple[int, ...]
    starts_at: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class RateSheetDraft:
    """What is said of prices, whole."""

    currency: str
    bands: tuple[FleetBand, ...]
    surcharges: tuple[FleetSurcharge, ...]
    free_above: Money | None

    def is_longer_than(self, *, bands: int, surcharges: int) -> bool:
        """Whether one of its lists is."""
        return len(self.bands) > bands or len(self.surcharges) > surcharges


@dataclass(frozen=True, slots=True)
class FleetSheet:
    """The zones and prices of one account.

    Attributes
    ----------
    version
        Another number for whatever else the fleet's settings say; whoever saves names the one that they saw.
    """

    account_id: str
    name: str
    enabled: bool
    version: int
    zones: tuple[FleetZone, ...]
    rates: RateSheetDraft


class PricePartKind(StrEnum):
    """What a part of a price is for."""

    BAND = "BAND"
    KILOMETERS = "KILOMETERS"
    SURCHARGE = "SURCHARGE"
    WAIVED = "WAIVED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class PricePart:
    """One part; all of them add up to the price."""

    kind: PricePartKind
    text: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FleetPrice:
    """A price and how it came about."""

    price: Money
    zone: FleetZone
    band: FleetBand
    surcharges: tuple[FleetSurcharge, ...]
    parts: tuple[PricePart, ...]
    distance_m: int | None


@dataclass(frozen=True, slots=True)
class FleetDoor:
    """Where something is to be brought; None takes the only fleet, and its only depot."""

    destination: Address
    account_id: str | None = None
    location_id: str | None = None


@dataclass(frozen=True, slots=True)
class SampleDelivery:
    """What a price is asked for."""

    door: FleetDoor
    weight_g: int
    at: datetime
    value: Money | None = None


class FleetCommands(Protocol):
    """The use cases about zones and rate sheets of own fleets."""

    async def rate_sheets(self) -> Sequence[FleetSheet]:
        """Of every own fleet whose settings can be read."""
        ...

    async def save_rate_sheet(
        self, *, account_id: str, draft: RateSheetDraft, expected_version: int, may_drop: bool
    ) -> FleetSheet:
        """Keep it whole.

        Parameters
        ----------
        may_drop
            Else one with more than the API shows is not saved over.
        """
        ...

    async def save_zone(
        self,
        *,
        account_id: str,
        zone: FleetZone,
        expected_version: int,
        price: Money | None,
        may_drop: bool,
    ) -> FleetSheet:
        """Put it in the place of that with its id, else at the end; a `price` sets its row.

        Parameters
        ----------
        may_drop
            Else one with more than the API shows is not saved over.
        """
        ...

    async def remove_zone(self, *, account_id: str, zone_id: str, expected_version: int) -> FleetSheet: ...

    async def preview_rate_sheet(self, *, sample: SampleDelivery, draft: RateSheetDraft | None) -> FleetPrice:
        """What a sheet says of a delivery, None for the one that is kept; raises `NotServiceable`."""
        ...

    async def zones_at(self, *, door: FleetDoor) -> Sequence[FleetZone]:
        """Every zone that holds a door."""
        ...
