"""Canada Post: Rating v4, Contract Shipping v8 and Tracking v2, in XML (its developer pages, 2025/26)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from connectors.calling import Answer, Caller
from connectors.parcel.karrio.carriers.canada_post_words import REFUSALS, standing_of
from connectors.parcel.karrio.client import BasicIdentity, Call, Identity
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting, instant_of
from connectors.parcel.karrio.mapper import Built, Label, Piece, Rate, money_of
from connectors.parcel.karrio.payloads import wants_signature
from connectors.parcel.karrio.reading_xml import Xml
from connectors.refusing import Family
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

_PAGES = "canadapost.ca, Developer Program, API keys."

FACTS = Facts(
    code="canada_post",
    name="Canada Post",
    module="canadapost",
    production="https://soa-gw.canadapost.ca",
    test="https://ct.soa-gw.canadapost.ca",
    credentials=(
        CredentialField("username", "API user name", False, _PAGES),
        CredentialField("password", "API password", True, _PAGES),
        CredentialField("customer_number", "Customer number", False, "The one that is billed."),
        CredentialField("contract_id", "Contract number", False, "Of the parcel agreement."),
        CredentialField("email", "Email for refunds", False, "Canada Post writes to it about refunds."),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("username", "password", "customer_number", "contract_id", "email"),
    # 30 kg, 2 m long, 3 m length and girth. One label is one parcel.
    limits=CarrierLimits(
        parcel_weight_g=30_000,
        longest_mm=2_000,
        girth_mm=3_000,
        parcels=1,
        countries=frozenset({"CA"}),
        refused=UNWELCOME,
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
    number=re.compile(r"\d{12}|\d{16}|[A-Z]{2}\d{9}CA"),
    tracking_page="https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}",
    # Get Shipments by request id is meant for calls whose answer was lost.
    is_look_certain=True,
    how_it_looks="shipments by request id",
    reference_length=35,
)

_RATES = "application/vnd.cpc.ship.rate-v4+xml"
_SHIPMENTS = "application/vnd.cpc.shipment-v8+xml"
_TRACKING = "application/vnd.cpc.track-v2+xml"
_PRICE_QUOTE = re.compile(r"<price-quote>.*?</price-quote>", re.DOTALL)
_REQUEST_ID = re.compile(r"<customer-request-id>[^<]*</customer-request-id>")


class CanadaPost:
    """Canada Post's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """Customer and contract numbers, and nothing secret."""
        return {
            "username": "",
            "password": "",
            "customer_number": account["customer_number"].reveal(),
            "contract_id": account["contract_id"].reveal(),
        }

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:  # noqa: ARG002 - the protocol's
        """Basic authentication."""
        return {"": BasicIdentity(account["username"], account["password"])}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:
        """A shipment that is transmitted at once needs no manifest."""
        options: dict[str, Any] = {}
        if wants_signature(request.requirements):
            options["canadapost_signature"] = True
        if isinstance(request, BookingRequest):
            options["canadapost_submit_shipment"] = True
        return options

    def rate_call(self, built: Built) -> Call:
        """All services of the one parcel."""
        return Call("POST", "/rs/ship/price", built.body[0].encode(), _talking(_RATES))

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a service; karrio loses the date that goes with it."""
        parts = _PRICE_QUOTE.findall(_text(answer))
        if not parts:
            return [Piece([line.mapper.xml(_text(answer))])]
        return [
            Piece(
                [line.mapper.xml(f"<price-quotes>{part}</price-quotes>")],
                Xml.parse(part.encode()).text("expected-delivery-date"),
            )
            for part in parts
        ]

    def remember(self, rate: Rate) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """The service is enough."""
        return {}

    async def buy(
        self, line: Line, payload: dict[str, Any], request: BookingRequest, deadline: Deadline
    ) -> Label:
        """One shipment under our request id, then its label."""
        # Up to 30 characters of the references are printed; the key has a field of its own.
        printed = request.reference[:30] or payload["reference"][:30]
        built = line.mapper.build_shipment({**payload, "reference": printed})
        ours = f"<customer-request-id>{escape(payload['reference'])}</customer-request-id>"
        body = _REQUEST_ID.sub(ours, built.body[0], count=1)
        call = Call("POST", _shipments_of(line), body.encode(), _talking(_SHIPMENTS))
        answer = await line.order(call, deadline)
        return await _with_label(line, answer, built, deadline)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:  # noqa: ARG002 - the protocol's
        """Get Shipments by our request id; a voided shipment is gone from it."""
        answer = await _shipment_by(line, {"requestId": reference}, deadline)
        if answer is None:
            return Found()
        context = {
            "label_type": "PDF",
            "customer_request_ids": [],
            "manifest_required": False,
            "group_id": None,
        }
        return Found(await _with_label(line, answer, Built(None, context), deadline))

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Void what was not transmitted, else ask for the money back. Judged here and not by karrio, which
        takes an empty list of messages for a success.
        """
        answer = await _shipment_by(line, {"trackingPIN": number}, deadline)
        if answer is None:
            return "voided"
        told = Xml.parse(answer.raw)
        path = f"{_shipments_of(line)}/{quote(told.text('shipment-id'), safe='')}"
        if told.text("shipment-status") == "transmitted":
            email = escape(line.account["email"].reveal())
            body = (
                '<shipment-refund-request xmlns="http://www.canadapost.ca/ws/shipment-v8">'
                f"<email>{email}</email></shipment-refund-request>"
            )
            call = Call("POST", f"{path}/refund", body.encode(), _talking(_SHIPMENTS))
            answer = await line.client.write(call, deadline)
            is_yes = answer.is_yes and bool(Xml.parse(answer.raw).text("service-ticket-id"))
            line.voided(answer, is_yes=is_yes)
            return "refund_requested"
        answer = await line.client.write(Call("DELETE", path, headers=_talking(_SHIPMENTS)), deadline)
        line.voided(answer, is_yes=answer.status in {200, 204} and not answer.raw.strip())
        return "voided"

    def track_call(self, line: Line, number: str) -> Call:  # noqa: ARG002 - the protocol's
        """Tracking by number."""
        headers = {"Accept": _TRACKING, "Accept-language": "en-CA"}
        return Call("GET", f"/vis/track/pin/{quote(number, safe='')}/detail", headers=headers)

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """The newest event by its time."""
        told = Xml.parse(answer.raw)
        events = list(told.all("occurrence"))
        if not events:
            return None
        newest = max(events, key=lambda event: (event.text("event-date"), event.text("event-time")))
        code = newest.text("event-identifier")
        day = told.text("changed-expected-date") or told.text("expected-delivery-date")
        return Sighting(
            standing_of(code),
            code,
            instant_of(newest.text("event-date"), newest.text("event-time"), "%Y-%m-%d%H:%M:%S"),
            instant_of(day, "2359", "%Y-%m-%d%H%M"),
        )


def _talking(kind: str) -> dict[str, str]:
    return {"Content-Type": kind, "Accept": kind, "Accept-language": "en-CA"}


def _shipments_of(line: Line) -> str:
    number = quote(line.account["customer_number"].reveal(), safe="")
    return f"/rs/{number}/{number}/shipment"


def _text(answer: Answer) -> str:
    return answer.raw.decode("utf-8", "replace")


def _links(told: Xml) -> dict[str, Xml]:
    return {link.attribute("rel"): link for link in told.all("link")}


def _following(line: Line, link: Xml, headers: Mapping[str, str]) -> Call:
    return Call("GET", line.client.path_of(link.attribute("href")), headers=headers)


async def _shipment_by(line: Line, query: Mapping[str, str], deadline: Deadline) -> Answer | None:
    """The one shipment that a search finds, None where there is none."""
    search = Call("GET", f"{_shipments_of(line)}?{urlencode(query)}", headers=_talking(_SHIPMENTS))
    found = await line.client.ask(search, deadline)
    if not found.is_yes:
        if line.refusals.family_of(found) is Family.GONE:
            return None
        raise line.refusals.error_of(found)
    link = _links(Xml.parse(found.raw)).get("shipment")
    if link is None:
        return None
    answer = await line.client.ask(_following(line, link, _talking(_SHIPMENTS)), deadline)
    if answer.is_yes:
        return answer
    if line.refusals.family_of(answer) is Family.GONE:
        return None
    raise line.refusals.error_of(answer)


async def _with_label(line: Line, answer: Answer, built: Built, deadline: Deadline) -> Label:
    """The label of a shipment that was made; its picture is fetched from where Canada Post says."""
    told = Xml.parse(answer.raw)
    link = _links(told).get("label")
    document = ""
    if link is not None:
        headers = {"Accept": link.attribute("media-type"), "Accept-language": "en-CA"}
        picture = await line.client.ask(_following(line, link, headers), deadline)
        if picture.status >= 500:
            # Bought, but without paper; the repeat finds it by its request id.
            raise line.refusals.unclear("label_not_fetched")
        document = base64.b64encode(picture.raw).decode() if picture.is_yes else ""
    label = await line.label([(line.mapper.xml(_text(answer)), document)], built, answer)
    due = money_of(told.text("due-amount"), "CAD") if told.text("due-amount") else None
    return Label(label.number, label.document, due or label.price)
