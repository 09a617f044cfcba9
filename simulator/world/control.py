"""The desk from which a world is watched and steered: JSON over HTTP, for this machine alone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.secret import Secret
from simulator.city.drawing import geojson
from simulator.people.gateway import Link
from simulator.world.described import described
from simulator.world.moods import Mood
from simulator.world.reading import Refused, json_body, number, read_home, read_wish, rows, text, texts
from simulator.world.report import count_day
from simulator.world.shops import Shop
from simulator.world.world import World

_LONGEST_TICK_S = 24 * 3600
_LONGEST_SILENCE_MIN = 240
_LONGEST_ABSENCE_MIN = 24 * 60
_FASTEST = 1000

_Answer = Callable[[Request], Awaitable[Response]]


class ControlDesk:
    """The routes under /control."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def routes(self) -> list[Route]:
        """To be mounted under /control."""
        return [
            Route("/world", _guarded(self._describe)),
            Route("/state", _guarded(self._state)),
            Route("/books", _guarded(self._books)),
            Route("/map", _guarded(self._map)),
            Route("/count", _guarded(self._count), methods=["POST"]),
            Route("/link", _guarded(self._link), methods=["POST"]),
            Route("/start", _guarded(self._start), methods=["POST"]),
            Route("/tick", _guarded(self._tick), methods=["POST"]),
            Route("/rate", _guarded(self._rate), methods=["POST"]),
            Route("/place-order", _guarded(self._place_order), methods=["POST"]),
            Route("/drop-courier", _guarded(self._drop_courier), methods=["POST"]),
            Route("/carrier", _guarded(self._carrier), methods=["POST"]),
            Route("/silence", _guarded(self._silence), methods=["POST"]),
            Route("/store-away", _guarded(self._store_away), methods=["POST"]),
            Route("/lose-webhooks", _guarded(self._lose_webhooks), methods=["POST"]),
            Route("/spoil-order", _guarded(self._spoil_order), methods=["POST"]),
            Route("/mend-order", _guarded(self._mend_order), methods=["POST"]),
            Route("/correct-address", _guarded(self._correct_address), methods=["POST"]),
        ]

    async def _describe(self, request: Request) -> Response:
        base_url = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse(described(self._world, base_url))

    async def _map(self, _: Request) -> Response:
        # Minified: a city has some thousand features.
        body = json.dumps(geojson(self._world.city), separators=(",", ":"))
        return Response(body, media_type="application/geo+json")

    async def _state(self, _: Request) -> Response:
        world = self._world
        now = world.clock.now()
        return JSONResponse(
            {
                "now": _written(now),
                "reached": _written(world.reached),
                "rate": world.clock.rate,
                "is_stepped": world.settings.is_stepped,
                "is_started": world.is_started,
                "is_linked": world.gateway.link is not None,
                "orders_placed": world.crowd.placed,
                "errands_waiting": world.crowd.waiting,
                "letters_waiting": world.postman.waiting,
                "bookings_live": sum(row.live for row in world.carriers.books()),
                "carriers": [asdict(row) for row in world.carriers.rows()],
                "handed_over": len(world.drivers.handed()),
                "drivers": world.drivers.shown(now),
            }
        )

    async def _books(self, _: Request) -> Response:
        return JSONResponse(self._written_books())

    async def _count(self, request: Request) -> Response:
        given = rows(await json_body(request), "orders")
        try:
            report = count_day(self._written_books(), given)
        except (KeyError, TypeError, AttributeError) as problem:
            raise Refused(f"orders: a row is not as it should be ({problem!r})") from None
        return JSONResponse({**asdict(report), "is_clean": report.is_clean})

    def _written_books(self) -> dict[str, list[dict[str, Any]]]:
        world = self._world
        return {
            "orders": [_row(row) for shop in world.shops.values() for row in shop.books()],
            "bookings": [_row(row) for row in world.carriers.books()],
            "handovers": [_row(row) for row in world.drivers.handed()],
            "told": [_row(row) for row in world.drivers.told()],
            "shown": [_row(row) for shop in world.shops.values() for row in shop.shown()],
            "writes": [_row(row) for shop in world.shops.values() for row in shop.writes()],
        }

    async def _link(self, request: Request) -> Response:
        body = await json_body(request)
        link = Link(
            gateway_url=text(body, "gateway_url"),
            gps_url=text(body, "gps_url"),
            publishable_key=Secret(text(body, "publishable_key")),
            secret_key=Secret(text(body, "secret_key")),
            store_ids=texts(body, "stores"),
            driver_ids=texts(body, "drivers"),
        )
        webhooks = texts(body, "webhooks")
        for carrier in webhooks:
            self._require_carrier(carrier, "webhooks")
        self._world.link(link, webhooks)
        return JSONResponse({"linked": True})

    async def _start(self, _: Request) -> Response:
        return JSONResponse({"started": True, "errands_waiting": self._world.start_day()})

    async def _tick(self, request: Request) -> Response:
        seconds = number(await json_body(request), "seconds", 0, _LONGEST_TICK_S)
        if not self._world.settings.is_stepped:
            raise Refused(
                "this world's clock runs by itself; begin it with --stepped to move it by hand", 409
            )
        await self._world.advance(seconds)
        return JSONResponse({"now": _written(self._world.clock.now())})

    async def _rate(self, request: Request) -> Response:
        rate = number(await json_body(request), "rate", 0, _FASTEST)
        if self._world.settings.is_stepped:
            raise Refused("this world's clock stands still between ticks; begin it without --stepped", 409)
        self._world.clock.set_rate(rate)
        return JSONResponse({"rate": rate})

    async def _place_order(self, request: Request) -> Response:
        wish = read_wish(await json_body(request), tuple(self._world.shops))
        receipt = await self._world.place_order(wish)
        return JSONResponse(asdict(receipt), 201)

    async def _drop_courier(self, _: Request) -> Response:
        dropped = self._world.carriers.drop_courier()
        if dropped is None:
            raise Refused("no courier booking is waiting for its pickup just now", 409)
        names = ("carrier", "external_id", "reference")
        return JSONResponse({name: getattr(dropped, name) for name in names})

    async def _carrier(self, request: Request) -> Response:
        body = await json_body(request)
        carrier, wanted = text(body, "carrier"), text(body, "mood")
        self._require_carrier(carrier, "carrier")
        if wanted not in {*Mood}:
            raise Refused(f"mood must be one of {', '.join(Mood)}")
        self._world.carriers.feel(carrier, Mood(wanted))
        return JSONResponse({"carrier": carrier, "mood": wanted})

    async def _silence(self, request: Request) -> Response:
        body = await json_body(request)
        lasts_min = number({"minutes": 7, **body}, "minutes", 0, _LONGEST_SILENCE_MIN)
        device_id = body.get("device_id", "")
        if device_id not in {"", *(profile.device_id for profile in self._world.fleet)}:
            raise Refused("device_id: there is no such device here")
        now = self._world.clock.now()
        silenced = self._world.drivers.silence(now, timedelta(minutes=lasts_min), device_id)
        if not silenced:
            raise Refused("no van is on tour; name a device_id to silence one that is parked", 409)
        return JSONResponse({"device_id": silenced, "until": _written(now + timedelta(minutes=lasts_min))})

    async def _store_away(self, request: Request) -> Response:
        body = await json_body(request)
        seconds = 60 * number(body, "minutes", 0, _LONGEST_ABSENCE_MIN)
        for shop in self._named(body):
            shop.go_away(seconds)
        return JSONResponse({"until": _written(self._world.clock.now() + timedelta(seconds=seconds))})

    async def _lose_webhooks(self, request: Request) -> Response:
        body = await json_body(request)
        are_lost = body.get("lost", True) is True
        for shop in self._named(body):
            shop.lose_webhooks(are_lost=are_lost)
        return JSONResponse({"lost": are_lost})

    async def _spoil_order(self, request: Request) -> Response:
        shop, external_id = self._order(await json_body(request))
        shop.spoil(external_id)
        return JSONResponse({"external_id": external_id})

    async def _mend_order(self, request: Request) -> Response:
        shop, external_id = self._order(await json_body(request))
        shop.mend(external_id)
        return JSONResponse({"external_id": external_id})

    async def _correct_address(self, request: Request) -> Response:
        body = await json_body(request)
        shop, external_id = self._order(body)
        home = read_home(body)
        if home is None:
            raise Refused("destination is missing")
        shop.move(external_id, home)
        return JSONResponse({"external_id": external_id})

    def _require_carrier(self, carrier: str, field: str) -> None:
        codes = self._world.carriers.codes
        if carrier not in codes:
            raise Refused(f"{field}: there is no carrier {carrier!r} here; there are {', '.join(codes)}")

    def _named(self, body: Mapping[str, Any]) -> list[Shop]:
        """The store that is named, or all of them."""
        shops = self._world.shops
        name = body.get("store")
        if name is not None and name not in shops:
            raise Refused(f"store must be one of {', '.join(shops)}")
        return list(shops.values()) if name is None else [shops[name]]

    def _order(self, body: Mapping[str, Any]) -> tuple[Shop, str]:
        wanted = text(body, "external_id")
        for shop in self._world.shops.values():
            if any(row.external_id == wanted for row in shop.books()):
                return shop, wanted
        raise Refused("external_id: no store has such an order", 404)


def _guarded(answer: _Answer) -> _Answer:
    async def guard(request: Request) -> Response:
        if request.client is None or not _is_loopback(request.client.host):
            return JSONResponse({"error": "the control desk is for this machine alone"}, 403)
        try:
            return await answer(request)
        except Refused as no:
            return JSONResponse({"error": str(no)}, no.status)

    return guard


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _row(record: Any) -> dict[str, Any]:
    fields = asdict(record)
    if "is_live" in fields:
        fields["live"] = fields.pop("is_live")
    return {name: _written(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
