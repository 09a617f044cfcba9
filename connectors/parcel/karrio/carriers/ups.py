"""UPS: Rating and Shipping API v2409, Tracking v1, Label Recovery v1 (UPS's published OpenAPI, 2025/26)."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.calling import Answer, Caller, Request
from connectors.parcel.karrio.carriers.ups_words import REFUSALS, standing_of
from connectors.parcel.karrio.client import Call, Identity, TokenIdentity, basic, json_content
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting, instant_of
from connectors.parcel.karrio.mapper import Built, Label, Piece, Rate, money_of
from connectors.parcel.karrio.payloads import wants_grown_up, wants_signature
from connectors.quoted import comes_back
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.json_reading import Json, child, children, text
from doorstep.limits import CarrierLimits
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

FACTS = Facts(
    code="ups",
    name="UPS",
    module="ups",
    production="https://onlinetools.ups.com",
    test="https://wwwcie.ups.com",
    credentials=(
        CredentialField("client_id", "Client id", False, "developer.ups.com, My Apps."),
        CredentialField("client_secret", "Client secret", True, "developer.ups.com, My Apps."),
        CredentialField("account_number", "Account number", False, "Six characters; the one that is billed."),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("client_id", "client_secret", "account_number"),
    # 150 lb, 108 in long, 165 in length and girth; larger ones are freight.
    limits=CarrierLimits(
        parcel_weight_g=68_038,
        longest_mm=2_743,
        girth_mm=4_191,
        parcels=20,
        refused=UNWELCOME,
        handovers=frozenset(
            {
                HandoverRequirement.SIGNATURE,
                HandoverRequirement.NO_SAFE_PLACE,
                HandoverRequirement.ADULT_SIGNATURE,
                HandoverRequirement.ID_CHECK,
                HandoverRequirement.PHONE_NUMBER,
            }
        ),
        dimensional_divisor=5_000,
    ),
    refusals=REFUSALS,
    number=re.compile(r"1Z[0-9A-Z]{16}"),
    tracking_page="https://www.ups.com/track?loc=en_US&tracknum={}",
    # Label Recovery found a label 0.7 s after it was bought (seen in a public integration).
    is_look_certain=True,
    how_it_looks="Label Recovery by reference",
    reference_length=35,
    # Return service 9: a label that the shopper prints.
    return_options={"ups_return_service": "ups_print_return_label"},
    stand_in_street="-",
)

_DOMESTIC_REFERENCES = frozenset({"US/US", "PR/PR"})
_DESCRIPTION_LENGTH = 35
_RECOVERY = "/api/labels/v1/recovery"
_VOIDED = "9801040"
_UNKNOWN = frozenset({"9801031"})


class Ups:
    """UPS's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """Account number and nothing secret."""
        number = account["account_number"].reveal()
        return {"client_id": "", "client_secret": "", "account_number": number}

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:
        """OAuth client credentials, sent as a Basic header."""

        def ask() -> Request:
            headers = {"Authorization": basic(account["client_id"], account["client_secret"])}
            form = {"grant_type": "client_credentials"}
            return Request("POST", f"{host}/security/v1/oauth/token", headers, form=form)

        return {"": TokenIdentity(caller, ask)}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:
        """DCIS types: 1 is a signature, 2 a grown-up's."""
        if not wants_signature(request.requirements):
            return {}
        return {"ups_delivery_confirmation": "2" if wants_grown_up(request.requirements) else "1"}

    def rate_call(self, built: Built) -> Call:
        """All services at once, with their days in transit."""
        path = "/api/rating/v2409/Shop?additionalinfo=timeintransit"
        body = copy.deepcopy(built.body)
        shipment = body["RateRequest"]["Shipment"]
        for party in ("Shipper", "ShipTo", "ShipFrom"):
            if shipment[party]["Address"].get("AddressLine") == [FACTS.stand_in_street]:
                del shipment[party]["Address"]["AddressLine"]
        return Call("POST", path, json_content(body))

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a service: karrio stumbles over a service without some of the charges."""
        whole = line.mapper.json(answer.raw)
        shipments = _listed(child(whole, "RateResponse").get("RatedShipment"))
        if not shipments:
            return [Piece(whole)]
        return [
            Piece({"RateResponse": {"RatedShipment": [shipment]}}, _arrives(shipment))
            for shipment in shipments
        ]

    def remember(self, rate: Rate) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """The service is enough."""
        return {}

    async def buy(
        self, line: Line, payload: dict[str, Any], request: BookingRequest, deadline: Deadline
    ) -> Label:
        """One shipment, however many boxes."""
        built = line.mapper.build_shipment(payload)
        body = _mended(built.body, payload["reference"], request)
        answer = await line.order(Call("POST", "/api/shipments/v2409/ship", json_content(body)), deadline)
        whole = line.mapper.json(answer.raw)
        results = child(child(whole, "ShipmentResponse"), "ShipmentResults")
        boxes = _listed(results.get("PackageResults"))
        value = {**whole, "ShipmentResponse": {"ShipmentResults": {**results, "PackageResults": boxes}}}
        label = await line.label(value if results else whole, built, answer)
        return Label(label.number, label.document, _charged(results) or label.price)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:  # noqa: ARG002 - the protocol's
        """Label Recovery by our reference; 9801031 is UPS's "there is none", 9801040 "it was voided"."""
        known_by = {
            "ReferenceValues": {
                "ReferenceNumber": {"Value": reference},
                "ShipperNumber": line.account["account_number"].reveal(),
            }
        }
        answer = await line.client.ask(_recovery_call(known_by), deadline)
        code = line.refusals.code_of(answer)
        if code in _UNKNOWN:
            return Found()
        if code == _VOIDED:
            return Found(was_voided=True)
        if not answer.is_yes:
            raise line.refusals.error_of(answer)
        return Found(_recovered(answer.body))

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Void the shipment; one that was voided before is told by Label Recovery."""
        call = Call("DELETE", f"/api/shipments/v2409/void/cancel/{quote(number, safe='')}")
        answer = await line.client.write(call, deadline)
        is_yes = answer.is_yes and line.mapper.read_void(line.mapper.json(answer.raw))
        if not is_yes and answer.status < 500:
            again = await line.client.ask(_recovery_call({"TrackingNumber": number}), deadline)
            is_yes = line.refusals.code_of(again) == _VOIDED
        line.voided(answer, is_yes=is_yes)
        return "voided"

    def track_call(self, line: Line, number: str) -> Call:  # noqa: ARG002 - the protocol's
        """Tracking by number; UPS wants two headers that name the question."""
        path = f"/api/track/v1/details/{quote(number, safe='')}?locale=en_US"
        return Call("GET", path, headers={"transId": number, "transactionSrc": "doorstep"})

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """The newest activity: UPS lists them newest first."""
        shipments = children(child(answer.body, "trackResponse"), "shipment")
        boxes = children(shipments[0], "package") if shipments else ()
        activities = children(boxes[0], "activity") if boxes else ()
        if not activities:
            return None
        newest = activities[0]
        status = child(newest, "status")
        return Sighting(
            standing_of(text(status, "type"), text(status, "code")),
            f"{text(status, 'type')}.{text(status, 'code')}",
            _happened_at(newest),
            _expected_at(boxes[0]),
        )


def _mended(body: Any, reference: str, request: BookingRequest) -> Any:
    """karrio names a party that pays duties even within one country, and gives the reference to a box only
    there; it has to be on the shipment elsewhere, under our key in both cases.
    """
    mended = copy.deepcopy(body)
    shipment = mended["ShipmentRequest"]["Shipment"]
    ends = f"{request.pickup.country}/{request.dropoff.country}"
    charges = shipment["PaymentInformation"]["ShipmentCharge"]
    if request.pickup.country == request.dropoff.country:
        charges[:] = [charge for charge in charges if charge.get("Type") == "01"]
    printed = [{"Value": reference}, {"Value": request.reference[: FACTS.reference_length]}]
    holders = shipment["Package"] if ends in _DOMESTIC_REFERENCES else [shipment]
    for holder in holders:
        holder["ReferenceNumber"] = printed if request.reference else printed[:1]
    if comes_back(request):
        _own(shipment, request)
    return mended


def _own(shipment: Any, request: BookingRequest) -> None:
    """The shipper of a return is the account's owner, to whom it goes; karrio names the shopper, whose place
    is `ShipFrom`. And UPS wants to know what is in a box that comes back.
    """
    owner = {name: part for name, part in shipment["ShipTo"].items() if name != "CompanyDisplayableName"}
    shipment["Shipper"] = {**owner, "ShipperNumber": shipment["Shipper"]["ShipperNumber"]}
    contents = ", ".join(title for title, _ in request.items)[:_DESCRIPTION_LENGTH]
    for box in shipment["Package"]:
        box.setdefault("Description", contents or "Return")


def _recovery_call(known_by: Mapping[str, Any]) -> Call:
    body = {
        "LabelRecoveryRequest": {
            "Request": {"SubVersion": "1903"},
            # A stock size beside a picture is refused (9801050).
            "LabelSpecification": {"LabelImageFormat": {"Code": "GIF"}},
            **known_by,
        }
    }
    return Call("POST", _RECOVERY, json_content(body))


def _recovered(body: Json) -> Label | None:
    answer = child(body, "LabelRecoveryResponse")
    labels = _listed(answer.get("LabelResults"))
    number = text(answer, "ShipmentIdentificationNumber") or (
        text(labels[0], "TrackingNumber") if labels else ""
    )
    if not number:
        return None
    # Only the first box's: several pictures are no one document.
    picture = text(child(labels[0], "LabelImage"), "GraphicImage") if labels else ""
    return Label(number, picture, None)


def _charged(results: Json) -> Money | None:
    """What the account pays: the negotiated charge where there is one."""
    negotiated = child(child(results, "NegotiatedRateCharges"), "TotalCharge")
    charge = negotiated or child(child(results, "ShipmentCharges"), "TotalCharges")
    return money_of(charge.get("MonetaryValue"), charge.get("CurrencyCode")) if charge else None


def _arrives(shipment: Json) -> str:
    summary = child(child(shipment, "TimeInTransit"), "ServiceSummary")
    return text(child(child(summary, "EstimatedArrival"), "Arrival"), "Date")


def _listed(value: object) -> list[Json]:
    """UPS sends a lone entry of a list without the list."""
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _happened_at(activity: Json) -> datetime | None:
    in_utc = instant_of(text(activity, "gmtDate"), text(activity, "gmtTime").replace(":", ""))
    return in_utc or instant_of(text(activity, "date"), text(activity, "time"))


def _expected_at(box: Json) -> datetime | None:
    days = [text(day, "date") for day in children(box, "deliveryDate") if text(day, "type") in {"SDD", "RDD"}]
    return instant_of(days[-1], "235900") if days else None
