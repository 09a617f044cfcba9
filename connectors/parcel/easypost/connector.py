"""EasyPost as a carrier: rate, buy exactly once, refund, track, and say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.calling import Answer
from connectors.linking import checked_url, require_credentials
from connectors.parcel.easypost import health, mapping
from connectors.parcel.easypost.client import NAME, SYSTEM, EasyPostClient
from connectors.parcel.easypost.limits import why_not
from connectors.parcel.easypost.rates import read_rates
from connectors.parcel.easypost.refusals import REFUSALS, code_of
from connectors.quoted import is_too_dear
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, instant, text
from doorstep.money import Money
from doorstep.ports import CredentialField
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CARRIER = SYSTEM

CREDENTIALS = (
    CredentialField("api_key", "API key", True, "easypost.com, Account, API keys."),
    CredentialField("webhook_secret", "Webhook secret", True, "The one given to the webhook.", ""),
)

_HOST = "https://api.easypost.com"
_GIVEN_BACK = frozenset({*mapping.VOIDED, "not_applicable"})


def connect(credentials: Mapping[str, Secret], base_url: str) -> EasyPost:
    """Link an account; `base_url` stands for https://api.easypost.com. No input or output.

    Raises
    ------
    InvalidInput
        If the key is missing, or the address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    host = checked_url(base_url.rstrip("/").removesuffix("/v2") or _HOST)
    client = EasyPostClient(host, credentials["api_key"])
    return EasyPost(client, has_webhook_secret=bool(credentials.get("webhook_secret")))


class EasyPost:
    """One key of EasyPost's, with whatever parcel carriers stand behind it."""

    def __init__(self, client: EasyPostClient, *, has_webhook_secret: bool) -> None:
        self._client = client
        self._has_webhook_secret = has_webhook_secret

    @property
    def carrier(self) -> str:
        """Stable code."""
        return CARRIER

    @property
    def mode(self) -> DeliveryMode:
        """Parcels."""
        return DeliveryMode.PARCEL

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Rates of all carriers behind the key.

        With both addresses in full this makes a shipment that `book` can buy; at a checkout that knows no
        more than a postcode it only asks for prices, and `book` rates again.
        """
        deadline = Deadline(budget_s)
        impossible = why_not(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        if not request.dropoff.postal_code:
            sentence = "Parcel carriers need at least the postal code of the delivery address."
            return CarrierAnswer(declined=(Decline(CARRIER, DeclineReason.ADDRESS_PROBLEM, sentence),))
        is_full = not mapping.lacks(request.pickup) and not mapping.lacks(request.dropoff)
        path = "/v2/shipments" if is_full else "/beta/rates"
        answer = await self._client.ask(path, mapping.shipment_body(request, request.reference), deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        return read_rates(answer.body, request)

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Buy one label. EasyPost knows no idempotency keys, so the shipment is read before it is bought:
        one that already has a tracking code is the answer.
        """
        deadline = Deadline(budget_s)
        _require_bookable(request)
        shipment = await self._shipment_for(request, deadline)
        if mapping.is_bought(shipment):
            return mapping.read_booking(shipment, _quoted_price(request))
        rate = None if _is_stale(request) else _affordable(shipment, request)
        if rate is None:
            rate = await self._rate_again(shipment, request, deadline)
        answer = await self._buy(shipment, rate, deadline)
        if REFUSALS.family_of(answer) is Family.REQUOTE and not answer.is_yes:
            rate = await self._rate_again(shipment, request, deadline)
            answer = await self._buy(shipment, rate, deadline)
        return await self._bought(answer, text(shipment, "id"), request, deadline)

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - EasyPost takes no reason
        """Give the label back; carriers allow that until they scan it."""
        deadline = Deadline(budget_s)
        answer = await self._client.write(f"{_path(external_id)}/refund", {}, deadline)
        if answer.is_yes and text(answer.body, "refund_status") in _GIVEN_BACK:
            return _called_off(external_id, answer.body)
        if not answer.is_yes and REFUSALS.family_of(answer) not in {Family.TOO_LATE, Family.NOTHING_BOUGHT}:
            raise REFUSALS.error_of(answer)
        shipment = await self._read(external_id, deadline)
        never_bought = REFUSALS.family_of(answer) is Family.NOTHING_BOUGHT and not mapping.is_bought(shipment)
        if never_bought or mapping.is_void(shipment):
            return _called_off(external_id, shipment)
        raise RemoteRefused(
            "The label can no longer be refunded: the carrier has the parcel, or refused.",
            system=CARRIER,
            raw_code=code_of(answer) or f"refund_{text(shipment, 'refund_status')}",
        )

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where the parcel stands, from the tracker of its shipment."""
        return mapping.read_shipment(await self._read(external_id, Deadline(budget_s)))

    async def check(self) -> tuple[HealthCheck, ...]:
        """Try the key, and look at the webhooks."""
        return await health.check(self._client, has_webhook_secret=self._has_webhook_secret)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _shipment_for(self, request: BookingRequest, deadline: Deadline) -> Json:
        """The shipment to buy: the quoted one if it is still the same parcel to the same door and was not
        given back, else one under the booking key, which a repeat finds again.
        """
        quoted_id = request.booking_data.get("shipment_id", "")
        if quoted_id and request.booking_data.get("made_for") == mapping.made_for(request):
            quoted = await self._read_if_known(quoted_id, deadline)
            if quoted is not None and not mapping.is_void(quoted):
                return quoted
        earlier = await self._read_if_known(request.booking_key, deadline)
        if earlier is not None and not mapping.is_void(earlier):
            return earlier
        body = mapping.shipment_body(request, request.booking_key)
        answer = await self._client.ask("/v2/shipments", body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body

    async def _rate_again(self, shipment: Json, request: BookingRequest, deadline: Deadline) -> Json:
        answer = await self._client.ask(f"{_path(text(shipment, 'id'))}/rerate", {}, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        rate = _affordable(answer.body, request)
        if rate is None:
            raise RemoteRefused(
                "The chosen parcel service is no longer offered for this parcel.",
                system=CARRIER,
                raw_code="SHIPMENT.RATES.UNAVAILABLE",
                kind=IncidentKind.QUOTE_EXPIRED,
            )
        return rate

    async def _buy(self, shipment: Json, rate: Json, deadline: Deadline) -> Answer:
        body = {"rate": {"id": text(rate, "id")}}
        answer = await self._client.write(f"{_path(text(shipment, 'id'))}/buy", body, deadline)
        if answer.status >= 500 or answer.status == 408:
            raise REFUSALS.unclear(code_of(answer) or str(answer.status))
        return answer

    async def _bought(
        self, answer: Answer, shipment_id: str, request: BookingRequest, deadline: Deadline
    ) -> Booking:
        shipment = answer.body
        if not answer.is_yes:
            if REFUSALS.family_of(answer) is not Family.ADOPT:
                raise REFUSALS.error_of(answer)
            shipment = await self._read(shipment_id, deadline)
        if not mapping.is_bought(shipment):
            raise REFUSALS.unclear(code_of(answer) or "no_tracking_code")
        return mapping.read_booking(shipment, _quoted_price(request))

    async def _read(self, external_id: str, deadline: Deadline) -> Json:
        answer = await self._client.read(_path(external_id), deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body

    async def _read_if_known(self, id_or_reference: str, deadline: Deadline) -> Json | None:
        answer = await self._client.read(_path(id_or_reference), deadline)
        if REFUSALS.family_of(answer) is Family.GONE:
            return None
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body


def _require_bookable(request: BookingRequest) -> None:
    impossible = why_not(request)
    lacking = (*mapping.lacks(request.pickup), *mapping.lacks(request.dropoff))
    if impossible is not None:
        raise RemoteRefused(impossible.text, system=CARRIER)
    if lacking:
        raise RemoteRefused(
            f"A label needs full addresses; one lacks {' and '.join(dict.fromkeys(lacking))}.",
            system=CARRIER,
            kind=IncidentKind.ADDRESS_PROBLEM,
        )


def _affordable(shipment: Json, request: BookingRequest) -> Json | None:
    """The chosen service's rate, None where it is not among them.

    Raises
    ------
    RemoteRefused
        With kind QUOTE_EXPIRED, if it costs more than a tenth above what was quoted.
    """
    carrier, _, service = request.service.partition(".")
    data = request.booking_data
    rate = mapping.matching_rate(shipment, data.get("carrier", carrier), data.get("service", service))
    price, quoted = (mapping.rate_price(rate), _quoted_price(request)) if rate else (None, None)
    if rate is None or price is None or quoted is None or "rate" not in data:
        return rate
    if is_too_dear(price, quoted):
        raise RemoteRefused(
            f"The label now costs {price}, more than a tenth above the quoted {quoted}.",
            system=CARRIER,
            raw_code="price_changed",
            kind=IncidentKind.QUOTE_EXPIRED,
        )
    return rate


def _quoted_price(request: BookingRequest) -> Money:
    """The price in the booking data; zero in the order's currency where the offer came from elsewhere."""
    data = request.booking_data
    if "rate" not in data:
        return Money(0, request.value.currency)
    return Money.parse_rounding(data["rate"], data.get("currency", request.value.currency))


def _is_stale(request: BookingRequest) -> bool:
    try:
        return datetime.fromisoformat(request.booking_data["expires_at"]) <= request.asked_at
    except (KeyError, ValueError):
        return False


def _called_off(external_id: str, shipment: Json) -> CarrierUpdate:
    refund = text(shipment, "refund_status") or "none"
    return CarrierUpdate(
        source_event_id=f"{external_id}:refund_{refund}",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status=f"refund_{refund}",
        occurred_at=instant(shipment, "updated_at") or datetime.now(UTC),
        tracking_number=text(shipment, "tracking_code"),
    )


def _path(id_or_reference: str) -> str:
    return f"/v2/shipments/{quote(id_or_reference, safe='')}"
