"""What the demo page asks beside the API: its configuration, the map, and the buttons of the world."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.app.pages import STATIC
from gateway.cli.demo.provision import DemoAccount
from gateway.cli.demo.world import DeskRefused, SimulatedWorld

SHOPPERS_PHONE = "+12125550123"
"""Out of the range that is kept for fiction: couriers ask for a number."""


class DemoDesk:
    """Routes that are served before the world is linked; `open` is called when it is."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._config: dict[str, Any] | None = None
        self._map: Any = None

    def open(self, account: DemoAccount, described: dict[str, Any]) -> None:
        """Let pages in."""
        self._config = {
            "publishable_key": account.publishable_key,
            "secret_key": account.secret_key,
            "merchant_name": account.merchant_name,
            "graphql": "/graphql",
            "addresses": [_front_door(row) for row in described["addresses"]],
            "products": described["products"],
        }

    @property
    def routes(self) -> list[BaseRoute]:
        """To be hung into the gateway's application."""
        return [
            Route("/", self._page),
            Route("/demo", self._page),
            Route("/demo/config.json", self._tell_config),
            Route("/demo/map.json", self._tell_map),
            Route("/demo/state", self._tell_state),
            Route("/demo/place-order", self._place_order, methods=["POST"]),
            Route("/demo/drop-courier", self._drop_courier, methods=["POST"]),
            Route("/demo/silence-van", self._silence_van, methods=["POST"]),
            Route("/demo/carrier", self._set_mood, methods=["POST"]),
            Route("/demo/rate", self._set_rate, methods=["POST"]),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "demo.html", headers={"Cache-Control": "no-cache"})

    async def _tell_config(self, _request: Request) -> Response:
        if self._config is None:
            return JSONResponse({"message": "The demo is still starting."}, status_code=503)
        return JSONResponse(self._config)

    async def _tell_map(self, _request: Request) -> Response:
        if self._map is None:
            self._map = await self._world.get("map")
        return JSONResponse(self._map)

    async def _tell_state(self, _request: Request) -> Response:
        state = await self._world.get("state")
        told = {name: state[name] for name in ("now", "rate", "carriers")}
        return JSONResponse({**told, "orders": state["orders_placed"]})

    async def _place_order(self, request: Request) -> Response:
        body = await request.json()
        wish: dict[str, Any] = {"store": body.get("store"), "choice": body.get("reference")}
        if self._config is not None and body.get("address_index") is not None:
            wish["destination"] = _destination(self._config["addresses"][body["address_index"]])
        if body.get("items"):
            wish["items"] = body["items"]
        return await self._passed_on("place-order", wish)

    async def _drop_courier(self, _request: Request) -> Response:
        return await self._passed_on("drop-courier", {})

    async def _silence_van(self, _request: Request) -> Response:
        return await self._passed_on("silence", {})

    async def _set_mood(self, request: Request) -> Response:
        return await self._passed_on("carrier", await request.json())

    async def _set_rate(self, request: Request) -> Response:
        return await self._passed_on("rate", await request.json())

    async def _passed_on(self, path: str, body: dict[str, Any]) -> Response:
        try:
            return JSONResponse(await self._world.post(path, body))
        except DeskRefused as refusal:
            return JSONResponse({"message": str(refusal)}, status_code=refusal.status)


def _front_door(row: dict[str, Any]) -> dict[str, str]:
    return {
        "label": f"{row['line1']}, {row['district']}",
        "country": row["country"],
        "postal_code": row["postal_code"],
        "city": row["city"],
        "province": row["province"],
        "address1": row["line1"],
        "phone": SHOPPERS_PHONE,
    }


def _destination(door: dict[str, str]) -> dict[str, str]:
    """The same door in the words of the API's DestinationInput."""
    return {
        "countryCode": door["country"],
        "postalCode": door["postal_code"],
        "provinceCode": door["province"],
        "city": door["city"],
        "address1": door["address1"],
        "phone": door["phone"],
    }
