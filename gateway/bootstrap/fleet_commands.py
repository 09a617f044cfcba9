"""The API's use cases about the own fleet's zones and rate sheets, bound to one merchant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from connectors.fleet import FleetSettings
from connectors.fleet.preview import preview_price, zones_at
from connectors.fleet.settings import RateBand, Surcharge
from connectors.fleet.zone import Zone
from doorstep.address import Address
from doorstep.errors import InvalidInput, NotFound, NotServiceable, StateConflict
from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.quote import Decline, DeliveryMode
from gateway.api.ports import fleet as p
from gateway.api.types.fleet_rates import MOST_BANDS, MOST_SURCHARGES, MOST_ZONES
from gateway.api.types.zones import MOST_COUNTRIES, MOST_POSTCODES
from gateway.bootstrap.fleet_words import (
    band_of_draft,
    fingerprint,
    in_words_of_sheet,
    in_words_of_zone,
    price_of,
    sheet_of,
    zone_of_draft,
    zone_shown,
)
from gateway.bootstrap.slot_commands import SlotCommands

ROADS_BUDGET_S = 2.0
"""How long the roads may take: a person waits."""


@dataclass(frozen=True, slots=True)
class FleetCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def rate_sheets(self) -> Sequence[p.FleetSheet]:
        sheets = []
        async with self.house.transactions.begin_sql(self.merchant_id) as work:
            for account in await work.accounts.carriers():
                kept = await work.accounts.carrier_settings(account.id)
                if account.mode is not DeliveryMode.OWN_FLEET or not kept:
                    continue
                try:
                    settings = FleetSettings.from_json(kept)
                except InvalidInput:
                    continue  # `doorstep doctor` says what is wrong with it
                sheets.append(sheet_of(account, settings, fingerprint(kept)))
        return sheets

    async def save_rate_sheet(
        self, *, account_id: str, draft: p.RateSheetDraft, expected_version: int, may_drop: bool
    ) -> p.FleetSheet:
        def with_rates(settings: FleetSettings) -> FleetSettings:
            if not may_drop:
                _require_shown("bands", settings.bands, MOST_BANDS)
                _require_shown("surcharges", settings.surcharges, MOST_SURCHARGES)
            return _with_rates(settings, draft, ("input",))

        return await self._change(account_id, expected_version, with_rates)

    async def save_zone(
        self,
        *,
        account_id: str,
        zone: p.FleetZone,
        expected_version: int,
        price: Money | None,
        may_drop: bool,
    ) -> p.FleetSheet:
        def with_zone(settings: FleetSettings) -> FleetSettings:
            for known in settings.zones:
                if known.id == zone.id and not may_drop:
                    shown = zone_shown(known)
                    _require_shown("countries", shown.countries, MOST_COUNTRIES)
                    _require_shown("postcodes", shown.postcodes, MOST_POSTCODES)
            return _with_zone(settings, zone, price)

        return await self._change(account_id, expected_version, with_zone)

    async def remove_zone(self, *, account_id: str, zone_id: str, expected_version: int) -> p.FleetSheet:
        def without(settings: FleetSettings) -> FleetSettings:
            left = tuple(zone for zone in settings.zones if zone.id != zone_id)
            if len(left) == len(settings.zones):
                raise NotFound(zone_id, path=("input", "id"))
            try:
                return replace(settings, zones=left)
            except InvalidInput as error:
                text = f"The zone {zone_id} is still needed: {error.message}."
                raise InvalidInput(text, path=("input", "id")) from None

        return await self._change(account_id, expected_version, without)

    async def preview_rate_sheet(
        self, *, sample: p.SampleDelivery, draft: p.RateSheetDraft | None
    ) -> p.FleetPrice:
        settings = await self._settings(sample.door.account_id)
        if draft is not None:
            settings = _with_rates(settings, draft, ("draft",))
        found = await preview_price(
            settings,
            self.means.roads,
            pickup=_pickup(settings, sample.door.location_id),
            dropoff=await self._on_the_map(sample.door.destination),
            weight_g=sample.weight_g,
            begins=sample.at,
            value=sample.value,
            budget_s=ROADS_BUDGET_S,
        )
        if isinstance(found, Decline):
            raise NotServiceable(found.text)
        return price_of(found)

    async def zones_at(self, *, door: p.FleetDoor) -> Sequence[p.FleetZone]:
        settings = await self._settings(door.account_id)
        found = await zones_at(
            settings,
            self.means.roads,
            pickup=_pickup(settings, door.location_id),
            dropoff=await self._on_the_map(door.destination),
            budget_s=ROADS_BUDGET_S,
        )
        named = {zone.id: zone for zone in settings.zones}
        return [zone_shown(named[zone_id]) for zone_id in found]

    async def _change(
        self, account_id: str, expected_version: int, change: Callable[[FleetSettings], FleetSettings]
    ) -> p.FleetSheet:
        async with self.house.transactions.begin_sql(self.merchant_id) as work:
            # The lock first: the account is put back whole, as it stands then.
            kept = await work.accounts.carrier_settings(account_id, lock=True)
            account = _own(await work.accounts.carriers(), account_id)
            version = fingerprint(kept)
            if version != expected_version:
                text = "Somebody changed the fleet's settings in between; read them again."
                raise StateConflict(text, current_id=account.id, current_version=version)
            changed = change(FleetSettings.from_json(kept))
            settings = changed.to_json()
            await work.accounts.put_carrier(account, settings=settings)
        return sheet_of(account, changed, fingerprint(settings))

    async def _settings(self, account_id: str | None) -> FleetSettings:
        async with self.house.transactions.begin_sql(self.merchant_id) as work:
            account = _own(await work.accounts.carriers(), account_id)
            return FleetSettings.from_json(await work.accounts.carrier_settings(account.id))

    async def _on_the_map(self, destination: Address) -> Address:
        geocoder = self.means.geocoder
        if geocoder is None or destination.location is not None or destination.missing:
            return destination
        return destination.at(await geocoder.locate(destination))


def _own(accounts: Sequence[CarrierAccount], account_id: str | None) -> CarrierAccount:
    """The account of an own fleet; None for the only one."""
    fleets = [one for one in accounts if one.mode is DeliveryMode.OWN_FLEET]
    if account_id is not None:
        found = next((one for one in fleets if one.id == account_id), None)
        if found is None:
            raise NotFound(account_id, path=("accountId",))
        return found
    if len(fleets) != 1:
        text = "There are several own fleets: say which." if fleets else "There is no own fleet yet."
        raise InvalidInput(text, path=("accountId",))
    return fleets[0]


def _pickup(settings: FleetSettings, location_id: str | None) -> Address:
    """The door of a depot; None for the only one."""
    if location_id is None and len(settings.depots) > 1:
        raise InvalidInput("There are several depots: say which.", path=("locationId",))
    depot = settings.depots.get(location_id or next(iter(settings.depots)))
    if depot is None:
        raise InvalidInput("No van starts from this location.", path=("locationId",))
    return Address("", location=depot.location)


def _with_rates(settings: FleetSettings, draft: p.RateSheetDraft, path: tuple[str, ...]) -> FleetSettings:
    bands = tuple(band_of_draft(band) for band in draft.bands)
    surcharges = tuple(
        Surcharge(one.name, one.amount, one.weekdays, one.starts_at, one.ends_at, one.percent)
        for one in draft.surcharges
    )
    try:
        return replace(
            settings,
            currency=draft.currency,
            bands=bands,
            surcharges=surcharges,
            free_above=draft.free_above,
        )
    except InvalidInput as error:
        raise in_words_of_sheet(error, path) from None


def _with_zone(settings: FleetSettings, zone: p.FleetZone, price: Money | None) -> FleetSettings:
    made: Zone = zone_of_draft(zone)
    places = [place for place, known in enumerate(settings.zones) if known.id == zone.id]
    place = places[0] if places else len(settings.zones)
    zones = (*settings.zones[:place], made, *settings.zones[place + 1 :])
    bands = settings.bands if price is None else _with_price(settings.bands, zone.id, price)
    _require_room("zones", zones, settings.zones, MOST_ZONES)
    _require_room("bands", bands, settings.bands, MOST_BANDS)
    try:
        return replace(settings, zones=zones, bands=bands)
    except InvalidInput as error:
        raise in_words_of_zone(error, place) from None


def _with_price(bands: Sequence[RateBand], zone_id: str, price: Money) -> tuple[RateBand, ...]:
    """The rows with one for the zone whatever it weighs and however far it is, in the place of such a row.

    Without one it is the last row, or stands before that which takes everything: behind it, it would never
    count. What such a row asks for every kilometre stays.
    """
    whole = [band for band in bands if _takes_all(band) and band.zone_id == zone_id]
    made = replace(whole[0], price=price) if whole else RateBand(zone_id, None, price)
    takes = (n for n, band in enumerate(bands) if _takes_all(band) and band.zone_id in {None, zone_id})
    place = next(takes, len(bands))
    behind = (band for band in bands[place:] if band not in whole)
    return (*bands[:place], made, *behind)


def _takes_all(band: RateBand) -> bool:
    return band.max_weight_g is None and band.max_distance_m is None


def _require_room(name: str, changed: Sequence[object], before: Sequence[object], most: int) -> None:
    """Refuse to grow beyond what the API shows; what the command line set may be more, and shrink."""
    if len(changed) > max(most, len(before)):
        path = ("input",) if name == "zones" else ("input", "price")
        raise InvalidInput(f"The fleet has {most} {name} already; take some out first.", path=path)


def _require_shown(name: str, kept: Sequence[object], most: int) -> None:
    """Refuse to save over what was shown without its end: who saves it back has not seen that."""
    if len(kept) > most:
        text = (
            f"{len(kept)} {name} are kept and {most} of them shown: saving would lose the rest. Say so with "
            "dropsWhatIsCut where that is meant."
        )
        raise InvalidInput(text, path=("input", name))
