"""FedEx: Rate v1, Ship v1 and Track v1 (FedEx's developer portal, 2025/26)."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.calling import Answer, Caller, Request
from connectors.parcel.karrio.carriers.fedex_words import REFUSALS, standing_of
from connectors.parcel.karrio.client import Call, Identity, TokenIdentity, json_content
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting
from connectors.parcel.karrio.mapper import Built, Label, Piece, Rate, money_of
from connectors.parcel.karrio.payloads import ship_date, wants_grown_up, wants_signature, zone_of
from connectors.refusing import Family
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.limits import CarrierLimits
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

_PORTAL = "developer.fedex.com, the project's test or production key."

FACTS = Facts(
    code="fedex",
    name="FedEx",
    module="fedex",
    production="https://apis.fedex.com",
    test="https://apis-sandbox.fedex.com",
    credentials=(
        CredentialField("api_key", "API key", False, _PORTAL),
        CredentialField("secret_key", "Secret key", True, _PORTAL),
        CredentialField("account_number", "Account number", False, "Nine digits; the one that is billed."),
        CredentialField("track_api_key", "Tracking API key", False, "Of the project for tracking."),
        CredentialField("track_secret_key", "Tracking secret key", True, "Of the project for tracking."),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("api_key", "secret_key", "account_number", "track_api_key", "track_secret_key"),
    # 150 lb, 119 in long (express), 165 in length and girth.
    limits=CarrierLimits(
        parcel_weight_g=68_038,
        longest_mm=3_022,
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
    number=re.compile(r"\d{12}|\d{15}|\d{20}|\d{22}"),
    tracking_page="https://www.fedex.com/fedextrack/?trknbr={}",
    is_look_certain=False,
    return_options={"fedex_return_shipment": True},
    how_it_looks="tracking by reference, which learns of a label some time after it was made",
)

_TRACKING = "tracking"
_LOCALE = {"x-locale": "en_US"}
_DAYS_AROUND = timedelta(days=7)
_NUMBERS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN".split()


class FedEx:
    """FedEx's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """Account number and nothing secret."""
        return {"account_number": account["account_number"].reveal()}

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:
        """OAuth client credentials; tracking has a project, and so a key, of its own."""

        def identity(prefix: str) -> Identity:
            def ask() -> Request:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": account[f"{prefix}api_key"].reveal(),
                    "client_secret": account[f"{prefix}secret_key"].reveal(),
                }
                return Request("POST", f"{host}/oauth/token", form=form)

            return TokenIdentity(caller, ask)

        return {"": identity(""), _TRACKING: identity("track_")}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:
        """ADULT looks at an identity card as well."""
        if not wants_signature(request.requirements):
            return {}
        return {"fedex_signature_option": "ADULT" if wants_grown_up(request.requirements) else "DIRECT"}

    def rate_call(self, built: Built) -> Call:
        """All services at once."""
        return Call("POST", "/rate/v1/rates/quotes", json_content(built.body), _LOCALE)

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a service."""
        whole = line.mapper.json(answer.raw)
        output = child(whole, "output")
        details = children(output, "rateReplyDetails")
        if not details:
            return [Piece(whole)]
        # The alerts come once, with the first piece.
        rest = {**output, "alerts": []}
        firsts = [output] + [rest] * (len(details) - 1)
        return [
            Piece({"output": {**outer, "rateReplyDetails": [detail]}}, days=_days_of(detail))
            for outer, detail in zip(firsts, details, strict=True)
        ]

    def remember(self, rate: Rate) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """The service is enough."""
        return {}

    async def buy(
        self,
        line: Line,
        payload: dict[str, Any],
        request: BookingRequest,
        deadline: Deadline,
    ) -> Label:
        """One shipment, however many boxes."""
        built = line.mapper.build_shipment(payload)
        body = copy.deepcopy(built.body)
        if request.pickup.country == request.dropoff.country:
            # karrio asks for a commercial invoice within one country too.
            body["requestedShipment"].pop("shippingDocumentSpecification", None)
        answer = await line.order(Call("POST", "/ship/v1/shipments", json_content(body), _LOCALE), deadline)
        whole = _without_links(line.mapper.json(answer.raw))
        label = await line.label(whole, built, answer)
        return Label(label.number, label.document, _charged(whole) or label.price)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:
        """Tracking by our reference; FedEx keeps no label, so what is found comes without one."""
        day = ship_date(request.ready_at, zone_of(request))
        body = {
            "includeDetailedScans": False,
            "referencesInformation": {
                "type": "CUSTOMER_REFERENCE",
                "value": reference,
                "accountNumber": line.account["account_number"].reveal(),
                "shipDateBegin": (day - _DAYS_AROUND).isoformat(),
                "shipDateEnd": (day + _DAYS_AROUND).isoformat(),
            },
        }
        call = Call("POST", "/track/v1/referencenumbers", json_content(body), _LOCALE, _TRACKING)
        answer = await line.client.ask(call, deadline)
        if not answer.is_yes:
            if line.refusals.family_of(answer) is Family.GONE:
                return Found()
            raise line.refusals.error_of(answer)
        for result in _results(answer.body):
            number = text(child(result, "trackingNumberInfo"), "trackingNumber")
            if number and not child(result, "error"):
                status = child(result, "latestStatusDetail")
                standing = standing_of(text(status, "code"), _reasons(status))
                if standing.status is DeliveryStatus.CANCELLED:
                    return Found(was_voided=True)
                return Found(Label(number, "", None))
        return Found()

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Delete all boxes of the shipment."""
        call = Call(
            "PUT", "/ship/v1/shipments/cancel", json_content(line.mapper.build_void(number).body), _LOCALE
        )
        answer = await line.client.write(call, deadline)
        is_yes = answer.is_yes and line.mapper.read_void(line.mapper.json(answer.raw))
        line.voided(answer, is_yes=is_yes)
        return "cancelled"

    def track_call(self, line: Line, number: str) -> Call:
        """Tracking by number."""
        body = json_content(line.mapper.build_tracking(number).body)
        return Call("POST", "/track/v1/trackingnumbers", body, _LOCALE, _TRACKING)

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """Read here and not by karrio: its parser calls FedEx for a proof of delivery by itself."""
        results = [result for result in _results(answer.body) if not child(result, "error")]
        if not results:
            return None
        status = child(results[0], "latestStatusDetail")
        code = text(status, "code") or text(status, "derivedCode")
        scans = [at for scan in children(results[0], "scanEvents") if (at := instant(scan, "date"))]
        window = child(child(results[0], "estimatedDeliveryTimeWindow"), "window")
        return Sighting(
            standing_of(code, _reasons(status)),
            code,
            max(scans, default=None),
            instant(window, "ends") or instant(window, "begins"),
        )


def _days_of(detail: Json) -> int | None:
    """FedEx Ground has no date, but THREE_DAYS."""
    word, _, unit = text(child(detail, "operationalDetail"), "transitTime").partition("_")
    return _NUMBERS.index(word) if word in _NUMBERS and unit.startswith("DAY") else None


def _results(body: Json) -> list[Json]:
    return [
        result
        for whole in children(child(body, "output"), "completeTrackResults")
        for result in children(whole, "trackResults")
    ]


def _reasons(status: Json) -> tuple[str, ...]:
    return tuple(text(detail, "reason") for detail in children(status, "ancillaryDetails"))


def _without_links(value: Any) -> Any:
    """The same answer without documents that are mere links: karrio would fetch them, with nobody's
    credentials.
    """
    if isinstance(value, Mapping):
        return {name: _without_links(inner) for name, inner in value.items() if name != "url"}
    if isinstance(value, list):
        return [_without_links(entry) for entry in value if not _is_link(entry)]
    return value


def _is_link(entry: Any) -> bool:
    return isinstance(entry, Mapping) and "url" in entry and not entry.get("encodedLabel")


def _charged(whole: Json) -> Money | None:
    """What the account pays, as far as the answer says."""
    for shipment in children(child(whole, "output"), "transactionShipments"):
        rating = child(child(shipment, "completedShipmentDetail"), "shipmentRating")
        details = children(rating, "shipmentRateDetails")
        preferred = [entry for entry in details if "ACCOUNT" in text(entry, "rateType")] or list(details)
        for detail in preferred:
            price = money_of(detail.get("totalNetCharge"), detail.get("currency"))
            if price is not None:
                return price
    return None
