"""Uber Direct as a carrier: quote, book exactly once, cancel, fetch, and say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.calling import Answer
from connectors.couriers.uber_direct import health, mapping
from connectors.couriers.uber_direct.client import SYSTEM, Endpoints, UberClient
from connectors.couriers.uber_direct.limits import why_not
from connectors.couriers.uber_direct.proofs import read_proofs
from connectors.couriers.uber_direct.refusals import REFUSALS, code_of
from connectors.couriers.uber_direct.statuses import return_leg_of
from connectors.couriers.uber_direct.windows import Windows, plan_windows
from connectors.linking import checked_url, require_credentials
from connectors.quoted import is_too_dear, too_dear, wanted_window
from connectors.refusing import Family
from doorstep.booking import Booking, BookingChange, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.money import Money
from doorstep.ports import CredentialField
from doorstep.proof import Proof
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CARRIER = SYSTEM

CREDENTIALS = (
    CredentialField("customer_id", "Customer id", False, "direct.uber.com, Developer, Settings."),
    CredentialField("client_id", "Client id", False, "Beside the customer id."),
    CredentialField("client_secret", "Client secret", True, "Beside the customer id."),
    CredentialField("webhook_secret", "Webhook signing key", True, "Given when the webhook is made.", ""),
    CredentialField("token_url", "Sign-in address", False, "Only where it is not Uber's own.", ""),
    CredentialField(
        "robo_courier", "Test courier", False, '"yes" lets Uber\'s robot drive; test accounts only.', ""
    ),
)

NAME = "Uber Direct"

_HOST = "https://api.uber.com"
_TOKEN_URL = "https://auth.uber.com/oauth/v2/token"  # noqa: S105 - an address, not a secret
_PAGES_TO_SEARCH = 3
_PAGE = 100
# The reasons that Uber's API takes for cancelling (seen in public integrations).
_CANCEL_REASONS = frozenset(
    "out_of_items store_closed customer_called_to_cancel store_too_busy courier_delayed_en_route_to_pickup "
    "too_expensive delivery_vehicle_too_small no_courier_assigned other".split()
)


def connect(credentials: Mapping[str, Secret], base_url: str) -> UberDirect:
    """Link an account; `base_url` stands for https://api.uber.com. No input or output.

    Raises
    ------
    InvalidInput
        If a credential is missing, or an address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    host = checked_url(base_url.rstrip("/").removesuffix("/v1") or _HOST)
    token_url = credentials.get("token_url", Secret("")).reveal()
    if not token_url:
        token_url = _TOKEN_URL if host == _HOST else f"{host}/oauth/v2/token"
    client = UberClient(
        Endpoints(f"{host}/v1", checked_url(token_url, "token_url")),
        credentials["customer_id"].reveal(),
        credentials["client_id"],
        credentials["client_secret"],
    )
    robo_courier = credentials.get("robo_courier", Secret("")).reveal().lower() in {"yes", "true", "1"}
    return UberDirect(
        client, robo_courier=robo_courier, has_signing_key=bool(credentials.get("webhook_secret"))
    )


class UberDirect:
    """One customer's account with Uber Direct."""

    def __init__(self, client: UberClient, *, robo_courier: bool, has_signing_key: bool) -> None:
        self._client = client
        self._robo_courier = robo_courier
        self._has_signing_key = has_signing_key

    @property
    def carrier(self) -> str:
        """Stable code."""
        return CARRIER

    @property
    def mode(self) -> DeliveryMode:
        """Couriers."""
        return DeliveryMode.COURIER

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Ask for one offer: as soon as possible, or within the wanted window."""
        deadline = Deadline(budget_s)
        impossible = why_not(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        windows = plan_windows(request.asked_at, request.ready_at, request.delivery_window)
        if isinstance(windows, Decline):
            return CarrierAnswer(declined=(windows,))
        answer = await self._client.ask("/delivery_quotes", mapping.quote_body(request, windows), deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        offer = mapping.read_quote(answer.body, request)
        if offer.price.currency != request.value.currency:
            sentence = f"Uber Direct charges in {offer.price.currency} here, not in {request.value.currency}."
            return CarrierAnswer(declined=(Decline(CARRIER, DeclineReason.RULE, sentence),))
        return CarrierAnswer(quotes=(offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Book once for one key: Uber's own idempotency for an hour, and after that we look before we write.

        A quote that no longer holds is asked for once more; a price more than a tenth above the quoted one
        is refused with kind QUOTE_EXPIRED.
        """
        deadline = Deadline(budget_s)
        try:
            windows = _windows_or_refuse(request)
        except RemoteRefused:
            # What cannot be booked any more may have been booked in a call whose answer was lost.
            earlier = await self._find(request.booking_key, deadline)
            if earlier is None:
                raise
            return mapping.read_booking(earlier, _quoted_price(request))
        quote_id = request.booking_data.get("quote_id", "")
        quoted = _quoted_price(request)
        if quote_id and not _is_past(request.booking_data.get("expires_at", ""), request.asked_at):
            answer = await self._create(request, quote_id, windows, deadline)
            if answer.is_yes or REFUSALS.family_of(answer) is not Family.REQUOTE:
                return await self._booked(answer, request, quoted, deadline)
        # A used or expired quote may have been used by ourselves, in a call whose answer was lost.
        earlier = await self._find(request.booking_key, deadline)
        if earlier is not None:
            return mapping.read_booking(earlier, quoted)
        quote_id, quoted = await self._quote_again(request, windows, deadline)
        answer = await self._create(request, quote_id, windows, deadline)
        return await self._booked(answer, request, quoted, deadline)

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        """Call it off; Uber allows that until the courier has the goods."""
        deadline = Deadline(budget_s)
        body = {"reason": reason if reason in _CANCEL_REASONS else "other"}
        answer = await self._client.write(f"{_path(external_id)}/cancel", body, deadline)
        if answer.is_yes:
            return _called_off(external_id, answer.body)
        if REFUSALS.family_of(answer) is Family.TOO_LATE:
            current = await self._client.read(_path(external_id), deadline)
            if current.is_yes and text(current.body, "status") == "canceled":
                return _called_off(external_id, current.body)
        raise REFUSALS.error_of(answer)

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where it stands; a delivery that is on its way back is followed on its return leg."""
        deadline = Deadline(budget_s)
        delivery = await self._read_delivery(external_id, deadline)
        return_leg = return_leg_of(delivery)
        update = _update(delivery)
        if return_leg and update.status is DeliveryStatus.RETURNING:
            way_back = _update(await self._read_delivery(return_leg, deadline))
            if way_back.status is DeliveryStatus.RETURNED:
                return way_back
        return update

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        """Correct the instructions for the door; Uber changes neither door nor window nor contents."""
        deadline = Deadline(budget_s)
        if change.dropoff is not None or change.window is not None or change.items is not None:
            sentence = "Uber Direct changes the instructions of a delivery and nothing else."
            raise RemoteRefused(sentence, system=CARRIER, raw_code="not_changeable")
        if change.instructions is None:
            return _update(await self._read_delivery(external_id, deadline))
        body = {"dropoff_notes": change.instructions[: mapping.NOTES_LENGTH]}
        answer = await self._client.write(_path(external_id), body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return _update(answer.body)

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """Pictures, signatures, PINs and scans of the pickup and of the door."""
        return read_proofs(await self._read_delivery(external_id, Deadline(budget_s)))

    async def check(self) -> tuple[HealthCheck, ...]:
        """Sign in, look at the account, and at the signing key."""
        return await health.check(self._client, has_signing_key=self._has_signing_key)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _create(
        self, request: BookingRequest, quote_id: str, windows: Windows, deadline: Deadline
    ) -> Answer:
        body = mapping.create_body(request, quote_id, windows, robo_courier=self._robo_courier)
        answer = await self._client.write("/deliveries", body, deadline)
        # Uber's own 503 says that it did nothing; a nameless 5xx or a time-out inside Uber does not.
        is_unclear = answer.status in {408, 500, 502, 504} or (answer.status >= 500 and not code_of(answer))
        if is_unclear:
            raise REFUSALS.unclear(code_of(answer) or str(answer.status))
        return answer

    async def _booked(
        self, answer: Answer, request: BookingRequest, quoted: Money, deadline: Deadline
    ) -> Booking:
        if answer.is_yes:
            return mapping.read_booking(answer.body, quoted)
        if REFUSALS.family_of(answer) is Family.ADOPT:
            existing_id = text(child(answer.body, "metadata"), "delivery_id")
            existing = await self._read_delivery(existing_id, deadline) if existing_id else {}
            # One with another key of ours carries other goods under the same reference: adopting it would
            # leave these goods standing.
            if text(existing, "external_id") in {"", request.booking_key} and text(existing, "id"):
                return mapping.read_booking(existing, quoted)
        raise REFUSALS.error_of(answer)

    async def _quote_again(
        self, request: BookingRequest, windows: Windows, deadline: Deadline
    ) -> tuple[str, Money]:
        answer = await self._client.ask("/delivery_quotes", mapping.quote_body(request, windows), deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        price, quote_id = mapping.quoted_price(answer.body), text(answer.body, "id")
        if price is None or not quote_id:
            raise RemoteUnavailable("Uber Direct's quote lacks its price.", system=CARRIER)
        before = _quoted_price(request)
        if "fee" in request.booking_data and is_too_dear(price, before):
            raise too_dear(price, before, system=CARRIER, name=NAME, raw_code="mismatched_price_quote")
        return quote_id, price

    async def _find(self, booking_key: str, deadline: Deadline) -> Json | None:
        """The delivery that was made with this key, among the newest three hundred."""
        for page in range(_PAGES_TO_SEARCH):
            answer = await self._client.read(f"/deliveries?limit={_PAGE}&offset={page * _PAGE}", deadline)
            if not answer.is_yes:
                raise REFUSALS.error_of(answer)
            listed = children(answer.body, "data")
            for delivery in listed:
                if text(delivery, "external_id") == booking_key:
                    return delivery
            if len(listed) < _PAGE:
                return None
        return None

    async def _read_delivery(self, external_id: str, deadline: Deadline) -> Json:
        answer = await self._client.read(_path(external_id), deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body


def _windows_or_refuse(request: BookingRequest) -> Windows:
    impossible = why_not(request)
    if impossible is not None:
        is_address = impossible.reason is DeclineReason.ADDRESS_PROBLEM
        raise _refused(impossible, IncidentKind.ADDRESS_PROBLEM if is_address else IncidentKind.OTHER)
    windows = plan_windows(request.asked_at, request.ready_at, wanted_window(request.booking_data))
    if isinstance(windows, Decline):
        raise _refused(windows, IncidentKind.LATE_RISK)
    return windows


def _refused(decline: Decline, kind: IncidentKind) -> RemoteRefused:
    return RemoteRefused(decline.text, system=CARRIER, raw_code=decline.raw_code, kind=kind)


def _path(external_id: str) -> str:
    return f"/deliveries/{quote(external_id, safe='')}"


def _quoted_price(request: BookingRequest) -> Money:
    """The price in the booking data; zero in the order's currency where the offer came from elsewhere."""
    fee = request.booking_data.get("fee", "")
    currency = request.booking_data.get("currency", request.value.currency)
    return Money(int(fee) if fee.isdecimal() else 0, currency)


def _is_past(instant_text: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(instant_text) <= now
    except ValueError:
        return False


def _update(delivery: Json) -> CarrierUpdate:
    at = instant(delivery, "updated") or instant(delivery, "created") or datetime.now(UTC)
    near = "near" if delivery.get("courier_imminent") is True else "far"
    event_id = f"{text(delivery, 'id')}:{text(delivery, 'status')}:{near}:{at.isoformat()}"
    return mapping.read_update(delivery, source_event_id=event_id, occurred_at=at)


def _called_off(external_id: str, delivery: Json) -> CarrierUpdate:
    """The answer to our own cancelling: no incident, whatever reason Uber files it under."""
    at = instant(delivery, "updated") or datetime.now(UTC)
    return CarrierUpdate(
        source_event_id=f"{external_id}:canceled",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status=text(delivery, "status") or "canceled",
        occurred_at=at,
    )
