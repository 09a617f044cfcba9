"""DHL Express: MyDHL API, REST (DHL's developer portal, 2025/26)."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from connectors.calling import Answer, Caller
from connectors.parcel.karrio.carriers.mydhl_words import REFUSALS, standing_of
from connectors.parcel.karrio.client import BasicIdentity, Call, Identity, json_content
from connectors.parcel.karrio.dialect import UNWELCOME, Account, Facts, Found, Line, Sighting, instant_of
from connectors.parcel.karrio.mapper import Built, Label, Piece, Rate
from connectors.parcel.karrio.payloads import Measures, ship_date, zone_of
from connectors.refusing import Family
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.errors import RemoteRefused
from doorstep.json_reading import Json, children, text
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest

FACTS = Facts(
    code="mydhl",
    name="DHL Express",
    module="mydhl",
    production="https://express.api.dhl.com/mydhlapi",
    test="https://express.api.dhl.com/mydhlapi/test",
    credentials=(
        CredentialField("username", "User name", False, "developer.dhl.com, MyDHL API."),
        CredentialField("password", "Password", True, "developer.dhl.com, MyDHL API."),
        CredentialField("account_number", "Account number", False, "Nine digits; the one that is billed."),
        CredentialField("environment", "Environment", False, "production or test.", "production"),
    ),
    required=("username", "password", "account_number"),
    # karrio's requests carry none of DHL's additional services, so nothing special is done at the door.
    limits=CarrierLimits(
        parcel_weight_g=70_000,
        longest_mm=3_000,
        parcels=20,
        refused=UNWELCOME,
        handovers=frozenset({HandoverRequirement.PHONE_NUMBER}),
        dimensional_divisor=5_000,
    ),
    refusals=REFUSALS,
    number=re.compile(r"\d{10}"),
    tracking_page="https://www.dhl.com/global-en/home/tracking/tracking-express.html?submit=1&tracking-id={}",
    is_look_certain=False,
    how_it_looks="tracking by reference, which learns of a label some time after it was made",
    # karrio cuts off what stands behind a side's point.
    measures=Measures(side_step=Decimal(1), kilogram_step=Decimal("0.1")),
    reference_length=35,
)

_OPENS = time(9, 0)
_DAYS_AROUND = timedelta(days=7)


class MyDhl:
    """DHL Express's dialect."""

    facts = FACTS

    def settings(self, account: Account) -> Mapping[str, Any]:
        """Account number and nothing secret."""
        return {"username": "", "password": "", "account_number": account["account_number"].reveal()}

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:  # noqa: ARG002 - the protocol's
        """Basic authentication."""
        return {"": BasicIdentity(account["username"], account["password"])}

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """Nothing can be asked for."""
        return {}

    def rate_call(self, built: Built) -> Call:
        """All products at once."""
        return Call("POST", "/rates", json_content(built.body))

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """One piece a product; of its prices only the one in the billing currency, where it is named."""
        whole = line.mapper.json(answer.raw)
        products = children(whole, "products")
        return [Piece({"products": [_billed(product)]}) for product in products] or [Piece(whole)]

    def remember(self, rate: Rate) -> Mapping[str, str]:
        """Countries name their products differently."""
        local = rate.meta.get("local_product_code")
        return {"local_product_code": str(local)} if local else {}

    async def buy(
        self, line: Line, payload: dict[str, Any], request: BookingRequest, deadline: Deadline
    ) -> Label:
        """One shipment, however many boxes, under our reference."""
        built = line.mapper.build_shipment(payload)
        body = copy.deepcopy(built.body["shipment"])
        body["customerReferences"] = [{"value": payload["reference"], "typeCode": "CU"}]
        # karrio plans it for midnight, which has passed.
        body["plannedShippingDateAndTime"] = planned_at(request)
        if request.booking_data.get("local_product_code"):
            body["localProductCode"] = request.booking_data["local_product_code"]
        answer = await line.order(Call("POST", "/shipments", json_content(body)), deadline)
        return await line.label(line.mapper.json(answer.raw), built, answer)

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:
        """Tracking by our reference; DHL keeps no label, so what is found comes without one."""
        day = ship_date(request.ready_at, zone_of(request))
        query = {
            "shipmentReference": reference,
            "shipmentReferenceType": "CU",
            "shipperAccountNumber": line.account["account_number"].reveal(),
            "dateRangeFrom": (day - _DAYS_AROUND).isoformat(),
            "dateRangeTo": (day + _DAYS_AROUND).isoformat(),
        }
        answer = await line.client.ask(Call("GET", f"/tracking?{urlencode(query)}"), deadline)
        if not answer.is_yes:
            if line.refusals.family_of(answer) is Family.GONE:
                return Found()
            raise line.refusals.error_of(answer)
        numbers = [_number(shipment) for shipment in children(answer.body, "shipments")]
        return Found(Label(numbers[0], "", None)) if numbers and numbers[0] else Found()

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """DHL Express has no such call: a label that nobody scans is never billed. One that was scanned is
        on its way.
        """
        answer = await line.client.ask(self.track_call(line, number), deadline)
        if not answer.is_yes and line.refusals.family_of(answer) is not Family.GONE:
            raise line.refusals.error_of(answer)
        sighting = self.sighting(line, answer, number)
        if sighting is None:
            return "never_handed_over"
        raise RemoteRefused(
            "It is too late: DHL Express already has the goods.",
            system=FACTS.code,
            raw_code=sighting.raw_status,
        )

    def track_call(self, line: Line, number: str) -> Call:  # noqa: ARG002 - the protocol's
        """Tracking by number."""
        path = f"/shipments/{quote(number, safe='')}/tracking?trackingView=all-checkpoints"
        return Call("GET", path)

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:  # noqa: ARG002 - the protocol's
        """The newest event by its time: DHL lists them oldest first. karrio's parser takes the first for the
        newest, and calls DHL for a proof of delivery by itself, so this is read here.
        """
        shipments = children(answer.body, "shipments")
        events = children(shipments[0], "events") if shipments else ()
        if not events:
            return None
        newest = max(events, key=lambda event: (text(event, "date"), text(event, "time")))
        code = text(newest, "typeCode")
        return Sighting(
            standing_of(code),
            code,
            _happened_at(newest),
            _happened_by(text(shipments[0], "estimatedDeliveryDate")),
        )


def planned_at(request: BookingRequest) -> str:
    """When it is handed over, as DHL writes it: 2026-11-23T15:00:00 GMT-05:00."""
    zone = zone_of(request)
    local = request.ready_at.astimezone(zone)
    day = ship_date(request.ready_at, zone)
    at = local if local.date() == day else datetime.combine(day, _OPENS, zone)
    offset = f"{at:%z}"
    return f"{at:%Y-%m-%dT%H:%M:%S} GMT{offset[:3]}:{offset[3:5]}"


def _billed(product: Json) -> Json:
    prices = children(product, "totalPrice")
    billed = [price for price in prices if text(price, "currencyType") == "BILLC"] or list(prices)
    return {**product, "totalPrice": billed}


def _number(shipment: Json) -> str:
    number = shipment.get("shipmentTrackingNumber")
    return str(number) if isinstance(number, int | str) else ""


def _happened_at(event: Json) -> datetime | None:
    written = f"{text(event, 'date')}T{text(event, 'time')}{text(event, 'GMTOffset')}"
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (
        told
        if told.tzinfo is not None
        else instant_of(text(event, "date"), text(event, "time"), "%Y-%m-%d%H:%M:%S")
    )


def _happened_by(day: str) -> datetime | None:
    return instant_of(day[:10], "2359", "%Y-%m-%d%H%M") if day else None
