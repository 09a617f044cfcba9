"""Chosen: the place of a shopper's choice, from the checkout to the order, and back when it is cancelled.

The place has the choice for its owner, and its key is made from the choice's id: whoever knows the choice
finds its place, and the same call again finds the same one.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.errors import IdempotencyConflict, InvalidInput, NotFound, SlotUnavailable
from doorstep.order import FulfillmentOrderStatus, Order, OrderStatus
from doorstep.quote import Choice, DeliveryMode, Quote, QuoteSet
from doorstep.slot import Slot, SlotHold, SlotHoldStatus
from doorstep.window import Promise, PromiseBasis
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.choose import choose_option
from gateway.flow.slots.hold import Holder, Wish, confirm_hold, give_back, hold_slot, let_go
from gateway.flow.slots.offer import Wanted, find_slot

_CHOOSING = "chooseDeliveryOption"
_SLOT = ("input", "slotId")
_IN_USE = (FulfillmentOrderStatus.DISPATCHED, FulfillmentOrderStatus.DELIVERED)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a shopper takes.

    Attributes
    ----------
    slot_id
        "" for none.
    replaces
        A hold of the shopper's that is released for the choice's own; "" for none.
    zones
        That the door lies in; None where they need not be looked at.
    holder
        Whose places are counted; None for a back end.
    cart_part
        Which package of the cart it is for. What was chosen for it before is given up, unless an order has
        come of it; "" leaves earlier choices alone.
    """

    quote_set_id: str
    quote_id: str
    cart_id: str = ""
    slot_id: str = ""
    replaces: str = ""
    zones: frozenset[str] | None = None
    holder: Holder | None = None
    cart_part: str = ""


def place_key(choice_id: str) -> str:
    """What the place of a choice is kept under.

    The key that it is asked for with has a space, which no key of a client has.
    """
    return hashlib.sha256(_asked_with(choice_id).encode()).hexdigest()


async def choose_with_slot(
    means: Means, merchant_id: str, idempotency_key: str, selection: Selection
) -> Choice:
    """Lock price and promise of an option and hold its slot, if it has one: both or nothing.

    Raises
    ------
    NotFound
        If there is no such set, option or slot, or no such hold to replace.
    OptionExpired
        If the offer has ended.
    SlotUnavailable
        If the slot is full, closed, or not for this door.
    InvalidInput
        If the option has no slots.
    StateConflict
        If the hold to be replaced is confirmed already.
    IdempotencyConflict
        If the key came with other input before.
    """
    async with means.begin(merchant_id) as work:
        given_up = await _places_before(work, selection)
        before = await work.memory.recall(_CHOOSING, idempotency_key)
        # Everything that choosing writes is part of this transaction.
        within = replace(means, begin=lambda _: nullcontext(work))
        choice = await choose_option(
            within,
            merchant_id,
            idempotency_key,
            selection.quote_set_id,
            selection.quote_id,
            selection.cart_id,
            selection.cart_part,
        )
        held = await work.slots.hold_by_key(place_key(choice.id))
        if before is None and held is None and selection.slot_id:
            return await _with_place(work, choice, selection, means.clock.now(), given_up)
        if before is None:
            await let_go(work, given_up, means.clock.now())
        if (held.slot_id if held else "") != selection.slot_id:
            raise IdempotencyConflict(
                "This idempotencyKey was used with another slot.", first_seen_at=choice.chosen_at
            )
        return choice


async def hold_for_option(
    work: UnitOfWork, quote_set_id: str, quote_id: str, wish: Wish, now: datetime
) -> SlotHold:
    """Keep a place in a slot of an option; errors are those of `choose_with_slot`."""
    quote_set = await work.quotes.get(quote_set_id)
    if quote_set is None:
        raise NotFound(quote_set_id, path=("input", "deliveryOptionsId"))
    quote = quote_set.quote(quote_id)
    if quote is None:
        raise NotFound(quote_id, path=("input", "optionId"))
    _must_fit(await find_slot(work, wish.slot_id, now, _SLOT), quote_set, quote)
    return await hold_slot(work, wish, now)


async def choose_late(work: UnitOfWork, choice: Choice, slot_id: str, now: datetime) -> Choice:
    """A choice that was made when its order came, with a place in the slot that the order names.

    The shopper was told that window, so it is promised even where there is no place left; of a slot that is
    not there any more, or was none of the option's, nothing is known.
    """
    try:
        selection = Selection(choice.quote_set_id, choice.quote_id, slot_id=slot_id)
        return await _with_place(work, choice, selection, now)
    except SlotUnavailable:
        slot = (await find_slot(work, slot_id, now, _SLOT)).slot
        return await _promised_in(work, choice, slot)
    except (NotFound, InvalidInput):
        return choice


async def confirm_chosen(work: UnitOfWork, choice: Choice, order: Order, now: datetime) -> None:
    """The order has come with its choice: its place is kept for good.

    Raises
    ------
    SlotUnavailable, StateConflict, NotFound
        If there is no place for it any more. An order is an order: a person must find another.
    """
    if order.status is OrderStatus.CANCELLED:
        return
    held = await work.slots.hold_by_key(place_key(choice.id))
    if held is not None:
        if held.status is SlotHoldStatus.RELEASED:
            # Its shopper thought otherwise and then paid for it all the same: like one that ran out.
            await work.slots.put_hold(replace(held, status=SlotHoldStatus.EXPIRED))
        await confirm_hold(work, held.id, choice.id, now)
    elif _slot_of(order, choice):
        raise SlotUnavailable("Nothing was held when it was paid, and there was no place left when it came.")


async def give_back_chosen(work: UnitOfWork, order_id: str, now: datetime) -> None:
    """End the places of an order that was cancelled as a whole, unless its goods have left all the same."""
    order = await work.orders.get(order_id)
    if order is None or order.status is not OrderStatus.CANCELLED:
        return
    if not any(unit.status in _IN_USE for unit in order.fulfillment_orders):
        for reference in order.choices:
            await give_back_of(work, order, reference, now)


async def give_back_of(work: UnitOfWork, order: Order, choice_id: str, now: datetime) -> None:
    """End the place of one choice of an order."""
    choice = await work.quotes.choice(choice_id)
    # A reference is what a shopper's cart says: it may be that of another order's choice.
    if choice is not None and choice.order_id == order.id:
        await give_back(work, choice_id, now)


async def _places_before(work: UnitOfWork, selection: Selection) -> tuple[SlotHold, ...]:
    """What the shopper held for the same part of the cart when they thought otherwise."""
    if not selection.cart_id or not selection.cart_part:
        return ()
    earlier = await work.quotes.choices_of_cart(selection.cart_id, selection.cart_part)
    return tuple(await work.slots.held_with([place_key(choice.id) for choice in earlier]))


def _slot_of(order: Order, choice: Choice) -> str:
    """The slot that the order names for a choice; "" where it names none."""
    slots = (rate.slot_id for rate in order.rates if rate.choice_reference == choice.id)
    return next(slots, "")


async def _with_place(
    work: UnitOfWork,
    choice: Choice,
    selection: Selection,
    now: datetime,
    given_up: tuple[SlotHold, ...] = (),
) -> Choice:
    quote_set = await work.quotes.get(choice.quote_set_id)
    quote = quote_set.quote(choice.quote_id) if quote_set else None
    if quote_set is None or quote is None:
        raise NotFound(choice.quote_id)
    _must_fit(await find_slot(work, selection.slot_id, now, _SLOT), quote_set, quote)
    wish = Wish(
        selection.slot_id,
        _asked_with(choice.id),
        owner=choice.id,
        replaces=selection.replaces,
        gives_up=tuple(one for one in given_up if one.id != selection.replaces),
        zones=selection.zones,
        holder=selection.holder,
    )
    held = await hold_slot(work, wish, now)
    # What is locked with the price is held as long as the price.
    locked_until = min(choice.price_locked_until, held.window.start)
    if locked_until > held.expires_at:
        await work.slots.put_hold(replace(held, expires_at=locked_until))
    return await _promised_in(work, choice, held)


async def _promised_in(work: UnitOfWork, choice: Choice, slot: Slot | SlotHold) -> Choice:
    promise = Promise(slot.window, choice.promise.time_zone, PromiseBasis.SLOT)
    bound = replace(choice, price=choice.price + slot.price, promise=promise)
    await work.quotes.put_choice(bound)
    return bound


def _must_fit(wanted: Wanted, quote_set: QuoteSet, quote: Quote) -> None:
    if quote.offer.mode is not DeliveryMode.OWN_FLEET:
        raise InvalidInput("Only an option of the own fleet has slots.", path=_SLOT)
    if wanted.template.location_id != quote_set.origin_id:
        raise NotFound(wanted.slot.id, path=_SLOT)
    if wanted.slot.price.currency != quote.offer.price.currency:
        raise InvalidInput("The slot is priced in another currency than the option.", path=_SLOT)


def _asked_with(choice_id: str) -> str:
    return f"choice {choice_id}"
