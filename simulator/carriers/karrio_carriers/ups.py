"""A stand-in for UPS: Rating and Shipping v2409, Label Recovery v1, Tracking v1."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from doorstep.clock import Clock
from simulator.carriers.karrio_carriers.house import House, ParcelRecord, Refusal, Row, Stage, is_basic, money
from simulator.carriers.pictures import striped_png

# Service code, cents, working days in transit.
_SERVICES = (("03", 1154, 3), ("02", 2310, 2), ("01", 4590, 1))
_TOLD = {
    Stage.LABEL: ("M", "MP", "Shipper created a label, UPS has not received the package yet."),
    Stage.PICKED_UP: ("P", "OR", "Origin Scan"),
    Stage.MOVING: ("I", "DP", "Departed from Facility"),
    Stage.OUT: ("O", "OT", "Out For Delivery Today"),
    Stage.DELIVERED: ("D", "FS", "DELIVERED"),
}
_ONE_PIXEL_GIF = base64.b64encode(
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
).decode()


class FakeUps(House):
    """One UPS account: client "client" with secret "hush" and number "A12345"."""

    name = "ups"
    purchase = "/ship"

    def __init__(self, clock: Clock) -> None:
        self.tokens: set[str] = set()
        super().__init__(clock)

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        return (
            ("POST", "/security/v1/oauth/token", "token", self._token),
            ("POST", "/api/rating/v2409/Shop", "rate", self._rate),
            ("POST", "/api/shipments/v2409/ship", "ship", self._ship),
            ("DELETE", "/api/shipments/v2409/void/cancel/{number}", "void", self._void),
            ("POST", "/api/labels/v1/recovery", "recover", self._recover),
            ("GET", "/api/track/v1/details/{number}", "track", self._track),
        )

    def admit(self, request: Request, operation: str) -> None:
        """A token that was handed out; tracking wants two more headers."""
        if operation == "token":
            if not is_basic(request, "client", "hush"):
                raise Refusal(401, "10401", "ClientId is Invalid")
            return
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, "250002", "Invalid Authentication Information.")
        if operation == "track" and not request.headers.get("transId"):
            raise Refusal(400, "TR0001", "Missing transId")

    def refused(self, refusal: Refusal) -> Response:
        """In UPS's words."""
        error = {"code": refusal.code, "message": refusal.text}
        return JSONResponse({"response": {"errors": [error]}}, refusal.status)

    def number(self, serial: int) -> str:
        """1Z, six of the account, two of the service, eight."""
        return f"1ZA1234503{serial:08d}"

    async def _token(self, _request: Request) -> Response:
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.add(token)
        return JSONResponse({"token_type": "Bearer", "access_token": token, "expires_in": "14399"})

    async def _rate(self, request: Request) -> Response:
        shipment = (await request.json())["RateRequest"]["Shipment"]
        if shipment["ShipTo"]["Address"].get("PostalCode") == "99999":
            raise Refusal(
                400, "111210", "The requested service is unavailable between the selected locations."
            )
        rated = [self._rated(code, cents, days) for code, cents, days in _SERVICES]
        return JSONResponse({"RateResponse": {"Response": _success(), "RatedShipment": rated}})

    async def _ship(self, request: Request) -> Response:
        wanted = (await request.json())["ShipmentRequest"]["Shipment"]
        code = wanted["Service"]["Code"]
        price = next((cents for service, cents, _ in _SERVICES if service == code), None)
        if price is None:
            raise Refusal(400, "120100", "Missing or invalid shipper number")
        boxes = wanted["Package"]
        is_return = bool(wanted.get("ReturnService"))
        if is_return and wanted["Shipper"]["Address"] != wanted["ShipTo"]["Address"]:
            raise Refusal(400, "120100", "Missing or invalid shipper number")
        if is_return and not all(box.get("Description") for box in boxes):
            raise Refusal(400, "120500", "Missing or invalid merchandise description of the package")
        holder = boxes[0] if boxes[0].get("ReferenceNumber") else wanted
        reference = holder["ReferenceNumber"][0]["Value"]
        parcel = self.sell(reference, price)
        picture = base64.b64encode(striped_png(parcel.number, 120, 80)).decode()
        results = [
            {
                "TrackingNumber": parcel.number,
                "ShippingLabel": {"ImageFormat": {"Code": "PNG"}, "GraphicImage": picture},
            }
            for _ in boxes
        ]
        charges = {"CurrencyCode": "USD", "MonetaryValue": money(price)}
        return JSONResponse(
            {
                "ShipmentResponse": {
                    "Response": _success(),
                    "ShipmentResults": {
                        "ShipmentCharges": {"TotalCharges": {**charges, "MonetaryValue": money(price + 200)}},
                        "NegotiatedRateCharges": {"TotalCharge": charges},
                        "ShipmentIdentificationNumber": parcel.number,
                        # A lone box comes without a list around it.
                        "PackageResults": results if len(results) > 1 else results[0],
                    },
                }
            }
        )

    async def _void(self, request: Request) -> Response:
        parcel = self.parcels.get(request.path_params["number"])
        if parcel is None or parcel.is_void:
            raise Refusal(400, "190102", "No shipment found within the allowed void period")
        if self.has_moved(parcel):
            raise Refusal(400, "190101", "Time for voiding has expired.")
        parcel.is_void = True
        summary = {"Status": {"Code": "1", "Description": "Voided"}}
        return JSONResponse({"VoidShipmentResponse": {"Response": _success(), "SummaryResult": summary}})

    async def _recover(self, request: Request) -> Response:
        wanted = (await request.json())["LabelRecoveryRequest"]
        known_by = wanted.get("ReferenceValues", {})
        parcel = self.parcels.get(wanted.get("TrackingNumber", "")) or self.by_reference(
            known_by.get("ReferenceNumber", {}).get("Value", "")
        )
        if parcel is None:
            raise Refusal(400, "9801031", "The shipment could not be found.")
        if parcel.is_void:
            raise Refusal(400, "9801040", "The shipment for which you are trying to recover has been voided")
        label = {"LabelImageFormat": {"Code": "gif"}, "GraphicImage": _ONE_PIXEL_GIF}
        return JSONResponse(
            {
                "LabelRecoveryResponse": {
                    "Response": _success(),
                    "ShipmentIdentificationNumber": parcel.number,
                    "LabelResults": [{"TrackingNumber": parcel.number, "LabelImage": label}],
                }
            }
        )

    async def _track(self, request: Request) -> Response:
        parcel = self.parcels.get(request.path_params["number"])
        if parcel is None:
            raise Refusal(404, "TW0001", "Tracking Information Not Found")
        package = {"trackingNumber": parcel.number, "activity": self._activities(parcel)}
        return JSONResponse({"trackResponse": {"shipment": [{"package": [package]}]}})

    def _activities(self, parcel: ParcelRecord) -> list[dict[str, Any]]:
        if parcel.is_void:
            parcel.told = "MV.VP"
        told = [(_TOLD[stage], at) for stage, at in parcel.scans(self.clock.now())]
        if parcel.told:
            kind, _, code = parcel.told.partition(".")
            told.insert(0, ((kind, code, "told"), self.clock.now()))
        return [
            {
                "date": f"{at:%Y%m%d}",
                "time": f"{at:%H%M%S}",
                "gmtDate": f"{at:%Y%m%d}",
                "gmtTime": f"{at:%H:%M:%S}",
                "status": {"type": kind, "code": code, "description": text},
            }
            for (kind, code, text), at in told
        ]

    def _rated(self, code: str, cents: int, days: int) -> Mapping[str, Any]:
        charge = {"CurrencyCode": "USD", "MonetaryValue": money(cents)}
        published = {"CurrencyCode": "USD", "MonetaryValue": money(cents + 200)}
        nothing = {"CurrencyCode": "USD", "MonetaryValue": "0.00"}
        base = {"CurrencyCode": "USD", "MonetaryValue": money(cents - 100)}
        arrival: dict[str, Any] = {"BusinessDaysInTransit": str(days)}
        # Ground comes without a date.
        if code != "03":
            arrival["Arrival"] = {"Date": f"202611{23 + days}", "Time": "120000"}
        return {
            "Service": {"Code": code, "Description": ""},
            "TransportationCharges": published,
            "BaseServiceCharge": base,
            "ServiceOptionsCharges": nothing,
            "TotalCharges": published,
            "NegotiatedRateCharges": {
                "BaseServiceCharge": base,
                "ItemizedCharges": [{"Code": "375", "CurrencyCode": "USD", "MonetaryValue": "1.00"}],
                "TotalCharge": charge,
            },
            "TimeInTransit": {"ServiceSummary": {"EstimatedArrival": arrival}},
        }


def _success() -> dict[str, Any]:
    return {"ResponseStatus": {"Code": "1", "Description": "Success"}}
