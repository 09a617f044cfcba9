"""DoorDash Drive, also behind a proxy that answers some calls by itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send

from connectors.couriers.doordash.connector import DoorDash
from doorstep.booking import Booking
from simulator.carriers.doordash import FakeDoorDash
from tests.contracts.carriers import doordash
from tests.contracts.carriers.rig import BUDGET_S, STORE, connect
from tests.contracts.carriers.rig import Rig as CarrierRig

GEOCODE = {"1 Main St, Port Meridian, NY 10001, US": STORE.location}.get
HARNESS = replace(doordash.HARNESS, build=partial(doordash.build, geocode=GEOCODE))


class Rig(CarrierRig[FakeDoorDash, DoorDash]):
    """In steps in which its Dashers tell where they are."""

    step_s = 20.0

    def crooked(self, *routes: BaseRoute) -> DoorDash:
        """The connector behind a proxy."""
        self.world.mount("/crooked", Starlette(routes=[*routes, Mount("/", self.fake.app)]))
        carrier = connect(self.harness, f"{self.base_url.removesuffix('/doordash')}/crooked")
        assert isinstance(carrier, DoorDash)
        return carrier

    async def book(self, service: str = "", **changes: Any) -> Booking:
        """What was asked for is what is booked: a quote holds for nothing else."""
        asked = {name: changes[name] for name in ("dropoff", "goods", "requirements") if name in changes}
        return await self.carrier.book(self.request(await self.offer(service, **asked), **changes), BUDGET_S)

    def ids(self) -> list[str]:
        """What stands in its books."""
        return [entry.external_id for entry in self.fake.books()]


async def not_found(_request: Request) -> Response:
    """A proxy that knows no such page."""
    return PlainTextResponse("no such page", 404)


class CutShort:
    """Promises ten bytes and sends one."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
