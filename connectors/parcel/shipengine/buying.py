"""Buying a label exactly once.

The label is bought under the booking key as `external_shipment_id`, which ShipEngine takes once (its guide to
shipments, 2026: a repeated one is an error), so that two purchases at a time cannot both succeed. Hence the
purchase names the offer's account, service and packaging, and not its rate id: the shipment behind a rate is
older than the key and its external id cannot be changed (ShipEngine's guide to external identifiers, 2026),
so that a lost answer could not be looked up by the key. A remembered offer would give one rate id to two
orders besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from connectors.calling import Answer
from connectors.parcel.shipengine import mapping, shipments
from connectors.parcel.shipengine.accounts import AccountBook
from connectors.parcel.shipengine.client import SYSTEM, ShipEngineClient
from connectors.parcel.shipengine.limits import why_not
from connectors.parcel.shipengine.rates import cheapest
from connectors.parcel.shipengine.refusals import REFUSALS, code_of
from connectors.quoted import is_too_dear
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest
from doorstep.deadline import Deadline
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text
from doorstep.money import InvalidAmount, Money, UnknownCurrency


@dataclass(frozen=True, slots=True)
class Terms:
    """What is bought, and for how much."""

    carrier_id: str
    service_code: str
    package_code: str
    price: Money


class Counter:
    """Sells for one key."""

    def __init__(self, client: ShipEngineClient, accounts: AccountBook) -> None:
        self._client = client
        self._accounts = accounts

    async def buy(self, request: BookingRequest, deadline: Deadline) -> Booking:
        """Buy one label, or find the one that was bought under the same key.

        Raises
        ------
        RemoteRefused
            If the label cannot be had, costs more than a tenth above the offer, or was voided since.
        UnknownOutcome
            If it may have been bought.
        """
        _require_bookable(request)
        quoted = _quoted_price(request)
        earlier = await self._bought_under(request.booking_key, deadline)
        if earlier is not None:
            return _booked(earlier, quoted or Money(0, request.value.currency))
        terms = _still_standing(request, quoted) or await self._rated_again(request, quoted, deadline)
        body = shipments.label_body(
            request,
            carrier_id=terms.carrier_id,
            service_code=terms.service_code,
            package_code=terms.package_code,
        )
        answer = await self._client.write("POST", "/labels", body, deadline)
        if answer.is_yes and mapping.is_bought(answer.body):
            return _booked(answer.body, terms.price)
        return await self._made_clear(answer, request.booking_key, terms.price, deadline)

    async def _made_clear(self, answer: Answer, key: str, price: Money, deadline: Deadline) -> Booking:
        """What an answer means that is no label."""
        if answer.is_yes:
            if text(answer.body, "status") == "error":
                raise RemoteRefused("The carrier made no label.", system=SYSTEM, raw_code="label_error")
            raise REFUSALS.unclear("no_label")
        family = REFUSALS.family_of(answer)
        if family is Family.RETRY:
            raise REFUSALS.unclear(code_of(answer) or str(answer.status))
        if family is not Family.ADOPT:
            raise REFUSALS.error_of(answer)
        label = await self._bought_under(key, deadline)
        if label is None:
            # The key is taken and its label is not there yet: another try is still at it.
            raise REFUSALS.unclear(code_of(answer))
        return _booked(label, price)

    async def _bought_under(self, key: str, deadline: Deadline) -> Json | None:
        answer = await self._client.read(f"/labels/external_shipment_id/{quote(key, safe='')}", deadline)
        if answer.is_yes:
            return answer.body if text(answer.body, "label_id") else None
        if answer.status == 404 or REFUSALS.family_of(answer) is Family.GONE:
            return None
        raise REFUSALS.error_of(answer)

    async def _rated_again(self, request: BookingRequest, quoted: Money | None, deadline: Deadline) -> Terms:
        """A price of today for the chosen service, where the offer's was an estimate, is too old, or was for
        another door or parcel.
        """
        carrier, _, service = request.service.partition(".")
        accounts = await self._accounts.read(deadline)
        if isinstance(accounts, Answer):
            raise REFUSALS.error_of(accounts)
        ids = accounts.of_carrier(carrier)
        if not ids:
            raise _gone()
        body = shipments.rates_body(request, ids, service_code=service)
        answer = await self._client.ask("/rates", body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        rates = children(child(answer.body, "rate_response"), "rates")
        found = cheapest(rates).get(request.service)
        if found is None:
            raise _gone()
        if quoted is not None and is_too_dear(found.price, quoted):
            raise RemoteRefused(
                f"The label now costs {found.price}, more than a tenth above the quoted {quoted}.",
                system=SYSTEM,
                raw_code="price_changed",
                kind=IncidentKind.QUOTE_EXPIRED,
            )
        return Terms(text(found.rate, "carrier_id"), service, found.package_code, found.price)


def _require_bookable(request: BookingRequest) -> None:
    impossible = why_not(request)
    lacking = (*shipments.lacks(request.pickup), *shipments.lacks(request.dropoff))
    if impossible is not None:
        raise RemoteRefused(impossible.text, system=SYSTEM)
    if lacking:
        raise RemoteRefused(
            f"A label needs full addresses; one lacks {' and '.join(dict.fromkeys(lacking))}.",
            system=SYSTEM,
            kind=IncidentKind.ADDRESS_PROBLEM,
        )
    if len(request.booking_key) > shipments.LONGEST_KEY:
        raise RemoteRefused(
            f"ShipEngine keeps {shipments.LONGEST_KEY} characters of a booking key; this one is longer.",
            system=SYSTEM,
        )


def _still_standing(request: BookingRequest, quoted: Money | None) -> Terms | None:
    """What was offered, while it is fresh and for the same parcels to the same door."""
    data = request.booking_data
    if quoted is None or data.get("made_for") != shipments.made_for(request) or _is_stale(request):
        return None
    carrier_id, service_code = data.get("carrier_id", ""), data.get("service_code", "")
    if not carrier_id or not service_code:
        return None
    return Terms(carrier_id, service_code, data.get("package_code", ""), quoted)


def _quoted_price(request: BookingRequest) -> Money | None:
    """The price in the booking data; None where the offer came from elsewhere."""
    data = request.booking_data
    try:
        return Money.parse_rounding(data["price"], data["currency"])
    except (KeyError, InvalidAmount, UnknownCurrency):
        return None


def _is_stale(request: BookingRequest) -> bool:
    try:
        return datetime.fromisoformat(request.booking_data["expires_at"]) <= request.asked_at
    except (KeyError, ValueError):
        return True


def _booked(label: Json, quoted: Money) -> Booking:
    if mapping.is_void(label):
        raise RemoteRefused(
            "The label of this booking was voided. Book again under another key.",
            system=SYSTEM,
            raw_code="label_voided",
        )
    if not mapping.is_bought(label):
        raise RemoteRefused("The carrier made no label.", system=SYSTEM, raw_code="label_error")
    return mapping.read_booking(label, quoted)


def _gone() -> RemoteRefused:
    return RemoteRefused(
        "The chosen parcel service is no longer offered for this parcel.",
        system=SYSTEM,
        raw_code="no_rates_returned",
        kind=IncidentKind.QUOTE_EXPIRED,
    )
