"""Adopt: what the shopper chose becomes the order's, and its places are kept for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.errors import NotFound, SlotUnavailable, StateConflict
from doorstep.incident import IncidentKind
from doorstep.order import Order, OrderStatus
from gateway.flow.intake.packages import is_undivided
from gateway.flow.ports import UnitOfWork
from gateway.flow.slots.chosen import confirm_chosen, give_back_of
from gateway.flow.watching.incidents import Alarm, raise_incident


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Something that a person must see to."""

    title: str
    evidence: str
    code: str = ""


async def adopt_choices(work: UnitOfWork, order: Order, known: Order | None, now: datetime) -> None:
    """Bind the choices that an order came with, and give up those that it does not name any more.

    A shopper whose payment failed may choose anew for the same order. What cannot be done as it was chosen
    is one exception, since a fulfillment order has one of a kind.
    """
    troubles = [await _bind(work, order, known, reference, now) for reference in order.choices]
    for reference in known.choices if known is not None else ():
        if reference not in order.choices:
            await give_back_of(work, order, reference, now)
    if is_undivided(order) and (known is None or known.rates != order.rates):
        troubles.append(_undivided(order))
    found = [trouble for trouble in troubles if trouble is not None]
    if found:
        alarm = Alarm(
            IncidentKind.OTHER,
            title=f"Order {order.number}: {found[0].title}",
            evidence=" ".join(trouble.evidence for trouble in found),
            fulfillment_order_id=next((unit.id for unit in order.fulfillment_orders), None),
            raw_code=next((trouble.code for trouble in found if trouble.code), ""),
        )
        await raise_incident(work, alarm, now)


async def _bind(
    work: UnitOfWork, order: Order, known: Order | None, reference: str, now: datetime
) -> _Trouble | None:
    choice = await work.quotes.choice(reference)
    if choice is None or choice.order_id not in {None, order.id}:
        return None
    if choice.order_id is not None and not _was_given_up(known, reference):
        return None
    await work.quotes.put_choice(replace(choice, order_id=order.id))
    try:
        await confirm_chosen(work, choice, order, now)
    except (SlotUnavailable, StateConflict, NotFound) as error:
        text = f"The order came when the place of {reference} was no longer held. {error.message}"
        return _Trouble("the chosen slot is gone", text, error.code)
    return None


def _was_given_up(known: Order | None, reference: str) -> bool:
    """Whether the place of a choice of this order was given back: paid after all, it is wanted again."""
    return known is not None and (known.status is OrderStatus.CANCELLED or reference not in known.choices)


def _undivided(order: Order) -> _Trouble:
    first, *others = [f"{rate.code} ({rate.choice_reference or 'not found'})" for rate in order.rates]
    text = (
        f"{len(order.rates)} deliveries were taken, and the order does not say which goods come with which. "
        f"All goods are booked as {first}; see to {', '.join(others)}."
    )
    return _Trouble("more than one delivery was chosen", text)
