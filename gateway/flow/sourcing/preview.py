"""Preview: what sourcing would decide, and what a merchant wants of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doorstep.errors import InvalidInput
from doorstep.order import Order
from doorstep.sourcing import SourcingDecision, SourcingRules, SourcingStrategy
from gateway.flow.ports import Means
from gateway.flow.settings_version import require_version
from gateway.flow.sourcing.asking import ask_for_unit
from gateway.flow.sourcing.decide import decision_of

_AT = ("input", "rules")


async def preview_sourcing(
    means: Means, merchant_id: str, order_id: str, rules: SourcingRules | None
) -> Sequence[tuple[str, SourcingDecision | None]] | None:
    """What would be decided for each fulfillment order that somebody should carry, by the known stock.

    No store is asked, and nothing is written.

    Returns
    -------
    (id of the fulfillment order, decision); None where there is no such order.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        order = await work.orders.get(order_id)
    if order is None:
        return None
    order, wanted = await _placed(means, order), rules or merchant.sourcing
    found: list[tuple[str, SourcingDecision | None]] = []
    for unit in order.fulfillment_orders:
        if not unit.is_dispatchable:
            continue
        asked = None
        if wanted.strategy is not SourcingStrategy.STORE:
            asked = await ask_for_unit(means, merchant, wanted, order, unit, reads_stock=False)
        decision = decision_of(means, wanted.strategy, asked.plan, unit) if asked else None
        found.append((unit.id, decision))
    return found


async def _placed(means: Means, order: Order) -> Order:
    """The order with its own address on the map."""
    address = order.destination
    if means.geocoder is None or address is None or address.location is not None or address.missing:
        return order
    return replace(order, destination=address.at(await means.geocoder.locate(address)))


async def save_rules(
    means: Means, merchant_id: str, rules: SourcingRules, expected_version: int | None = None
) -> SourcingRules:
    """Keep what the merchant wants; orders that come from now on go by it.

    Raises
    ------
    InvalidInput
        If an amount is in another currency than the merchant's, or a location is not the merchant's.
    StateConflict
        If those that are kept are not of the expected version; None takes any.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant(lock=True)
        require_version(expected_version, merchant.sourcing)
        known = {place.id for place in await work.accounts.locations()}
        for money in rules.amounts:
            if money is not None and money.currency != merchant.currency:
                text = (
                    f"Amounts must be in {merchant.currency}, the merchant's currency, not {money.currency}."
                )
                raise InvalidInput(text, path=_AT)
        for number, place in enumerate(rules.places):
            if place.location_id not in known:
                path = (*_AT, "places", str(number), "locationId")
                raise InvalidInput(f"{place.location_id} is no location of this merchant.", path=path)
        await work.accounts.put_merchant(replace(merchant, sourcing=rules))
    return rules
