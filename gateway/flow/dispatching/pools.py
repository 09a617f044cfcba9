"""Pools: what the merchant lets carriers have on a day holds for every booking that a machine makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from doorstep.errors import StateConflict
from doorstep.merchant import Merchant
from doorstep.mode_rules import CarrierPool, DayUse
from doorstep.quote import Quote, QuoteSet
from gateway.flow.ports import UnitOfWork


class NoRoom(StateConflict):
    """A carrier has been given all that the merchant lets it have today."""


@dataclass(frozen=True, slots=True)
class Room:
    """What carriers may still be given today.

    Attributes
    ----------
    uses
        What they have been given, or are to be given by what was chosen.
    """

    pools: tuple[CarrierPool, ...]
    uses: tuple[DayUse, ...] = ()

    def refusal(self, *wanted: DayUse) -> str:
        """Why bookings that are made together have no room; "" where they have."""
        uses = self.uses
        for use in wanted:
            if found := next(filter(None, (pool.refusal(use, uses) for pool in self.pools)), ""):
                return found
            uses = (*uses, use)
        return ""


async def read_room(
    work: UnitOfWork, merchant: Merchant, now: datetime, besides: Collection[str] = ()
) -> Room:
    """What is left today; `besides` as for `day_uses`."""
    pools = _limits(merchant)
    return Room(pools, tuple(await day_uses(work, merchant, now, besides)) if pools else ())


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
    work: UnitOfWork, merchant: Merchant, wanted: Mapping[str, DayUse], now: datetime
) -> None:
    """See that bookings stay within the merchant's pools; the merchant is locked till the commit.

    Of two who want the last place one comes second, and sees the other's attempt.

    Parameters
    ----------
    wanted
        What is booked together, by the fulfillment order.

    Raises
    ------
    NoRoom
        With the pool that is full.
    """
    if not any(pool.holds_for(use) for pool in _limits(merchant) for use in wanted.values()):
        return
    merchant = await work.accounts.merchant(lock=True)
    room = await read_room(work, merchant, now, besides=wanted)
    if refusal := room.refusal(*wanted.values()):
        raise NoRoom(refusal, current_id=next(iter(wanted)))


def _limits(merchant: Merchant) -> tuple[CarrierPool, ...]:
    return merchant.modes.pools if merchant.modes.is_on else ()
