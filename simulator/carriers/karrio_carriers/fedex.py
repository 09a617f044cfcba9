"""A stand-in for FedEx: Rate v1, Ship v1, Track v1."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from doorstep.clock import Clock
from simulator.carriers.karrio_carriers.house import House, ParcelRecord, Refusal, Row, Stage
from simulator.carriers.pictures import one_page_pdf

# Service type, cents, what FedEx promises ("" for nothing).
_SERVICES = (("FEDEX_GROUND", 1122, 3), ("FEDEX_2_DAY", 2545, 2), ("PRIORITY_OVERNIGHT", 5210, 1))
_TOLD = {
    Stage.LABEL: ("OC", "Shipment information sent to FedEx"),
    Stage.PICKED_UP: ("PU", "Picked up"),
    Stage.MOVING: ("IT", "On the way"),
    Stage.OUT: ("OD", "On FedEx vehicle for delivery"),
    Stage.DELIVERED: ("DL", "Delivered"),
}


class FakeFedEx(House):
    """One FedEx account, "740561073": keys "ship"/"hush" for shipping and "track"/"hush" for tracking."""

    name = "fedex"
    purchase = "/ship/v1/shipments"

    def __init__(self, clock: Clock) -> None:
        self.tokens: dict[str, str] = {}
        self.sends_links = False
        super().__init__(clock)

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        return (
            ("POST", "/oauth/token", "token", self._token),
            ("POST", "/rate/v1/rates/quotes", "rate", self._rate),
            ("POST", "/ship/v1/shipments", "ship", self._ship),
            ("PUT", "/ship/v1/shipments/cancel", "void", self._void),
            ("POST", "/track/v1/trackingnumbers", "track", self._track),
            ("POST", "/track/v1/referencenumbers", "find", self._find),
            ("POST", "/track/v1/trackingdocuments", "proof", self._find),
        )

    def admit(self, request: Request, operation: str) -> None:
        """Tokens for shipping do not track, and the other way round."""
        if operation == "token":
            return
        project = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), "")
        if not project:
            raise Refusal(401, "NOT.AUTHORIZED.ERROR", "Access token expired.")
        if (project == "track") != (operation in {"track", "find", "proof"}):
            raise Refusal(403, "FORBIDDEN.ERROR", "We could not authorize your credentials.")

    def refused(self, refusal: Refusal) -> Response:
        """In FedEx's words."""
        error = {"code": refusal.code, "message": refusal.text}
        return JSONResponse({"transactionId": "t", "errors": [error]}, refusal.status)

    def number(self, serial: int) -> str:
        """Twelve digits."""
        return f"7946{serial:08d}"

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        key, word = form.get("client_id", [""])[0], form.get("client_secret", [""])[0]
        if key not in {"ship", "track"} or word != "hush":
            raise Refusal(401, "NOT.AUTHORIZED.ERROR", "The given client credentials were not valid.")
        token = f"token-{key}-{len(self.tokens)}"
        self.tokens[token] = key
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": 3599})

    async def _rate(self, request: Request) -> Response:
        wanted = (await request.json())["requestedShipment"]
        if wanted["recipient"]["address"].get("postalCode") == "99999":
            raise Refusal(400, "RATE.LOCATION.NOSERVICE", "There is no service between these locations.")
        details = [self._rated(service, cents, days) for service, cents, days in _SERVICES]
        return JSONResponse({"output": {"rateReplyDetails": details, "quoteDate": "2026-11-23"}})

    async def _ship(self, request: Request) -> Response:
        wanted = (await request.json())["requestedShipment"]
        cents = next((price for service, price, _ in _SERVICES if service == wanted["serviceType"]), None)
        if cents is None:
            raise Refusal(400, "SERVICETYPE.NOT.ALLOWED", "The service is not allowed.")
        boxes = wanted["requestedPackageLineItems"]
        references = {
            reference["value"]
            for reference in boxes[0].get("customerReferences", [])
            if reference["customerReferenceType"] == "CUSTOMER_REFERENCE"
        }
        parcel = self.sell(next(iter(references), ""), cents)
        label = base64.b64encode(one_page_pdf(parcel.number)).decode()
        document: dict[str, Any] = {"contentType": "LABEL", "docType": "PDF", "copiesToPrint": 1}
        # Some accounts get links instead of documents.
        document |= {"url": "http://127.0.0.1:9/label"} if self.sends_links else {"encodedLabel": label}
        pieces = [
            {"trackingNumber": parcel.number, "trackingIdType": "FEDEX", "packageDocuments": [document]}
            for _ in boxes
        ]
        rate = {"rateType": "PAYOR_ACCOUNT_PACKAGE", "currency": "USD", "totalNetCharge": cents / 100}
        shipment = {
            "masterTrackingNumber": parcel.number,
            "serviceType": wanted["serviceType"],
            "pieceResponses": pieces,
            "completedShipmentDetail": {"shipmentRating": {"shipmentRateDetails": [rate]}},
        }
        return JSONResponse({"output": {"transactionShipments": [shipment]}})

    async def _void(self, request: Request) -> Response:
        parcel = self.parcels.get((await request.json())["trackingNumber"])
        if parcel is None:
            raise Refusal(400, "TRACKING.TRACKINGNUMBER.NOTFOUND", "Tracking number cannot be found.")
        if parcel.is_void:
            raise Refusal(400, "SHIPMENT.STATE.INVALID", "The shipment has already been cancelled.")
        if self.has_moved(parcel):
            raise Refusal(400, "SHIPMENT.STATE.INVALID", "Unable to cancel a shipment that was tendered.")
        parcel.is_void = True
        return JSONResponse({"output": {"cancelledShipment": True, "cancelledHistory": True}})

    async def _track(self, request: Request) -> Response:
        info = (await request.json())["trackingInfo"][0]["trackingNumberInfo"]
        return self._results(self.parcels.get(info["trackingNumber"]), info["trackingNumber"])

    async def _find(self, request: Request) -> Response:
        wanted = (await request.json())["referencesInformation"]
        return self._results(self.by_reference(wanted["value"]), "")

    def _results(self, parcel: ParcelRecord | None, number: str) -> Response:
        if parcel is None:
            error = {
                "code": "TRACKING.TRACKINGNUMBER.NOTFOUND",
                "message": "Tracking number cannot be found.",
            }
            result: dict[str, Any] = {"trackingNumberInfo": {"trackingNumber": number}, "error": error}
        else:
            result = self._told(parcel)
        whole = [{"trackingNumber": number, "trackResults": [result]}]
        return JSONResponse({"output": {"completeTrackResults": whole}})

    def _told(self, parcel: ParcelRecord) -> dict[str, Any]:
        scans = parcel.scans(self.clock.now())
        code, _, reason = parcel.told.partition(".") if parcel.told else (_TOLD[scans[0][0]][0], "", "")
        if parcel.is_void:
            code = "CA"
        status: dict[str, Any] = {"code": code, "derivedCode": code, "description": "told"}
        if reason:
            status["ancillaryDetails"] = [{"reason": reason, "reasonDescription": "told"}]
        return {
            "trackingNumberInfo": {"trackingNumber": parcel.number},
            "latestStatusDetail": status,
            "scanEvents": [
                {"date": at.isoformat(), "eventType": _TOLD[stage][0], "eventDescription": _TOLD[stage][1]}
                for stage, at in scans
            ],
        }

    def _rated(self, service: str, cents: int, days: int) -> dict[str, Any]:
        prices = [
            {
                "rateType": kind,
                "currency": "USD",
                "totalBaseCharge": (cents - 100) / 100,
                "totalDiscounts": 0.0,
                "totalNetCharge": amount / 100,
                "totalNetFedExCharge": amount / 100,
                "shipmentRateDetail": {
                    "surCharges": [{"description": "Fuel", "amount": 1.0}],
                    "currency": "USD",
                },
            }
            for kind, amount in (("LIST", cents + 300), ("ACCOUNT", cents))
        ]
        commit = f"2026-11-{23 + days}T17:00:00"
        # FedEx Ground comes without a date.
        dated = {"commitDate": commit} if service != "FEDEX_GROUND" else {"transitTime": "THREE_DAYS"}
        return {
            "serviceType": service,
            "serviceName": service.replace("_", " ").title(),
            "packagingType": "YOUR_PACKAGING",
            "ratedShipmentDetails": prices,
            "operationalDetail": dated,
        }
