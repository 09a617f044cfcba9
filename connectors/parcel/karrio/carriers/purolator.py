"""Purolator: E-Ship web services v2 and Tracking v1, SOAP (Purolator's published WSDL, 2025/26)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from connectors.calling import Answer, Caller
from connectors.parcel.karrio.carriers.purolator_words import REFUSALS, errors_in, standing_of
from connectors.parcel.karrio.client import BasicIdentity, Call, Identity
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting, instant_of
from connectors.parcel.karrio.mapper import Built, Label, MapperFault, Piece, Rate
from connectors.parcel.karrio.payloads import Measures, ship_date, zone_of
from connectors.parcel.karrio.reading_xml import Xml
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

_PAGES = "eship.purolator.com, Development Resource Centre."

FACTS = Facts(
    code="purolator",
    name="Purolator",
    module="purolator",
    production="https://webservices.purolator.com",
    test="https://devwebservices.purolator.com",
    credentials=(
        CredentialField("username", "Key", False, _PAGES),
        CredentialField("password", "Password", True, _PAGES),
        CredentialField("account_number", "Account number", False, "The one that is billed."),
        CredentialField("user_token", "Activation key", True, _PAGES, ""),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("username", "password", "account_number"),
    # 150 lb, 108 in long, 165 in length and girth. karrio counts one piece whatever there is.
    limits=CarrierLimits(
        parcel_weight_g=68_038,
        longest_mm=2_743,
        girth_mm=4_191,
        parcels=1,
        countries=frozenset({"CA"}),
        refused=UNWELCOME,
        # Purolator asks for a signature unless it is told not to.
        handovers=frozenset(
            {
                HandoverRequirement.SIGNATURE,
                HandoverRequirement.NO_SAFE_PLACE,
                HandoverRequirement.PHONE_NUMBER,
            }
        ),
        dimensional_divisor=5_000,
    ),
    refusals=REFUSALS,
    number=re.compile(r"[A-Z]{0,3}\d{9,12}"),
    tracking_page="https://www.purolator.com/en/shipping/tracker?pins={}",
    is_look_certain=False,
    how_it_looks="tracking by reference, which learns of a label some time after it was made",
    # karrio cuts off what stands behind the point of the whole weight, and writes it in pounds.
    measures=Measures(always_pounds=True, pound_step=Decimal(1), side_step=Decimal(1)),
)

_ESTIMATES = ("/EWS/V2/Estimating/EstimatingService.asmx", "v2/GetFullEstimate")
_CREATE = ("/EWS/V2/Shipping/ShippingService.asmx", "v2/CreateShipment")
_VOID = ("/EWS/V2/Shipping/ShippingService.asmx", "v2/VoidShipment")
_DOCUMENTS = ("/EWS/V1/ShippingDocuments/ShippingDocumentsService.asmx", "v1/GetDocuments")
_BY_PIN = ("/PWS/V1/Tracking/TrackingService.asmx", "v1/TrackPackagesByPin")
_BY_REFERENCE = ("/PWS/V1/Tracking/TrackingService.asmx", "v1/TrackPackagesByReference")
_ESTIMATE = re.compile(r"<ShipmentEstimate>.*?</ShipmentEstimate>", re.DOTALL)
_DAYS_AROUND = timedelta(days=7)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HOUSE_NUMBER = re.compile(r"\s*(\d+\w?)\s+(.+)")


class Purolator:
    """Purolator's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """The activation key stands in every body, so karrio must have it; the password it does not get."""
        return {
            "username": "",
            "password": "",
            "account_number": account["account_number"].reveal(),
            "user_token": account["user_token"].reveal(),
        }

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:  # noqa: ARG002 - the protocol's
        """Basic authentication."""
        return {"": BasicIdentity(account["username"], account["password"])}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """A signature is usual."""
        return {}

    def rate_call(self, built: Built) -> Call:
        """The usual service and its alternatives."""
        return _call(_ESTIMATES, built.body)

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a service; karrio loses the date that goes with it."""
        parts = _ESTIMATE.findall(_text(answer))
        if not parts:
            return [Piece(line.mapper.xml(_text(answer)))]
        return [
            Piece(line.mapper.xml(f"<e>{part}</e>"), Xml.parse(part.encode()).text("ExpectedDeliveryDate"))
            for part in parts
        ]

    def remember(self, rate: Rate) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """The service is enough."""
        return {}

    async def buy(
        self,
        line: Line,
        payload: dict[str, Any],
        request: BookingRequest,  # noqa: ARG002 - the protocol's
        deadline: Deadline,
    ) -> Label:
        """The shipment, then its bill of lading; karrio builds the second from the answer to the first."""
        pipeline = line.mapper.build_shipment(_numbered(payload)).body
        order = line.mapper.guarded("build a shipment", lambda: _serialised(pipeline["create"]()))
        answer = await line.order(_call(_CREATE, order), deadline)
        made = _text(answer)
        if errors_in(answer):
            raise line.refusals.error_of(answer)
        return await _with_label(line, pipeline, made, answer, deadline)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:
        """Tracking by our reference; the bill of lading can be had again."""
        body = _search(line.account, request, reference)
        answer = await line.client.ask(_call(_BY_REFERENCE, body), deadline)
        if not answer.is_yes:
            raise line.refusals.error_of(answer)
        number = Xml.parse(answer.raw).first("TrackingInformation").first("PIN").text("Value")
        if not number:
            return Found()
        made = (
            "<e><CreateShipmentResponse><ShipmentPIN>"
            f"<Value>{escape(number)}</Value></ShipmentPIN></CreateShipmentResponse></e>"
        )
        payload = {
            "service": request.service,
            "shipper": {"country_code": request.pickup.country},
            "recipient": {"country_code": request.dropoff.country},
            "parcels": [],
        }
        pipeline = line.mapper.build_shipment(payload).body
        return Found(await _with_label(line, pipeline, made, answer, deadline))

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Void the shipment."""
        answer = await line.client.write(_call(_VOID, line.mapper.build_void(number).body), deadline)
        is_no = not answer.is_yes or errors_in(answer)
        is_yes = not is_no and line.mapper.read_void(line.mapper.xml(_text(answer)))
        line.voided(answer, is_yes=is_yes)
        return "voided"

    def track_call(self, line: Line, number: str) -> Call:
        """Tracking by number."""
        return _call(_BY_PIN, line.mapper.build_tracking(number).body)

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """The newest scan by its time."""
        scans = list(Xml.parse(answer.raw).first("TrackingInformation").all("Scan"))
        if not scans:
            return None
        newest = max(scans, key=lambda scan: (scan.text("ScanDate"), scan.text("ScanTime")))
        kind = newest.text("ScanType")
        return Sighting(
            standing_of(kind, newest.text("Description")),
            kind,
            instant_of(newest.text("ScanDate"), newest.text("ScanTime"), "%Y-%m-%d%H%M%S"),
        )


def _serialised(job: Any) -> str:
    body: str = job.data.serialize()
    return body


def _call(service: tuple[str, str], body: str) -> Call:
    path, action = service
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"http://purolator.com/pws/service/{action}"',
    }
    return Call("POST", path, body.encode(), headers)


def _text(answer: Answer) -> str:
    return answer.raw.decode("utf-8", "replace")


def _numbered(payload: dict[str, Any]) -> dict[str, Any]:
    """The same with house numbers apart from the streets: karrio would print them twice."""
    changed = dict(payload)
    for name in ("shipper", "recipient"):
        apart = _HOUSE_NUMBER.fullmatch(payload[name].get("address_line1", ""))
        if apart:
            changed[name] = {
                **payload[name],
                "street_number": apart.group(1),
                "address_line1": apart.group(2),
            }
    return changed


def _search(account: Account, request: BookingRequest, reference: str) -> str:
    day = ship_date(request.ready_at, zone_of(request))
    criteria = {
        "Reference": reference,
        "DestinationPostalCode": request.dropoff.postal_code.replace(" ", ""),
        "DestinationCountryCode": request.dropoff.country,
        "BillingAccountNumber": account["account_number"].reveal(),
        "ShipmentFromDate": (day - _DAYS_AROUND).isoformat(),
        "ShipmentToDate": (day + _DAYS_AROUND).isoformat(),
    }
    fields = "".join(f"<v1:{name}>{escape(value)}</v1:{name}>" for name, value in criteria.items())
    token = escape(account["user_token"].reveal())
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:v1="http://purolator.com/pws/datatypes/v1"><soap:Header><v1:RequestContext>'
        "<v1:Version>1.2</v1:Version><v1:Language>en</v1:Language><v1:GroupID></v1:GroupID>"
        f"<v1:RequestReference></v1:RequestReference><v1:UserToken>{token}</v1:UserToken>"
        "</v1:RequestContext></soap:Header><soap:Body><v1:TrackPackagesByReferenceRequest>"
        f"<v1:TrackPackageByReferenceSearchCriteria>{fields}</v1:TrackPackageByReferenceSearchCriteria>"
        "</v1:TrackPackagesByReferenceRequest></soap:Body></soap:Envelope>"
    )


async def _with_label(line: Line, pipeline: Any, made: str, answer: Answer, deadline: Deadline) -> Label:
    def papers() -> str | None:
        job = pipeline["document"](_DECLARATION.sub("", made))
        body: str | None = job.data.serialize() if job.data is not None else None
        return body

    try:
        wanted = line.mapper.guarded("build a question for documents", papers)
    except MapperFault as fault:
        raise line.refusals.unclear(f"unreadable_{fault.kind}") from None
    paper = ""
    if wanted:
        document = await line.client.ask(_call(_DOCUMENTS, wanted), deadline)
        if document.status >= 500:
            # Bought, but without paper; the repeat finds it by its reference.
            raise line.refusals.unclear("label_not_fetched")
        paper = _text(document) if document.is_yes else ""
    both = "".join(_DECLARATION.sub("", part) for part in (made, paper))
    try:
        value = line.mapper.xml(f"<both>{both}</both>")
    except MapperFault as fault:
        raise line.refusals.unclear(f"unreadable_{fault.kind}") from None
    return await line.label(value, Built(None, {}), answer)
