"""Lalamove as a carrier: quote, book, cancel, fetch, change, raise the offer, show proof, and check."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.calling import Answer
from connectors.couriers.lalamove import changing, health, mapping
from connectors.couriers.lalamove.booking import Bookings, order_path
from connectors.couriers.lalamove.client import LalamoveClient, data_of
from connectors.couriers.lalamove.heard import Heard
from connectors.couriers.lalamove.markets import Market, market_of
from connectors.couriers.lalamove.planning import LIMITS, Plan, plan_pickup, why_not, with_road
from connectors.couriers.lalamove.refusals import REFUSALS
from connectors.couriers.lalamove.statuses import NOBODY_COMES
from connectors.couriers.lalamove.terms import identifier, read_terms
from connectors.couriers.lalamove.vehicles import City, Service, read_cities, services_for
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from connectors.linking import checked_url
from connectors.refusing import Family
from doorstep.booking import Booking, BookingChange, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, RemoteError, RemoteRefused
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, text
from doorstep.limits import why_not as beyond_limits
from doorstep.money import Money
from doorstep.ports import CredentialField
from doorstep.proof import Proof
from doorstep.quote import CarrierAnswer, CarrierQuote, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CREDENTIALS = (
    CredentialField("api_key", "API key", False, "Partner Portal, Developers; pk_prod_… or pk_test_…."),
    CredentialField("api_secret", "API secret", True, "Beside the API key; it signs the webhooks too."),
    CredentialField("market", "Market", False, "Two letters of the country, such as HK, SG or MX."),
)

_HOST = "https://rest.lalamove.com"
_SANDBOX = "https://rest.sandbox.lalamove.com"
_SANDBOX_KEY = "pk_test_"
_CITIES_LAST_S = 6 * 3600.0
_SERVICES_ASKED = 2


def connect(credentials: Mapping[str, Secret], base_url: str, heard: Heard) -> Lalamove:
    """Link an account; "" for `base_url` is Lalamove's host for the kind of key. No input or output.

    Raises
    ------
    InvalidInput
        If a credential is missing or no market, or an address is neither https nor on this machine.
    """
    for field in CREDENTIALS:
        if not credentials.get(field.name):
            raise InvalidInput(f"{NAME} needs the {field.label}.", path=(field.name,))
    key = credentials["api_key"].reveal().strip()
    code = credentials["market"].reveal().strip().upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise InvalidInput("market must be the two letters of a country, such as HK.", path=("market",))
    own = _SANDBOX if key.startswith(_SANDBOX_KEY) else _HOST
    host = checked_url(base_url.rstrip("/").removesuffix("/v3") or own)
    client = LalamoveClient(host, key, credentials["api_secret"], code)
    return Lalamove(client, market_of(code), heard, key)


class Lalamove:
    """One account with Lalamove in one market."""

    def __init__(self, client: LalamoveClient, market: Market, heard: Heard, account: str) -> None:
        self._client = client
        self._market = market
        self._bookings = Bookings(client, market, heard, account)
        self._cities: tuple[City, ...] = ()
        self._cities_end_s = 0.0
        self._cities_lock = asyncio.Lock()

    @property
    def carrier(self) -> str:
        """Stable code."""
        return SYSTEM

    @property
    def mode(self) -> DeliveryMode:
        """Couriers."""
        return DeliveryMode.COURIER

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Ask for the two smallest services that take the goods, at once."""
        deadline = Deadline(budget_s)
        impossible = why_not(self._market.code, request.pickup, request.dropoff, request.parcels)
        impossible = impossible or beyond_limits(SYSTEM, NAME, LIMITS, request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        way = (request.pickup, request.dropoff)
        plan = plan_pickup(request.asked_at, request.ready_at, request.delivery_window, way)
        if isinstance(plan, Decline):
            return CarrierAnswer(declined=(plan,))
        services = services_for(
            await self._offered(deadline),
            request.pickup.city,
            request.parcels,
            request.vehicle,
            _SERVICES_ASKED,
        )
        if not services:
            sentence = f"{NAME} has no vehicle here that takes these goods."
            return CarrierAnswer(declined=(Decline(SYSTEM, DeclineReason.VEHICLE_MISMATCH, sentence),))
        asked = (self._quote_service(request, service, plan, deadline) for service in services)
        return _together(await asyncio.gather(*asked, return_exceptions=True))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Book once for one key, as far as Lalamove lets that be known: see `booking`."""
        return await self._bookings.book(request, Deadline(budget_s))

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - Lalamove asks for none
        """Call it off: while a driver is sought, and for five minutes after one was found."""
        deadline = Deadline(budget_s)
        answer = await self._client.write("DELETE", order_path(external_id), None, deadline)
        if answer.is_yes:
            return _called_off(external_id, "CANCELED")
        if REFUSALS.family_of(answer) is Family.TOO_LATE:
            raw_status = text(await self._read_order(external_id, deadline), "status")
            if raw_status in NOBODY_COMES:
                return _called_off(external_id, raw_status)
        raise REFUSALS.error_of(answer)

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where it stands, with the driver where Lalamove shows one."""
        deadline = Deadline(budget_s)
        order = await self._read_order(external_id, deadline)
        driver = await self._driver(external_id, order, deadline)
        return mapping.read_order(order, driver, datetime.now(UTC), external_id)

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        """Change the drop-off or its remarks: once, between the match and the pickup.

        A repeat of a change that was made reads so, and is not sent again.
        """
        deadline = Deadline(budget_s)
        order = await self._read_order(external_id, deadline)
        body = changing.change_body(order, change, self._market)
        if body is not None:
            answer = await self._client.write("PATCH", order_path(external_id), body, deadline)
            if not answer.is_yes:
                raise REFUSALS.error_of(answer)
            order = data_of(answer)
        return mapping.read_order(order, {}, datetime.now(UTC), external_id)

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        """Set the priority fee, before a driver is found; a fee that stands and is no less stays as it is."""
        deadline = Deadline(budget_s)
        order = await self._read_order(external_id, deadline)
        currency = changing.currency_of(order)
        if currency != extra.currency:
            sentence = f"{NAME} takes a priority fee in {currency or 'its own currency'} here."
            raise RemoteRefused(sentence, system=SYSTEM, raw_code="currency")
        standing = changing.standing_fee(order)
        if standing is not None and standing.minor >= extra.minor:
            return standing
        path = f"{order_path(external_id)}/priority-fee"
        answer = await self._client.write("POST", path, changing.fee_body(extra), deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return changing.standing_fee(data_of(answer)) or extra

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """Pictures of pickup and drop-off, as far as the order shows them."""
        return mapping.read_proofs(await self._read_order(external_id, Deadline(budget_s)))

    async def check(self) -> tuple[HealthCheck, ...]:
        """Read the market's cities; where webhooks go cannot be read."""
        return await health.check(self._client, self._market)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _quote_service(
        self, request: QuoteRequest, service: Service, plan: Plan, deadline: Deadline
    ) -> CarrierQuote | Decline:
        body = mapping.quotation_body(
            request.pickup, request.dropoff, service.key, self._market, plan.schedule_at
        )
        answer = await self._client.ask("/v3/quotations", body, deadline)
        if not answer.is_yes:
            return REFUSALS.decline_or_raise(answer)
        quotation = data_of(answer)
        terms = read_terms(quotation, service.key)
        if terms.price.currency != request.value.currency:
            sentence = f"{NAME} charges in {terms.price.currency} here, not in {request.value.currency}."
            return Decline(SYSTEM, DeclineReason.RULE, sentence)
        plan = with_road(plan, mapping.road_m(quotation))
        wanted = request.delivery_window
        if wanted is not None and plan.arrives_at >= wanted.end:
            sentence = f"By road the way is too long for {NAME} to arrive within the wanted window."
            return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence)
        return mapping.offer(terms, service, plan, request)

    async def _offered(self, deadline: Deadline) -> tuple[City, ...]:
        """The market's cities, read again after six hours; callers that come together share one request."""
        async with self._cities_lock:
            if not self._cities or time.monotonic() >= self._cities_end_s:
                answer = await self._client.read("/v3/cities", deadline)
                if not answer.is_yes:
                    raise REFUSALS.error_of(answer)
                self._cities = read_cities(answer.body)
                self._cities_end_s = time.monotonic() + _CITIES_LAST_S
            return self._cities

    async def _read_order(self, external_id: str, deadline: Deadline) -> Json:
        answer = await self._client.read(order_path(external_id), deadline)
        if answer.is_yes:
            return data_of(answer)
        raise _unreadable(answer)

    async def _driver(self, external_id: str, order: Json, deadline: Deadline) -> Json:
        """The driver, {} where there is none or Lalamove does not show one: he is no part of the status."""
        driver_id = identifier(order, "driverId")
        if not driver_id:
            return {}
        try:
            path = f"{order_path(external_id)}/drivers/{quote(driver_id, safe='')}"
            answer = await self._client.read(path, deadline)
        except RemoteError:
            return {}
        return data_of(answer) if answer.is_yes else {}


def _together(answers: list[CarrierQuote | Decline | BaseException]) -> CarrierAnswer:
    """What was offered and declined; an error counts only where nothing else was said."""
    quotes = tuple(answer for answer in answers if isinstance(answer, CarrierQuote))
    declined = tuple(answer for answer in answers if isinstance(answer, Decline))
    for answer in answers:
        is_ours = isinstance(answer, RemoteError)
        if isinstance(answer, BaseException) and not (is_ours and (quotes or declined)):
            raise answer
    # Two services that are declined for one reason are one decline.
    return CarrierAnswer(quotes, tuple(dict.fromkeys(declined)))


def _unreadable(answer: Answer) -> RemoteError:
    if answer.status == 403:
        # Lalamove shows orders for sixty days; this is no word about the account.
        sentence = f"{NAME} does not show this order: it is too old, or another account's."
        return RemoteRefused(sentence, system=SYSTEM, raw_code="403")
    return REFUSALS.error_of(answer)


def _called_off(external_id: str, raw_status: str) -> CarrierUpdate:
    """Nobody comes any more: no incident, whoever ended it."""
    return CarrierUpdate(
        source_event_id=f"{external_id}:{raw_status}:called-off",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status=raw_status,
        occurred_at=datetime.now(UTC),
    )
