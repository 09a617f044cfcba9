"""Postal addresses and the people at them. Everything in this file is personal data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from doorstep.geo import LatLng


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; any prefix of it may be all that is known.

    `name`, `company`, `line1`, `line2`, `phone`, `email`, `instructions` and `location` are personal
    data: never logged, never part of an error's text.

    Attributes
    ----------
    country
        ISO 3166-1 alpha-2, upper case; "" where unknown.
    province
        Code of the state or province within the country, "NY".
    phone
        E.164 where it could be read, else None; what was written stays in `phone_raw`.
    """

    country: str
    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    province: str = ""
    postal_code: str = ""
    phone: str | None = None
    phone_raw: str = ""
    email: str = ""
    instructions: str = ""
    location: LatLng | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What a courier would still need, as names of fields."""
        needed = {"line1": self.line1, "city": self.city, "country": self.country}
        return tuple(name for name, value in needed.items() if not value.strip())

    @property
    def one_line(self) -> str:
        """The address on one line, without names; for people who may see it, not for logs."""
        area = f"{self.province} {self.postal_code}".strip()
        return ", ".join(part for part in (self.line1, self.line2, self.city, area, self.country) if part)

    def at(self, location: LatLng | None) -> Address:
        """The same address, placed on the map."""
        return replace(self, location=location)

    def __repr__(self) -> str:
        return f"Address(country={self.country!r}, postal_code={self.postal_code!r}, …)"
