"""The public holidays of a country; the only file that knows the library `holidays`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays

from doorstep.errors import InvalidInput


def public_holidays(country: str, years: Iterable[int], *, subdivision: str = "") -> frozenset[date]:
    """Days on which a country is closed, for `DayCalendar.closed`; those moved from a weekend included.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2, such as "CA".
    years
        A promise needs that of the order and the one after.
    subdivision
        The part of ISO 3166-2 after the hyphen, such as "QC"; "" for what is closed everywhere.

    Raises
    ------
    InvalidInput
        If nothing is known of the country, or it has no such subdivision.
    """
    subdivisions = _subdivisions().get(country)
    if subdivisions is None:
        message = f"country must be an ISO 3166-1 code of two letters with known holidays, got {country!r}"
        raise InvalidInput(message, path=("country",))
    if subdivision and subdivision not in subdivisions:
        known = ", ".join(sorted(subdivisions)) or "none"
        message = f"subdivision must be one of {country}'s ({known}), got {subdivision!r}"
        raise InvalidInput(message, path=("subdivision",))
    return _days(country, subdivision, tuple(sorted(set(years))))


def known_holidays(country: str, province: str, year: int) -> frozenset[date]:
    """Days on which a country, and the province where it is known, is closed in a year; none where nobody
    knows any.
    """
    subdivisions = _subdivisions().get(country)
    if subdivisions is None:
        return frozenset()
    return _days(country, province if province in subdivisions else "", (year,))


@lru_cache(maxsize=512)
def _days(country: str, subdivision: str, years: tuple[int, ...]) -> frozenset[date]:
    # Without a language the library reads the environment's; only the days are taken from it.
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=years, expand=False, language="en_US"
    )
    return frozenset(day for day in found if day.year in years)


@lru_cache(maxsize=1)
def _subdivisions() -> dict[str, frozenset[str]]:
    known = holidays.list_supported_countries(include_aliases=False)
    return {country: frozenset(subdivisions) for country, subdivisions in known.items()}
