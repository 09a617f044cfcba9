"""A gateway that only remembers: it answers what shoppers and drivers ask, and keeps what it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Tour = dict[str, Any]

PUBLISHABLE, SECRET = "pk_test", "sk_test"
OPTION = {
    "id": "quo_1",
    "title": "Within the hour",
    "code": "uber_direct:asap",
    "isBookable": True,
    "price": {"minorUnits": "899", "currencyCode": "USD"},
}


@dataclass(slots=True)
class StandIn:
    """Attributes
    ----------
    tours
        What drivers are told, as the GraphQL type Route, with `version`, `status` and `driver` beside it.
    off
        Ids of deliveries that are cancelled.
    is_broken
        GraphQL answers 500.
    """

    tours: list[Tour] = field(default_factory=list)
    off: set[str] = field(default_factory=set)
    is_broken: bool = False
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    fixes: list[dict[str, str]] = field(default_factory=list)
    letters: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/graphql", self._graphql, methods=["POST"]),
                Route("/positions/osmand", self._fix),
                Route("/webhooks/{rest:path}", self._letter, methods=["POST"]),
            ]
        )

    def fixes_of(self, device_id: str) -> list[dict[str, str]]:
        return [fix for fix in self.fixes if fix["id"] == device_id]

    async def _graphql(self, request: Request) -> Response:
        body = json.loads(await request.body())
        key = request.headers["authorization"].removeprefix("Bearer ")
        name = body["query"].split("(")[0].split()[1]
        self.asked.append((name, key, body["variables"]))
        if self.is_broken:
            return Response("down for maintenance", 500)
        answers = {
            "Options": self._options,
            "Choose": self._choose,
            "Tours": self._tours,
            "Tour": self._tour,
            "Parcel": self._parcel,
        }
        expected = PUBLISHABLE if name in {"Options", "Choose"} else SECRET
        if key != expected:
            return JSONResponse(
                {"errors": [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}]}, 401
            )
        return JSONResponse({"data": answers[name](body["variables"])})

    def _options(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"deliveryOptions": {"id": "qst_1", "groups": [{"id": "grp_1", "options": [OPTION]}]}}

    def _choose(self, variables: dict[str, Any]) -> dict[str, Any]:
        errand = variables["input"]["idempotencyKey"].split("-")[1]
        # The shape of the gateway's ids: a prefix and 26 characters.
        return {"chooseDeliveryOption": {"choice": {"reference": f"cho_{errand:0>26}"}}}

    def _tours(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"routes": {"nodes": self.tours}}

    def _tour(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"route": next(tour for tour in self.tours if tour["id"] == variables["id"])}

    def _parcel(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"delivery": {"status": "CANCELLED" if variables["id"] in self.off else "BOOKED"}}

    async def _fix(self, request: Request) -> Response:
        self.fixes.append(dict(request.query_params))
        return Response()

    async def _letter(self, request: Request) -> Response:
        self.letters.append((request.url.path, dict(request.headers), await request.body()))
        return Response()
