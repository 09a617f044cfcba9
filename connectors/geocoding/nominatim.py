"""Nominatim's `/search` (structured query, format jsonv2), as of its release 5."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import aiohttp

from doorstep.address import Address
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng

REMEMBERED = 10_000
"""Addresses whose place is kept in memory; people order from where they live."""


class NominatimGeocoder:
    """Asks one server, remembers what it said.

    Parameters
    ----------
    base_url
        Without `/search`. The public server forbids bulk use: run your own.
    """

    def __init__(self, base_url: str, *, timeout_s: float = 5.0) -> None:
        self._url = base_url.rstrip("/") + "/search"
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._known: OrderedDict[tuple[str, ...], LatLng | None] = OrderedDict()

    async def locate(self, address: Address) -> LatLng | None:
        """The place of an address, None where it is unknown.

        Raises
        ------
        RemoteUnavailable
            If the server cannot be asked.
        """
        key = (address.line1, address.city, address.province, address.postal_code, address.country)
        if key not in self._known:
            self._known[key] = await self._ask(address)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, address: Address) -> LatLng | None:
        query = {
            "format": "jsonv2",
            "limit": "1",
            "street": address.line1,
            "city": address.city,
            "state": address.province,
            "postalcode": address.postal_code,
            "country": address.country,
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            given = {name: value for name, value in query.items() if value}
            async with self._session.get(self._url, params=given, allow_redirects=False) as response:
                if response.status != 200:
                    raise RemoteUnavailable(
                        f"The geocoder answered {response.status}; see DOORSTEP_GEOCODER_URL.",
                        system="geocoder",
                    )
                found = await response.json(content_type=None)
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise RemoteUnavailable(
                f"The geocoder cannot be asked ({type(error).__name__}); see DOORSTEP_GEOCODER_URL.",
                system="geocoder",
            ) from None
        return _place(found)


def _place(found: Any) -> LatLng | None:
    """The first hit; answers carry coordinates as strings."""
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        return None
    try:
        return LatLng(float(found[0]["lat"]), float(found[0]["lon"]))
    except (KeyError, TypeError, ValueError):
        return None
