"""Exchange: a courier who comes too late is called off for one who comes sooner, while that costs nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.money import Money
from doorstep.quote import Quote, QuoteSet
from gateway.flow.dispatching.give_up import Outcome, StillMay, give_up
from gateway.flow.dispatching.remedies import Late, best_instead
from gateway.flow.dispatching.strategy import Errand, line_up
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.question import Unit, load_unit
from gateway.flow.quoting.quote import quote_unit

CHANCES = 2
"""How often one account may let the same delivery down before no machine asks it for that again."""


@dataclass(frozen=True, slots=True)
class Sooner:
    """One who comes sooner, and the answers among which it was found."""

    quote_set: QuoteSet
    quote: Quote


async def look_for_sooner(means: Means, late: Late, most: Money | None) -> Sooner | None:
    """Ask all for one who comes sooner and costs no more than `most`; None where nobody does."""
    delivery = late.delivery
    unit_id = delivery.fulfillment_order_id
    quote_set = await quote_unit(means, delivery.merchant_id, unit_id, means.quote_budget_s)
    async with means.begin(delivery.merchant_id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=False)
    if quote_set is None or unit is None:
        return None
    return sooner_among(late, quote_set, unit, most)


def sooner_among(late: Late, quote_set: QuoteSet, unit: Unit, most: Money | None) -> Sooner | None:
    """The first in line who comes sooner, of what carriers have said already. Pure."""
    turns = line_up(quote_set, _errand(late, unit)).turns
    found = best_instead(late, quote_set, [turn.quote for turn in turns], most)
    return Sooner(quote_set, found) if found is not None else None


async def call_off(
    means: Means, late: Late, carrier: LinkedCarrier, mark: GivingUp, may: StillMay
) -> Outcome:
    """Call the late one off as long as `may` and that is free; a leg that is marked is asked for again.

    Raises
    ------
    RemoteError
        If the carrier could not be asked, or its answer was lost; see `give_up`.
    """

    def still_may(delivery: Delivery, leg: Leg) -> bool:
        return may(delivery, leg) and carrier.cancelling.is_free(leg, means.clock.now())

    return await give_up(means, carrier, late.delivery, late.leg.id, mark, still_may)


def why_sooner(late: Late, name: str, instead: Quote) -> str:
    """Why the one that people call `name` makes way, for dispatchers."""
    by = instead.offer.promise.window.end
    wrong = "nobody is assigned" if late.is_untaken else "its courier comes too late"
    return (
        f"{name} is called off, which is free: {wrong}. {instead.offer.title} comes by {by:%H:%M} UTC for "
        f"{instead.offer.price}, where {late.leg.price} was to be paid."
    )


def unfaithful(delivery: Delivery) -> frozenset[str]:
    """Accounts that took this delivery and dropped it `CHANCES` times: asking once more goes on for ever."""
    dropped = Counter(leg.account_id for leg in delivery.legs if leg.external_id and not leg.is_live)
    return frozenset(account_id for account_id, times in dropped.items() if times >= CHANCES)


def _errand(late: Late, unit: Unit) -> Errand:
    return Errand(
        rules=late.merchant.dispatch,
        promised_by=late.promised_by,
        paid=unit.paid(),
        grace_s=late.merchant.watch.late_grace_s,
        dropped_account_id=late.leg.account_id,
        without_account_ids=unfaithful(late.delivery),
    )
