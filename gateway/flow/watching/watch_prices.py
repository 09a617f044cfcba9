"""Watch prices: what carriers asked for an order holds for minutes, and orders that wait outlive it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus
from doorstep.quote import QuoteSet
from gateway.flow.mending.book import allowance
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.incidents import Alarm, add_step, raise_if_new, settle
from gateway.flow.watching.sight import Finding, Well

ASKED_AGAIN = 3
"""Carriers are asked so often for an order that nobody dispatches; after that its prices are just old."""


async def watch_prices(
    means: Means,
    merchant: Merchant,
    waiting: Sequence[FulfillmentOrder],
    live: Sequence[Incident],
    now: datetime,
) -> None:
    """Ask again for orders whose every price has run out.

    Parameters
    ----------
    waiting
        Fulfillment orders without a delivery.
    live
        All incidents that are not over.
    """
    if not merchant.watch.of(IncidentKind.QUOTE_EXPIRED).is_on:
        return
    known = {
        one.fulfillment_order_id: one
        for one in live
        if one.kind is IncidentKind.QUOTE_EXPIRED and one.fulfillment_order_id is not None
    }
    for unit in waiting:
        if unit.status is FulfillmentOrderStatus.QUOTED and unit.id not in known:
            await _look_at(means, merchant, unit, now)
    still_waiting = {unit.id for unit in waiting}
    for unit_id in known:
        if unit_id not in still_waiting:
            async with means.begin(merchant.id) as work:
                kinds = {IncidentKind.QUOTE_EXPIRED}
                await settle(work, unit_id, kinds, "Nobody waits for a price any more.", now)


def quote_expired(unit: FulfillmentOrder, last: QuoteSet | None, now: datetime) -> Finding:
    """Every price that carriers asked for an order has run out before anybody was booked."""
    if last is None or not last.quotes:
        return None
    ends = max(quote.offer.expires_at for quote in last.quotes)
    if ends > now:
        return Well(IncidentKind.QUOTE_EXPIRED, "Carriers were asked again.")
    return Alarm(
        IncidentKind.QUOTE_EXPIRED,
        title="An order's prices have run out",
        evidence=f"The last of {len(last.quotes)} prices held until {ends:%H:%M} UTC.",
        fulfillment_order_id=unit.id,
    )


async def _look_at(means: Means, merchant: Merchant, unit: FulfillmentOrder, now: datetime) -> None:
    async with means.begin(merchant.id) as work:
        found = quote_expired(unit, await work.quotes.latest_for(unit.id), now)
        if not isinstance(found, Alarm):
            return
        asked_before = len(await work.incidents.past(IncidentKind.QUOTE_EXPIRED, unit.id, ASKED_AGAIN))
        if asked_before >= ASKED_AGAIN:
            return
        incident = await raise_if_new(work, found, merchant.watch, now)
        if incident is None or not (await allowance(work, incident, StepAction.RETRY)).is_given:
            return
        why = "Carriers are asked again."
        await add_step(work, incident, StepAction.RETRY, StepStatus.RUNNING, why, now)
    fresh = await quote_unit(means, merchant.id, unit.id, means.quote_budget_s)
    async with means.begin(merchant.id) as work:
        await _settle_if_fresh(work, incident, unit, fresh, means.clock.now())


async def _settle_if_fresh(
    work: UnitOfWork, incident: Incident, unit: FulfillmentOrder, fresh: QuoteSet | None, now: datetime
) -> None:
    found = quote_expired(unit, fresh, now)
    if isinstance(found, Well):
        await settle(work, unit.id, {found.kind}, found.note, now)
        return
    current = await work.incidents.get(incident.id, lock=True)
    if current is not None and current.is_live:
        why = "Nobody has a price for it now."
        await add_step(work, current, StepAction.RETRY, StepStatus.FAILED, why, now)
