"""A stand-in for Purolator: Estimating, Shipping, ShippingDocuments and Tracking, in SOAP."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from simulator.carriers.karrio_carriers.house import (
    House,
    ParcelRecord,
    Refusal,
    Row,
    Stage,
    is_basic,
    money,
)
from simulator.carriers.pictures import one_page_pdf

# Service id, cents, days.
_SERVICES = (("PurolatorGround", 1402, 3), ("PurolatorExpress", 2875, 1))
_TOLD = {
    Stage.LABEL: ("Other", "Shipment created"),
    Stage.PICKED_UP: ("ProofOfPickUp", "Picked up by Purolator"),
    Stage.MOVING: ("Other", "Departed sort facility"),
    Stage.OUT: ("OnDelivery", "On vehicle for delivery"),
    Stage.DELIVERED: ("Delivery", "Shipment delivered"),
}
_XML = '<?xml version="1.0" encoding="utf-8"?>'
_V1, _V2 = ("http://purolator.com/pws/datatypes/v1", "http://purolator.com/pws/datatypes/v2")


class FakePurolator(House):
    """One Purolator account, "9999999999": key "user" with password "hush" and activation key "activated"."""

    name = "purolator"
    purchase = "/ShippingService.asmx"

    def rows(self) -> tuple[Row, ...]:
        """The routes; one path serves several operations, told apart by the header."""
        return (
            ("POST", "/EWS/V2/Estimating/EstimatingService.asmx", "rate", self._rate),
            ("POST", "/EWS/V2/Shipping/ShippingService.asmx", "ship", self._ship_or_void),
            ("POST", "/EWS/V1/ShippingDocuments/ShippingDocumentsService.asmx", "label", self._document),
            ("POST", "/PWS/V1/Tracking/TrackingService.asmx", "track", self._track),
        )

    def admit(self, request: Request, operation: str) -> None:  # noqa: ARG002 - the house's
        """Basic authentication."""
        if not is_basic(request, "user", "hush"):
            raise Refusal(401, "", "Unauthorized")

    def refused(self, refusal: Refusal) -> Response:
        """In Purolator's words: errors come with 200, but for those of the server before it."""
        if refusal.status == 401:
            return Response(status_code=401)
        error = (
            f"<Error><Code>{refusal.code}</Code><Description>{refusal.text}</Description>"
            "<AdditionalInformation>none</AdditionalInformation></Error>"
        )
        body = f"<RefusedResponse xmlns='{_V2}'>{_information(error)}</RefusedResponse>"
        return _envelope(body, refusal.status)

    def number(self, serial: int) -> str:
        """Twelve digits."""
        return f"3290{serial:08d}"

    async def _rate(self, request: Request) -> Response:
        told = _parsed(await request.body())
        receiver = next(node for node in told.iter() if _name(node) == "ReceiverInformation")
        if _text(receiver, "PostalCode") == "X9X9X9":
            raise Refusal(200, "1100366", "No services are available between these postal codes.")
        estimates = "".join(_estimate(*service) for service in _SERVICES)
        return _envelope(
            f"<GetFullEstimateResponse xmlns='{_V2}'>{_information()}"
            f"<ShipmentEstimates>{estimates}</ShipmentEstimates></GetFullEstimateResponse>"
        )

    async def _ship_or_void(self, request: Request) -> Response:
        told = _parsed(await request.body())
        if "VoidShipment" in request.headers.get("soapaction", ""):
            return self._void(_text(told, "Value"))
        service = _text(told, "ServiceID")
        cents = next((price for code, price, _ in _SERVICES if code == service), None)
        if cents is None:
            raise Refusal(200, "1100501", "The service is invalid.")
        parcel = self.sell(_text(told, "Reference1"), cents)
        pin = f"<ShipmentPIN><Value>{parcel.number}</Value></ShipmentPIN>"
        pieces = f"<PiecePINs><PIN><Value>{parcel.number}</Value></PIN></PiecePINs>"
        return _envelope(
            f"<CreateShipmentResponse xmlns='{_V2}'>{_information()}{pin}{pieces}</CreateShipmentResponse>"
        )

    async def _document(self, request: Request) -> Response:
        number = _text(_parsed(await request.body()), "Value")
        if number not in self.parcels:
            raise Refusal(200, "1300001", "No such document.")
        data = base64.b64encode(one_page_pdf(number)).decode()
        return _envelope(
            f"<GetDocumentsResponse xmlns='{_V1}'>{_information()}<Documents><Document>"
            f"<PIN><Value>{number}</Value></PIN><DocumentDetails><DocumentDetail>"
            "<DocumentType>DomesticBillOfLading</DocumentType>"
            f"<DocumentStatus>Completed</DocumentStatus><URL></URL><Data>{data}</Data>"
            "</DocumentDetail></DocumentDetails></Document></Documents></GetDocumentsResponse>"
        )

    async def _track(self, request: Request) -> Response:
        told = _parsed(await request.body())
        is_by_reference = "TrackPackagesByReference" in request.headers.get("soapaction", "")
        parcel = (
            self.by_reference(_text(told, "Reference"))
            if is_by_reference
            else self.parcels.get(_text(told, "Value"))
        )
        found = "" if parcel is None else self._information(parcel)
        name = "TrackPackagesByReferenceResponse" if is_by_reference else "TrackPackagesByPinResponse"
        return _envelope(
            f"<{name} xmlns='{_V1}'>{_information()}<TrackingInformationList>{found}"
            f"</TrackingInformationList></{name}>"
        )

    def _void(self, number: str) -> Response:
        parcel = self.parcels.get(number)
        if parcel is None:
            raise Refusal(200, "1100549", "The shipment does not exist.")
        if parcel.is_void:
            raise Refusal(200, "1100550", "The shipment has already been voided.")
        if self.has_moved(parcel):
            raise Refusal(200, "1100551", "The shipment was picked up.")
        parcel.is_void = True
        return _envelope(
            f"<VoidShipmentResponse xmlns='{_V2}'>{_information()}<ShipmentVoided>true</ShipmentVoided>"
            "</VoidShipmentResponse>"
        )

    def _information(self, parcel: ParcelRecord) -> str:
        told = [(_TOLD[stage], at) for stage, at in parcel.scans(self.clock.now())]
        if parcel.told:
            kind, _, text = parcel.told.partition(".")
            told.insert(0, ((kind, text), self.clock.now()))
        scans = "".join(
            f"<Scan><ScanType>{kind}</ScanType><PIN><Value>{parcel.number}</Value></PIN>"
            f"<Depot><Name>Ottawa</Name></Depot><ScanDate>{at:%Y-%m-%d}</ScanDate>"
            f"<ScanTime>{at:%H%M%S}</ScanTime><Description>{text}</Description></Scan>"
            for (kind, text), at in told
        )
        return (
            f"<TrackingInformation><PIN><Value>{parcel.number}</Value></PIN><Scans>{scans}</Scans>"
            "</TrackingInformation>"
        )


def _estimate(service: str, cents: int, days: int) -> str:
    return (
        f"<ShipmentEstimate><ServiceID>{service}</ServiceID><ShipmentDate>2026-11-23</ShipmentDate>"
        f"<ExpectedDeliveryDate>2026-11-{23 + days}</ExpectedDeliveryDate>"
        f"<EstimatedTransitDays>{days}</EstimatedTransitDays><BasePrice>{money(cents - 130)}</BasePrice>"
        "<Surcharges/><Taxes><Tax><Amount>1.30</Amount><Type>HST</Type><Description>HST</Description></Tax></Taxes>"
        f"<OptionPrices/><TotalPrice>{money(cents)}</TotalPrice></ShipmentEstimate>"
    )


def _information(errors: str = "") -> str:
    return f"<ResponseInformation><Errors>{errors}</Errors><InformationalMessages/></ResponseInformation>"


def _envelope(body: str, status: int = 200) -> Response:
    whole = (
        f'{_XML}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return Response(whole, status, media_type="text/xml")


def _parsed(raw: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(raw)  # noqa: S314 - from our own tests


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _text(root: ElementTree.Element, name: str) -> str:
    return next((node.text or "" for node in root.iter() if _name(node) == name), "")
