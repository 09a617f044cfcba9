"""USPS: Shipping Options, Domestic Labels and Tracking 3.0 (USPS's published OpenAPI, 2025/26)."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import quote

from connectors.calling import Answer, Caller, Request
from connectors.parcel.karrio.carriers.usps_identity import PAID, PaidIdentity
from connectors.parcel.karrio.carriers.usps_words import CANCELLED, NONE_BY_THIS_KEY, REFUSALS, standing_of
from connectors.parcel.karrio.client import Call, Identity, TokenIdentity, json_content
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting
from connectors.parcel.karrio.mapper import Built, Label, Piece, Rate
from connectors.parcel.karrio.payloads import wants_grown_up, wants_signature
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.json_reading import child, children, instant, text
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

FACTS = Facts(
    code="usps",
    name="USPS",
    module="usps",
    production="https://apis.usps.com",
    test="https://apis-tem.usps.com",
    credentials=(
        CredentialField("client_id", "Consumer key", False, "developers.usps.com, Apps."),
        CredentialField("client_secret", "Consumer secret", True, "developers.usps.com, Apps."),
        CredentialField("account_number", "EPS account number", False, "The one that pays for postage."),
        CredentialField("crid", "CRID", False, "Customer registration id."),
        CredentialField("mid", "MID", False, "Mailer id."),
        CredentialField("manifest_mid", "Manifest MID", False, "Where it is another one.", ""),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("client_id", "client_secret", "account_number", "crid", "mid"),
    # 70 lb; 130 in length and girth (Ground Advantage). One label is one parcel.
    limits=CarrierLimits(
        parcel_weight_g=31_751,
        longest_mm=2_743,
        girth_mm=3_302,
        parcels=1,
        countries=frozenset({"US"}),
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
        dimensional_divisor=6_000,
    ),
    refusals=REFUSALS,
    number=re.compile(r"\d{20,34}|[A-Z]{2}\d{9}US"),
    tracking_page="https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    # A reprint by key found the label 1.7 s after it was bought (seen in a public integration).
    is_look_certain=True,
    how_it_looks="a reprint by idempotency key",
)

_OURS = uuid.UUID("6b6f3f0e-3d0c-5c55-9a55-0d6f2f1f7a10")
_LABEL_PATH = "/labels/v3/label"
_IMAGE = {"imageType": "PDF", "labelType": "4X6LABEL", "receiptOption": "NONE"}


class Usps:
    """USPS's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """Account numbers and nothing secret."""
        return {
            "client_id": "",
            "client_secret": "",
            "account_number": account["account_number"].reveal(),
            "CRID": account["crid"].reveal(),
            "MID": account["mid"].reveal(),
        }

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:
        """OAuth client credentials; labels want a second token, for the payment."""

        def ask() -> Request:
            form = {
                "grant_type": "client_credentials",
                "client_id": account["client_id"].reveal(),
                "client_secret": account["client_secret"].reveal(),
            }
            return Request("POST", f"{host}/oauth2/v3/token", form=form)

        usual = TokenIdentity(caller, ask)
        return {"": usual, PAID: PaidIdentity(caller, usual, account, host)}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:
        """Labels from an EPS account are sold at commercial prices; 921 and 922 are signatures."""
        options: dict[str, Any] = {"usps_price_type": "COMMERCIAL"}
        if wants_grown_up(request.requirements):
            options["usps_adult_signature_required"] = True
        elif wants_signature(request.requirements):
            options["usps_signature_confirmation"] = True
        return options

    def rate_call(self, built: Built) -> Call:
        """All mail classes of the one parcel."""
        return Call("POST", "/shipments/v3/options/search", json_content(built.body[0]))

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a price; karrio loses the date that goes with it."""
        whole = line.mapper.json(answer.raw)
        pieces = [
            Piece(
                [{"pricingOptions": [{"shippingOptions": [{**option, "rateOptions": [priced]}]}]}],
                text(child(priced, "commitment"), "scheduleDeliveryDate"),
            )
            for pricing in children(whole, "pricingOptions")
            for option in children(pricing, "shippingOptions")
            for priced in children(option, "rateOptions")
        ]
        return pieces or [Piece([whole])]

    def remember(self, rate: Rate) -> Mapping[str, str]:
        """A label names the kind of rate that the price was for."""
        names = ("usps_mail_class", "usps_rate_indicator", "usps_processing_category")
        return {name: str(rate.meta[name]) for name in names if rate.meta.get(name)}

    async def buy(
        self, line: Line, payload: dict[str, Any], request: BookingRequest, deadline: Deadline
    ) -> Label:
        """One label; the key only serves to find it again: a repeat with the same key buys a second one."""
        # The key has a header of its own; people read the reference.
        built = line.mapper.build_shipment({**payload, "reference": request.reference[:30]})
        body = copy.deepcopy(built.body[0])
        chosen = request.booking_data
        # karrio takes the kind of rate of no option that reaches it, and names a default instead.
        description = body["packageDescription"]
        for name, field in (
            ("usps_mail_class", "mailClass"),
            ("usps_rate_indicator", "rateIndicator"),
            ("usps_processing_category", "processingCategory"),
        ):
            if chosen.get(name):
                description[field] = chosen[name]
        headers = {"X-Idempotency-Key": key_of(request.booking_key), "Accept": "multipart/form-data"}
        answer = await line.order(Call("POST", _LABEL_PATH, json_content(body), headers, PAID), deadline)
        return await line.label([parts_of(line, answer)], built, answer)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:  # noqa: ARG002 - the protocol's
        """A reprint by our key: 160412 is "no such key", 160979 "cancelled". Each hit spends one of three."""
        headers = {"X-Idempotency-Key": key_of(request.booking_key), "Accept": "multipart/form-data"}
        call = Call("POST", f"{_LABEL_PATH}-reprint", json_content({"imageInfo": _IMAGE}), headers, PAID)
        answer = await line.client.write(call, deadline)
        code = line.refusals.code_of(answer)
        if code == NONE_BY_THIS_KEY:
            return Found()
        if code == CANCELLED:
            return Found(was_voided=True)
        if not answer.is_yes:
            raise line.refusals.error_of(answer)
        return Found(await line.label([parts_of(line, answer)], Built(None, {"label_type": "PDF"}), answer))

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Cancel, or ask for the money back; a label that was cancelled before is told by a reprint."""
        path = f"{_LABEL_PATH}/{quote(number, safe='')}"
        answer = await line.client.write(Call("DELETE", path, identity=PAID), deadline)
        value = line.mapper.json(answer.raw)
        is_yes = answer.is_yes and line.mapper.read_void([(number, value)])
        if not is_yes and answer.status < 500:
            again = Call("POST", f"{_LABEL_PATH}-reprint/{quote(number, safe='')}", b"{}", identity=PAID)
            told = await line.client.write(again, deadline) if not answer.is_yes else answer
            is_yes = line.refusals.code_of(told) == CANCELLED
        line.voided(answer, is_yes=is_yes)
        return text(value, "status") or "CANCELED"

    def track_call(self, line: Line, number: str) -> Call:  # noqa: ARG002 - the protocol's
        """Tracking by number."""
        return Call("GET", f"/tracking/v3/tracking/{quote(number, safe='')}?expand=DETAIL")

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """The category says where it is, the newest event why."""
        body = answer.body
        events = children(body, "trackingEvents")
        category = text(body, "statusCategory")
        if not category and not events:
            return None
        newest = max(
            events, key=lambda event: text(event, "GMTTimestamp") or text(event, "eventTimestamp"), default={}
        )
        code = text(newest, "eventCode")
        return Sighting(
            standing_of(category, code),
            f"{category or text(body, 'status')}.{code}",
            instant(newest, "GMTTimestamp") or instant(newest, "eventTimestamp"),
            _expected_at(text(body, "expectedDeliveryTimeStamp")),
        )


def key_of(booking_key: str) -> str:
    """USPS wants a UUID; the same booking key gives the same one."""
    return str(uuid.uuid5(_OURS, booking_key))


def parts_of(line: Line, answer: Answer) -> Mapping[str, Any]:
    """A label's parts by name, whatever order they come in: metadata as JSON, pictures in base64."""
    kind = answer.headers.get("Content-Type", "")
    if not kind.startswith("multipart/"):
        whole: Mapping[str, Any] = line.mapper.json(answer.raw)
        return whole
    letter = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + answer.raw, policy=policy.HTTP)
    parts: dict[str, Any] = {}
    for part in letter.iter_parts() if letter.is_multipart() else ():
        name = str(part.get_param("name", "", header="content-disposition") or "")
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            is_json = part.get_content_type() == "application/json"
            parts[name] = line.mapper.json(content) if is_json else content.decode("ascii", "replace").strip()
    return parts


def _expected_at(told: str) -> datetime | None:
    return instant({"at": told}, "at") if told else None
