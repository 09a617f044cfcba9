"""Quote: every carrier is asked at once within a time budget; the answers are ranked and explained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.address import Address
from doorstep.errors import (
    AccountProblem,
    NotFound,
    RateLimited,
    RemoteError,
    RemoteUnavailable,
    StateConflict,
)
from doorstep.events import OrderReceived, QuotesReady
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Location, Order
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, QuoteRequest, QuoteSet
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.parcels import parcels_of
from gateway.flow.quoting.ranking import Candidate, rank
from gateway.flow.watching.incidents import Alarm, raise_incident, settle


@dataclass(frozen=True, slots=True)
class Unit:
    """A fulfillment order with everything around it that carriers must know."""

    merchant: Merchant
    order: Order
    fulfillment_order: FulfillmentOrder
    origin: Location
    destination: Address

    @property
    def reference(self) -> str:
        """Short and human, on labels and in messages: the order's number and four letters of the unit.

        Known when carriers are asked, since some print it on the label of the very shipment they quoted.
        """
        number = "".join(char for char in self.order.number if char.isalnum())[-10:]
        return f"{number}-{self.fulfillment_order.id[-4:].upper()}"


async def quote_order(event: OrderReceived, means: Means) -> None:
    """Ask carriers for each part of a fresh order that somebody should carry."""
    async with means.begin(event.merchant_id) as work:
        order = await work.orders.get(event.order_id)
    if order is None or order.needs_personal_data:
        return
    order = await find_place(order, means)
    for unit in order.fulfillment_orders:
        if unit.is_dispatchable and unit.status is FulfillmentOrderStatus.OPEN:
            await quote_unit(means, event.merchant_id, unit.id, means.quote_budget_s, keep_quiet=False)


async def quote_unit(
    means: Means,
    merchant_id: str,
    unit_id: str,
    budget_s: float,
    *,
    account_ids: Sequence[str] = (),
    keep_quiet: bool = True,
) -> QuoteSet | None:
    """Ask for one fulfillment order and keep the answers.

    Parameters
    ----------
    account_ids
        Ask only these; () asks all.
    keep_quiet
        Do not let a booking follow by itself.

    Returns
    -------
    None if the address is unknown to the map, which opens an incident.
    """
    async with means.begin(merchant_id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=means.geocoder is not None)
        if unit is None:
            await _miss_address(work, unit_id, means.clock.now())
            return None
        await settle(
            work, unit_id, {IncidentKind.ADDRESS_PROBLEM}, "The map knows the address now.", means.clock.now()
        )
    request = question(unit, means.clock.now())
    carriers = await means.links.carriers(merchant_id)
    asked = [carrier for carrier in carriers if not account_ids or carrier.account.id in account_ids]
    quote_set = await ask(unit.merchant, request, asked, budget_s, origin_id=unit.origin.id, unit_id=unit_id)
    async with means.begin(merchant_id) as work:
        await work.quotes.put(quote_set)
        current = await work.orders.fulfillment_order(unit_id, lock=True)
        if current is not None and current.status is FulfillmentOrderStatus.OPEN and quote_set.quotes:
            await work.orders.put_fulfillment_order(replace(current, status=FulfillmentOrderStatus.QUOTED))
        if not keep_quiet and unit.merchant.auto_dispatch:
            await work.emit(QuotesReady(merchant_id, unit_id, quote_set.id))
    return quote_set


async def ask(
    merchant: Merchant,
    request: QuoteRequest,
    carriers: Sequence[LinkedCarrier],
    budget_s: float,
    *,
    origin_id: str,
    unit_id: str | None,
) -> QuoteSet:
    """Ask all carriers at once; who has not answered when the budget is spent is declined as TIMED_OUT."""
    started = time.monotonic()
    answers = await asyncio.gather(*(_ask_one(carrier, request, budget_s) for carrier in carriers))
    candidates: list[Candidate] = []
    declined: list[Decline] = []
    for carrier, (answer, response_ms) in zip(carriers, answers, strict=True):
        account = carrier.account
        declined += [replace(no, account_id=account.id) for no in answer.declined]
        for offer in answer.quotes:
            if offer.price.currency != request.value.currency:
                declined.append(_foreign(account.id, account.carrier, offer.price.currency))
            else:
                candidates.append(Candidate(account.id, offer, account.reliability, response_ms))
    return QuoteSet(
        id=new_id("qst"),
        merchant_id=merchant.id,
        request=request,
        fulfillment_order_id=unit_id,
        origin_id=origin_id,
        quotes=rank(candidates, merchant.weights, request.asked_at),
        declined=tuple(declined),
        budget_ms=round(budget_s * 1000),
        took_ms=round((time.monotonic() - started) * 1000),
        is_complete=all(no.reason is not DeclineReason.TIMED_OUT for no in declined),
    )


def question(unit: Unit, now: datetime) -> QuoteRequest:
    """What carriers are asked about a fulfillment order."""
    ready_at = max(unit.fulfillment_order.ready_at or now, now)
    return QuoteRequest(
        reference=unit.reference,
        pickup=unit.origin.address,
        dropoff=unit.destination,
        parcels=parcels_of(unit.order, unit.fulfillment_order),
        value=unit.order.total,
        asked_at=now,
        ready_at=ready_at,
        time_zone=unit.origin.time_zone,
        delivery_window=unit.fulfillment_order.delivery_window,
    )


async def load_unit(work: UnitOfWork, unit_id: str, *, must_be_placed: bool) -> Unit | None:
    """The fulfillment order with its surroundings; None while its address is unknown.

    Parameters
    ----------
    must_be_placed
        An address that the map does not know counts as unknown.

    Raises
    ------
    NotFound
        If there is no such fulfillment order.
    StateConflict
        If it has no origin.
    """
    unit = await work.orders.fulfillment_order(unit_id)
    order = await work.orders.get(unit.order_id) if unit else None
    if unit is None or order is None:
        raise NotFound(unit_id)
    origin = next((place for place in await work.accounts.locations() if place.id == unit.location_id), None)
    if origin is None:
        raise StateConflict(f"{unit_id} has no location to leave from.", current_id=unit_id)
    destination = unit.destination or order.destination
    if destination is None or (must_be_placed and destination.location is None):
        return None
    return Unit(await work.accounts.merchant(), order, unit, origin, destination)


async def find_place(order: Order, means: Means) -> Order:
    """Put the order's addresses on the map and keep that.

    Raises
    ------
    RemoteUnavailable
        If nobody could be asked; the job is tried again.
    """
    if means.geocoder is None:
        return order
    found: dict[Address, LatLng | None] = {}
    for address in (order.destination, *(unit.destination for unit in order.fulfillment_orders)):
        if address is not None and address.location is None and address not in found:
            found[address] = await means.geocoder.locate(address)
    if not found:
        return order

    def placed(address: Address | None) -> Address | None:
        return address.at(found[address]) if address in found else address

    async with means.begin(order.merchant_id) as work:
        current = await work.orders.get(order.id, lock=True)
        if current is None:
            return order
        units = tuple(
            replace(unit, destination=placed(unit.destination)) for unit in current.fulfillment_orders
        )
        located = replace(current, destination=placed(current.destination), fulfillment_orders=units)
        await work.orders.put(located)
        return located


async def _ask_one(
    carrier: LinkedCarrier, request: QuoteRequest, budget_s: float
) -> tuple[CarrierAnswer, int]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(budget_s):
            answer = await carrier.connector.quote(request, budget_s)
    except TimeoutError:
        text = f"{carrier.account.name} did not answer within {budget_s:g} s."
        answer = CarrierAnswer(declined=(Decline(carrier.account.carrier, DeclineReason.TIMED_OUT, text),))
    except RemoteError as error:
        answer = CarrierAnswer(declined=(decline_for(carrier, error),))
    return answer, round((time.monotonic() - started) * 1000)


def decline_for(carrier: LinkedCarrier, error: RemoteError) -> Decline:
    """A carrier's failure in the words of a quote set."""
    reason = DeclineReason.OTHER
    retry_after_s = None
    match error:
        case RateLimited():
            reason, retry_after_s = DeclineReason.RATE_LIMITED, error.retry_after_s
        case RemoteUnavailable():
            reason = DeclineReason.CARRIER_DOWN
        case AccountProblem():
            reason = DeclineReason.ACCOUNT_PROBLEM
        case _ if error.kind is IncidentKind.NO_COURIER:
            reason = DeclineReason.NO_CAPACITY
        case _ if error.kind is IncidentKind.ADDRESS_PROBLEM:
            reason = DeclineReason.ADDRESS_PROBLEM
    return Decline(
        carrier=carrier.account.carrier,
        reason=reason,
        text=error.message,
        raw_code=error.raw_code,
        account_id=carrier.account.id,
        retry_after_s=retry_after_s,
    )


def _foreign(account_id: str, carrier: str, currency: str) -> Decline:
    text = f"Its price is in {currency}, which cannot be compared with the others."
    return Decline(carrier, DeclineReason.OTHER, text, account_id=account_id)


async def _miss_address(work: UnitOfWork, unit_id: str, now: datetime) -> None:
    unit = await work.orders.fulfillment_order(unit_id)
    order = await work.orders.get(unit.order_id) if unit else None
    number = order.number if order else unit_id
    await raise_incident(
        work,
        Alarm(
            IncidentKind.ADDRESS_PROBLEM,
            title=f"Order {number}: address not found on the map",
            evidence="The geocoder knows no such address. Correct it in the store; the order then goes on.",
            fulfillment_order_id=unit_id,
        ),
        now,
    )
