"""Which time zone a door is in, as far as an address tells. Pure but for the machine's time zone data.

The United States, Canada and Australia go by state or province, each by the zone that most of it keeps. Every
other country goes by the table of zones that comes with the time zone data (`zone.tab`): by its only zone, by
that whose town lies nearest where the door is on the map, or by that which most people keep.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH

from doorstep.address import Address
from doorstep.geo import LatLng, distance_m

_BY_PROVINCE = {
    "US": {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
    },
    "CA": {
        "America/St_Johns": "NL",
        "America/Halifax": "NB NS PE",
        "America/Toronto": "ON QC",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Iqaluit": "NU",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Melbourne": "VIC",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
        "Australia/Hobart": "TAS",
    },
}
_ZONES = {
    (country, province): zone
    for country, by_zone in _BY_PROVINCE.items()
    for zone, provinces in by_zone.items()
    for province in provinces.split()
}
_KEPT_BY_MOST = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}
_PLACE = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")

Town = tuple[LatLng, str]
"""Where the town lies that a zone is named after, and the zone."""


def zone_of(address: Address, otherwise: str) -> str:
    """The IANA zone of an address; `otherwise` where nothing says it."""
    by_province = _ZONES.get((address.country, address.province.upper()))
    if by_province is not None:
        return by_province
    towns = _towns().get(address.country, ())
    zones = [zone for _, zone in towns]
    where = address.location
    if where is not None and len(towns) > 1:
        return min(towns, key=lambda town: distance_m(town[0], where))[1]
    if not zones or otherwise in zones:
        return otherwise
    return _KEPT_BY_MOST.get(address.country, zones[0])


@cache
def _towns() -> Mapping[str, Sequence[Town]]:
    """Zones by country, in the order of the table; none where the machine has no table."""
    found: defaultdict[str, list[Town]] = defaultdict(list)
    for line in _table().splitlines():
        fields = line.split("\t")
        place = _PLACE.fullmatch(fields[1]) if len(fields) > 2 else None
        if place is not None and not line.startswith("#"):
            lat, lon = _degrees(*place.groups()[:4]), _degrees(*place.groups()[4:])
            found[fields[0]].append((LatLng(lat, lon), fields[2]))
    return dict(found)


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    """Of "+4042" or "-0740023"."""
    size = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -size if sign == "-" else size


def _table() -> str:
    for folder in TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        return (resources.files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
