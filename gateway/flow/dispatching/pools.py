"""Pools: what the merchant lets carriers have on a day holds for every booking that a machine makes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from zoneinfo import ZoneInfo

from doorstep.errors import StateConflict
from doorstep.merchant import Merchant
from doorstep.mode_rules import CarrierPool, DayUse
from doorstep.quote import Quote, QuoteSet
from gateway.flow.ports import UnitOfWork


class NoRoom(StateConflict):
    """A carrier has been given all that the merchant lets it have today."""


async def day_uses(
    work: UnitOfWork, merchant: Merchant, now: datetime, besides: Collection[str] = ()
) -> list[DayUse]:
    """What carriers have been given today, or are to be given by what was chosen.

    Parameters
    ----------
    besides
        Fulfillment orders whose own choices do not count.
    """
    zone = ZoneInfo(merchant.time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    booked = await work.modes.booked_since(midnight)
    return [*booked, *await work.modes.chosen_since(midnight, besides=besides)]


def use_of(quote: Quote, quote_set: QuoteSet) -> DayUse:
    """What a booking would take of pools."""
    offer, parcels = quote.offer, max(1, len(quote_set.request.parcels))
    return DayUse(offer.carrier, offer.mode, parcels, offer.price)


async def require_room(
    work: UnitOfWork, merchant: Merchant, unit_id: str, use: DayUse, now: datetime
) -> None:
    """See that a booking stays within the merchant's pools; the merchant is locked till the commit.

    Of two who want the last place one comes second, and sees the other's attempt.

    Raises
    ------
    NoRoom
        With the pool that is full.
    """
    if not any(pool.holds_for(use) for pool in _limits(merchant)):
        return
    merchant = await work.accounts.merchant(lock=True)
    uses = tuple(await day_uses(work, merchant, now, besides=(unit_id,)))
    refusal = next(filter(None, (pool.refusal(use, uses) for pool in _limits(merchant))), "")
    if refusal:
        raise NoRoom(refusal, current_id=unit_id)


def _limits(merchant: Merchant) -> tuple[CarrierPool, ...]:
    return merchant.modes.pools if merchant.modes.is_on else ()
