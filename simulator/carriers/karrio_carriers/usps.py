"""A stand-in for USPS: OAuth, Payments, Shipping Options, Domestic Labels and Tracking 3.0."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from doorstep.clock import Clock
from simulator.carriers.karrio_carriers.house import House, ParcelRecord, Refusal, Row, Stage
from simulator.carriers.pictures import one_page_pdf

# Mail class, product, rate indicator, processing category, cents, days.
_SERVICES = (
    ("USPS_GROUND_ADVANTAGE", "Ground Advantage", "SP", "MACHINABLE", 745, 3),
    ("USPS_GROUND_ADVANTAGE", "Ground Advantage", "DR", "NON_MACHINABLE", 1145, 3),
    ("PRIORITY_MAIL", "Priority Mail", "SP", "MACHINABLE", 965, 2),
    ("PRIORITY_MAIL_EXPRESS", "Priority Mail Express", "PA", "MACHINABLE", 3110, 1),
)
_TOLD = {
    Stage.LABEL: ("Pre-Shipment", "GX"),
    Stage.PICKED_UP: ("Accepted", "03"),
    Stage.MOVING: ("In Transit", "10"),
    Stage.OUT: ("Out for Delivery", "OF"),
    Stage.DELIVERED: ("Delivered", "01"),
}
_BOUNDARY = "part-of-a-label"
_REPRINTS = 3


class FakeUsps(House):
    """One USPS app "client" with secret "hush", EPS account "1000", CRID "2000", MID "3000"."""

    name = "usps"
    purchase = "/labels/v3/label"

    def __init__(self, clock: Clock) -> None:
        self.tokens: set[str] = set()
        self.keys: dict[str, str] = {}
        self.reprints: dict[str, int] = {}
        super().__init__(clock)

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        return (
            ("POST", "/oauth2/v3/token", "token", self._token),
            ("POST", "/payments/v3/payment-authorization", "pay", self._pay),
            ("POST", "/shipments/v3/options/search", "rate", self._rate),
            ("POST", "/labels/v3/label", "ship", self._ship),
            ("POST", "/labels/v3/label-reprint", "reprint", self._reprint),
            ("POST", "/labels/v3/label-reprint/{number}", "reprint", self._reprint),
            ("DELETE", "/labels/v3/label/{number}", "void", self._void),
            ("GET", "/tracking/v3/tracking/{number}", "track", self._track),
        )

    def admit(self, request: Request, operation: str) -> None:
        """A token; labels want a second one."""
        if operation == "token":
            return
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, "401", "Unauthorized")
        is_paid = request.headers.get("x-payment-authorization-token") == "payment"
        if operation in {"ship", "reprint", "void"} and not is_paid:
            raise Refusal(401, "401", "Payment token is missing")

    def refused(self, refusal: Refusal) -> Response:
        """In USPS's words."""
        inner = {"code": refusal.code, "title": "Bad Request", "detail": refusal.text, "source": {}}
        error = {"code": str(refusal.status), "message": refusal.text, "errors": [inner]}
        return JSONResponse({"apiVersion": "/labels/v3/", "error": error}, refusal.status)

    def number(self, serial: int) -> str:
        """Twenty-two digits."""
        return f"92001903{serial:014d}"

    async def _token(self, request: Request) -> Response:
        raw = await request.body()
        form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != ("client", "hush"):
            raise Refusal(401, "invalid_client", "Client credentials are not valid")
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 28799})

    async def _pay(self, request: Request) -> Response:
        roles = (await request.json())["roles"]
        if {role["roleName"] for role in roles} != {"LABEL_OWNER", "PAYER"} or any(
            role["accountNumber"] != "1000" for role in roles
        ):
            raise Refusal(400, "400", "The account is not linked")
        return JSONResponse({"paymentAuthorizationToken": "payment"})

    async def _rate(self, request: Request) -> Response:
        wanted = await request.json()
        if wanted["destinationZIPCode"] == "99999":
            raise Refusal(400, "200502", "No services between these ZIP codes")
        options = [self._option(*service) for service in _SERVICES]
        pricing = {"priceType": "COMMERCIAL", "shippingOptions": options}
        return JSONResponse({"originZIPCode": wanted["originZIPCode"], "pricingOptions": [pricing]})

    async def _ship(self, request: Request) -> Response:
        wanted = (await request.json())["packageDescription"]
        chosen = (wanted["mailClass"], wanted["rateIndicator"], wanted["processingCategory"])
        cents = next(
            (row[4] for row in _SERVICES if (row[0], row[2], row[3]) == chosen),
            None,
        )
        if cents is None:
            raise Refusal(400, "160001", "The rate indicator does not go with the mail class")
        references = wanted.get("customerReference") or [{"referenceNumber": ""}]
        parcel = self.sell(references[0]["referenceNumber"], cents)
        # A second label under one key is a second label: the key is only a handle.
        self.keys[request.headers.get("x-idempotency-key", "")] = parcel.number
        return self._label(parcel)

    async def _reprint(self, request: Request) -> Response:
        number = request.path_params.get("number") or self.keys.get(
            request.headers.get("x-idempotency-key", ""), ""
        )
        parcel = self.parcels.get(number)
        if parcel is None:
            text = "Idempotency-Key not found for a mailing date within the last 7 days"
            raise Refusal(400, "160412", text)
        if parcel.is_void:
            raise Refusal(400, "160979", "Canceled labels are unavailable for reprint")
        self.reprints[number] = self.reprints.get(number, 0) + 1
        if self.reprints[number] > _REPRINTS:
            raise Refusal(400, "160980", "No reprints are left")
        return self._label(parcel, {"reprintNumber": self.reprints[number], "reprintLimit": _REPRINTS})

    async def _void(self, request: Request) -> Response:
        parcel = self.parcels.get(request.path_params["number"])
        if parcel is None or parcel.is_void:
            raise Refusal(400, "160378", "The label cannot be found")
        if self.has_moved(parcel):
            raise Refusal(400, "160500", "The label was scanned")
        parcel.is_void = True
        return JSONResponse({"trackingNumber": parcel.number, "status": "CANCELED"})

    async def _track(self, request: Request) -> Response:
        parcel = self.parcels.get(request.path_params["number"])
        if parcel is None:
            raise Refusal(
                404, "404", "The tracking number may be incorrect or the status is not yet available"
            )
        scans = parcel.scans(self.clock.now())
        category = _TOLD[scans[0][0]][0]
        events = [
            {
                "eventType": _TOLD[stage][0],
                "eventCode": _TOLD[stage][1],
                "GMTTimestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            }
            for stage, at in scans
        ]
        if parcel.told:
            category, _, code = parcel.told.partition(".")
            at = f"{self.clock.now():%Y-%m-%dT%H:%M:%SZ}"
            events.insert(0, {"eventType": "told", "eventCode": code, "GMTTimestamp": at})
        return JSONResponse(
            {
                "trackingNumber": parcel.number,
                "statusCategory": category,
                "status": category,
                "trackingEvents": events,
            }
        )

    def _label(self, parcel: ParcelRecord, reprint: dict[str, int] | None = None) -> Response:
        metadata = {
            "labelMetadata": {
                "trackingNumber": parcel.number,
                "postage": parcel.cents / 100,
                "SKU": "DPXX",
                "zone": "2",
            }
        }
        parts = {"labelMetadata": ("application/json", json.dumps(metadata["labelMetadata"]))}
        pdf = base64.b64encode(one_page_pdf(parcel.number)).decode()
        parts["labelImage"] = ("application/pdf", pdf)
        if reprint:
            parts["reprintInfo"] = ("application/json", json.dumps(reprint))
        body = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n{content}\r\n"
            for name, (kind, content) in parts.items()
        )
        media_type = f"multipart/form-data; boundary={_BOUNDARY}"
        return Response(f"{body}--{_BOUNDARY}--\r\n", media_type=media_type)

    def _option(
        self, mail_class: str, product: str, indicator: str, category: str, cents: int, days: int
    ) -> dict[str, Any]:
        rate = {
            "SKU": "DPXX",
            "productName": product,
            "description": f"{product} {category.title()}",
            "mailClass": mail_class,
            "rateIndicator": indicator,
            "processingCategory": category,
            "price": cents / 100,
            "priceType": "COMMERCIAL",
            "zone": "02",
        }
        # Ground Advantage names days, the others a date as well.
        commitment: dict[str, Any] = {"name": f"{days} Days"}
        if days < 3:
            commitment["scheduleDeliveryDate"] = f"2026-11-{23 + days}"
        option = {
            "totalPrice": cents / 100,
            "totalBasePrice": cents / 100,
            "rates": [rate],
            "extraServices": [],
            "commitment": commitment,
        }
        return {"mailClass": mail_class, "rateOptions": [option]}
