"""What the geocoder knows of a city, and how it reads what people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from doorstep.geo import LatLng
from simulator.city import City, CityAddress
from simulator.city.city import PROVINCE

_ABBREVIATIONS = {
    "st": "street",
    "str": "street",
    "ave": "avenue",
    "av": "avenue",
    "blvd": "boulevard",
    "boul": "boulevard",
    "pkwy": "parkway",
    "pky": "parkway",
    "rd": "road",
    "ln": "lane",
}
_COUNTRIES = frozenset({"us", "usa", "united states", "united states of america"})
_PROVINCES = frozenset({PROVINCE.casefold(), "new york"})
_UNIT = re.compile(r"\b(?:apt|apartment|unit|suite|ste|floor|fl)\b.*$|#.*$")
_HOUSE = re.compile(r"^(\d+)\s+(.+)$")
_POSTAL_CODE = re.compile(r"\b(\d{5})(?:-\d{4})?\b")


@dataclass(frozen=True, slots=True)
class Find:
    """A place that was found, in Nominatim's terms.

    Attributes
    ----------
    place_rank
        30 a house, 26 a street, 21 a postal code, 16 a city (Nominatim's search ranks).
    """

    at: LatLng
    display_name: str
    place_rank: int
    addresstype: str
    importance: float


@dataclass(frozen=True, slots=True)
class Question:
    """A structured search; "" where nothing was given."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


class Gazetteer:
    """All that can be found in one city.

    Parameters
    ----------
    city
        Whose addresses, streets and postal codes are known; nothing else is.
    """

    def __init__(self, city: City) -> None:
        self._city = city
        self._houses = {plain(address.line1): address for address in city.addresses}
        self._streets: dict[str, list[CityAddress]] = {}
        for address in city.addresses:
            self._streets.setdefault(plain(address.street), []).append(address)

    def find(self, question: Question) -> list[Find]:
        """The best match, or nothing: a city or country of another name rules everything out.

        A wrong postal code only makes the answer less important, as people often have it wrong.
        """
        if not self._is_here(question):
            return []
        street = _UNIT.sub("", plain(question.street)).strip()
        if street:
            return self._on_street(street, question.postal_code)
        district = next((d for d in self._city.districts if d.postal_code == question.postal_code[:5]), None)
        if district is not None:
            name = f"{district.postal_code}, {district.name}, {self._tail()}"
            return [Find(district.centre, name, 21, "postcode", 0.12)]
        if question.postal_code or not question.city:
            return []
        return [Find(self._city.districts[0].centre, self._tail(), 16, "city", 0.4)]

    def find_text(self, text: str) -> list[Find]:
        """Free text: "29 Willowridge St, Port Meridian, NY 00402"; a street or a city is enough."""
        codes = _POSTAL_CODE.findall(text.partition(",")[2]) if "," in text else []
        parts = [plain(part) for part in _without(text, codes).split(",")]
        parts = [part for part in parts if part]
        rest = [part for part in parts if not self._is_area(part)]
        if len(rest) > 1 or not parts:
            return []
        named = {"city": self._city.name} if plain(self._city.name) in parts else {}
        return self.find(Question(street=rest[0] if rest else "", postal_code=" ".join(codes[:1]), **named))

    def _on_street(self, street: str, postal_code: str) -> list[Find]:
        house = self._houses.get(street)
        if house is not None:
            agrees = not postal_code or house.postal_code == postal_code[:5]
            return [Find(house.at, self._name(house), 30, "place", 0.3 if agrees else 0.1)]
        numbered = _HOUSE.match(street)
        doors = self._streets.get(numbered[2] if numbered else street)
        if not doors:
            return []
        middle = doors[len(doors) // 2]
        name = f"{middle.street}, {middle.district}, {self._tail(middle.postal_code)}"
        return [Find(middle.at, name, 26, "road", 0.1)]

    def _is_here(self, question: Question) -> bool:
        city, state, country = plain(question.city), plain(question.state), plain(question.country)
        return (
            city in {"", plain(self._city.name)}
            and (not state or state in _PROVINCES)
            and (not country or country in _COUNTRIES)
        )

    def _is_area(self, part: str) -> bool:
        districts = {plain(district.name) for district in self._city.districts}
        return part == plain(self._city.name) or part in _PROVINCES | _COUNTRIES | districts

    def _name(self, house: CityAddress) -> str:
        return f"{house.number}, {house.street}, {house.district}, {self._tail(house.postal_code)}"

    def _tail(self, postal_code: str = "") -> str:
        parts: Iterable[str] = (self._city.name, "New York", postal_code, "United States")
        return ", ".join(part for part in parts if part)


def plain(text: str) -> str:
    """Lower case, single spaces, no full stops, abbreviations of streets written out."""
    words = text.casefold().replace(".", " ").split()
    return " ".join(_written_out(words, _ABBREVIATIONS))


def _written_out(words: list[str], abbreviations: Mapping[str, str]) -> Iterable[str]:
    for place, word in enumerate(words):
        # Only behind a name: "St" at the beginning would be a saint.
        yield abbreviations.get(word, word) if place else word


def _without(text: str, codes: Iterable[str]) -> str:
    for code in codes:
        head, comma, tail = text.partition(",")
        text = head + comma + tail.replace(code, "")
    return text
