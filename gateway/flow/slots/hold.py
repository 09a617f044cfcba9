"""Hold: a place in a slot for as long as a shopper thinks, for good once they have chosen, and back again.

Whoever takes a place or gives one back first locks the slot (`Slots.lock`), looks, and then writes, so that
of all who come at once for the last place one gets it. Time alone ends a hold: no chore has to come by. Who
counts one as over writes that down in the same transaction, and who confirms one takes the same lock: two
machines whose clocks differ cannot both have its place.

The order of locks is the same everywhere: the cart, the key or the owner, then the slots by their ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.errors import IdempotencyConflict, InvalidInput, Issue, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.slot import Slot, SlotAvailability, SlotHold, SlotHoldStatus
from gateway.flow.ports import UnitOfWork
from gateway.flow.slots.days import read_slot_id, slot_on
from gateway.flow.slots.offer import Wanted, find_slot, serves, unavailable

_SLOT = ("input", "slotId")
_LIVE = (SlotHoldStatus.HELD, SlotHoldStatus.CONFIRMED)
_FULL, _CLOSED = "This slot is full.", "This slot is closed."


@dataclass(frozen=True, slots=True)
class Holder:
    """A storefront that anybody could be, which may hold so many places and no more.

    Attributes
    ----------
    key_id
        Of its publishable key.
    options_id
        The delivery options that the shopper was shown.
    """

    key_id: str
    options_id: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper asks for.

    Attributes
    ----------
    key
        Idempotency key: the same key with the same wish is the same hold, whatever became of it.
    owner
        Whom it is for, if that is known already.
    replaces
        A hold of the shopper's that is released for it, in the same transaction; "" for none.
    gives_up
        Further holds of the shopper's that end with it, but for those that are confirmed by then.
    zones
        That the door lies in; None where they need not be looked at.
    holder
        Whose places are counted; None for a back end, which may hold any number.
    """

    slot_id: str
    key: str
    owner: str = ""
    replaces: str = ""
    gives_up: tuple[SlotHold, ...] = ()
    zones: frozenset[str] | None = None
    holder: Holder | None = None


async def hold_slot(work: UnitOfWork, wish: Wish, now: datetime) -> SlotHold:
    """Keep a place in a slot.

    Raises
    ------
    NotFound
        If there is no such slot, or no such hold to replace.
    SlotUnavailable
        If it is full, closed, or not for this door; what was to be replaced is kept once the transaction is
        rolled back.
    StateConflict
        If what it replaces is confirmed already.
    IdempotencyConflict
        If the key came with another wish before.
    InvalidInput
        If its holder holds too many already.
    """
    if not wish.key:
        raise InvalidInput("An idempotency key must not be empty.", path=("input", "idempotencyKey"))
    key = hashlib.sha256(wish.key.encode()).hexdigest()
    known = await work.slots.hold_by_key(key)
    if known is not None:
        return _repeated(known, wish, now)
    found = await find_slot(work, wish.slot_id, now, _SLOT)
    wanted = replace(found, zones=wish.zones)
    replaced = None if not wish.replaces else await _to_be_replaced(work, wish.replaces)
    leaving = (*wish.gives_up, *(() if replaced is None else (replaced,)))
    if wish.holder is not None:
        await _must_hold_few(work, wish.holder, leaving, now)
    if wish.zones is not None and not serves(wanted.template, wish.zones):
        raise await unavailable(work, wanted, "This slot is not for this address.", now, _SLOT)
    availability = wanted.slot.availability(now)
    if availability is SlotAvailability.CLOSED:
        raise await unavailable(work, wanted, _CLOSED, now, _SLOT)
    # Most who come to a slot that is sold out are sent away without waiting for its lock.
    frees_one = any(one.slot_id == wish.slot_id for one in leaving)
    if availability is SlotAvailability.FULL and not frees_one:
        raise await unavailable(work, wanted, _FULL, now, _SLOT)
    await work.slots.lock([wish.slot_id, *(one.slot_id for one in leaving)])
    if replaced is not None:
        await _to_be_replaced(work, replaced.id)
        await _end(work, replaced.id, now)
    await _give_up(work, wish.gives_up, now)
    return await _take(work, wish, wanted, key, now)


async def let_go(work: UnitOfWork, holds: Sequence[SlotHold], now: datetime) -> None:
    """End holds whose shopper chose otherwise, but for those that are confirmed by then."""
    await work.slots.lock([one.slot_id for one in holds])
    await _give_up(work, holds, now)


async def confirm_hold(
    work: UnitOfWork, hold_id: str, owner: str, now: datetime, *, replaces: str = ""
) -> SlotHold:
    """Keep a place for good; of a hold that ran out only if there is still one.

    Parameters
    ----------
    owner
        The choice or fulfillment order that it is for: it never has two. "" for the one that it was held for.
    replaces
        The confirmed hold that `owner` gives up for it, where it is moved to another slot.

    Raises
    ------
    NotFound
        If there is no such hold.
    SlotUnavailable
        If it ran out and its place is gone.
    StateConflict
        If it was released, is confirmed for somebody else, or `owner` has another one.
    """
    owner = owner or (await _found(work, hold_id)).owner
    if not owner:
        raise InvalidInput("A confirmed place needs an owner.", path=("owner",))
    current = await work.slots.confirmed_of(owner)
    if current is not None and current.id == hold_id:
        return current
    if current is not None and current.id != replaces:
        raise StateConflict("A slot is confirmed for this already.", current_id=current.id)
    hold = await _found(work, hold_id)
    given_up = () if current is None else (current.slot_id,)
    await work.slots.lock([hold.slot_id, *given_up])
    if current is not None:
        await _end(work, current.id, now)
    # It may have changed while we waited for the lock.
    hold = await _found(work, hold_id)
    if hold.status is SlotHoldStatus.CONFIRMED:
        raise StateConflict("This slot is confirmed for somebody else.", current_id=hold_id)
    if hold.status is SlotHoldStatus.RELEASED:
        raise StateConflict("This hold was released; hold the slot again.", current_id=hold_id)
    if hold.status_at(now) is SlotHoldStatus.EXPIRED:
        hold = replace(hold, place=await _take_again(work, hold, now))
    confirmed = replace(hold, status=SlotHoldStatus.CONFIRMED, owner=owner)
    await work.slots.put_hold(confirmed)
    return confirmed


async def release_hold(work: UnitOfWork, hold_id: str, now: datetime) -> SlotHold:
    """Give a place back that is not confirmed; one that ran out or was released stays so.

    Raises
    ------
    NotFound
        If there is no such hold.
    StateConflict
        If it is confirmed: then it ends with what it is for, see `give_back`.
    """
    hold = await _found(work, hold_id)
    await work.slots.lock([hold.slot_id])
    hold = await _found(work, hold_id)
    if hold.status is SlotHoldStatus.CONFIRMED:
        raise StateConflict("This slot is confirmed and cannot be released.", current_id=hold_id)
    return await _end(work, hold_id, now)


async def give_back(work: UnitOfWork, owner: str, now: datetime) -> SlotHold | None:
    """End the confirmed place of what was called off; None where it has none."""
    current = await work.slots.confirmed_of(owner)
    if current is None:
        return None
    await work.slots.lock([current.slot_id])
    return await _end(work, current.id, now)


async def _take(work: UnitOfWork, wish: Wish, wanted: Wanted, key: str, now: datetime) -> SlotHold:
    slot = wanted.slot
    place = await work.slots.free_place(slot.id, now)
    if place is None:
        raise await unavailable(work, wanted, _FULL, now, _SLOT)
    thinks = timedelta(seconds=wanted.template.hold_s)
    hold = SlotHold(
        # Sorts by the time it was made, as every id.
        id=new_id("hld"),
        merchant_id=work.merchant_id,
        slot_id=slot.id,
        status=SlotHoldStatus.HELD,
        window=slot.window,
        price=slot.price,
        held_at=now,
        # Nobody begins to think before the cut-off and ends when the van has left.
        expires_at=min(now + thinks, slot.window.start),
        key=key,
        owner=wish.owner,
        place=place,
        replaces=wish.replaces,
        held_by="" if wish.holder is None else wish.holder.key_id,
        options_id="" if wish.holder is None else wish.holder.options_id,
    )
    await work.slots.put_hold(hold)
    return hold


async def _must_hold_few(
    work: UnitOfWork, holder: Holder, leaving: Sequence[SlotHold], now: datetime
) -> None:
    limits = (await work.accounts.merchant()).holds
    of_options, of_key = await work.slots.count_held(holder.key_id, holder.options_id, now)
    live = [one for one in leaving if one.status_at(now) is SlotHoldStatus.HELD]
    of_options -= sum(one.options_id == holder.options_id for one in live)
    of_key -= sum(one.held_by == holder.key_id for one in live)
    if of_options >= limits.of_options:
        text = f"{of_options} places are held from these delivery options already; replace or release one."
        raise InvalidInput(text, path=_SLOT, issues=(Issue(_SLOT, text, "TOO_MANY"),))
    if of_key >= limits.of_key:
        text = "Too many places are held from this storefront at the moment; try again in some minutes."
        raise InvalidInput(text, path=_SLOT, issues=(Issue(_SLOT, text, "TOO_MANY"),))


async def _take_again(work: UnitOfWork, hold: SlotHold, now: datetime) -> int:
    """A place for a hold that ran out; its slot must still be what the shopper was shown."""
    read = read_slot_id(hold.slot_id)
    template = await work.slots.template(read[0]) if read else None
    if read is None or template is None:
        raise NotFound(hold.slot_id)
    slot = slot_on(template, read[1])
    if slot is None or slot.window != hold.window or slot.availability(now) is SlotAvailability.CLOSED:
        gone = Slot(
            hold.slot_id,
            template.id,
            hold.window,
            template.time_zone,
            hold.price,
            template.capacity,
            0,
            hold.window.start,
            is_closed=True,
        )
        raise await unavailable(work, Wanted(gone, template), _CLOSED, now)
    place = await work.slots.free_place(hold.slot_id, now)
    if place is None:
        raise await unavailable(work, Wanted(slot, template), _FULL, now)
    return place


async def _give_up(work: UnitOfWork, holds: Sequence[SlotHold], now: datetime) -> None:
    """Under the locks of their slots."""
    for one in holds:
        current = await _found(work, one.id)
        if current.status is SlotHoldStatus.HELD:
            await _end(work, one.id, now)


async def _end(work: UnitOfWork, hold_id: str, now: datetime) -> SlotHold:
    """Under the lock of its slot: released if it lives, and otherwise what it is."""
    hold = await _found(work, hold_id)
    status = hold.status_at(now)
    ended = replace(hold, status=SlotHoldStatus.RELEASED if status in _LIVE else status)
    if ended != hold:
        await work.slots.put_hold(ended)
    return ended


async def _to_be_replaced(work: UnitOfWork, hold_id: str) -> SlotHold:
    hold = await work.slots.hold(hold_id)
    if hold is None:
        raise NotFound(hold_id, path=("input", "replacesHoldId"))
    if hold.status is SlotHoldStatus.CONFIRMED:
        raise StateConflict("The slot to be replaced is confirmed already.", current_id=hold_id)
    return hold


async def _found(work: UnitOfWork, hold_id: str) -> SlotHold:
    hold = await work.slots.hold(hold_id)
    if hold is None:
        raise NotFound(hold_id, path=("input", "holdId"))
    return hold


def _repeated(known: SlotHold, wish: Wish, now: datetime) -> SlotHold:
    """The hold again. Whom it is for is not compared: confirming may have named somebody else."""
    if (known.slot_id, known.replaces) != (wish.slot_id, wish.replaces):
        raise IdempotencyConflict(
            "This idempotencyKey was used with another slot.", first_seen_at=known.held_at
        )
    return replace(known, status=known.status_at(now))
