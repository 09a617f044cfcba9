"""A stand-in for DHL Express: the MyDHL API."""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.carriers.karrio_carriers.house import House, ParcelRecord, Refusal, Row, Stage, is_basic
from simulator.carriers.pictures import one_page_pdf

# Product code, name, cents, days.
_PRODUCTS = (("N", "EXPRESS DOMESTIC", 2150, 1), ("1", "EXPRESS DOMESTIC 12:00", 3390, 1))
_TOLD = {Stage.PICKED_UP: "PU", Stage.MOVING: "DF", Stage.OUT: "WC", Stage.DELIVERED: "OK"}


class FakeMyDhl(House):
    """One DHL Express account, "220000000": user "user" with password "hush"."""

    name = "mydhl"
    purchase = "/shipments"

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        return (
            ("POST", "/rates", "rate", self._rate),
            ("POST", "/shipments", "ship", self._ship),
            ("GET", "/shipments/{number}/tracking", "track", self._track),
            ("GET", "/tracking", "find", self._find),
        )

    def admit(self, request: Request, operation: str) -> None:  # noqa: ARG002 - the house's
        """Basic authentication."""
        if not is_basic(request, "user", "hush"):
            raise Refusal(401, "", "Invalid Credentials")

    def refused(self, refusal: Refusal) -> Response:
        """In DHL's words: the code starts the sentence."""
        detail = f"{refusal.code}: {refusal.text}" if refusal.code else refusal.text
        body = {"title": "Bad Request", "detail": detail, "status": str(refusal.status), "instance": "/"}
        return JSONResponse(body, refusal.status)

    def number(self, serial: int) -> str:
        """Ten digits."""
        return f"12345{serial:05d}"

    async def _rate(self, request: Request) -> Response:
        wanted = await request.json()
        if wanted["customerDetails"]["receiverDetails"]["postalCode"] == "99999":
            raise Refusal(404, "996", "The requested product(s) not available based on your search criteria.")
        products = [_product(*product) for product in _PRODUCTS]
        return JSONResponse({"products": products, "exchangeRates": []})

    async def _ship(self, request: Request) -> Response:
        wanted = await request.json()
        cents = next((price for code, _, price, _ in _PRODUCTS if code == wanted["productCode"]), None)
        if cents is None:
            raise Refusal(400, "996", "The requested product(s) not available based on your search criteria.")
        if wanted["plannedShippingDateAndTime"][:10] < f"{self.clock.now():%Y-%m-%d}":
            raise Refusal(400, "998", "The planned shipping date is in the past.")
        references = wanted.get("customerReferences") or [{"value": ""}]
        parcel = self.sell(references[0]["value"], cents)
        label = base64.b64encode(one_page_pdf(parcel.number)).decode()
        price = {"currencyType": "BILLC", "priceCurrency": "EUR", "price": cents / 100}
        return JSONResponse(
            {
                "shipmentTrackingNumber": parcel.number,
                "trackingUrl": "https://track.invalid",
                "packages": [{"referenceNumber": 1, "trackingNumber": f"JD{parcel.number}"}],
                "documents": [{"imageFormat": "PDF", "content": label, "typeCode": "label"}],
                "shipmentCharges": [price],
            },
            201,
        )

    async def _track(self, request: Request) -> Response:
        return self._shipments(self.parcels.get(request.path_params["number"]))

    async def _find(self, request: Request) -> Response:
        return self._shipments(self.by_reference(request.query_params.get("shipmentReference", "")))

    def _shipments(self, parcel: ParcelRecord | None) -> Response:
        if parcel is None:
            raise Refusal(404, "", "No data found for the tracking number")
        # DHL lists events oldest first.
        told = [
            (_TOLD[stage], at) for stage, at in reversed(parcel.scans(self.clock.now())) if stage in _TOLD
        ]
        if parcel.told:
            told.append((parcel.told, self.clock.now()))
        events = [
            {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "typeCode": code, "description": "told"}
            for code, at in told
        ]
        shipment = {"shipmentTrackingNumber": parcel.number, "status": "Success", "events": events}
        return JSONResponse({"shipments": [shipment]})


def _product(code: str, name: str, cents: int, days: int) -> dict[str, Any]:
    prices = [
        {"currencyType": "PULCL", "priceCurrency": "USD", "price": cents / 90},
        {"currencyType": "BILLC", "priceCurrency": "EUR", "price": cents / 100},
        {"currencyType": "BASEC", "priceCurrency": "EUR", "price": cents / 100},
    ]
    return {
        "productName": name,
        "productCode": code,
        "localProductCode": code,
        "networkTypeCode": "TD",
        "totalPrice": prices,
        "totalPriceBreakdown": [],
        "deliveryCapabilities": {
            "deliveryTypeCode": "QDDC",
            "estimatedDeliveryDateAndTime": f"2026-11-{23 + days}T23:59:00",
            "totalTransitDays": days,
        },
    }
