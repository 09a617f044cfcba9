"""Save: what a merchant says of goods, and of the way from an order to goods that can be fetched."""

from __future__ import annotations

from dataclasses import replace

from doorstep.calendar import HandlingRules
from doorstep.errors import InvalidInput
from doorstep.goods import GoodsRules
from doorstep.merchant import Merchant
from gateway.flow.ports import Means


async def save_goods_rules(means: Means, merchant_id: str, rules: GoodsRules) -> Merchant:
    """Keep what the merchant's articles are; questions from now on go by it."""
    async with means.begin(merchant_id) as work:
        merchant = replace(await work.accounts.merchant(lock=True), goods=rules)
        await work.accounts.put_merchant(merchant)
    return merchant


async def save_handling_rules(
    means: Means, merchant_id: str, location_id: str | None, rules: HandlingRules | None
) -> Merchant:
    """Keep how orders are handled at a place, or (None) at all places without rules of their own.

    Parameters
    ----------
    rules
        None takes away a place's own rules, or puts the usual ones back for all others.

    Raises
    ------
    InvalidInput
        If it is no location of the merchant.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant(lock=True)
        if location_id is None:
            merchant = replace(merchant, handling=rules or HandlingRules())
        else:
            if location_id not in {place.id for place in await work.accounts.locations()}:
                text = f"{location_id} is no location of this merchant."
                raise InvalidInput(text, path=("input", "locationId"))
            others = {id_: kept for id_, kept in merchant.handling_at.items() if id_ != location_id}
            merchant = replace(
                merchant, handling_at=others if rules is None else others | {location_id: rules}
            )
        await work.accounts.put_merchant(merchant)
    return merchant
