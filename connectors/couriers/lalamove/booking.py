"""Booking once for one key, with an API that has neither idempotency keys nor a way to look an order up.

What Lalamove's API guide v3 (2026) gives: a quotation is good for one order. A used one and one that has
ended are refused alike (ERR_INVALID_QUOTATION_ID). An order is read by its own id alone. Metadata that was
sent with an order comes back with the order and with the webhook ORDER_CREATED.

What can be known therefore:

- A repeat in a process that heard the answer, or that has read a webhook with our key in its metadata,
  reads that order and answers with it, however long ago it was made.
- A repeat while the quotation holds is safe whatever happened: it places the order if there is none, and if
  it is refused there is one. Its id is known once the webhook has come; until then it is an
  `UnknownOutcome`.
- A repeat after the quotation has ended is an `UnknownOutcome` too, in a process that knows of the first
  call. It ends with the webhook, which Lalamove tries for a day, or with a person who looks into the Partner
  Portal.

What cannot be known: a process that died between the call and its answer, whose successor is asked again only
after the quotation has ended, and which the webhook never reached. A first call on an ended quotation looks
exactly like that one, and it is an everyday thing, since checkouts keep a price for longer than Lalamove's
five minutes. It is taken for a first call: in that case alone, a key may get two orders.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from connectors.calling import Answer
from connectors.couriers.lalamove import mapping
from connectors.couriers.lalamove.client import LalamoveClient, data_of
from connectors.couriers.lalamove.heard import Heard
from connectors.couriers.lalamove.markets import Market
from connectors.couriers.lalamove.planning import plan_pickup, why_not, why_not_booked
from connectors.couriers.lalamove.refusals import REFUSALS, code_of
from connectors.couriers.lalamove.terms import Terms, identifier, read_terms, terms_in
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from connectors.quoted import is_too_dear, too_dear, wanted_window
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, text
from doorstep.quote import Decline, DeclineReason

_LEEWAY = timedelta(seconds=30)


class Bookings:
    """Places the orders of one account.

    Parameters
    ----------
    account
        The API key, under which `heard` keeps what it knows.
    """

    def __init__(self, client: LalamoveClient, market: Market, heard: Heard, account: str) -> None:
        self._client = client
        self._market = market
        self._heard = heard
        self._account = account

    async def book(self, request: BookingRequest, deadline: Deadline) -> Booking:
        """Book once for one key, as far as it can be known: see the head of this file.

        Raises
        ------
        RemoteRefused
            If Lalamove says no, or now asks more than a tenth above the quoted price (kind QUOTE_EXPIRED).
        UnknownOutcome
            If an order may have been placed whose id is not known yet.
        """
        key = request.booking_key
        earlier = await self._earlier(key, deadline)
        quoted = terms_in(request.booking_data)
        if earlier is not None:
            return mapping.read_booking(earlier, quoted.price if quoted else request.value)
        doubtful = self._heard.doubt_of(self._account, key)
        if doubtful is None and request.is_repeat:
            doubtful = quoted  # asked for by a process that is gone
        if doubtful is not None:
            return await self._try_again(request, doubtful, deadline)
        impossible = why_not_booked(request.pickup, request.dropoff)
        if impossible is not None:
            raise _refused(impossible)
        if quoted is None or not quoted.holds_at(request.asked_at) or self._is_used(quoted, key):
            return await self._place(request, await self._quote_again(request, quoted, deadline), deadline)
        return await self._place_or_quote_again(request, quoted, deadline)

    async def _place_or_quote_again(
        self, request: BookingRequest, terms: Terms, deadline: Deadline
    ) -> Booking:
        """Place on the quoted terms; terms that end just now may have ended under way."""
        try:
            return await self._place(request, terms, deadline)
        except _QuotationOver:
            if terms.holds_at(request.asked_at + _LEEWAY):
                # It should hold, so it was used, and only this key's booking has it: in another process.
                self._heard.doubt(self._account, request.booking_key, terms)
                raise _placed_unheard() from None
        fresh = await self._quote_again(request, terms, deadline)
        return await self._place(request, fresh, deadline)

    async def _place(self, request: BookingRequest, terms: Terms, deadline: Deadline) -> Booking:
        """Place an order for a key that has none.

        Raises
        ------
        _QuotationOver
            If the terms no longer hold, or were used; nothing was placed by this call.
        """
        key = request.booking_key
        self._heard.doubt(self._account, key, terms)
        try:
            answer = await self._order(request, terms, deadline)
        except UnknownOutcome:
            raise
        except RemoteError:
            self._heard.settle(self._account, key)  # nothing was sent
            raise
        if answer.status == 408 or answer.status >= 500:
            raise REFUSALS.unclear(code_of(answer) or str(answer.status))
        if not answer.is_yes:
            self._heard.settle(self._account, key)
            if REFUSALS.family_of(answer) is Family.REQUOTE:
                raise _QuotationOver(REFUSALS.error_of(answer))
            raise REFUSALS.error_of(answer)
        return self._placed(key, answer, terms)

    async def _try_again(self, request: BookingRequest, terms: Terms, deadline: Deadline) -> Booking:
        """Repeat a call whose answer is missing, on its own terms; whatever is not a yes leaves the doubt."""
        try:
            answer = await self._order(request, terms, deadline)
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        if answer.is_yes:
            return self._placed(request.booking_key, answer, terms)
        if REFUSALS.family_of(answer) is Family.REQUOTE:
            raise _placed_unheard()
        raise REFUSALS.unclear(code_of(answer) or str(answer.status))

    async def _order(self, request: BookingRequest, terms: Terms, deadline: Deadline) -> Answer:
        return await self._client.write("POST", "/v3/orders", mapping.order_body(request, terms), deadline)

    def _placed(self, key: str, answer: Answer, terms: Terms) -> Booking:
        booking = mapping.read_booking(data_of(answer), terms.price)
        if not booking.external_id:
            raise REFUSALS.unclear("no_order_id")
        self._heard.place(self._account, key, booking.external_id, terms.quotation_id)
        return booking

    async def _earlier(self, key: str, deadline: Deadline) -> Json | None:
        """The order that this key already has, None where we know of none.

        Raises
        ------
        UnknownOutcome
            If there is one and it could not be read.
        """
        known = self._heard.order_of(self._account, key)
        if known is None:
            return None
        try:
            answer = await self._client.read(order_path(known.order_id), deadline)
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        order = data_of(answer)
        is_ours = known.is_own or text(child(order, "metadata"), mapping.KEY) == key
        if answer.is_yes and identifier(order, "orderId") and is_ours:
            self._heard.place(self._account, key, known.order_id, identifier(order, "quotationId"))
            return order
        if known.is_own:
            raise REFUSALS.unclear(code_of(answer) or str(answer.status))
        if answer.is_yes or REFUSALS.family_of(answer) is Family.GONE:
            return None  # what the webhook told was not about this account's order
        raise REFUSALS.unclear(code_of(answer) or str(answer.status))

    def _is_used(self, terms: Terms, key: str) -> bool:
        """Whether we know that another key's booking used the quotation."""
        return self._heard.user_of(self._account, terms.quotation_id) not in {"", key}

    async def _quote_again(self, request: BookingRequest, quoted: Terms | None, deadline: Deadline) -> Terms:
        wanted = wanted_window(request.booking_data)
        impossible = why_not(self._market.code, request.pickup, request.dropoff, request.parcels)
        if impossible is not None:
            raise _refused(impossible)
        way = (request.pickup, request.dropoff)
        plan = plan_pickup(request.asked_at, request.ready_at, wanted, way)
        if isinstance(plan, Decline):
            raise _refused(plan)
        body = mapping.quotation_body(*way, request.service, self._market, plan.schedule_at)
        answer = await self._client.ask("/v3/quotations", body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        terms = read_terms(data_of(answer), request.service)
        _require_like(terms, quoted)
        return terms


class _QuotationOver(RemoteRefused):
    """The quotation has ended or was used."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(
            error.message, system=SYSTEM, raw_code=error.raw_code, kind=IncidentKind.QUOTE_EXPIRED
        )


def order_path(order_id: str) -> str:
    """Where an order is read."""
    return f"/v3/orders/{quote(order_id, safe='')}"


def _require_like(terms: Terms, quoted: Terms | None) -> None:
    if quoted is not None and is_too_dear(terms.price, quoted.price):
        raise too_dear(terms.price, quoted.price, system=SYSTEM, name=NAME)


def _placed_unheard() -> UnknownOutcome:
    return UnknownOutcome(
        f"{NAME} has probably taken this order, and has not told its number yet. It comes with a webhook; "
        "the Partner Portal shows it too.",
        system=SYSTEM,
        raw_code="ERR_INVALID_QUOTATION_ID",
        kind=IncidentKind.CARRIER_DOWN,
    )


def _refused(decline: Decline) -> RemoteRefused:
    kinds = {
        DeclineReason.ADDRESS_PROBLEM: IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.PAST_CUTOFF: IncidentKind.LATE_RISK,
    }
    kind = kinds.get(decline.reason, IncidentKind.OTHER)
    return RemoteRefused(decline.text, system=SYSTEM, raw_code=decline.raw_code, kind=kind)
