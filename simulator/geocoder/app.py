"""Nominatim's side of the protocol (documentation of Nominatim 5, `/search` with `format=jsonv2`)."""

from __future__ import annotations

from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from simulator.city import City
from simulator.geocoder.gazetteer import Find, Gazetteer, Question

_STRUCTURED = ("street", "city", "county", "state", "country", "postalcode")
_TYPES = {30: ("place", "house"), 26: ("highway", "residential"), 21: ("place", "postcode")}
_HALF_BOX_DEGREES = 0.00005


class FakeGeocoder:
    """Answers for the addresses of one city; keeps no state."""

    def __init__(self, city: City) -> None:
        self._gazetteer = Gazetteer(city)
        self._app = Starlette(routes=[Route("/search", self._search), Route("/status", _status)])

    @property
    def name(self) -> str:
        """Path segment."""
        return "geocoder"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://nominatim.example."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Nothing ever happens here."""

    async def close(self) -> None:
        """Nothing is held open."""

    async def _search(self, request: Request) -> JSONResponse:
        query = request.query_params
        if query.get("format", "jsonv2") not in {"json", "jsonv2"}:
            return _refusal("Parameter 'format' must be one of: json, jsonv2")
        asked = [name for name in _STRUCTURED if query.get(name)]
        text = query.get("q", "")
        if text and asked:
            return _refusal("Structured query parameters (amenity, street, ...) cannot be used with 'q'.")
        if not text and not asked:
            return _refusal("Nothing to search for.")
        limit = query.get("limit", "10")
        if not limit.isdecimal() or int(limit) < 1:
            return _refusal("Parameter 'limit' must be a positive number.")
        finds = self._gazetteer.find_text(text) if text else self._gazetteer.find(_question(request))
        return JSONResponse([_shown(find) for find in finds[: int(limit)]])


async def _status(_: Request) -> JSONResponse:
    return JSONResponse({"status": 0, "message": "OK"})


def _question(request: Request) -> Question:
    query = request.query_params
    return Question(
        street=query.get("street", ""),
        city=query.get("city", ""),
        state=query.get("state", ""),
        postal_code=query.get("postalcode", ""),
        country=query.get("country", ""),
    )


def _shown(find: Find) -> dict[str, object]:
    category, kind = _TYPES.get(find.place_rank, ("boundary", "administrative"))
    lat, lon = find.at.lat, find.at.lng
    box = (lat - _HALF_BOX_DEGREES, lat + _HALF_BOX_DEGREES, lon - _HALF_BOX_DEGREES, lon + _HALF_BOX_DEGREES)
    return {
        "lat": f"{lat:.6f}",
        "lon": f"{lon:.6f}",
        "category": category,
        "type": kind,
        "place_rank": find.place_rank,
        "importance": find.importance,
        "addresstype": find.addresstype,
        "name": "",
        "display_name": find.display_name,
        "boundingbox": [f"{side:.7f}" for side in box],
    }


def _refusal(message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": 400, "message": message}}, status_code=400)
