"""The own fleet's zones."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.api.marks import entry, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.ports import fleet as ports
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.scalars import CountryCode, GeoJson
from gateway.api.types.money import MoneyInput
from gateway.api.types.places import LatLng, LatLngInput

MOST_COUNTRIES, MOST_POSTCODES = 250, 5000

VERSION = "Of the fleet's settings as a whole: another number after every change of them."
CUT = (
    "More is kept than these lists show, which are read page by page beside them; what is saved back would "
    "lose the rest, and needs dropsWhatIsCut."
)
DROPS = "Saves over something that is shown cut (isCut), the rest of which is lost."


@shape()
class Postcode:
    """One postcode of a zone, or several."""

    value: str = part("28*, 28001-28080.")


@shape()
class Zone:
    """Where something applies: all that lies in one of its parts."""

    id: strawberry.ID = part("The merchant's own word for it.")
    account_id: strawberry.ID
    version: int = part(VERSION)
    countries: list[CountryCode] = part(
        "Whose postcodes are meant; the whole of them where there are no postcodes.",
        most=MOST_COUNTRIES,
        usual=1,
    )
    postcodes: list[str] = part("28*, 28001-28080.", most=MOST_POSTCODES, usual=20)
    polygon: GeoJson | None
    center: LatLng | None
    radius_meters: int | None = part("Around center; around the depot where there is none.")
    drive_seconds: int | None = part("At most so long along the roads from the depot.")
    postcode_count: int = part("How many are kept.")
    is_cut: bool = part(CUT)
    kept: strawberry.Private[ports.FleetZone]

    @staticmethod
    def of(zone: ports.FleetZone, sheet: ports.FleetSheet) -> Zone:
        return Zone(
            id=strawberry.ID(zone.id),
            account_id=strawberry.ID(sheet.account_id),
            version=sheet.version,
            countries=[CountryCode(country) for country in zone.countries[:MOST_COUNTRIES]],
            postcodes=list(zone.postcodes[:MOST_POSTCODES]),
            polygon=None if zone.polygon is None else GeoJson(dict(zone.polygon)),
            center=LatLng.maybe(zone.center),
            radius_meters=zone.radius_m,
            drive_seconds=zone.drive_s,
            postcode_count=len(zone.postcodes),
            is_cut=zone.is_longer_than(countries=MOST_COUNTRIES, postcodes=MOST_POSTCODES),
            kept=zone,
        )

    @resolved()
    def every_postcode(self, first: int = 250, after: str | None = None) -> Connection[Postcode]:
        """All postcodes that are kept, page by page."""
        return slice_of(self.kept.postcodes, first, after, "postcodes", lambda word: Postcode(value=word))


@entry
class SaveZoneInput:
    """A zone, whole, in the place of that with its id, else behind all others."""

    account_id: strawberry.ID
    id: strawberry.ID = part("A word of the merchant's own, which rate sheets and slots name it by.")
    expected_version: int = part("The one that was read.")
    countries: list[CountryCode] | None = part(most=MOST_COUNTRIES, default=None)
    postcodes: list[str] | None = part(most=MOST_POSTCODES, default=None)
    polygon: GeoJson | None = None
    center: LatLngInput | None = None
    radius_meters: int | None = None
    drive_seconds: int | None = None
    price: MoneyInput | None = part(
        "Sets the row of the zone in the rate sheet; every zone needs one.", default=None
    )
    drops_what_is_cut: bool = part(DROPS, default=False)


@shape()
class SaveZoneSuccess:
    """The zone as it is kept."""

    zone: Zone


SaveZoneResult = Annotated[
    SaveZoneSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveZoneResult", description="What saving a zone led to."),
]
