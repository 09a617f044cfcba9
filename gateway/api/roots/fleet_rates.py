"""Reads and writes about the own fleet's zones and rate sheets; parts of both roots."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated

import strawberry

from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.paging import Connection, slice_of
from gateway.api.ports import fleet as ports
from gateway.api.ports.records import Scope
from gateway.api.reading import (
    Path,
    read_address,
    read_id,
    read_money,
    read_place,
    read_span,
    read_text,
    wrong,
)
from gateway.api.roots.given import INPUT
from gateway.api.types.fleet_rates import (
    MOST_ZONES,
    RateBandInput,
    RateSheet,
    RateSheetPreview,
    RateSheetPreviewResult,
    RemoveZoneInput,
    RemoveZoneResult,
    RemoveZoneSuccess,
    SaveRateSheetInput,
    SaveRateSheetResult,
    SaveRateSheetSuccess,
    SurchargeInput,
    as_decimal,
)
from gateway.api.types.money import MoneyInput
from gateway.api.types.places import DestinationInput
from gateway.api.types.zones import SaveZoneInput, SaveZoneResult, SaveZoneSuccess, Zone

_AT = ("input",)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MOST_GRAMS = 10_000_000


@shape()
class FleetRateQueries:
    """Reads about zones and rate sheets."""

    @root(scope=Scope.CONFIGURE)
    async def zones(
        self, info: Info, first: int = 100, after: str | None = None, account_id: strawberry.ID | None = None
    ) -> Connection[Zone]:
        """Zones of the own fleet; of several that hold a door the first counts."""
        sheets = await info.context.commands.rate_sheets()
        wanted = None if account_id is None else read_id(account_id, "acc", ("accountId",))
        found = [
            (zone, sheet) for sheet in sheets if wanted in {None, sheet.account_id} for zone in sheet.zones
        ]
        return slice_of(found, first, after, "zones", lambda pair: Zone.of(*pair))

    @root(scope=Scope.CONFIGURE)
    async def rate_sheets(
        self, info: Info, first: int = 50, after: str | None = None
    ) -> Connection[RateSheet]:
        """What own vans cost, one sheet for each fleet."""
        sheets = await info.context.commands.rate_sheets()
        return slice_of(sheets, first, after, "rate sheets", RateSheet.of)

    @root(scope=Scope.CONFIGURE, points=5)
    async def preview_rate_sheet(
        self,
        info: Info,
        destination: DestinationInput,
        weight_grams: int,
        draft: SaveRateSheetInput | None = None,
        at: datetime | None = None,
        value: MoneyInput | None = None,
        location_id: strawberry.ID | None = None,
    ) -> RateSheetPreviewResult:
        """What a draft, or the sheet as it is kept, says of one delivery whose window begins at `at`."""
        door = _read_door(destination, None if draft is None else draft.id, location_id)
        sample = ports.SampleDelivery(
            door,
            read_span(weight_grams, ("weightGrams",), 1, MOST_GRAMS),
            at or info.context.clock.now(),
            None if value is None else read_money(value, ("value",)),
        )
        read = None if draft is None else _read_sheet(draft, ("draft",))
        return RateSheetPreview.of(await info.context.commands.preview_rate_sheet(sample=sample, draft=read))

    @root(scope=Scope.CONFIGURE, points=5, most=MOST_ZONES)
    async def zones_at(
        self,
        info: Info,
        destination: DestinationInput,
        account_id: strawberry.ID | None = None,
        location_id: strawberry.ID | None = None,
    ) -> list[Zone]:
        """Every zone that holds a door, the one that counts first."""
        door = _read_door(destination, account_id, location_id)
        found = await info.context.commands.zones_at(door=door)
        sheets = await info.context.commands.rate_sheets()
        sheet = next((one for one in sheets if door.account_id in {None, one.account_id}), None)
        return [] if sheet is None else [Zone.of(zone, sheet) for zone in found[:MOST_ZONES]]


@shape()
class FleetRateMutations:
    """Writes about zones and rate sheets."""

    @root(scope=Scope.CONFIGURE)
    async def save_rate_sheet(
        self, info: Info, given: Annotated[SaveRateSheetInput, INPUT]
    ) -> SaveRateSheetResult:
        """Keeps the prices of an own fleet whole."""
        if given.expected_version is None:
            raise wrong((*_AT, "expectedVersion"), "expectedVersion is needed to save", "REQUIRED")
        saved = await info.context.commands.save_rate_sheet(
            account_id=read_id(given.id, "acc", (*_AT, "id")),
            draft=_read_sheet(given, _AT),
            expected_version=given.expected_version,
            may_drop=given.drops_what_is_cut,
        )
        return SaveRateSheetSuccess(rate_sheet=RateSheet.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def save_zone(self, info: Info, given: Annotated[SaveZoneInput, INPUT]) -> SaveZoneResult:
        """Keeps a zone whole; slots and rows of the rate sheet that name it follow it."""
        zone = _read_zone(given)
        saved = await info.context.commands.save_zone(
            account_id=read_id(given.account_id, "acc", (*_AT, "accountId")),
            zone=zone,
            expected_version=given.expected_version,
            price=None if given.price is None else read_money(given.price, (*_AT, "price")),
            may_drop=given.drops_what_is_cut,
        )
        kept = next(one for one in saved.zones if one.id == zone.id)
        return SaveZoneSuccess(zone=Zone.of(kept, saved))

    @root(scope=Scope.CONFIGURE)
    async def remove_zone(self, info: Info, given: Annotated[RemoveZoneInput, INPUT]) -> RemoveZoneResult:
        """Takes a zone out."""
        saved = await info.context.commands.remove_zone(
            account_id=read_id(given.account_id, "acc", (*_AT, "accountId")),
            zone_id=str(given.id),
            expected_version=given.expected_version,
        )
        return RemoveZoneSuccess(rate_sheet=RateSheet.of(saved))


def _read_door(
    destination: DestinationInput, account_id: str | None, location_id: str | None
) -> ports.FleetDoor:
    return ports.FleetDoor(
        read_address(destination, ("destination",)),
        None if account_id is None else read_id(account_id, "acc", ("accountId",)),
        None if location_id is None else read_id(location_id, "loc", ("locationId",)),
    )


def _read_sheet(given: SaveRateSheetInput, path: Path) -> ports.RateSheetDraft:
    return ports.RateSheetDraft(
        currency=str(given.currency_code),
        bands=tuple(_read_band(band, (*path, "bands", str(place))) for place, band in enumerate(given.bands)),
        surcharges=tuple(
            _read_surcharge(one, (*path, "surcharges", str(place)))
            for place, one in enumerate(given.surcharges or ())
        ),
        free_above=_maybe_money(given.free_above, (*path, "freeAbove")),
    )


def _read_band(given: RateBandInput, path: Path) -> ports.FleetBand:
    return ports.FleetBand(
        zone_id=None if given.zone_id is None else str(given.zone_id),
        max_weight_g=given.max_weight_grams,
        max_distance_m=given.max_distance_meters,
        price=read_money(given.price, (*path, "price")),
        price_per_km=_maybe_money(given.price_per_kilometer, (*path, "pricePerKilometer")),
    )


def _read_surcharge(given: SurchargeInput, path: Path) -> ports.FleetSurcharge:
    if given.percent is not None and not math.isfinite(given.percent):
        raise wrong((*path, "percent"), "percent must be a number")
    return ports.FleetSurcharge(
        name=read_text(given.name, (*path, "name"), 100),
        amount=_maybe_money(given.amount, (*path, "amount")),
        percent=as_decimal(given.percent),
        weekdays=EVERY_DAY if given.weekdays is None else tuple(given.weekdays),
        starts_at=str(given.starts_at or "00:00"),
        ends_at=str(given.ends_at or "24:00"),
    )


def _read_zone(given: SaveZoneInput) -> ports.FleetZone:
    zone_id = read_text(str(given.id), (*_AT, "id"), 100)
    if not zone_id:
        raise wrong((*_AT, "id"), "id must not be empty", "REQUIRED")
    return ports.FleetZone(
        id=zone_id,
        countries=tuple(str(country) for country in given.countries or ()),
        postcodes=tuple(given.postcodes or ()),
        polygon=given.polygon,
        center=None if given.center is None else read_place(given.center, (*_AT, "center")),
        radius_m=given.radius_meters,
        drive_s=given.drive_seconds,
    )


def _maybe_money(given: MoneyInput | None, path: Path) -> Money | None:
    return None if given is None else read_money(given, path)
