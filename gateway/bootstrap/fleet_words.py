"""From the words of the API to those of the fleet's settings, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from connectors.fleet.rate_sheet import ExplainedPrice
from connectors.fleet.settings import FleetSettings, RateBand, Surcharge
from connectors.fleet.zone import Zone
from doorstep.errors import InvalidInput, Issue
from doorstep.merchant import CarrierAccount
from doorstep.money import zero
from gateway.api.ports import fleet as p

_NAMES = {
    "currency": "currencyCode",
    "free_above": "freeAbove",
    "zone_id": "zoneId",
    "max_weight_g": "maxWeightGrams",
    "max_distance_m": "maxDistanceMeters",
    "price_per_km": "pricePerKilometer",
    "start": "startsAt",
    "end": "endsAt",
    "radius_m": "radiusMeters",
    "drive_s": "driveSeconds",
}
"""Fields of the settings that the API calls otherwise."""

_MOST_VERSION = 0x7FFFFFFF
"""GraphQL's Int has 32 bits and a sign."""


def fingerprint(kept: Mapping[str, object]) -> int:
    """A number for settings as they are kept: the command line changes them as well, and counts nothing."""
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) & _MOST_VERSION


def sheet_of(account: CarrierAccount, settings: FleetSettings, version: int) -> p.FleetSheet:
    """The settings as the API shows them."""
    rates = p.RateSheetDraft(
        currency=settings.currency,
        bands=tuple(_band_shown(band) for band in settings.bands),
        surcharges=tuple(_surcharge_shown(one) for one in settings.surcharges),
        free_above=settings.free_above,
    )
    zones = tuple(zone_shown(zone) for zone in settings.zones)
    return p.FleetSheet(account.id, account.name, account.enabled, version, zones, rates)


def zone_shown(zone: Zone) -> p.FleetZone:
    """A zone as the API shows it: beginnings of postcodes are patterns with a star.

    `country` says whose postcodes are meant, and nothing where there are none; among `countries` it would
    then make all of it part of the zone.
    """
    countries = (*zone.countries, zone.country) if zone.country and zone.has_postcodes else zone.countries
    return p.FleetZone(
        id=zone.id,
        countries=tuple(dict.fromkeys(countries)),
        postcodes=(*zone.postcodes, *(f"{prefix}*" for prefix in zone.postcode_prefixes)),
        polygon=zone.polygon,
        center=zone.center,
        radius_m=zone.radius_m,
        drive_s=zone.drive_s,
    )


def zone_of_draft(zone: p.FleetZone) -> Zone:
    """The same for the settings."""
    return Zone(
        id=zone.id,
        countries=zone.countries,
        postcodes=zone.postcodes,
        polygon=zone.polygon,
        center=zone.center,
        radius_m=zone.radius_m,
        drive_s=zone.drive_s,
    )


def band_of_draft(band: p.FleetBand) -> RateBand:
    """A row for the settings."""
    return RateBand(band.zone_id, band.max_weight_g, band.price, band.max_distance_m, band.price_per_km)


def price_of(explained: ExplainedPrice) -> p.FleetPrice:
    """A price in its parts; what adds nothing is left out, but for the row."""
    parts = [p.PricePart(p.PricePartKind.BAND, f"Zone {explained.zone.id}", explained.band.price)]
    if explained.kilometres.minor:
        text = f"{(explained.distance_m or 0) / 1000:.1f} km"
        parts.append(p.PricePart(p.PricePartKind.KILOMETERS, text, explained.kilometres))
    parts += [
        p.PricePart(p.PricePartKind.SURCHARGE, added.surcharge.name, added.price)
        for added in explained.surcharges
    ]
    if explained.waived.minor:
        taken_off = zero(explained.waived.currency) - explained.waived
        parts.append(p.PricePart(p.PricePartKind.WAIVED, "Free from this value on", taken_off))
    return p.FleetPrice(
        price=explained.price,
        zone=zone_shown(explained.zone),
        band=_band_shown(explained.band),
        surcharges=tuple(_surcharge_shown(added.surcharge) for added in explained.surcharges),
        parts=tuple(parts),
        distance_m=explained.distance_m,
    )


def in_words_of_sheet(error: InvalidInput, path: tuple[str, ...]) -> InvalidInput:
    """What the settings' check found, by the paths of a sheet in the API's input."""
    issues = [replace(issue, path=(*path, *_worded(issue.path))) for issue in error.issues]
    return _of(issues)


def in_words_of_zone(error: InvalidInput, place: int) -> InvalidInput:
    """The same for one zone; what is wrong elsewhere, such as a price that it lacks, names its part there."""
    own = ("zones", str(place))
    issues = [
        replace(
            issue,
            path=("input", *_worded(issue.path[2:] if issue.path[:2] == own else issue.path)),
        )
        for issue in error.issues
    ]
    return _of(issues)


def _of(issues: list[Issue]) -> InvalidInput:
    first = issues[0]
    return InvalidInput(f"{'.'.join(first.path[1:])} {first.message}.", path=first.path, issues=issues)


def _worded(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_NAMES.get(step, step) for step in path)


def _band_shown(band: RateBand) -> p.FleetBand:
    return p.FleetBand(band.zone_id, band.max_weight_g, band.max_distance_m, band.price, band.price_per_km)


def _surcharge_shown(known: Surcharge) -> p.FleetSurcharge:
    return p.FleetSurcharge(known.name, known.amount, known.percent, known.weekdays, known.start, known.end)
