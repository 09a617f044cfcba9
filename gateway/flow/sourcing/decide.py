"""Decide: where the parts of a fresh order leave from, before carriers are asked.

Of a store that has places of its own, its fulfillment orders are moved there, and the order is read again:
the ids are the store's. Of all others they are moved and cut in our books. Whatever does not work leaves what
the store chose, with the reason kept; an order never waits for its sourcing.

A booking may begin at any moment. Whoever begins one and whoever moves goods first hold the fulfillment order
(`Orders.hold`), then lock the order, then the parts that they write, and write no others. While a store is
asked, which takes longer than anybody may be held up, the goods are between places in our books: nobody is
booked for what leaves from nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from doorstep.errors import DoorstepError, RemoteError, UnknownOutcome
from doorstep.events import OrderReceived
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.ports import MovesUnits
from doorstep.sourcing import SourcedPart, SourcingDecision, SourcingOutcome, SourcingPlan, SourcingStrategy
from gateway.flow.intake.keep import keep_orders
from gateway.flow.intake.reach import watched
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import find_place
from gateway.flow.sourcing.asking import Asked, ask_for_unit
from gateway.flow.sourcing.parts import cut, decided, is_decided, shares_of

log = structlog.get_logger(__name__)

_BETWEEN_PLACES = ""
"""Where goods lie while their store is asked to move them; reading the order again says where they are."""


async def source_order(event: OrderReceived, means: Means) -> None:
    """Decide for each part of a fresh order that nobody carries yet where it leaves from."""
    async with means.begin(event.merchant_id) as work:
        merchant = await work.accounts.merchant()
        order = await work.orders.get(event.order_id)
    is_ours = means.sourcer is not None and merchant.sourcing.strategy is not SourcingStrategy.STORE
    if order is None or order.needs_personal_data or not is_ours:
        return
    if not any(_is_open(unit) for unit in order.fulfillment_orders):
        return
    async with means.begin(event.merchant_id) as work:
        if len(await work.accounts.locations()) < 2:
            return  # the store need not be asked what lies there
    order = await find_place(order, means)
    for unit in order.fulfillment_orders:
        if _is_open(unit):
            await _source(means, merchant, order, unit)


def _is_open(unit: FulfillmentOrder) -> bool:
    """Whether somebody should carry it, nobody has been asked, and it has not been decided already."""
    return unit.is_dispatchable and unit.status is FulfillmentOrderStatus.OPEN and not is_decided(unit)


async def _source(means: Means, merchant: Merchant, order: Order, unit: FulfillmentOrder) -> None:
    asked = await ask_for_unit(means, merchant, merchant.sourcing, order, unit)
    if asked is None:
        return
    decision = decision_of(means, merchant.sourcing.strategy, asked.plan, unit)
    moves = decision.outcome in {SourcingOutcome.MOVED, SourcingOutcome.SPLIT}
    connector = asked.connector
    if moves and isinstance(connector, MovesUnits):
        await _move_at_store(means, connector, asked, order, unit, decision)
    else:
        await _move_in_books(means, order, unit, decision)


def decision_of(
    means: Means, strategy: SourcingStrategy, plan: SourcingPlan, unit: FulfillmentOrder
) -> SourcingDecision:
    """What a plan makes of what the store chose."""
    places = [part.location_id for part in plan.parts]
    outcome = SourcingOutcome.MOVED
    if not places:
        outcome = SourcingOutcome.NOT_ENOUGH
    elif len(places) > 1:
        outcome = SourcingOutcome.SPLIT
    elif places == [unit.location_id]:
        outcome = SourcingOutcome.KEPT
    return SourcingDecision(strategy, outcome, plan, shares_of(unit), means.clock.now())


async def _move_in_books(
    means: Means, order: Order, unit: FulfillmentOrder, decision: SourcingDecision
) -> None:
    """Move or cut it in our books, unless somebody was sent for it or the store changed it meanwhile."""
    async with means.begin(order.merchant_id) as work:
        current = await _still(work, order, unit)
        if current is None:
            return
        whole, now = current
        plan = decision.plan
        made: Sequence[FulfillmentOrder] = (now,)
        if plan.parts:
            made = cut(now, whole.fulfillment_orders, plan, [new_id("ful") for _ in plan.parts[1:]])
        for one in made:
            await work.orders.put_fulfillment_order(decided(one, decision))
        work.announce("order", order.id)


async def _still(
    work: UnitOfWork, order: Order, unit: FulfillmentOrder
) -> tuple[Order, FulfillmentOrder] | None:
    """The order and its part as they stand, locked; None where the part is not as it was any more."""
    await work.orders.hold(unit.id)
    if await work.deliveries.live_of(unit.id) is not None:
        return None
    whole = await work.orders.get(order.id, lock=True)
    now = await work.orders.fulfillment_order(unit.id, lock=True)
    if whole is None or now is None or not _is_open(now) or shares_of(now) != shares_of(unit):
        return None
    return whole, now


async def _move_at_store(
    means: Means,
    connector: MovesUnits,
    asked: Asked,
    order: Order,
    unit: FulfillmentOrder,
    decision: SourcingDecision,
) -> None:
    """Let the store move it, and take over what it makes of that."""
    async with means.begin(order.merchant_id) as work:
        current = await _still(work, order, unit)
        if current is None:
            return
        await work.orders.put_fulfillment_order(replace(current[1], location_id=_BETWEEN_PLACES))
    try:
        async with watched(means, asked.store):
            await _tell_moves(connector, asked, unit, decision.plan.parts)
    except UnknownOutcome as doubt:
        decision = replace(decision, problem=doubt.message)
    except RemoteError as error:
        decision = replace(decision, outcome=SourcingOutcome.FAILED, problem=error.message)
    except Exception as slip:  # a connector that breaks must not keep an order from its carriers
        words = f"The connector failed ({type(slip).__name__})."
        decision = replace(decision, outcome=SourcingOutcome.FAILED, problem=words)
    if decision.problem:
        log.warning("sourcing failed", order_id=order.id, unit_id=unit.id, outcome=decision.outcome)
    await _read_again(means, asked, order)
    await _write_down(means, order, unit, decision)


async def _tell_moves(
    connector: MovesUnits, asked: Asked, unit: FulfillmentOrder, parts: Sequence[SourcedPart]
) -> None:
    away = [part for part in parts if part.location_id != unit.location_id]
    stays = len(away) < len(parts)
    for number, part in enumerate(away, start=1):
        # Whatever is left of it goes with the last one, unless a part of it stays.
        is_rest = number == len(away) and not stays
        lines = () if is_rest else tuple(FulfillmentLine(one.line_id, one.pieces) for one in part.lines)
        await connector.move_unit(unit.external_id, asked.question.names[part.location_id], lines)


async def _read_again(means: Means, asked: Asked, order: Order) -> None:
    """Take over the store's ids; where it cannot be read, its webhook or the next walk brings them."""
    try:
        async with watched(means, asked.store):
            raw = await asked.connector.fetch_order(order.external_id)
        if raw is not None:
            await keep_orders(means, asked.store, asked.connector, [raw])
    except DoorstepError as error:
        log.warning("moved order not read", order_id=order.id, code=error.code)


async def _write_down(means: Means, order: Order, unit: FulfillmentOrder, decision: SourcingDecision) -> None:
    """Keep the decision with what has the goods; a webhook may have brought it before us."""
    goods = {share.line_id for share in decision.lines}
    async with means.begin(order.merchant_id) as work:
        parts = [_at_a_place(one, unit) for one in await _locked_parts(work, order)]
        holders = [
            one
            for one in parts
            if (one.id == unit.id or one.sourcing is None)
            and one.status is not FulfillmentOrderStatus.CANCELLED
            and goods & {share.line_id for share in shares_of(one)}
        ]
        told = _as_it_ended(decision, holders)
        for one in parts:
            if one in holders or one.id == unit.id:
                await work.orders.put_fulfillment_order(decided(one, told) if one in holders else one)
        work.announce("order", order.id)


async def _locked_parts(work: UnitOfWork, order: Order) -> Sequence[FulfillmentOrder]:
    """The order's parts as they stand: a booking of one writes that one and does not ask for the order."""
    whole = await work.orders.get(order.id, lock=True)
    ids = [one.id for one in whole.fulfillment_orders] if whole else []
    found = [await work.orders.fulfillment_order(id_, lock=True) for id_ in ids]
    return [one for one in found if one is not None]


def _at_a_place(one: FulfillmentOrder, unit: FulfillmentOrder) -> FulfillmentOrder:
    """What could not be read again lies, as far as anybody knows, where it lay before."""
    is_lost = one.id == unit.id and one.location_id == _BETWEEN_PLACES
    return replace(one, location_id=unit.location_id) if is_lost else one


def _as_it_ended(decision: SourcingDecision, holders: Sequence[FulfillmentOrder]) -> SourcingDecision:
    """What a move came to whose answer was lost: the order shows it."""
    if not decision.problem or decision.outcome is SourcingOutcome.FAILED:
        return decision
    planned = {part.location_id for part in decision.plan.parts}
    if {one.location_id for one in holders} == planned:
        return replace(decision, problem="")
    return replace(decision, outcome=SourcingOutcome.FAILED)
